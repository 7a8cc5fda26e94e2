"""The scoreboard itself: what it counts and how it judges. Its rows are run by `.ci/run`."""

import numpy as np
import pytest

from tests.reliability.board import QUICK, Row, table
from tests.reliability.faults import ALL
from tests.reliability.samples import flat, scene
from tests.reliability.soak import slope_percent


def test_a_row_that_misses_its_line_is_told():
    rows = [Row("a", "1", "fine", "line"), Row("b", "2", "bad", "line", ("why",))]
    assert table(rows).splitlines()[2:] == ["| a | 1 | fine | line | passed |", "| b | 2 | bad | line | missed |"]


def test_the_slope_of_memory_is_in_percent_of_the_mean_for_a_thousand_calls():
    grown = slope_percent([(calls, 990 + calls / 100) for calls in range(0, 2001, 100)])
    assert grown == pytest.approx((1.0, 0.0), abs=1e-3)
    assert slope_percent([(calls, 500.0) for calls in range(50)]) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert slope_percent([(5, 500.0)] * 30)[0] == float("inf")


def test_the_error_of_the_slope_covers_what_noise_does():
    random = np.random.default_rng(1)
    made = [slope_percent([(calls, 1000 + random.normal(0, 5)) for calls in range(200)]) for _ in range(200)]
    assert 0.8 < np.mean([abs(slope) < margin for slope, margin in made]) < 0.99


def test_ci_tries_faults_that_there_are():
    assert set(QUICK.faults) <= set(ALL)


def test_pictures_that_are_sent_are_known_again():
    made = [scene(number).tobytes() for number in range(20)] + [flat(number, 12).tobytes() for number in range(12)]
    assert len(set(made)) == len(made)
