"""The tools: that they are there, and what they refuse."""

import re
from pathlib import Path

import pytest

from styleprop import images
from tools import measure_fine_tune

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
