"""Frames that agree: where the last painting, moved as the photo moved, still fits, it is blended into the next."""

from typing import Any, NamedTuple

import numpy as np


class Manner(NamedTuple):
    """How a quality steadies.

    Attributes:
        side: of the shorter side at which motion is looked for, pixels.
        preset: of OpenCV's DIS optical flow, 0 (ultrafast) to 2.
        calmed: 0 to 1, how much of the last photo stays where it fits, against noise.
        kept: 0 to 1, how much of the last painting does.
    """

    side: int
    preset: int
    calmed: float
    kept: float


MANNERS = {"fast": Manner(240, 2, 0.5, 0.7), "steady": Manner(384, 2, 0.5, 0.8)}
FIT = 10.0  # a difference of the photo's pixels, grey levels, at which a third of that stays
TONE = 5.0  # likewise of their mean around each, which has next to no noise
NOISE = 5.0  # grey levels of a difference that are noise where most of the frame has them
SLACK, SHARE = 0.5, 0.01  # what there and back may miss: squared pixels, and a share of the squared way
STILL, TINY = 1.15, 0.3  # times, and grey levels, by which no motion may fit worse where the camera stands still
SMALLEST = 64  # pixels a side that optical flow needs
CUT = 0.5  # of two frames' colours, the share that must differ for a cut
BINS, GLANCE = 8, 90


def opencv() -> Any:
    """OpenCV, imported when it is first needed."""
    import cv2

    return cv2


class Steadier:
    """Steadies the frames of one clip, in order: `calm` a photo, paint it, `blend` the painting.

    Optical flow is DIS (Kroeger et al. 2016), there and back, as in Sundaram et al. 2010: where the way back does not
    return, something is hidden. Not to be shared by threads.

    Args:
        quality: "fast" or "steady".
    """

    def __init__(self, quality: str):
        cv2 = opencv()
        self._manner = MANNERS[quality]
        self._flow: Any = cv2.DISOpticalFlow_create(self._manner.preset)
        self._photo: np.ndarray | None = None
        self._painted: np.ndarray | None = None
        self._moved: tuple[Any, np.ndarray] | None = None

    def calm(self, photo: np.ndarray, is_new: bool = False) -> np.ndarray:
        """A frame with less noise; `is_new` where nothing of the frame before fits. uint8 (H, W, 3) to the same."""
        before, self._moved = self._photo, None
        if before is not None and not is_new and before.shape == photo.shape:
            self._moved = self._find(photo, before)
            photo = self._mix(photo, before, self._manner.calmed)
        self._photo = photo
        return photo

    def blend(self, painted: np.ndarray) -> np.ndarray:
        """The painting of the frame that `calm` gave, with what fits of the one before. uint8 (H, W, 3) to the same."""
        if self._painted is not None:
            painted = self._mix(painted, self._painted, self._manner.kept)
        self._painted = painted
        return painted

    def _find(self, photo: np.ndarray, before: np.ndarray) -> tuple[Any, np.ndarray]:
        """Where each pixel comes from, and how well it fits, at the photo's size."""
        cv2 = opencv()
        side = self._manner.side
        way, fit = flow_between(self._flow, reduced(photo, side), reduced(before, side))
        height, width = photo.shape[:2]
        scale = np.array((width / way.shape[1], height / way.shape[0]), np.float32)
        way = cv2.resize(way, (width, height), interpolation=cv2.INTER_LINEAR) * scale
        return places_of(way), cv2.resize(fit, (width, height), interpolation=cv2.INTER_LINEAR)

    def _mix(self, image: np.ndarray, before: np.ndarray, kept: float) -> np.ndarray:
        if self._moved is None:
            return image
        places, fit = self._moved
        weight = kept * fit
        return opencv().blendLinear(image, fetch(before, places), 1 - weight, weight)


