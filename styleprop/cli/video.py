"""`video`: a clip in the style of pictures, or as paintings of a domain."""

import argparse
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from styleprop.cli.exits import EXIT_OK, EXIT_STOPPED
from styleprop.cli.options import (
    Commands,
    UsageError,
    add_checkpoint,
    add_debug,
    add_json,
    number,
    weighted_style,
    whole_number,
)
from styleprop.cli.pictures import add_settings
from styleprop.cli.recipes import check_styles, open_style
from styleprop.cli.terminal import complain, json_line, one_line, peak_memory_mb, progress_bar
from styleprop.cli.train import stop_on_ctrl_c
from styleprop.config import StyleOptions
from styleprop.config.video import MAX_LINES, MAX_SECONDS, MIN_LINES, QUALITIES, VideoOptions
from styleprop.config.words import counted
from styleprop.errors import VideoError

if TYPE_CHECKING:
    from styleprop.engine import Styleprop
    from styleprop.video import VideoProgress

EVERY = 1.0  # seconds between two lines of JSON
DESCRIPTION = """Put a clip into the style of pictures, or translate it with a CycleGAN, so that its frames agree.

Videos are MP4, MOV, WebM, MKV or AVI, animated pictures GIF, APNG or WebP. Written are .mp4 and .webm, with the
sound, .gif, .apng, .png and .webp. OUT gets its name when it is finished; Ctrl-C finishes it with the frames that
there are.

  python -m styleprop video clip.mp4 --style painting.jpg -o out.mp4
  python -m styleprop video clip.mp4 --domain monet --quality fast --start 5 --end 15 --height 540 -o out.mp4
"""


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("video", description=DESCRIPTION, help="restyle a video or an animated picture")
    parser.add_argument("source", metavar="IN", help="a video or an animated picture")
    parser.add_argument(
        "--style",
        action="append",
        default=[],
        type=weighted_style,
        metavar="FILE|NAME[:WEIGHT]",
        help="a picture, a .style.json file or a built-in style's name; up to four times "
        "(this or --domain is required)",
    )
    parser.add_argument("--domain", metavar="NAME|DIR|REPO", help="translate with this CycleGAN (default: --style)")
    parser.add_argument("--to-photo", action="store_true", help="with --domain: to a photo (default: to a painting)")
    add_settings(parser)
    _add_part(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a .mp4, .webm, .gif, .apng, .png or .webp file (required)"
    )
    add_checkpoint(parser)
    add_json(parser, "progress and what was done")
    add_debug(parser)
    parser.set_defaults(run=run_video)


def _add_part(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quality",
        choices=QUALITIES,
        default=QUALITIES[0],
        help=f"fast paints on a smaller canvas (default: {QUALITIES[0]})",
    )
    seconds = number(0, MAX_SECONDS)
    parser.add_argument("--start", type=seconds, default=0.0, metavar="SECONDS", help="where to begin (default: 0)")
    parser.add_argument("--end", type=seconds, metavar="SECONDS", help="where to end (default: the clip's end)")
    lines = whole_number(MIN_LINES, MAX_LINES)
    parser.add_argument("--height", type=lines, metavar="LINES", help="reduce the clip to these (default: its own)")


def run_video(arguments: argparse.Namespace) -> int:
    """Restyle a clip; 130 where it was stopped by Ctrl-C, after the file was finished."""
    from styleprop.cli import batch
    from styleprop.video import check_ending, open_clip

    _check(arguments)
    try:
        check_ending(arguments.output)
    except VideoError as error:
        raise UsageError(str(error)) from error
    options = VideoOptions(arguments.quality, arguments.start, arguments.end, arguments.height)
    with open_clip(arguments.source):
        pass  # what is no clip is told before the model is loaded
    model = batch.load_model(arguments.checkpoint, arguments.debug)
    with stop_on_ctrl_c() as stop:
        last = _watch(_moves(model, arguments, {**options.to_dict(), "cancel": stop}), arguments.json)
    _tell(arguments, last)
    return EXIT_OK if last.is_whole else EXIT_STOPPED


def _check(arguments: argparse.Namespace) -> None:
    if bool(arguments.style) == bool(arguments.domain):
        raise UsageError("Give either --style or --domain.")
    if arguments.to_photo and not arguments.domain:
        raise UsageError("--to-photo needs --domain.")
    check_styles(arguments.style)


def _moves(model: "Styleprop", arguments: argparse.Namespace, more: dict[str, Any]) -> Iterator["VideoProgress"]:
    source, target = arguments.source, arguments.output
    more |= StyleOptions.of(arguments).to_dict()
    if arguments.domain:
        return model.translate_video(source, arguments.domain, target, to_photo=arguments.to_photo, **more)
    styles = [(open_style(name, model.styles), weight) for name, weight in arguments.style]
    return model.stylize_video(source, styles, target, **more)


def _watch(moves: Iterator["VideoProgress"], as_json: bool) -> "VideoProgress":
    """Show progress until the clip is done; the last of it."""
    told = time.perf_counter()
    with progress_bar(unit="frame") as bar:
        for progress in moves:
            bar.total = progress.total or None
            bar.update(progress.frame - bar.n)
            if as_json and not progress.is_done and time.perf_counter() - told >= EVERY:
                told = time.perf_counter()
                print(json_line(_numbers(progress)), flush=True)
    return progress


def _numbers(progress: "VideoProgress") -> dict[str, Any]:
    left = progress.seconds_left
    return {
        "frame": progress.frame,
        "total": progress.total,
        "frames_per_second": round(progress.frames_per_second, 2),
        "seconds_left": None if left is None else round(left, 1),
    }


def _tell(arguments: argparse.Namespace, last: "VideoProgress") -> None:
    height, width = last.painted.shape[:2]
    if not last.is_whole:
        first = counted(last.frame, "the first frame", "the first {number} frames")
        complain(f"Stopped: {arguments.output} has {first}.")
    if arguments.json:
        record = {
            "input": arguments.source,
            "output": arguments.output,
            "size": [width, height],
            "frames": last.frame,
            "seconds": round(last.seconds, 3),
            "frames_per_second": round(last.frames_per_second, 3),
            "is_whole": last.is_whole,
            "peak_memory_mb": peak_memory_mb(),
        }
        print(json_line(record))
        return
    frames = counted(last.frame, "1 frame", "{number} frames")
    numbers = f"{width} x {height}, {frames}, {last.seconds:.1f} s, {last.frames_per_second:.2f} a second"
    print(one_line(f"{arguments.source} -> {arguments.output} ({numbers})"))
