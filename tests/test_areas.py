import numpy as np
import pytest

from styleprop import areas
from styleprop.data import noisy_gradients
from styleprop.images import from_batch, resize
from styleprop.judge import DomainJudge


def grey(values):
    return np.repeat(np.rint(np.asarray(values))[:, :, None], 3, axis=2).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("color", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(color, lab):
    np.testing.assert_allclose(areas.to_lab(np.array(color)), lab, atol=0.02)


def test_the_palette_distance_is_of_colours_and_not_of_places(random):
    picture = random.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert areas.palette_distance([picture], [picture[::-1, ::-1]]) == pytest.approx(0, abs=0.5)
    black, dark = (np.full((64, 64, 3), value, np.uint8) for value in (0, 48))
    lightness = areas.to_lab(dark)[0, 0, 0]
    assert areas.palette_distance([black], [dark]) == pytest.approx(lightness / 2, rel=0.1)  # mean of |cos| on a sphere


def test_local_deviation_is_of_what_a_slope_leaves(random):
    rows, columns = np.mgrid[0:64, 0:72]
    assert areas.local_deviation(grey(2 * rows + columns / 2)).max() < 0.4  # rounding
    noisy = areas.local_deviation(grey(100 + random.normal(0, 5, (64, 72))))
    assert noisy.shape == (8, 9)
    assert noisy.mean() == pytest.approx(5, rel=0.08)


def test_flat_places_are_those_of_the_photo(random):
    photo = grey(np.where(np.arange(80)[None, :] < 16, 100, 100 + random.normal(0, 20, (80, 80))))
    made = grey(np.where(np.arange(80)[None, :] < 16, 100 + random.normal(0, 4, (80, 80)), 100))
    assert areas.flat_deviation([photo]) == pytest.approx(0, abs=0.1)
    assert areas.flat_deviation([made], [photo]) == pytest.approx(4, rel=0.15)


def test_an_edge_has_no_overshoot_and_a_halo_has_its_height():
    edges = areas.step_edges(128)
    assert [areas.overshoot(edge) for edge in edges] == [0, 0, 0, 0]
    assert areas.overshoot(255 - edges[0]) == 0
    halo = edges[0].astype(int)
    halo[:, 60:64] -= 9
    assert areas.overshoot(halo.astype(np.uint8)) == pytest.approx(9)


@pytest.mark.parametrize("period", [4, 8])
def test_a_lattice_stands_out_of_the_spectrum_and_noise_does_not(period):
    clean = [from_batch(x[None]) for x in noisy_gradients(4, 128, seed=3, noise=(1.0, 3.0))]
    assert areas.lattice(clean) < 1.5
    stripes = 2 * (np.arange(128) % period < period // 2)[None, :, None]
    assert areas.lattice([(picture.clip(0, 250) + stripes).astype(np.uint8) for picture in clean]) > 4


@pytest.mark.slow
def test_the_judge_knows_doing_nothing_from_the_domain_itself(tiny_features, random):
    photos = [random.integers(0, 120, (64, 64, 3)).astype(np.uint8) for _ in range(3)]
    paintings = [random.integers(100, 256, (64, 64, 3)).astype(np.uint8) for _ in range(4)]
    judge = DomainJudge(tiny_features, photos, paintings[:2], paintings[2:])
    score, painted = judge.score(lambda photo: (photo, photo // 2, 0.5), lambda photo: photo, photos)
    assert (score.side, score.seconds, len(painted)) == (64, 0.5, 3)
    assert (score.frechet_ratio, score.palette_ratio) == (pytest.approx(1), pytest.approx(1))
    assert (score.overshoot, score.lattice) == (0, pytest.approx(1, abs=0.5))
    mine, _ = judge.score(
        lambda photo: (photo + np.uint8(115), resize(photo, 32, 32), 0.5),  # of a canvas
        lambda edge: 255 - edge // 2,
        photos,
    )
    assert mine.cycle_psnr_db == np.inf
    assert max(mine.palette_ratio, mine.frechet_ratio) < 1
    assert 0 < score.real_ratio < 1
