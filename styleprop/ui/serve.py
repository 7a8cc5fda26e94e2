"""Start the page: what `python app.py` and `python -m styleprop serve` do."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from styleprop.checkpoints import EMBEDDED, find_checkpoint
from styleprop.config import AutoencoderConfig
from styleprop.errors import SettingsError, StylepropError
from styleprop.server.addresses import LOCAL, NONE_FREE, TAKEN, bypass_proxies, check_address, is_local
from styleprop.server.delivery import Delivery
from styleprop.server.drain import Drain, leave
from styleprop.server.gate import Gate
from styleprop.server.lasting import Lasting
from styleprop.server.memory import share_arenas
from styleprop.server.models import Models, load_model
from styleprop.server.options import Options, parse_options
from styleprop.server.queues import paint_at_once
from styleprop.server.stubs import no_stubs
from styleprop.server.uploads import CLIPS, TRAININGS, make_folder
from styleprop.styles import BuiltInStyle, load_styles
from styleprop.training.desk import Desk
from styleprop.training.line import Line

if TYPE_CHECKING:
    from styleprop.scale.serving import Service

QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
# Gradio sums up all calls after each of them, for a page of figures that is closed here: keep one, and add up nothing.
QUIET |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9)}
# A session costs 0.8 MB, and Gradio keeps 10,000; whoever comes back after so many others finds the page as it was new.
SESSIONS = 50
LEAST_FREE_BYTES = 512 * 2**20  # on the disk, below which nothing is taken in: a clip may have 200 MB
DEFAULTS = {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until the process is told to stop; then the process ends. Returns the exit status of a failure."""
    options = parse_options(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    share_arenas()
    drain = Drain()
    drain.listen()
    try:
        page, models = launch(options, drain=drain)
        drain.listen()  # again, as Ray takes the signals for itself
    except StylepropError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The page cannot be served: {error}", file=sys.stderr)
        return 1
    models.start()
    drain.wait(page)
    leave(0)
    return 0


def launch(
    options: Options,
    models: Models | None = None,
    desk: Desk | None = None,
    drain: Drain | None = None,
    quiet: bool = False,
):
    """Open the page without waiting for models; returns the running `gr.Blocks` and its `Models`, not yet started.

    Raises:
        StylepropError: it cannot listen there, the environment names a proxy that cannot be used, or there is no Ray.
    """
    host = options.host or os.environ.get("GRADIO_SERVER_NAME") or LOCAL
    bypass_proxies(host)
    check_address(host, options.port)
    os.environ.update(QUIET)
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    folder = make_folder()

    with no_stubs():
        from styleprop.ui.page import build_page
    from styleprop.server.clips import Clips
    from styleprop.server.janitor import Janitor
    from styleprop.server.live import Live
    from styleprop.server.texts import translations
    from styleprop.server.tuned import Tuned
    from styleprop.ui.theme import FAVICON, build_css, build_head, build_theme

    service = open_service(options)
    load = service.load if service else load_model
    models = models or Models(options.checkpoint, load, hub=options.hub)
    styles = offered_styles(options.checkpoint)
    desk = (desk or Desk(lambda: folder / TRAININGS)) if options.training else None
    # Replicas paint pictures alone: each frame of a clip follows from the one before.
    clips = None if service else Clips(lambda: folder / CLIPS, desk.line if desk else Line())
    live = Live() if options.live and not service else None
    page = build_page(Tuned(models, desk, options.pushing), styles, clips, live)
    tools = open_tools(options, lambda: [style.name for style in styles], lambda: models.domains.names)
    gate = Middleware(
        Gate,
        is_ready=lambda: models.status.state == "ready",
        is_draining=lambda: drain is not None and drain.is_wished,
        tools=tools and tools.app,
        live=live,
        is_full=lambda: shutil.disk_usage(folder).free < LEAST_FREE_BYTES,
    )
    lasting = Middleware(
        Lasting, is_known=lambda session: session in page._queue.pending_messages_per_session, reopen=_reopener(page)
    )
    looks: dict[str, Any] = {"theme": build_theme(), "css": build_css(styles)}
    looks |= {"head": build_head(), "favicon_path": str(FAVICON), "i18n": translations()}
    app_settings: dict[str, Any] = {"middleware": [gate, lasting, Middleware(Delivery)]} | (
        {"lifespan": tools.lifespan} if tools else {}
    )
    try:
        page.launch(quiet=quiet, app_kwargs=app_settings, **looks, **launch_settings(options, folder))
    except OSError as error:
        if error.errno is not None:
            raise
        raise SettingsError(TAKEN.format(port=options.port) if options.port else NONE_FREE) from error
    if tools:
        tools.connect(page.local_url, quiet)
    Janitor(folder, desk, clips=clips).start()
    if drain is not None:
        drain.at_end(lambda: shutil.rmtree(folder, ignore_errors=True))
        drain.at_end(desk.close if desk else lambda: None)
        drain.at_end(clips.close if clips else lambda: None)
        drain.at_end(service.close if service else lambda: None)
    return page, models


def _reopener(page: Any) -> Callable[[str], None]:
    """Says that a session is in use again: Gradio forgets the values of one whose connection broke after an hour."""

    def reopen(session: str) -> None:
        if session in page.state_holder:
            page.state_holder.session_data[session].is_closed = False

    return reopen


def open_service(options: Options) -> "Service | None":
    """The replicas of `--engine ray`, not yet started, with Ray; None without it. Raises StylepropError."""
    if not options.replicas:
        return None
    from styleprop.scale.serving import Service

    paint_at_once(options.replicas[1])
    service = Service(options.replicas, options.address)
    service.connect()
    return service


def open_tools(options: Options, styles: Callable[[], list[str]], domains: Callable[[], list[str]]):
    """The tools of `--mcp`, not yet connected, given the names of styles and domains as they are; None without it."""
    if not options.mcp:
        return None
    from styleprop.server.assistants import Tools

    by_default = options.host is None and not options.share and "GRADIO_SERVER_NAME" not in os.environ
    return Tools(by_default or (options.host is not None and is_local(options.host)), styles, domains)


def launch_settings(options: Options, folder: Path) -> dict:
    """The arguments of Gradio's `launch`, but for the looks; `folder` is the app's own."""
    return {
        "server_name": options.host,
        "server_port": options.port,
        "root_path": options.root_path,
        "share": options.share,
        "auth": options.auth,
        "prevent_thread_lock": True,
        "_frontend": False,  # Gradio would fetch its own page first and, on a busy machine, give up after 3 s
        "max_file_size": "200mb",
        "state_session_capacity": SESSIONS,
        "show_error": False,
        "strict_cors": True,
        "enable_monitoring": False,
        "run_history": False,
        "ssr_mode": False,
        "mcp_server": False,
        "blocked_paths": [str(EMBEDDED), str(folder / TRAININGS), str(folder / CLIPS)],
        "footer_links": ["api", "settings"],
    }


def offered_styles(checkpoint: str | None) -> list[BuiltInStyle]:
    """The built-in styles of a checkpoint, else of the embedded one, read without the network itself."""
    for source in dict.fromkeys((checkpoint, None)):
        try:
            found = find_checkpoint(source)
            return list(load_styles(found.folder, found.config_as(AutoencoderConfig).code_size).values())
        except StylepropError:
            continue  # `Models` meets the same error and tells the visitor
    return []
