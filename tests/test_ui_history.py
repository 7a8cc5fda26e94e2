"""The strip of paintings: what it keeps, and what a slider that is dragged leaves of itself."""

import pytest

from styleprop.ui.style.history import HASTE_SECONDS, KEPT, Made, added
from styleprop.ui.widgets.full_size import Shown


def made(seconds, by="Dusk in red", photo="/photo.png"):
    return Made(
        ("/a.jpeg", "/b.jpeg"), "", Shown(lambda: None, "Restyled", "name", by, photo), {}, "/t.webp", False, seconds
    )


def test_a_dragged_slider_leaves_its_last_painting_alone():
    first, second = made(10.0), made(10.0 + HASTE_SECONDS / 2)
    assert added((first,), second) == (second,)
    later = made(second.seconds + HASTE_SECONDS)
    assert added((second,), later) == (second, later)


@pytest.mark.parametrize("other", [{"by": "Confetti"}, {"photo": "/other.png"}])
def test_another_style_or_photo_is_another_painting_however_fast(other):
    first, second = made(10.0), made(10.1, **other)
    assert added((first,), second) == (first, second)


def test_the_oldest_goes_when_there_are_too_many():
    strip = ()
    for number in range(KEPT + 2):
        strip = added(strip, made(100.0 * number))
    assert [one.seconds for one in strip] == [100.0 * number for number in range(2, KEPT + 2)]
