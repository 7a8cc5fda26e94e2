"""The photo of a tab: what is dropped, clicked or carried along from another tab is worked on at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from styleprop import images
from styleprop.server import uploads
from styleprop.server.guard import plain_errors
from styleprop.server.queues import AT_ONCE, LOOKS, UNREAD, WISHES
from styleprop.server.texts import say
from styleprop.ui.widgets import photo
from styleprop.ui.widgets.examples import Example
from styleprop.ui.widgets.photo import NO_NEWS
from styleprop.ui.widgets.visit import Visit, here, path_of

OVER_A_PHOTO = "That is a picture made here: its settings are restored, and your photo stays."
ALONE = "Drop a photo over it to use the same settings for that."
COMING = f"""(kept, image, ready, opened) => {{
    const news = opened && kept?.photo && kept.photo !== image?.path;
    return [news && ready ? String(performance.now()) : {NO_NEWS}, news && !ready ? "late" : ""];
}}"""  # the server is asked only where the visit has another photo than the tab
Values = dict[Any, Any]


@dataclass(frozen=True)
class PhotoTab:
    """What fills and empties a tab's picture.

    Attributes:
        visit: what goes along from tab to tab.
        image, note: the input and its line.
        examples: from `example_row`.
        nothing: values by component of a tab without a result.
        wish: the visitor's `Wish`; a photo that is removed takes along what is still made of it.
        restore: values by component that a picture made here brings along, and what to say of what it lacks; none of
            another; given the values of `asked` too.
        restored: the components that it may set.
        beside: values by component that the example of a number brings along, given the values of `asked`.
        asked: what `restore` and `beside` read.
        arrivals: how often a photo came that was taken, which starts the work.
        ready: has a text once photos may come along: then what the browser kept of the tab's form is back.
    """

    visit: Visit
    image: gr.Image
    note: gr.HTML
    examples: list[tuple[Example, gr.Button]]
    nothing: Values
    wish: gr.State
    restore: Callable[[images.Picture, Values], tuple[Values, str]] = lambda picture, values: ({}, "")
    restored: tuple[Any, ...] = ()
    beside: Callable[[int, Values], Values] = lambda number, values: {}
    asked: tuple[Any, ...] = ()
    arrivals: gr.State = field(default_factory=lambda: gr.State(0))
    ready: gr.Textbox = field(default_factory=lambda: gr.Textbox("ready", visible="hidden"))

    @property
    def outputs(self) -> list[Any]:
        """All that the handlers may set."""
        own = {self.image, self.note, self.visit.kept, self.arrivals, self.ready}
        return list(own | {*self.nothing, *self.restored})

    def connect(self, opened: Any, run: Callable[[Any], None]) -> None:
        """Attach all of it.

        Args:
            opened: the event of the tab's opening, which takes over the newest photo of the visit.
            run: connects the tab's work to an event.
        """
        own: set[Any] = {self.image, self.visit.kept, self.arrivals, self.wish}
        sign = {**LOOKS, "show_progress": "minimal", "show_progress_on": self.image}
        self.image.upload(plain_errors(self.check), own | set(self.asked), self.outputs, **sign)
        self.image.clear(plain_errors(self.clear), own, self.outputs, **UNREAD)
        coming = gr.Textbox("", visible="hidden")
        late = gr.Textbox("", visible="hidden")  # has a text where the tab was opened before photos may come along
        known, told = [self.visit.kept, self.image, self.ready], [coming, late]
        opened(None, known, told, js=f"(...known) => ({COMING})(...known, true)", **AT_ONCE)
        self.ready.change(None, [*known, late], told, js=COMING, **AT_ONCE)
        coming.change(plain_errors(self.arrive), own, self.outputs, **WISHES)
        run(self.arrivals.change)
        for number, (_, button) in enumerate(self.examples):
            taken = button.click(self._taker(number), own | set(self.asked), self.outputs, **UNREAD)
            run(taken.then)

    def check(self, values: Values) -> Values:
        """Look at what was sent; where it is no picture, or one made here, the photo before it stays."""
        kept, values[self.wish].taken = values[self.visit.kept], None
        value, line, picture = photo.check(values[self.image])
        before = self.visit.photo(kept)
        if picture is None:
            size = photo.size_line(uploads.open_picture(before)) if before else ""
            return {self.image: before, self.note: size + line}
        found, told = self.restore(picture, values)
        if found and before:
            return self.fill(values, before, say(OVER_A_PHOTO), told) | found | self._one_more(values)
        path = value if isinstance(value, str) else path_of(values[self.image])
        values[self.wish].taken = here(path)
        line = photo.size_line(picture, say(photo.RESTORED), told, say(ALONE)) if found else line
        taken = {self.image: value, self.note: line, self.visit.kept: self.visit.with_photo(kept, path)}
        return taken | found | self._one_more(values)

    def fill(self, values: Values, path: str, *told: str) -> Values:
        """Take a photo that is here already."""
        line, values[self.wish].taken = photo.size_line(uploads.open_picture(path), *told), here(path)
        return {
            self.image: path,
            self.note: line,
            self.visit.kept: self.visit.with_photo(values[self.visit.kept], path),
        }

    def arrive(self, values: Values) -> Values:
        """Take over the newest photo of the visit, where the tab has another or none; the arrival starts the work."""
        path, own = self.visit.photo(values[self.visit.kept]), here(path_of(values[self.image]))
        if path in (None, own) or values[self.wish].taken not in (None, own):  # a photo came since
            return {self.note: gr.skip()}  # Gradio takes an empty dictionary for a value
        return self.bring(values)

    def bring(self, values: Values) -> Values:
        """Take over the newest photo of the visit, where there is one, and start the work."""
        path = self.visit.photo(values[self.visit.kept])
        found = self.fill(values, path) | self._one_more(values) if path else {}
        return found | {self.ready: "ready"}

    def _one_more(self, values: Values) -> Values:
        return {self.arrivals: values[self.arrivals] + 1}

    def clear(self, values: Values) -> Values:
        """Empty the tab with its photo: in one event, so that nothing arrives once it is empty."""
        values[self.wish].turn()
        values[self.wish].taken = None
        kept = self.visit.with_photo(values[self.visit.kept], None)
        return {self.note: photo.empty_line(photo.HINT), self.visit.kept: kept, **self.nothing}

    def _taker(self, number: int):
        @plain_errors
        def take(values: Values):
            return self.fill(values, uploads.copy_in(self.examples[number][0].path)) | self.beside(number, values)

        return take
