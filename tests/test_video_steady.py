"""Frames agree: on clips whose motion is known, and with the shipped weights."""

import math
from itertools import pairwise

import numpy as np
import pytest

from styleprop.config import VideoOptions
from styleprop.engine import Styleprop
from styleprop.engine.moving import Brush, FramePainter, plan_frames
from styleprop.video import restyle
from styleprop.video.steady import MANNERS, Steadier, colors_of, flow_between, is_cut, opencv
from tests.clips import example, noisy_still, panning, real, rotating, write_clip
from tests.test_video_files import read

STYLE = "great-wave"
LIMITS = {"steady": 0.5, "fast": 0.8}
COUNT = 6


@pytest.fixture(scope="module")
def model():
    return Styleprop.from_pretrained()


def painter_of(model, quality="steady"):
    style = model.styles[STYLE]
    target = lambda side, _: model.stylist.code([(style, 1.0)], side)  # noqa: E731
    return FramePainter(Brush(model.networks, plan_frames(quality), target, model.enlarger, 1.0))


def steadied(model, frames, quality):
    painter, steadier = painter_of(model, quality), Steadier(quality)
    kept = [0.0] + [math.exp(-0.08)] * (len(frames) - 1)
    return [steadier.blend(painter(steadier.calm(frame), part)) for frame, part in zip(frames, kept, strict=True)]


@pytest.fixture(scope="module")
def moving(model):
    """Clips by name, with what the engine makes of each frame alone."""
    clips = {"pan": panning(COUNT), "rotation": rotating(COUNT), "noise": noisy_still(COUNT)}
    return {name: (clip, [model.stylize(frame, STYLE).array for frame in clip.frames]) for name, clip in clips.items()}


@pytest.mark.parametrize("quality", ["steady", "fast"])
@pytest.mark.parametrize("name", ["pan", "rotation", "noise"])
def test_frames_agree_after_the_true_motion(model, moving, name, quality):
    clip, alone = moving[name]
    together = steadied(model, clip.frames, quality)
    assert clip.error(together) <= LIMITS[quality] * clip.error(alone)


@pytest.mark.slow
def test_frames_of_a_real_film_agree(model):
    film = real(8)
    alone = film.error([model.stylize(frame, STYLE).array for frame in film.frames])
    assert film.error(steadied(model, film.frames, "steady")) <= LIMITS["steady"] * alone
    assert film.error(steadied(model, film.frames, "fast")) <= LIMITS["fast"] * alone


@pytest.mark.parametrize("quality", ["steady", "fast"])
def test_a_still_with_noise_flickers_less_than_a_third_of_its_noise(model, moving, quality):
    clip, _ = moving["noise"]
    together = steadied(model, clip.frames, quality)
    assert math.sqrt(clip.error(together)) <= 0.3 * math.sqrt(clip.error(clip.frames))


@pytest.mark.parametrize("quality", ["steady", "fast"])
def test_a_painting_does_not_blur_where_the_photo_stands_still(model, quality):
    photo = example("coffee", 96, 128)
    alone, together = model.stylize(photo, STYLE).array, steadied(model, [photo] * 4, quality)
    assert np.abs(together[-1].astype(int) - alone).mean() < 0.5


def test_the_first_frame_is_the_painting_of_a_picture(model):
    photo = example("coffee", 90, 122)
    assert np.array_equal(painter_of(model)(photo, 0.0), model.stylize(photo, STYLE).array)


def test_statistics_follow_slowly_and_at_once_after_a_cut(model):
    dark, light = example("rocket", 64, 96), example("coffee", 64, 96)
    alone = model.stylize(light, STYLE).array.astype(int)
    painter = painter_of(model)
    painter(dark, 0.0)
    far, near = (np.abs(painter(light, kept) - alone).mean() for kept in (0.9, 0.5))
    assert far > near > 0.1
    assert np.array_equal(painter(light, 0.0), alone)


def test_a_style_has_one_code_for_all_frames(model):
    asked = []
    style = model.styles[STYLE]
    target = lambda side, _: asked.append(side) or model.stylist.code([(style, 1.0)], side)  # noqa: E731
    painter = FramePainter(Brush(model.networks, plan_frames("steady"), target, model.enlarger, 1.0))
    for frame in panning(3).frames:
        painter(frame, 0.5)
    assert asked == [96]


def test_kept_statistics_are_a_mean_of_both(model):
    from styleprop.engine.canvas import encode

    one, two = (encode(model.networks, example(name, 64, 96)) for name in ("rocket", "coffee"))
    _, before = model.networks.decode(one.latent, one.code, two.code, 1.0)
    _, own = model.networks.decode(two.latent, two.code, one.code, 1.0)
    _, mixed = model.networks.decode_following(two.latent, two.code, one.code, 1.0, before, 0.25)
    expected = 0.75 * own[0][0].numpy() + 0.25 * before[0][0].numpy()
    assert np.allclose(mixed[0][0].numpy(), expected, atol=1e-5)
    same, statistics = model.networks.decode_following(two.latent, two.code, one.code, 1.0, own, 0.0)
    assert np.allclose(same.numpy(), model.networks.decode(two.latent, two.code, one.code, 1.0)[0].numpy(), atol=1e-5)
    assert len(statistics) == len(own)