def flow_between(flow: Any, photo: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel of a photo was in the one before, and how well that fits.

    Args:
        flow: an OpenCV dense optical flow.
        photo: uint8 (h, w, 3).
        before: uint8 (h, w, 3).

    Returns:
        float32 (h, w, 2), pixels right and down, and float32 (h, w), 0 where it was hidden to 1 where it fits.
    """
    cv2 = opencv()
    grey, grey_before = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (photo, before))
    way, back = _way(flow, grey, grey_before), _way(flow, grey_before, grey)
    back, moved = warp(back, way), warp(before, way)
    far = (way**2).sum(axis=2) + (back**2).sum(axis=2)
    hidden = ((way + back) ** 2).sum(axis=2) > SHARE * far + SLACK
    missed, stayed = _difference(moved, photo), _difference(before, photo)
    if stayed.mean() < STILL * missed.mean() + TINY:
        rests = stayed < missed + NOISE
        way, moved = way * ~rests[:, :, None], np.where(rests[:, :, None], before, moved)
        missed, hidden = np.where(rests, stayed, missed), hidden & ~rests
    missed = np.maximum(missed - min(float(np.median(missed)), NOISE), 0)
    misfit = np.maximum(missed / FIT, _difference(_blur(moved), _blur(photo)) / TONE)
    fit = np.exp(-(misfit**2)) * ~hidden
    return way, cv2.GaussianBlur(fit.astype(np.float32), (0, 0), 1.0)


def _way(flow: Any, grey: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Optical flow; what is small or narrow is made larger for it, as OpenCV crashes there."""
    height, width = grey.shape
    least = max(SMALLEST, max(height, width) // 2)
    below, beside = max(least - height, 0), max(least - width, 0)
    if below or beside:
        grey, other = (np.pad(image, ((0, below), (0, beside)), mode="edge") for image in (grey, other))
    return np.ascontiguousarray(flow.calc(grey, other, None)[:height, :width])


def _difference(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The mean difference around each pixel, grey levels: uint8 (h, w, 3) twice to float32 (h, w)."""
    cv2 = opencv()
    return _blur(cv2.transform(cv2.absdiff(image, other).astype(np.float32), np.full((1, 3), 1 / 3, np.float32)))


def _blur(image: np.ndarray) -> np.ndarray:
    return opencv().GaussianBlur(image, (0, 0), 1.5)


def warp(image: np.ndarray, way: np.ndarray) -> np.ndarray:
    """An image read where a flow points: (H, W, C) and float32 (H, W, 2), pixels right and down, to (H, W, C)."""
    return fetch(image, places_of(way))


def places_of(way: np.ndarray) -> Any:
    """Where a flow, float32 (H, W, 2), points, as `fetch` takes it."""
    grid = np.empty_like(way)
    grid[:, :, 0], grid[:, :, 1] = np.arange(way.shape[1]), np.arange(way.shape[0])[:, None]
    return opencv().convertMaps(grid + way, None, opencv().CV_16SC2)


def fetch(image: np.ndarray, places: Any) -> np.ndarray:
    """An image read at places, cubic: (H, W, C) to (h, w, C)."""
    cv2 = opencv()
    return cv2.remap(image, *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def reduced(image: np.ndarray, side: int) -> np.ndarray:
    """uint8 (H, W, 3) with a shorter side of at most `side` pixels."""
    cv2 = opencv()
    scale = min(1.0, side / min(image.shape[:2]))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def colors_of(image: np.ndarray) -> np.ndarray:
    """How often colours occur in uint8 (H, W, 3): float32 (512,) that sum to one."""
    cv2 = opencv()
    counts = cv2.calcHist([reduced(image, GLANCE)], [0, 1, 2], None, [BINS] * 3, [0, 256] * 3).ravel()
    return counts / counts.sum()


def is_cut(colors: np.ndarray, before: np.ndarray) -> bool:
    """Whether so many colours have jumped, by what `colors_of` gives, that another scene begins."""
    return bool(np.abs(colors - before).sum() / 2 > CUT)
