"""Example photos: a row of buttons with their pictures. A click fills the input; what runs then is up to the tab."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from styleprop.server.texts import say
from styleprop.ui.widgets.tiles import EXAMPLES, LANDSCAPES


@dataclass(frozen=True)
class Example:
    """An example photo: the name of its files, what it shows, and the folder that it is in."""

    name: str
    title: str
    folder: Path = EXAMPLES

    @property
    def path(self) -> Path:
        """The photo itself."""
        return self.folder / f"{self.name}.jpg"


PHOTOS = (
    Example("astronaut", "Astronaut"),
    Example("chelsea", "Cat"),
    Example("coffee", "Coffee"),
    Example("rocket", "Rocket"),
)
SCENES = (
    Example("bay", "Bay", LANDSCAPES),
    Example("fjord", "Fjord", LANDSCAPES),
    Example("hills", "Hills", LANDSCAPES),
)


def example_row(photos: Sequence[Example] = PHOTOS) -> list[tuple[Example, gr.Button]]:
    """Lay out one button per photo."""
    with gr.Row(elem_classes="example-row"):
        return [(example, _button(example)) for example in photos]


def _button(example: Example) -> gr.Button:
    classes = ["example", f"example-{example.name}"]
    return gr.Button(say(example.title), elem_classes=classes, min_width=64, size="sm")
