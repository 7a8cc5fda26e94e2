"""The losses by name: pure functions of batches or feature maps, each a float32 scalar (a mean over the batch)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from keras import ops

from styleprop.ops import Tensor, channel_statistics, gram_matrix, normalize, soften

FeatureLoss: TypeAlias = Callable[[Sequence[Tensor], Sequence[Tensor]], Tensor]  # of a picture's maps and another's
LayerStatistics: TypeAlias = Sequence[Tensor]  # mean, standard deviation and Gram matrix of a map
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu3_3", "relu4_1", "relu4_3", "relu5_1")
CONTENT_LAYERS = ("relu3_1", "relu4_1")
APPEARANCE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
TINY = 1e-6
FLAT = 1e-4  # variance of detail below which there is no texture to speak of


def reconstruction_loss(batch: Tensor, reconstruction: Tensor, absolute_weight: float = 1.0) -> Tensor:
    """Mean squared error of two batches of one shape, plus the mean absolute error times a weight."""
    error = ops.cast(reconstruction, "float32") - ops.cast(batch, "float32")
    return ops.mean(ops.square(error)) + absolute_weight * ops.mean(ops.abs(error))


def content_loss(features: Sequence[Tensor], content_features: Sequence[Tensor]) -> Tensor:
    """Squared distance of instance-normalised features; the first of two maps counts half (relu3_1, relu4_1).

    Instance normalisation leaves the style's contrast and colour out of the comparison (Huang and Belongie 2017 compare
    with the AdaIN target instead).
    """
    weights = [0.5] * (len(features) - 1) + [1.0]
    pairs = zip(features, content_features, weights, strict=True)
    return sum(weight * _normalized_distance(x, y) for x, y, weight in pairs)


def _normalized_distance(x: Tensor, y: Tensor) -> Tensor:
    x, y = ops.cast(x, "float32"), ops.cast(y, "float32")
    return ops.mean(ops.square(normalize(x, *channel_statistics(x)) - normalize(y, *channel_statistics(y))))


def appearance_loss(features: Sequence[Tensor], content_features: Sequence[Tensor]) -> Tensor:
    """Squared distance of unit-length feature vectors, mean over positions and maps, 0..2 (Zhang et al. 2018)."""
    return sum(_unit_distance(x, y) for x, y in zip(features, content_features, strict=True)) / len(features)


def _unit_distance(x: Tensor, y: Tensor) -> Tensor:
    return ops.mean(ops.sum(ops.square(_unit(x) - _unit(y)), axis=-1))


def _unit(x: Tensor) -> Tensor:
    x = ops.cast(x, "float32")
    return x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + TINY)


def style_loss(features: Sequence[Tensor], style_features: Sequence[Tensor]) -> Tensor:
    """Distance of channel means, standard deviations and Gram matrices, relative to the style's own, mean over maps.

    Means and standard deviations after Huang and Belongie 2017, eq. 13, Gram matrices after Gatys et al. 2016, eq. 5;
    here divided by the style's magnitude, and the Gram distance not squared, so that no picture and no layer outweighs
    the rest.
    """
    return statistics_loss(style_statistics(features), style_statistics(style_features))


def style_statistics(features: Iterable[Tensor]) -> list[LayerStatistics]:
    """Channel mean, standard deviation and Gram matrix, (B, 1, 1, C) twice and (B, C, C), of each map."""
    return [(*channel_statistics(x), gram_matrix(x)) for x in features]


def statistics_loss(statistics: Sequence[LayerStatistics], target: Sequence[LayerStatistics]) -> Tensor:
    """The `style_loss` of two pictures of which the `style_statistics` are known."""
    pairs = list(zip(statistics, target, strict=True))
    return sum(_moments_distance(x, y) + _gram_distance(x[2], y[2]) for x, y in pairs) / len(pairs)


def _moments_distance(x: LayerStatistics, y: LayerStatistics) -> Tensor:
    (mean_x, std_x, _), (mean_y, std_y, _) = x, y
    difference = ops.sum(ops.square(mean_x - mean_y) + ops.square(std_x - std_y), axis=-1)
    return ops.mean(difference / (ops.sum(ops.square(mean_y) + ops.square(std_y), axis=-1) + TINY))


def _gram_distance(gram_x: Tensor, gram_y: Tensor) -> Tensor:
    return ops.mean(_frobenius(gram_x - gram_y) / (_frobenius(gram_y) + TINY))


def _frobenius(matrix: Tensor) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(matrix), axis=(1, 2)) + TINY)


def color_loss(batch: Tensor, style: Tensor) -> Tensor:
    """Distance of two batches' mean colours (squared) and colour covariances (Frobenius norm), in [-1, 1] units."""
    mean_x, covariance_x = _color_statistics(batch)
    mean_y, covariance_y = _color_statistics(style)
    means = ops.mean(ops.sum(ops.square(mean_x - mean_y), axis=-1))
    return means + ops.mean(_frobenius(covariance_x - covariance_y))


