"""What comes back in the Video tab after a reload: the clip, its style and settings; and what there is to choose."""

from typing import Any

import gradio as gr

from styleprop.server.guard import plain_errors
from styleprop.server.queues import UNREAD
from styleprop.ui.video.events import Handlers
from styleprop.ui.widgets.domains import OWN, domain_choices
from styleprop.ui.widgets.styles import read_tiles
from styleprop.ui.widgets.visit import returning

CAME_BACK = "came back"  # what is seen of a clip that a reload brought back, until the tab is opened


def connect_back(do: Handlers, tab: gr.Tab, load: Any) -> None:
    """Attach it.

    Args:
        do: the handlers of the tab.
        tab: whose opening paints that of a clip that came back.
        load: the event of a page that is opened.
    """
    form, page, shelf = do.form, do.page, do.owner.shelf

    @plain_errors
    def come_back(values: dict[Any, Any]) -> dict[Any, Any]:
        return values_of(do, values)

    @plain_errors
    def paint(values: dict[Any, Any]) -> dict[Any, Any]:
        if values[page.seen] != CAME_BACK:
            return {page.seen: gr.skip()}
        return {**do.paint_first(values), **do.look_at_clip(values), page.seen: ""}

    @plain_errors
    def offer(values: dict[Any, Any]) -> gr.Radio:
        choices = _domains(do, values)
        is_gone = values[form.domain] == OWN and choices[-1][1] != OWN
        gone: dict[str, Any] = {"value": choices[0][1]} if is_gone else {}
        return gr.Radio(choices=choices, **gone)

    kept = {do.kept, do.owner.form, shelf.mine, shelf.kept}
    outputs = [*do.reported, *form.recallable, *page.panels.values()]
    returning(load, kept)(come_back, kept | {page.seen}, outputs, **UNREAD)
    tab.select(paint, **{**do.painting, "outputs": [*do.painting["outputs"], page.note, form.clip]})
    gr.on([tab.select, shelf.taught], offer, {shelf.mine, form.domain}, [form.domain], **UNREAD)


def values_of(do: Handlers, values: dict[Any, Any]) -> dict[Any, Any]:
    """Values by component of what the browser remembers: the form, the clip, and how that stands."""
    shelf, form, kept = do.owner.shelf, do.form, values[do.owner.form]
    values = values | {shelf.tiles: read_tiles(values[shelf.kept])}
    domains = _domains(do, values)
    names = [name for _, name in domains]
    found = form.recalled(kept if isinstance(kept, dict) else {}, shelf.known(values), names)
    found[form.built_in] = gr.Radio(choices=shelf.choices(values), value=found[form.built_in])
    if form.domain in found:
        found[form.domain] = gr.Radio(choices=domains, value=found[form.domain])
    if form.source in found:
        found |= do.switch_source(found[form.source])
    if do.status_of(values[do.kept]) is not None:
        return found | do.report_clip(values)
    return found | {do.page.seen: CAME_BACK if found[form.clip] else ""}


def _domains(do: Handlers, values: dict[Any, Any]) -> list[tuple[str, str]]:
    """Titles and names of the domains that there are now, the visitor's own too."""
    tuned = do.owner.shelf.tuned
    return domain_choices(tuned.models.domains, tuned.has_domain(values[do.owner.shelf.mine]))
