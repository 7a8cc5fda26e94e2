"""The tools: that they are there, and what they refuse."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from styleprop import images
from styleprop.config import CycleGANConfig
from styleprop.models.cyclegan import build_cyclegan
from tools import measure_fine_tune, pick_codes

ROOT = Path(__file__).parent.parent
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("checkpoints/*/README.md")]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_tool_that_a_text_names_is_there_and_is_run_as_a_module(text):
    words = text.read_text(encoding="utf-8")
    assert not re.search(r"python tools/", words)
    assert [
        name for name in re.findall(r"-m tools\.(\w+)", words) if not (ROOT / "tools" / f"{name}.py").exists()
    ] == []


def test_a_measure_without_enough_photos_is_refused(tmp_path, monkeypatch, picture):
    images.save(picture, tmp_path / "only.png")
    monkeypatch.setattr("sys.argv", ["measure", "autoencoder", "vgg16.npz", "--photos", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"It takes 12 pictures .* there are 1"):
        measure_fine_tune.main()


@pytest.fixture
def domain():
    """A CycleGAN of four codes: all of the code number n have the value n, and so its tones."""
    cyclegan = build_cyclegan(replace(CycleGANConfig.tiny(), styles=4, canvas_side=64))
    generator = cyclegan.generator_ab
    for weights in (generator.style, generator.tones):
        weights.assign(np.arange(4.0)[:, None] * np.ones(weights.shape))
    generator.handicaps.assign([0.0, 9.0, 9.0, 9.0])
    return cyclegan


def test_codes_that_are_left_out_go_and_the_others_share_the_photos(domain):
    tones = np.repeat([[0.1], [0.9], [1.1], [3.0]], 6, axis=1)
    new = pick_codes.leave_out(domain, [1, 2], tones)
    generator = new.generator_ab
    assert new.config.styles == generator.style.shape[0] == 2
    for weights in (generator.style, generator.tones):
        assert ops.convert_to_numpy(weights)[:, 0].tolist() == [0, 3]
    distances = np.square(tones[:, None] - ops.convert_to_numpy(generator.tones)).sum(axis=-1)
    nearest = (distances + ops.convert_to_numpy(generator.handicaps)).argmin(axis=1)
    assert nearest.tolist() == [0, 0, 1, 1]
    batch = np.linspace(-1, 1, 64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3)
    kept, before = (ops.convert_to_numpy(one.generator_ba(batch)) for one in (new, domain))
    np.testing.assert_array_equal(kept, before)


@pytest.mark.parametrize("numbers", [[4], [-1], [0, 1, 2]])
def test_codes_that_are_not_there_or_too_many_are_refused(domain, numbers):
    with pytest.raises(ValueError, match=r"Of 4 codes .* cannot be left out"):
        pick_codes.leave_out(domain, numbers, np.zeros((4, 6)))


def test_a_sheet_has_a_painting_for_every_code(domain, picture):
    sheet = pick_codes.paint_all(domain.generator_ab, picture)
    assert sheet.shape[0] * sheet.shape[1] > 4 * pick_codes.SHOWN**2
    assert sheet.std() > 1