# --- motion ---


def test_the_flow_of_a_pan_is_the_pan():
    clip = panning(2, 192, 256, (3.0, -2.0))
    way, fit = flow_between(opencv().DISOpticalFlow_create(2), clip.frames[1], clip.frames[0])
    inside = np.s_[20:-20, 20:-20]
    assert np.abs(way[inside] - (3.0, -2.0)).mean() < 0.2
    assert fit[inside].mean() > 0.9


def test_what_was_hidden_does_not_fit():
    ground = example("coffee", 128, 160)
    before, now = ground.copy(), ground.copy()
    before[30:100, 40:110] = 255 - example("chelsea", 70, 70)
    now[30:100, 48:118] = 255 - example("chelsea", 70, 70)
    _, fit = flow_between(opencv().DISOpticalFlow_create(2), now, before)
    assert fit[40:90, 41:46].mean() < 0.4  # what the square has uncovered
    assert fit[:20, 20:140].mean() > 0.95
    assert fit[45:85, 65:105].mean() > 0.8


def test_a_frame_that_gets_lighter_is_not_held_back():
    grey = [np.full((64, 96, 3), level, np.uint8) for level in (100, 116, 132)]
    steadier = Steadier("steady")
    found = [steadier.blend(steadier.calm(frame)) for frame in grey]
    assert [round(float(frame.mean())) for frame in found] == pytest.approx([100, 116, 132], abs=1)


@pytest.mark.parametrize("size", [(16, 16), (16, 300), (17, 23), (300, 16)])
@pytest.mark.parametrize("quality", list(MANNERS))
def test_frames_of_any_size_are_steadied(random, size, quality):
    steadier = Steadier(quality)
    frames = random.integers(0, 256, (3, *size, 3), np.uint8)
    found = [steadier.blend(steadier.calm(frame)) for frame in frames]
    assert all(frame.shape == (*size, 3) for frame in found)
    assert np.array_equal(found[0], frames[0])


def test_a_cut_is_found_and_a_pan_is_none():
    clip = panning(8, step=(9.0, 4.0))
    colors = [colors_of(frame) for frame in clip.frames]
    assert not any(is_cut(one, two) for one, two in pairwise(colors))
    assert is_cut(colors[-1], colors_of(example("rocket", 96, 128)))


def test_nothing_is_left_of_a_scene_after_a_cut(tmp_path):
    scenes = [example("coffee", 64, 96)] * 3 + [example("rocket", 64, 96)] * 3
    path = write_clip(tmp_path / "in.mp4", scenes)
    kept = []

    def paint(frame, part):
        kept.append(part)
        return 255 - frame

    painted = [progress.painted for progress in restyle(path, tmp_path / "out.mp4", paint, VideoOptions())]
    assert [part == 0 for part in kept] == [True, False, False, True, False, False]
    assert np.array_equal(painted[3], 255 - read(path)[1][3].image)


# --- the engine's own calls ---


def test_a_clip_is_stylized_and_translated(model, tmp_path, eagerly):
    path = write_clip(tmp_path / "in.mp4", panning(3, 48, 64).frames, sound="aac")
    for quality in ("fast", "steady"):
        *_, last = model.stylize_video(path, STYLE, tmp_path / "a.mp4", quality=quality, detail=0.3, color="content")
        assert (last.frame, last.is_whole, last.painted.shape) == (3, True, (48, 64, 3))
        *_, last = model.translate_video(path, "monet", tmp_path / "b.webm", quality=quality)
        assert (last.frame, last.is_whole, last.painted.shape) == (3, True, (48, 64, 3))
    first = next(iter(model.translate_video(path, "monet", tmp_path / "c.mp4")))
    assert np.array_equal(first.painted, model.translate(first.photo, "monet").array)


def test_at_strength_0_a_clip_stays_as_it_is(model, tmp_path):
    path = write_clip(tmp_path / "in.mp4", [example("coffee", 48, 64)] * 3)
    for progress in model.stylize_video(path, STYLE, tmp_path / "out.mp4", strength=0.0):
        assert np.abs(progress.painted.astype(int) - progress.photo).max() <= 2


def test_settings_of_a_clip_are_checked_before_anything_is_read(model, tmp_path):
    from styleprop.errors import SettingsError

    for wrong in ({"quality": "best"}, {"strength": 2}, {"mask": "x.png"}):
        with pytest.raises(SettingsError):
            model.stylize_video(tmp_path / "none.mp4", STYLE, tmp_path / "out.mp4", **wrong)
        with pytest.raises(SettingsError):
            model.translate_video(tmp_path / "none.mp4", "monet", tmp_path / "out.mp4", **wrong)
    with pytest.raises(SettingsError):
        model.translate_video(tmp_path / "none.mp4", "nowhere", tmp_path / "out.mp4")
