"""Learning rates: known values, the warm-up, and time that runs out before the steps do."""

import pytest

from styleprop.config import CycleGANTrainingConfig, TrainingConfig
from styleprop.training.schedules import constant_then_linear, cosine, learning_rate


def test_a_cosine_falls_to_a_hundredth():
    assert [cosine(done) for done in (0, 0.5, 1)] == pytest.approx([1.0, 0.505, 0.01])


def test_a_gan_keeps_its_rate_for_half_of_the_steps_then_falls_to_zero():
    config = CycleGANTrainingConfig(total_steps=100, learning_rate=2e-4)
    rates = [learning_rate(config, constant_then_linear, step) for step in (0, 50, 75, 100)]
    assert rates == pytest.approx([2e-4, 2e-4, 1e-4, 0.0])


def test_the_rate_warms_up_and_then_falls():
    config = TrainingConfig(total_steps=110, learning_rate=1e-3, warmup_steps=10)
    rates = [learning_rate(config, cosine, step) for step in (0, 5, 10, 60, 110)]
    assert rates == pytest.approx([1e-5, 5.05e-4, 1e-3, 5.05e-4, 1e-5])


def test_a_short_time_counts_where_it_is_over_before_the_steps():
    config = TrainingConfig(total_steps=10_000, learning_rate=1e-3, warmup_steps=0)
    assert [learning_rate(config, cosine, 20, time) for time in (0.0, 0.5, 1.0, 1.2)] == pytest.approx(
        [1e-3, 5.05e-4, 1e-5, 1e-5], rel=1e-4
    )
