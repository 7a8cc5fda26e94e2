"""What the measuring tools refuse."""

import pytest

from styleprop import images
from tools import measure_fine_tune


def test_a_measure_without_enough_photos_is_refused(tmp_path, monkeypatch, picture):
    images.save(picture, tmp_path / "only.png")
    monkeypatch.setattr("sys.argv", ["measure", "autoencoder", "vgg16.npz", "--photos", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"It takes 12 pictures .* there are 1"):
        measure_fine_tune.main()
