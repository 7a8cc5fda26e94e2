"""English that depends on numbers, and its Chinese."""

import pytest

from styleprop.config.words import counted
from styleprop.server.texts import translate

FRAMES = "1 frame", "{number} frames"


@pytest.mark.parametrize(
    ("number", "spec", "english", "chinese"),
    [
        (0, "", "0 frames", "0 帧"),
        (1, "", "1 frame", "1 帧"),
        (2, "", "2 frames", "2 帧"),
        (1.0, ".4g", "1 frame", "1 帧"),
        (29.97002997, ".4g", "29.97 frames", "29.97 帧"),
        (1.0, ".1f", "1.0 frames", "1.0 帧"),
        (12000, ",", "12,000 frames", "12,000 帧"),
    ],
)
def test_a_number_of_things_reads_well_in_both_languages(number, spec, english, chinese):
    told = counted(number, *FRAMES, spec)
    assert told == english
    assert translate(told) == chinese
