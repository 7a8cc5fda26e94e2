"""Figures of quality: fidelity of a reconstruction, content and style distance of a stylization."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from keras import ops

from styleprop.images import resize, to_batch
from styleprop.losses import APPEARANCE_LAYERS, appearance_loss
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor, gram_matrix

FEATURE_SIDE = 256
SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
STRIP_PIXELS = 512 * 1024  # looked at together
SSIM_PIXELS = 4_000_000  # of a larger picture every second strip is looked at, or every third and so on
BLOCK = 16


def psnr_db(image: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two uint8 (H, W, 3) images; infinite for equal ones."""
    error = np.mean(np.square(image.astype(np.float32) - other.astype(np.float32)), dtype=np.float64)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(image: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004, eq. 13): 11x11 Gaussian window of sigma 1.5, mean over RGB.

    Of pictures with more than `SSIM_PIXELS` it is the mean of evenly spaced strips.

    Args:
        image, other: uint8 (H, W, 3) of one shape, sides of at least 11 pixels.

    Returns:
        At most 1, which it is for equal images.
    """
    if image.shape[0] < image.shape[1]:  # the strips of a wide picture would be little but overlap
        image, other = image.swapaxes(0, 1), other.swapaxes(0, 1)
    rows = image.shape[0] - SSIM_WINDOW + 1
    most = max(SSIM_WINDOW, STRIP_PIXELS // image.shape[1])
    every = most * max(1, round(image.size / 3 / SSIM_PIXELS))
    counts, means = [], []
    for top in range(0, rows, every):
        counts.append(min(most, rows - top))
        strip = slice(top, top + counts[-1] + SSIM_WINDOW - 1)
        means.append(float(ops.mean(_ssim_map(image[strip], other[strip]))))
    return float(np.average(means, weights=counts))


def _ssim_map(x: np.ndarray, y: np.ndarray) -> Tensor:
    x, y = (ops.convert_to_tensor(np.moveaxis(part.astype("float32"), 2, 0)) for part in (x, y))
    blurred = _blur(_blur(ops.concatenate([x, y, x * x, y * y, x * y])))
    mean_x, mean_y, square_x, square_y, product = ops.split(blurred, 5)
    variance_x, variance_y = square_x - mean_x * mean_x, square_y - mean_y * mean_y
    covariance = product - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x * mean_x + mean_y * mean_y + c1)
    return luminance * (2 * covariance + c2) / (variance_x + variance_y + c2)


def _blur(x: Tensor) -> Tensor:
    """The Gaussian along the last axis, which becomes the middle one: (N, H, W) to (N, W - 10, H).

    `BLOCK` values at a time as one matrix product, which is many times faster than a convolution of one channel.
    """
    count = x.shape[2] - SSIM_WINDOW + 1
    x = ops.pad(x, ((0, 0), (0, 0), (0, -count % BLOCK)))
    blocks = ops.conv(x[..., None], _gaussian_bank(), strides=(1, BLOCK))
    return ops.transpose(ops.reshape(blocks, (*blocks.shape[:2], -1))[:, :, :count], (0, 2, 1))


def _gaussian_bank() -> np.ndarray:
    """The window at each of `BLOCK` places, as a kernel (1, BLOCK + 10, 1, BLOCK)."""
    taps = np.exp(-0.5 * ((np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2) / SSIM_SIGMA) ** 2)
    bank = np.zeros((BLOCK + SSIM_WINDOW - 1, BLOCK), "float32")
    for place in range(BLOCK):
        bank[place : place + SSIM_WINDOW, place] = taps / taps.sum()
    return bank[None, :, None, :]


def content_distance(features: Sequence[Tensor], content_features: Sequence[Tensor]) -> float:
    """Squared distance of unit-length feature vectors, mean over positions and layers; 0 for equal ones, at most 2."""
    return float(appearance_loss(features, content_features))


def style_distance(features: Sequence[Tensor], style_features: Sequence[Tensor]) -> float:
    """|Gram(out) - Gram(style)| / |Gram(style)| with Frobenius norms, mean over layers; 0 for the style itself."""
    ratios = []
    for x, y in zip(features, style_features, strict=True):
        target = np.asarray(gram_matrix(y))
        ratios.append(np.linalg.norm(np.asarray(gram_matrix(x)) - target) / np.linalg.norm(target))
    return float(np.mean(ratios))


def perceptual_features(network: FeatureNetwork, image: np.ndarray, side: int = FEATURE_SIDE) -> list:
    """The four feature maps, (1, h, w, C), of a uint8 image's copy of `side` x `side` pixels."""
    return network(to_batch(resize(image, side, side)), names=APPEARANCE_LAYERS)


def frechet_distance(features: np.ndarray, other: np.ndarray) -> float:
    """Fréchet distance of two sets of vectors taken as Gaussians (Heusel et al. 2017, eq. 6).

    Args:
        features, other: (N, C) and (M, C), any float dtype; N and M should be well above C.

    Returns:
        |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)); 0 for equal sets.
    """
    (mean1, covariance1), (mean2, covariance2) = _moments(features), _moments(other)
    values, vectors = np.linalg.eigh(covariance1)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ covariance2 @ root), 0, None)).sum()
    distance = np.square(mean1 - mean2).sum() + np.trace(covariance1) + np.trace(covariance2) - 2 * cross
    return float(max(distance, 0.0))


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = np.asarray(features, np.float64)
    return features.mean(axis=0), np.cov(features, rowvar=False)


def domain_features(network: FeatureNetwork, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """VGG16's relu3_3 at every position of 256 x 256 copies of uint8 images: float32 (pictures * 64 * 64, 256)."""
    maps = [network(to_batch(resize(image, FEATURE_SIDE, FEATURE_SIDE)), names=("relu3_3",))[0] for image in pictures]
    return np.concatenate([ops.convert_to_numpy(x).reshape(-1, x.shape[-1]) for x in maps])
