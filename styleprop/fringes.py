"""Fringes beside outlines: what a painting has along all of an outline, and not here and there, is taken out again.

A decoder rings beside a hard edge: bright, dark and coloured lines run along it, a post before the sky becomes several.
Strokes cross an outline or change along it; a fringe does not. So the painting's mean at one distance from an outline,
along some way of it, is compared to what the colours of the photo there come out as around.
"""

import cv2
import numpy as np

WEAK, STRONG = 25, 60  # of Canny's gradients: an edge of about 12 and of 28 grey levels
SOFT = 1.5  # pixels by which the photo is blurred before
REACH, FADING = 48, 8  # pixels from an outline, of which the last ones count less and less
CELL, ALONG = 16, 3.0  # pixels, and cells: how far along an outline its mean is taken
FEW = 3 / (2 * np.pi * ALONG**2)  # pixels beside which a mean of others counts for little
CROWD, CROWDED, AROUND = 0.04, 0.08, 20  # of pixels within 20, the share of outlines from which on it is texture
SHARES = 1.6, 1.0  # of what is found, taken out pass by pass: more than all at first, as a mean finds too little
TALL = 4096  # pixels: what is taller is looked at lying, as `_Means` stacks its steps and OpenCV sees 32,767 rows


class Fringes:
    """Takes the fringes out of paintings of one photo. Read-only: threads may share one.

    Args:
        photo: uint8 (H, W, 3), what is painted, at the size of the painting.
    """

    def __init__(self, photo: np.ndarray):
        self._is_tall = photo.shape[0] > TALL
        photo = self._laid(photo)
        light = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)  # bytes: the same outlines on every processor
        smooth = cv2.GaussianBlur(light, (0, 0), SOFT)
        outlines = cv2.Canny(smooth, WEAK, STRONG, L2gradient=True) > 0
        self.is_empty = not outlines.any()
        if self.is_empty:
            return
        distance = cv2.distanceTransform((~outlines).astype(np.uint8), cv2.DIST_L2, 5)
        self._weight = np.clip((REACH - distance) / FADING, 0, 1) * _alone(outlines)
        sides = (REACH + 1) * (light > _beside(smooth, outlines))
        self._means = _Means(np.minimum(distance, REACH).astype(np.int32) + sides, self._weight > 0)
        self._colors = _LocalColors(photo)

    def remove(self, painted: np.ndarray, amount: float = 1.0) -> np.ndarray:
        """Take the fringes out of a painting.

        Args:
            painted: uint8 (H, W, 3).
            amount: 0 to 1, of what is taken out.

        Returns:
            uint8 (H, W, 3); the painting itself where the photo has no outlines.
        """
        if self.is_empty or amount <= 0:
            return painted
        weight = (np.float32(amount) * self._weight)[..., None]
        made = self._laid(painted).astype(np.float32)
        for share in SHARES:
            made -= np.float32(share) * weight * self._means.along(made - self._colors.fit(made))
        return self._laid(np.rint(np.clip(made, 0, 255)).astype(np.uint8))

    def _laid(self, image: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(image.swapaxes(0, 1)) if self._is_tall else image


def _alone(outlines: np.ndarray) -> np.ndarray:
    """1 where outlines are few, 0 where there are so many that they are texture: float32 (H, W)."""
    share = cv2.blur(outlines.astype(np.float32), (2 * AROUND + 1,) * 2)
    return np.clip((CROWDED - share) / (CROWDED - CROWD), 0, 1)


def _beside(light: np.ndarray, outlines: np.ndarray) -> np.ndarray:
    """How light the outlines around each pixel are, float32 (H, W); seen at a quarter of the size."""
    height, width = light.shape
    small, known = (-(-width // 4), -(-height // 4)), outlines.astype(np.float32)
    parts = (cv2.resize(part, small, interpolation=cv2.INTER_AREA) for part in (light * known, known))
    total, count = (cv2.GaussianBlur(part, (0, 0), REACH / 12) for part in parts)
    return cv2.resize(total / (count + 1e-9), (width, height), interpolation=cv2.INTER_LINEAR)


class _Means:
    """Means along outlines: of pixels at the same step of distance, within about `ALONG` cells.

    A bilateral grid (Chen et al. 2007) whose third axis is the distance from the outline, on either side.

    Args:
        steps: int (H, W), 0 to 2 `REACH` + 1.
        counted: bool (H, W), the pixels that have a say.
    """

    def __init__(self, steps: np.ndarray, counted: np.ndarray):
        rows, columns = np.ogrid[: steps.shape[0], : steps.shape[1]]
        height, width = (-(-side // CELL) + 2 for side in steps.shape)  # a margin of one cell around
        self._shape = 2 * (REACH + 1), height, width
        self._counted = counted
        self._cells = ((steps * height + rows // CELL + 1) * width + columns // CELL + 1).astype(np.int32).ravel()
        # All steps one below the other, so that OpenCV interpolates within each.
        self._down = (steps * height + (rows + 0.5) / CELL + 0.5).astype(np.float32)
        self._across = np.broadcast_to(((columns + 0.5) / CELL + 0.5).astype(np.float32), steps.shape)
        self._count = self._around(counted) + np.float32(FEW)

    def along(self, values: np.ndarray) -> np.ndarray:
        """Float32 (H, W, 3) to the mean around each pixel, float32 (H, W, 3)."""
        sums = [self._around(channel * self._counted) for channel in np.moveaxis(values, -1, 0)]
        means = np.stack([total / self._count for total in sums], axis=-1).reshape(-1, self._shape[2], 3)
        return cv2.remap(means, self._across, self._down, cv2.INTER_LINEAR)

    def _around(self, values: np.ndarray) -> np.ndarray:
        totals = np.bincount(self._cells, values.ravel(), int(np.prod(self._shape)))
        grid = np.ascontiguousarray(np.moveaxis(totals.astype(np.float32).reshape(self._shape), 0, -1))
        return np.moveaxis(cv2.GaussianBlur(grid, (0, 0), ALONG, borderType=cv2.BORDER_CONSTANT), -1, 0)


class _LocalColors:
    """The painting's colours as a linear function of the photo's, around each pixel.

    A guided filter whose guide has colours (He et al. 2013, eq. 14 to 16), at an eighth of the size (He and Sun 2015).

    Args:
        photo: uint8 (H, W, 3).
    """

    FACTOR, RADIUS = 8, 12  # of the size, and pixels of the reduced one
    SMOOTH = 60.0  # squared grey levels; photos that vary less count as flat

    def __init__(self, photo: np.ndarray):
        self._planes = np.ascontiguousarray(np.moveaxis(photo, -1, 0))
        self._small = self._reduce(photo.astype(np.float32))
        self._mean = self._average(self._small)
        spread = self._outer(self._small, self._small) - self._mean[..., :, None] * self._mean[..., None, :]
        self._inverse = np.linalg.inv(spread + self.SMOOTH * np.eye(3, dtype=np.float32))

    def fit(self, painted: np.ndarray) -> np.ndarray:
        """What a painting, float32 (H, W, 3), has for the photo's colours: float32 (H, W, 3)."""
        small = self._reduce(painted)
        mean = self._average(small)
        slopes = self._inverse @ (self._outer(self._small, small) - self._mean[..., :, None] * mean[..., None, :])
        offsets = mean - (self._mean[..., None, :] @ slopes)[..., 0, :]
        slopes, offsets = self._average(slopes.reshape(*small.shape[:2], 9)), self._average(offsets)
        fitted = [
            self._enlarge(offsets[..., channel])
            + sum(self._enlarge(slopes[..., 3 * guide + channel]) * self._planes[guide] for guide in range(3))
            for channel in range(3)
        ]
        return np.stack(fitted, axis=-1)

    def _outer(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        products = one[..., :, None] * other[..., None, :]
        return self._average(products.reshape(*one.shape[:2], 9)).reshape(products.shape)

    def _average(self, batch: np.ndarray) -> np.ndarray:
        return cv2.blur(batch, (2 * self.RADIUS + 1,) * 2, borderType=cv2.BORDER_REFLECT)

    def _reduce(self, image: np.ndarray) -> np.ndarray:
        height, width = (-(-side // self.FACTOR) for side in image.shape[:2])
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)

    def _enlarge(self, small: np.ndarray) -> np.ndarray:
        height, width = self._planes.shape[1:]
        return cv2.resize(np.ascontiguousarray(small), (width, height), interpolation=cv2.INTER_LINEAR)