def _color_statistics(batch: Tensor) -> tuple[Tensor, Tensor]:
    mean, _ = channel_statistics(batch)
    return mean, gram_matrix(ops.cast(batch, "float32") - mean)


def self_similarity_loss(features: Sequence[Tensor], content_features: Sequence[Tensor], most: int = 256) -> Tensor:
    """How differently two pictures resemble themselves: cosine distances between all positions of a map.

    Kolkin et al. 2019, eq. 7: each row of both distance matrices is divided by its sum; the mean absolute difference,
    times the number of positions. Colours and textures may change, if they do so alike in alike places.

    Args:
        features, content_features: sequences of maps (B, H, W, C) of the same shapes, H and W known.
        most: positions; larger maps are averaged down to at most so many.
    """
    pairs = zip(features, content_features, strict=True)
    return sum(_similarity_distance(_shrunk(x, most), _shrunk(y, most)) for x, y in pairs) / len(features)


def _shrunk(x: Tensor, most: int) -> Tensor:
    factor = 1
    while (x.shape[1] // factor) * (x.shape[2] // factor) > most:
        factor *= 2
    x = ops.cast(x, "float32")
    return ops.average_pool(x, factor, factor, "valid") if factor > 1 else x


def _similarity_distance(x: Tensor, y: Tensor) -> Tensor:
    return ops.mean(ops.sum(ops.abs(_self_distances(x) - _self_distances(y)), axis=-1))


def _self_distances(x: Tensor) -> Tensor:
    flat = ops.reshape(x, (-1, x.shape[1] * x.shape[2], x.shape[3]))
    flat = flat / ops.sqrt(ops.sum(ops.square(flat), axis=-1, keepdims=True) + TINY)
    distances = 1.0 - ops.matmul(flat, ops.transpose(flat, (0, 2, 1)))
    return distances / (ops.sum(distances, axis=-1, keepdims=True) + TINY)


def tone_loss(batch: Tensor, content: Tensor, size: int = 16, floor: float = 0.15) -> Tensor:
    """Squared distance of two pictures' broad light and shade, each less its mean and over its deviation.

    What is light in the one should be light in the other, whatever the contrast; a glow round dark shapes is not.

    Args:
        batch, content: (B, H, W, 3) in [-1, 1].
        size: pixels that are averaged along each side.
        floor: added to the deviation, so that faint shades need not be followed.
    """
    light, other = (
        ops.average_pool(ops.mean(x, axis=-1, keepdims=True), size, size, "valid") for x in (batch, content)
    )
    return ops.mean(ops.square(_standardized(light, floor) - _standardized(other, floor)))


def _standardized(x: Tensor, floor: float) -> Tensor:
    mean, std = channel_statistics(x)
    return (x - mean) / (std + floor)


HALO_BANDS = ((2, 8), (8, 20), (20, 40))
FAR = 48  # pixels from the nearest shape, where none of its glow is left


def halo_loss(batch: Tensor, scene: Tensor, distance: Tensor) -> Tensor:
    """How much the sky near shapes differs from the sky far from them, squared, mean over bands around the shapes.

    Args:
        batch: (B, H, W, 3) in [-1, 1], paintings of scenes.
        scene: (B, H, W, 3), what they are of; its own difference counts as none.
        distance: (B, H, W, 1), each pixel's distance from the nearest shape in pixels, below zero inside. A picture
            without a sky far from everything counts for nothing.
    """
    difference = batch - scene
    far, share = _masked_mean(difference, distance > FAR)
    total = 0.0
    for low, high in HALO_BANDS:
        near, near_share = _masked_mean(difference, ops.logical_and(distance > low, distance <= high))
        known = ops.cast(ops.minimum(share, near_share) > 1e-3, "float32")
        total = total + ops.mean(known * ops.square(near - far))
    return total / len(HALO_BANDS)


OVERSHOOT_BANDS = (0, 2, 4, 6, 8, 12, 16, 24, 32, 48)  # pixels from an outline, either side
DEEP = 32  # pixels inside a shape, where none of its outline is left


def overshoot_loss(batch: Tensor, scene: Tensor, distance: Tensor) -> Tensor:
    """How far the colours beside an outline leave what lies between the shape's own and the sky's own, squared.

    Each band of pixels along the outline counts by its mean, so strokes across it are free, and lines along it are not.

    Args:
        batch: (B, H, W, 3) in [-1, 1], paintings of scenes.
        scene: (B, H, W, 3), what they are of; as far as it goes beyond, so may they.
        distance: (B, H, W, 1), as in `halo_loss`. A picture that has no sky far from the outline, or no shape deep
            enough, counts for nothing.
    """
    sides = [[_masked_mean(x, mask) for mask in (distance > FAR, distance < -DEEP)] for x in (batch, scene)]
    shares = [share for _, share in sides[0]]
    total = 0.0
    for low, high in pairwise(OVERSHOOT_BANDS):
        for band in (distance > low) & (distance <= high), (distance > -high) & (distance <= -low):
            (near, share), (was, _) = _masked_mean(batch, band), _masked_mean(scene, band)
            known = ops.cast(ops.minimum(ops.minimum(*shares), 10 * share) > 0.01, "float32")
            more = ops.relu(_beyond(near, *sides[0]) - _beyond(was, *sides[1]))
            total = total + ops.mean(known * ops.square(more))
    return total / (2 * len(OVERSHOOT_BANDS) - 2)


def _beyond(color: Tensor, one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Tensor:
    """How far colours (B, 3) lie outside of what is between two others, each with its share."""
    return ops.relu(color - ops.maximum(one[0], other[0])) + ops.relu(ops.minimum(one[0], other[0]) - color)


def _masked_mean(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    mask = ops.cast(mask, "float32")
    share = ops.mean(mask, axis=(1, 2))
    return ops.mean(x * mask, axis=(1, 2)) / (share + 1e-4), share


def calm_loss(batch: Tensor, style: Tensor, distance: Tensor, strength: float = 0.5, roughness: float = 0.8) -> Tensor:
    """What the sky of painted scenes has of texture above a share of the style's, and of grain above strokes.

    Args:
        batch: (B, H, W, 3) in [-1, 1], paintings of scenes.
        style: (B, H', W', 3), the style pictures.
        distance: as in `halo_loss`.
        strength: share of the style's deviation within 16 x 16 pixels that a sky may have.
        roughness: share of the style's own part of that deviation which lies within 3 x 3 pixels.
    """
    sky = ops.cast(distance > 2, "float32")
    own, grain = _texture(batch, sky)
    wanted, wanted_grain = _texture(style, ops.ones_like(style[..., :1]))
    too_strong = ops.relu(own / (wanted + 0.02) - strength)
    too_rough = ops.relu(grain / (own + 0.02) - roughness * wanted_grain / (wanted + 0.02))
    present = ops.cast(ops.mean(sky, axis=(1, 2, 3)) > 0.05, "float32")
    return ops.mean(present * (too_strong + too_rough))


def _texture(batch: Tensor, mask: Tensor) -> list[Tensor]:
    """Mean absolute difference from the local mean over 17 x 17 and over 3 x 3 pixels, within a mask: (B,) twice."""
    weight = ops.mean(mask, axis=(1, 2, 3)) + 1e-4
    values = []
    for size in (17, 3):
        smooth = ops.average_pool(batch * mask, size, 1, "same") / (ops.average_pool(mask, size, 1, "same") + 1e-3)
        values.append(ops.mean(ops.abs(batch - smooth) * mask, axis=(1, 2, 3)) / weight)
    return values


def total_variation_loss(batch: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, both directions (Rudin et al. 1992, anisotropic)."""
    return ops.mean(ops.abs(batch[:, 1:] - batch[:, :-1])) + ops.mean(ops.abs(batch[:, :, 1:] - batch[:, :, :-1]))


def texture_loss(batch: Tensor, style: Tensor, radius: int = 8) -> Tensor:
    """Mean squared distance of the autocorrelations of two batches' fine detail, lags up to `radius` pixels.

    Strokes of another width or direction than the style's, and weaves that repeat, have another autocorrelation, which
    Gram matrices do not see (after Sendik and Cohen-Or 2017, "Deep correlations for texture synthesis", eq. 2 and 3;
    here of the picture instead of its features). Contrast does not matter: lag zero has 1.

    Args:
        batch: (B, H, W, 3) in [-1, 1], sides known and greater than 2 * radius + 4.
        style: (B, H', W', 3).
        radius: pixels.
    """
    return ops.mean(ops.square(_autocorrelation(batch, radius) - _autocorrelation(style, radius)))


def _autocorrelation(batch: Tensor, radius: int) -> Tensor:
    """(B, radius + 1, 2 * radius + 1): rows from 0 down, columns from 0 right, then from -radius."""
    grey = ops.mean(ops.cast(batch, "float32"), axis=-1, keepdims=True)
    fine = (grey[:, 2:-2, 2:-2] - ops.average_pool(grey, 5, 1, "valid"))[..., 0]
    real, imaginary = ops.fft2((fine, ops.zeros_like(fine)))
    power = ops.square(real) + ops.square(imaginary)
    lags, _ = ops.fft2((power, ops.zeros_like(power)))  # a power spectrum is even: forth is back
    pixels = fine.shape[1] * fine.shape[2]
    near = ops.concatenate([lags[:, : radius + 1, : radius + 1], lags[:, : radius + 1, -radius:]], axis=2)
    return near / (lags[:, :1, :1] + FLAT * pixels**2)


def grid_loss(batch: Tensor, period: int = 8) -> Tensor:
    """Mean absolute pattern that repeats every `period` pixels, such as the networks' stride may leave.

    What varies more slowly than the period is taken away first, so a smooth gradient has a loss of zero.

    Args:
        batch: (B, H, W, 3), sides known and a multiple of `period`, at least two periods.
        period: pixels; even.
    """
    batch = ops.cast(batch, "float32")
    edge = period // 2
    fine = batch[:, edge:-edge, edge:-edge] - ops.average_pool(batch, period + 1, 1, "valid")
    count, height, width, channels = fine.shape
    blocks = ops.reshape(fine, (count, height // period, period, width // period, period, channels))
    return ops.mean(ops.abs(ops.mean(blocks, axis=(1, 3))))


def lattice_loss(batch: Tensor, period: int = 4, around: int = 5) -> Tensor:
    """As `grid_loss`, but of patterns that hold over a few periods only, as a pixel shuffle leaves them in textures.

    Args:
        batch: (B, H, W, C), sides known and a multiple of `period`.
        period: pixels; even.
        around: periods, over squares of which a pattern is averaged.
    """
    batch = ops.cast(batch, "float32")
    edge = period // 2
    fine = batch[:, edge:-edge, edge:-edge] - ops.average_pool(batch, period + 1, 1, "valid")
    return ops.mean(ops.abs(ops.average_pool(ops.space_to_depth(fine, period), around, 1, "valid")))


def grain_loss(batch: Tensor) -> Tensor:
    """Mean absolute difference of (B, H, W, 3) from itself blurred over 3x3 pixels: what varies from pixel to pixel."""
    batch = ops.cast(batch, "float32")
    return ops.mean(ops.abs(batch - soften(batch)))
