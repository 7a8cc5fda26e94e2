"""What becomes of the photo where no mask is painted: it stays, or takes a second style."""

from dataclasses import dataclass

import gradio as gr

from styleprop.errors import SettingsError
from styleprop.server import uploads
from styleprop.server.job import Source
from styleprop.server.queues import AT_ONCE
from styleprop.server.texts import said, say
from styleprop.ui.widgets.mask import MaskForm
from styleprop.ui.widgets.photo import note_line, picture_input
from styleprop.ui.widgets.styles import Shelf, style_choices

NOTHING_ELSE, PICTURE = "photo", "picture"
AS_IT_IS, OWN_CHOICE = ("The photo as it is", NOTHING_ELSE), ("My picture", PICTURE)
NO_PICTURE = "Add a picture for everywhere else first."


@dataclass(frozen=True)
class Elsewhere:
    """The components of the choice, and the styles to choose from."""

    shelf: Shelf
    choice: gr.Radio
    picture: gr.Image
    note: gr.HTML

    @property
    def inputs(self) -> set:
        """All components that an event reads."""
        return {self.choice, self.picture} | self.shelf.inputs

    def read(self, values: dict) -> list[Source] | None:
        """The styles outside the mask; None where the photo stays.

        Raises:
            ImageError: the picture cannot be read.
            SettingsError: the picture, or the style, is missing.
        """
        other = values[self.choice]
        if other != PICTURE:
            return None if other in (None, NOTHING_ELSE) else self.shelf.sources(values, other)
        if not values[self.picture]:
            raise SettingsError(NO_PICTURE)
        return [uploads.open_picture(values[self.picture])]


def build_elsewhere(mask: MaskForm, shelf: Shelf) -> Elsewhere:
    """Lay out the choice at the end of the mask's fold; the picture is asked for where it is chosen."""
    with mask.fold:
        choices = [*said([AS_IT_IS]), *style_choices(shelf.offered), *said([OWN_CHOICE])]
        choice = gr.Radio(choices, value=NOTHING_ELSE, label=say("Everywhere else"), elem_classes="style-tiles")
        picture = picture_input("Picture for everywhere else", 150, "Drop or click", visible=False)
        note = note_line()
    shelf.follow(choice, before=[AS_IT_IS], after=[OWN_CHOICE], lost=NOTHING_ELSE)
    choice.change(lambda other: gr.update(visible=other == PICTURE), [choice], [picture], **AT_ONCE)
    return Elsewhere(shelf, choice, picture, note)
