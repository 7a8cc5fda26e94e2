"""The mask that an editor, or a stranger in its place, sends; what a picture's settings bring back."""

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError
from styleprop.server.domains import TO_PAINTING, TO_PHOTO
from styleprop.server.texts import say
from styleprop.server.uploads import VARIABLE
from styleprop.ui.cyclegan.tab import restored_translation
from styleprop.ui.style import mask as mask_fold
from styleprop.ui.style.restore import NOT_KEPT, restored_line
from styleprop.ui.widgets.photo import RESTORED


@pytest.fixture
def upload(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def layer(folder, name, rows, opacity=153, height=40):
    """A transparent picture with a half transparent stroke over some rows, as the page's brush makes it."""
    pixels = np.zeros((height, 60, 4), np.uint8)
    pixels[rows] = (63, 77, 196, opacity)
    Image.fromarray(pixels).save(folder / name)
    return {"path": str(folder / name)}


def test_a_half_transparent_stroke_counts_in_full_and_layers_add_up(upload):
    layers = [layer(upload, "a.png", slice(0, 10)), layer(upload, "b.png", slice(30, 40))]
    mask = mask_fold.open_layers({"background": None, "layers": layers, "composite": None})
    assert mask.shape == (40, 60)
    assert mask[:10].min() == mask[30:].min() == 255
    assert not mask[10:30].any()


@pytest.mark.parametrize("payload", [None, {}, {"layers": []}, {"layers": None}, "text", 7])
def test_where_nothing_is_painted_there_is_no_mask(upload, payload):
    assert mask_fold.open_layers(payload) is None


@pytest.mark.parametrize(
    "layers",
    ["/etc/passwd", {"path": "/etc/passwd"}, ["/etc/passwd"], [{"path": "/etc/passwd"}], [None], [{}], [[]], [7]],
)
def test_a_mask_is_a_picture_from_the_upload_folder_or_it_is_refused(upload, layers):
    with pytest.raises(ImageError) as caught:
        mask_fold.open_layers({"layers": layers})
    assert "passwd" not in str(caught.value)


def test_a_mask_that_is_text_or_of_many_layers_is_refused(upload):
    (upload / "poem.png").write_text("roses are red")
    with pytest.raises(ImageError, match="not a picture"):
        mask_fold.open_layers({"layers": [{"path": str(upload / "poem.png")}]})
    with pytest.raises(ImageError, match="paint it again"):
        mask_fold.open_layers({"layers": [layer(upload, "a.png", slice(0, 10))] * 5})


def made(**settings):
    return images.Picture(np.zeros((16, 16, 3), np.uint8), settings=settings)


def test_a_translation_brings_its_domain_and_direction_back():
    domains = ["monet", "ukiyo-e"]
    assert restored_translation(made(job="translate", domain="ukiyo-e", to_photo=True), domains) == (
        "ukiyo-e",
        TO_PHOTO,
    )
    assert restored_translation(made(job="translate", domain="monet"), domains) == ("monet", TO_PAINTING)
    for settings in ({"job": "stylize", "domain": "monet"}, {"job": "translate", "domain": ["monet"]}, {}):
        assert restored_translation(made(**settings), domains) is None


def test_what_a_picture_does_not_hold_is_said():
    assert restored_line(made(styles=[["dusk-red", 1.0]])) == say(RESTORED)
    assert NOT_KEPT in restored_line(made(styles=[[None, 1.0]]))
    assert NOT_KEPT in restored_line(made(masked=True))
