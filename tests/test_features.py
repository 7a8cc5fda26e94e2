import json

import numpy as np
import pytest

from styleprop.checkpoints import find_checkpoint, save_checkpoint
from styleprop.cli import main
from styleprop.config import FeaturesConfig, TrainingConfig
from styleprop.errors import SettingsError
from styleprop.models.distilled import LAYERS, build_student
from styleprop.models.features import load_feature_network
from styleprop.training.features import reduced_rank, train_features
from styleprop.weights import load_features
from tests.conftest import make_picture
from tests.test_training_runs import save_features


@pytest.fixture
def teacher(tmp_path):
    save_features(tmp_path / "vgg.npz")
    return load_feature_network(tmp_path / "vgg.npz")


@pytest.fixture
def fit(teacher, random):
    """Fits a student of a rank to a random VGG16 of two filters; gives the student and the errors of its layers."""

    def run(rank):
        student = build_student(FeaturesConfig((2, 2, 2, 2), (rank,) * 4))
        pictures = [make_picture(48, 48, random) for _ in range(4)]
        reports = train_features(student, teacher, pictures, TrainingConfig(crop_size=32))
        return student, [report.losses["error"] for report in reports]

    return run


@pytest.fixture
def batch(random):
    return random.uniform(-1, 1, (1, 32, 32, 3)).astype("float32")


def test_reduced_rank_regression_finds_a_map_of_that_rank(random):
    found = random.normal(size=(500, 6)) + 3
    truth = random.normal(size=(6, 2)) @ random.normal(size=(2, 6))
    narrow, widen, offset = reduced_rank(found @ truth + 1, found, 2)
    np.testing.assert_allclose(found @ narrow.T @ widen.T + offset, found @ truth + 1, atol=0.02)


def test_a_student_of_full_rank_is_its_teacher(fit, teacher, batch):
    student, errors = fit(2)
    assert len(errors) == len(LAYERS)
    assert max(errors) < 1e-4
    for ours, theirs in zip(student(batch), teacher(batch, names=LAYERS), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.02, atol=0.5)  # maps reach into the hundreds


def test_a_student_of_lower_rank_is_near_its_teacher(fit):
    _, errors = fit(1)
    assert errors[0] < 1e-6
    assert 1e-4 < errors[1] < 0.6


def test_a_student_comes_back_from_its_checkpoint(fit, batch, tmp_path):
    student, _ = fit(1)
    found = load_features(save_checkpoint(tmp_path / "features", student))
    for ours, theirs in zip(found(batch, names=LAYERS), student(batch), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0.01, atol=0.5)


def test_the_command_makes_a_checkpoint(teacher, tmp_path, photo):
    config = {"crop_size": 32, "model": {"filters": [2, 2, 2, 2], "ranks": [1, 1, 1, 1]}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    options = {"images": photo, "features": "vgg.npz", "config": "config.json", "run": "run", "output": "out"}
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(tmp_path / value))]
    assert main(["train", "features", *arguments]) == 0
    assert load_features(find_checkpoint(tmp_path / "out")).names == LAYERS


@pytest.mark.parametrize("values", [{"filters": (4, 4, 4)}, {"ranks": (65, 1, 1, 1)}, {"ranks": (0, 1, 1, 1)}])
def test_dimensions_that_cannot_be_are_refused(values):
    with pytest.raises(SettingsError, match=r"filters|ranks"):
        FeaturesConfig(**values)
