import threading

import numpy as np
import pytest
from PIL import Image

from styleprop import data
from styleprop.errors import TrainingError


def fill(folder, names, size=(40, 30)):
    for index, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (index, 2 * index, 255 - index)).save(folder / name)


def test_pictures_are_listed_by_name_through_all_folders(tmp_path):
    fill(tmp_path, ["b.png", "deep/a.jpg", "c.webp"])
    (tmp_path / "notes.txt").write_text("not a picture")
    names = [path.name for path in data.list_images([tmp_path])]
    assert names == ["b.png", "c.webp", "a.jpg"]


def test_the_two_splits_share_nothing_and_lose_nothing(tmp_path):
    fill(tmp_path, [f"{number}.png" for number in range(64)])
    pictures = data.list_images([tmp_path])
    for count in (None, 1, 20):
        learned, held_out = map(set, data.hold_out(pictures, count))
        assert not learned & held_out
        assert learned | held_out == set(pictures)
        assert len(held_out) == (count or sum(map(data.is_held_out, pictures))) > 0
    assert data.hold_out(pictures, 0) == data.hold_out(pictures, 64) == (pictures, pictures)


def test_missing_and_empty_folders_are_told_apart(tmp_path):
    with pytest.raises(TrainingError, match="no folder named nowhere"):
        data.list_images([tmp_path / "nowhere"])
    with pytest.raises(TrainingError, match="No pictures"):
        data.list_images([tmp_path])


def test_a_batch_is_a_function_of_seed_and_step(tmp_path):
    fill(tmp_path, [f"{number}.png" for number in range(9)])
    paths = data.list_images([tmp_path])
    first, second = data.CropSampler(paths, 16, seed=1), data.CropSampler(paths, 16, seed=1)
    first.batch(0, 4)
    np.testing.assert_array_equal(first.batch(5, 4), second.batch(5, 4))
    assert not np.array_equal(first.batch(5, 4), data.CropSampler(paths, 16, seed=2).batch(5, 4))


def test_crops_are_batches_in_range_and_small_pictures_are_enlarged(random):
    pictures = [random.integers(0, 256, (20, 33, 3)).astype("uint8")]
    batch = data.CropSampler(pictures, 48, seed=0).batch(0, 3)
    assert batch.shape == (3, 48, 48, 3)
    assert batch.dtype == np.float32
    assert batch.min() >= -1
    assert batch.max() <= 1


def test_the_largest_squares_are_whole_on_the_shorter_side():
    bright = np.zeros((64, 32, 3), np.uint8)
    bright[:, :16] = 255  # left half: so each whole square is half of it, whatever its place
    batch = data.CropSampler([bright], 16, seed=0, largest=True).batch(0, 8)
    np.testing.assert_allclose(batch.mean(axis=(1, 2, 3)), 0, atol=0.01)


def test_an_unreadable_picture_is_replaced_by_the_next(tmp_path):
    (tmp_path / "a.png").write_text("not a picture")
    fill(tmp_path, ["b.png"])
    sampler = data.CropSampler(data.list_images([tmp_path]), 16, seed=0)
    assert sampler.batch(0, 8).shape == (8, 16, 16, 3)
    with pytest.raises(TrainingError, match="None of the training pictures"):
        data.CropSampler([tmp_path / "a.png"], 16, seed=0).batch(0, 1)


def test_noisy_gradients_are_even_but_for_their_noise_and_a_function_of_seed_and_step():
    clean = data.noisy_gradients(3, 24, 1, 5, noise=(0.0, 0.0))
    assert clean.shape == (3, 24, 24, 3)
    assert clean.dtype == np.float32
    assert np.abs(clean).max() <= 1
    for axis in (1, 2):
        inner = clean[np.abs(clean).max(axis=(1, 2, 3)) < 1]  # a line, where nothing is clipped
        np.testing.assert_allclose(np.diff(inner, n=2, axis=axis), 0.0, atol=1e-6)
    noisy = data.noisy_gradients(3, 24, 1, 5, noise=(2.0, 2.0))
    assert np.std((noisy - clean)[np.abs(noisy) < 1]) == pytest.approx(2 / 127.5, rel=0.1)
    np.testing.assert_array_equal(noisy, data.noisy_gradients(3, 24, 1, 5, noise=(2.0, 2.0)))
    assert not np.array_equal(clean, data.noisy_gradients(3, 24, 1, 6, noise=(0.0, 0.0)))


@pytest.mark.parametrize("workers", [0, 1, 3, 9])
def test_prefetching_keeps_the_order(workers):
    assert list(data.prefetch(lambda step: step * step, 2, 6, workers)) == [4, 9, 16, 25]


def test_prefetching_makes_as_many_batches_at_once_as_it_has_workers():
    meeting = threading.Barrier(3, timeout=60)  # breaks, and with it the test, where fewer come together
    assert list(data.prefetch(lambda step: (meeting.wait(), step)[1], 0, 6, workers=3)) == [0, 1, 2, 3, 4, 5]


def test_a_flat_scene_is_plain_where_its_distance_says_so():
    scenes, distance = data.flat_scenes(6, 96, seed=3)
    assert (scenes.shape, distance.shape) == ((6, 96, 96, 3), (6, 96, 96, 1))
    assert distance.dtype == scenes.dtype == np.float32
    assert np.abs(scenes).max() <= 1
    np.testing.assert_array_equal(data.flat_scenes(6, 96, seed=3)[0], scenes)
    for scene, far in zip(scenes, distance[..., 0], strict=True):
        assert (far < 0).any()
        most = []
        for turned, off in ((scene, far), (scene.swapaxes(0, 1), far.T)):
            steps = np.abs(np.diff(turned, axis=0)).max(axis=-1)
            most.append(steps.max())
            assert steps[np.minimum(off[1:], off[:-1]) > 1].max(initial=0) < 0.25
            assert np.abs(np.diff(off, axis=0)).max() < 1.01  # a distance grows by no more than one a pixel
        assert max(most) > 0.15
    for scene, far in zip(scenes[1::2], distance[1::2, ..., 0], strict=True):  # every other is of two halves
        assert min((far > 0).mean(), (far < 0).mean()) > 0.2
        assert max(scene[side].std(axis=0).max() for side in (far > 0, far < 0)) < 0.04
