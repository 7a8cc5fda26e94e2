"""The errors a user can cause: each message says in plain words what was expected, what came and what to do."""

from typing import Any, Self


class Sentence(str):
    """An English sentence with its values filled in, that still knows both, so that it can be said in other words.

    Args:
        template: the sentence, its values named in braces; without values, braces are braces, and a sentence is itself.
        values: what is filled in. Sentences and the errors below stay sentences, all else becomes text.

    Attributes:
        template, values: the parts.
    """

    template: str
    values: dict[str, str]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """See the class."""
        if isinstance(template, cls) and not values:
            return template
        texts = {name: _text(value) for name, value in values.items()}
        sentence = super().__new__(cls, template.format(**texts) if texts else template)
        sentence.template, sentence.values = template, texts
        return sentence

    def __reduce__(self) -> tuple:
        """How it is pickled."""
        return self.from_parts, (self.parts(),)

    def parts(self) -> list[Any]:
        """What JSON can hold of it: the template, and a dictionary of texts and of parts."""
        values = {name: x.parts() if isinstance(x, Sentence) else x for name, x in self.values.items()}
        return [self.template, values]

    @classmethod
    def from_parts(cls, parts: list[Any] | str) -> Self:
        """The sentence of `parts`, or one without values."""
        template, values = (parts, {}) if isinstance(parts, str) else parts
        return cls(template, **{name: cls.from_parts(x) if isinstance(x, list) else x for name, x in values.items()})


def _text(value: object) -> str:
    if isinstance(value, StylepropError):
        return value.sentence
    return value if isinstance(value, Sentence) else str(value)


class StylepropError(Exception):
    """Base of every error that a user's input can cause; its text is safe to show to anyone.

    Args:
        sentence: what is wrong, and what to do; or a template, see `Sentence`.
        values: of a template.

    Attributes:
        sentence: the `Sentence`.
    """

    def __init__(self, sentence: str, /, **values: object):
        self.sentence = Sentence(sentence, **values)
        super().__init__(self.sentence)


class ImageError(StylepropError):
    """A picture that cannot be read, or is outside the limits."""


class GoneError(ImageError):
    """A picture that was here and is not any more; whoever has it may send it again."""


class VideoError(StylepropError):
    """A clip that cannot be read or written, or is outside the limits."""


class SoundError(StylepropError):
    """A sound that cannot be read or written, or is outside the limits."""


class SettingsError(StylepropError):
    """A setting outside its range, or settings that do not go together."""


class StyleError(StylepropError):
    """A style file that cannot be read, or a style that belongs to other weights."""


class CheckpointError(StylepropError):
    """A checkpoint that is missing, damaged, or does not fit."""


class TrainingError(StylepropError):
    """A training that cannot start or had to stop."""


class BusyError(StylepropError):
    """Too much is being asked at once; the same call may succeed later."""


class CancelledError(StylepropError):
    """A picture that is not wanted any more: whoever asked for it has stopped it."""
