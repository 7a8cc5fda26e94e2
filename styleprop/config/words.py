"""Words that depend on a number."""

from styleprop.errors import Sentence


def counted(number: float, one: str, several: str, spec: str = "") -> Sentence:
    """A number of things: `one` where it reads "1", else `several`; a translation knows both.

    Args:
        number: of the things.
        one: such as "1 frame".
        several: with the number in braces, such as "{number} frames".
        spec: how the number is written, as `format` takes it.
    """
    shown = format(number, spec)
    return Sentence(one) if shown == "1" else Sentence(several, number=shown)
