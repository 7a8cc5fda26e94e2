import threading

import numpy as np
import pytest

from styleprop import images
from styleprop.checkpoints import save_checkpoint
from styleprop.config import AutoencoderConfig
from styleprop.engine import BuiltInStyle, Styleprop, enlarging, scale, tiling
from styleprop.engine.cache import RecentlyUsed
from styleprop.engine.canvas import TiledCanvas, WholeCanvas
from styleprop.errors import CheckpointError, ImageError, SettingsError
from styleprop.models.autoencoder import build_autoencoder
from styleprop.styles import SIDES, dump_styles, load_styles
from tests.conftest import make_picture


@pytest.fixture(scope="module")
def model(tiny_model):
    return tiny_model


@pytest.fixture
def style(random):
    return make_picture(50, 60, random)[:, :, ::-1] // 2


SIZES = [(16, 16), (17, 33), (72, 104), (767, 1023)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_every_size_is_kept(model, style, random, height, width):
    content = make_picture(height, width, random)
    assert model.stylize(content, style).array.shape == (height, width, 3)
    assert model.reconstruct(content).array.shape == (height, width, 3)


@pytest.mark.parametrize("detail", [0.0, 1.0])
def test_strength_zero_returns_the_pixels_of_the_content(model, picture, style, detail):
    np.testing.assert_array_equal(model.stylize(picture, style, strength=0.0, detail=detail).array, picture)


def test_a_strength_just_above_zero_is_close_to_the_content(model, picture, style):
    almost = model.stylize(picture, style, strength=1e-4).array
    assert np.abs(almost.astype(int) - picture).max() <= 1


def test_a_pictures_own_style_at_full_strength_is_its_reconstruction(model, picture):
    canvas = WholeCanvas(model.networks, picture)  # calmed, which the reconstruction of a picture is not
    np.testing.assert_array_equal(model.stylize(picture, picture).array, canvas.paint(canvas.code, 0.0, 0.0))


def test_a_pictures_own_style_with_all_detail_is_the_picture(model, picture):
    np.testing.assert_array_equal(model.stylize(picture, picture, detail=1.0).array, picture)


def test_strength_moves_the_picture_further_and_further_away(model, picture, style):
    steps = [model.stylize(picture, style, strength=strength).array for strength in (0.25, 0.5, 0.75, 1.0)]
    distances = [np.abs(step.astype(int) - picture).mean() for step in steps]
    assert distances == sorted(distances)
    assert distances[0] > 0


def test_the_same_call_gives_the_same_picture_also_in_a_new_model(model, tiny_checkpoint, picture, style):
    first = model.stylize(picture, style, strength=0.6, detail=0.3).array
    again = Styleprop.from_pretrained(tiny_checkpoint).stylize(picture, style, strength=0.6, detail=0.3).array
    np.testing.assert_array_equal(first, again)


def test_colour_content_keeps_hue_and_colour_only_keeps_brightness(model, picture, style):
    plain = model.stylize(picture, style).array
    kept = model.stylize(picture, style, color="content").array
    only = model.stylize(picture, style, color="only").array
    np.testing.assert_array_equal(kept, images.keep_colors(plain, picture))
    np.testing.assert_array_equal(only, images.only_colors(plain, picture))


def test_brush_changes_the_scale_at_which_the_style_is_read(model, picture, style):
    fine, coarse = (model.stylize(picture, style, brush=brush).array for brush in (0.5, 2.0))
    assert np.any(fine != coarse)


def test_a_mix_of_one_style_with_itself_is_that_style(model, picture, style):
    mixed = model.stylize(picture, [(style, 1.0), (style, 3.0)]).array
    np.testing.assert_allclose(mixed.astype(int), model.stylize(picture, style).array, atol=1)


def test_styles_without_weights_count_the_same(model, picture, style):
    np.testing.assert_array_equal(
        model.stylize(picture, [style, picture]).array, model.stylize(picture, [(style, 2), (picture, 2)]).array
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_bytes_of_a_file_are_one_style(model, picture, style, kind):
    expected = model.stylize(picture, style).array
    np.testing.assert_array_equal(model.stylize(picture, kind(images.encode_png(style))).array, expected)


def test_a_weight_of_zero_leaves_a_style_out(model, picture, style):
    np.testing.assert_array_equal(
        model.stylize(picture, [(style, 2.0), (picture, 0.0)]).array, model.stylize(picture, style).array
    )


def test_transparency_is_put_back(model, picture, style):
    alpha = np.full(picture.shape[:2], 90, np.uint8)
    result = model.stylize(images.Picture(picture, alpha), style)
    assert result.image.mode == "RGBA"
    np.testing.assert_array_equal(np.array(result.image)[:, :, 3], alpha)


def test_settings_travel_with_the_png(model, picture, style, tmp_path):
    model.stylize(picture, style, strength=0.5).save(tmp_path / "out.png")
    settings = images.load(tmp_path / "out.png").settings
    assert settings["strength"] == 0.5
    assert settings["sha256"] == model.checkpoint.sha256


@pytest.mark.parametrize(
    "settings",
    [
        {"strength": 1.1},
        {"strength": "much"},
        {"strength": float("nan")},
        {"detail": -1},
        {"brush": 9},
        {"color": "no"},
    ],
)
def test_a_setting_out_of_range_is_named(model, picture, style, settings):
    with pytest.raises(SettingsError, match=next(iter(settings))):
        model.stylize(picture, style, **settings)


def test_no_style_five_styles_and_weightless_styles_are_refused(model, picture, style):
    for styles in ([], [(style, 1.0)] * 5, [(style, 0.0)], [(style, -1.0)]):
        with pytest.raises(SettingsError):
            model.stylize(picture, styles)


def test_a_picture_that_cannot_be_read_is_refused(model, picture, tmp_path):
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(ImageError):
        model.stylize(picture, tmp_path / "a.png")
    with pytest.raises(ImageError):
        model.reconstruct("no-such-style")


def test_reconstruction_is_measured_against_the_picture(model, picture):
    result = model.reconstruct(picture)
    error = np.mean((picture.astype(float) - result.array) ** 2)
    assert result.psnr_db == pytest.approx(10 * np.log10(255**2 / error))
    assert -1 <= result.ssim <= 1
    assert result.latent.shape == (9, 13, 12)
    spread = [channel.std() for _, channel in result.strongest_channels(5)]
    assert spread == sorted(spread, reverse=True)


def test_sixty_sizes_make_one_trace_per_network(tiny_checkpoint, random, monkeypatch):
    monkeypatch.setattr(tiling, "WHOLE_PIXELS", 60 * 60)
    model = Styleprop.from_pretrained(tiny_checkpoint)
    model.warm_up()
    for number in range(60):
        content = make_picture(24 + number, 90 - number, random)
        model.stylize(content, content[:, :24], strength=0.5)
    assert model.networks.trace_counts() == {"encode": 1, "decode": 1, "decode_part": 1}


def test_a_classic_checkpoint_reconstructs_whole_and_by_tiles(tmp_path, random, monkeypatch):
    network = build_autoencoder(AutoencoderConfig(architecture="classic", filters=(4, 4, 4)))
    model = Styleprop(save_checkpoint(tmp_path / "classic", network))
    model.warm_up()
    picture = make_picture(90, 121, random)
    whole = model.reconstruct(picture)
    assert whole.array.shape == picture.shape
    assert whole.latent.shape == (45, 61, 4)
    monkeypatch.setattr(tiling, "WHOLE_PIXELS", 100)
    monkeypatch.setattr(tiling, "CORE", 64)
    again = Styleprop(model.checkpoint).reconstruct(picture).array
    assert np.abs(again.astype(int) - whole.array).max() <= 1


def test_tiles_cover_every_pixel_once():
    covered = np.zeros((2000, 3100), int)
    for tile in tiling.plan_tiles(*covered.shape):
        top, left, bottom, right = tile.core
        covered[top:bottom, left:right] += 1
        assert tile.read[0] <= top
        assert tile.read[3] >= right
    assert covered.min() == covered.max() == 1


def test_a_sliver_is_no_tile_of_its_own():
    assert [tile.core for tile in tiling.plan_tiles(1000, 1900)] == [(0, 0, 1000, 896), (0, 896, 1000, 1900)]
    assert len(tiling.plan_tiles(60, 60)) == 1


def test_a_tiled_picture_equals_the_whole_one_with_the_same_statistics(model, random, style, monkeypatch):
    monkeypatch.setattr(tiling, "CORE", 128)
    content = make_picture(200, 328, random)
    monkeypatch.setattr(tiling, "mosaic", lambda image: image)
    target = model.stylist.encode(style, 50)
    whole = WholeCanvas(model.networks, content).paint(target, 0.8, 0.3)
    tiled = TiledCanvas(model.networks, content).paint(target, 0.8, 0.3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


@pytest.mark.parametrize("shape", [(3000, 4000), (600, 12000), (9000, 450), (1254, 1255)])
def test_a_mosaic_stands_for_all_parts_of_a_picture(shape):
    image = np.zeros((*shape, 3), np.uint8)
    image[:, shape[1] // 2 :] = 200
    small = tiling.mosaic(image)
    assert small.size < 4 * 1024 * 1024
    assert small.mean() == pytest.approx(100, abs=8)
    assert not any(side % 8 for side in small.shape[:2])


def test_watching_counts_the_tiles(model, random, style, monkeypatch):
    monkeypatch.setattr(scale, "CANVAS_SIDE", 48)
    monkeypatch.setattr(enlarging, "CORE", 64)
    seen = []
    model.stylize(make_picture(100, 120, random), style, watch=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_built_in_styles_are_read_and_interpolated(model, tmp_path):
    size = model.networks.config.code_size
    codes = np.stack([np.full(size, value, np.float32) for value in (1.0, 2.0, 4.0)])
    (tmp_path / "styles.json").write_text(dump_styles([BuiltInStyle("waves", "Waves", "our own code", codes)]))
    waves = load_styles(tmp_path, size)["waves"]
    assert [float(waves.code(side)[0, 0]) for side in (16, *SIDES, 5000)] == [1.0, 1.0, 2.0, 4.0, 4.0]
    assert float(waves.code(SIDES[1] * 2**0.5)[0, 0]) == pytest.approx(3.0)
    with pytest.raises(CheckpointError, match="another network"):
        load_styles(tmp_path, size + 2)
    (tmp_path / "styles.json").write_text("[{}]")
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_styles(tmp_path, size)


def test_a_built_in_style_equals_the_picture_it_came_from(model, picture, style, monkeypatch):
    monkeypatch.setattr("styleprop.styles.SIDES", (36, 72, 144))
    codes = np.stack([model.stylist.encode(style, side)[0] for side in (36, 72, 144)])
    built_in = BuiltInStyle("mine", "Mine", "mine", codes)
    for brush in (0.5, 1.0, 2.0):
        made = [model.stylize(picture, source, brush=brush).array for source in (built_in, style)]
        np.testing.assert_array_equal(*made)


def test_threads_sharing_a_model_get_their_own_pictures(model, random):
    pictures = [make_picture(40, 48 + 8 * number, random) for number in range(6)]
    expected = [model.stylize(picture, pictures[0], strength=0.7).array for picture in pictures]
    found = [None] * len(pictures)

    def work(number):
        found[number] = model.stylize(pictures[number], pictures[0], strength=0.7).array

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_cache_forgets_what_was_used_longest_ago():
    made = []
    cache = RecentlyUsed(2)
    for key in "abaca":
        cache.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c"]
    cache.get("b", lambda: made.append("b again"))
    assert made[-1] == "b again"
