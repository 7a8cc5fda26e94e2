"""The texture of a sound by optimisation, without a trained network (Ulyanov and Lebedev 2016).

The spectrogram is a row of frames whose channels are the frequencies. One layer of random filters over 11 frames
answers to it; the inner products of the answers are a texture's statistics, and a spectrogram that begins as the
content's is changed until it has the style's. Slow, and the reference that the autoencoder has to be nearer than.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.ops import Tensor
from styleprop.sound.restyle import PHASE_STEPS, Watch
from styleprop.sound.spectrum import BINS, griffin_lim, spectra

FILTERS, FRAMES = 512, 11
STEPS, EVERY = 300, 10
RATE = 0.03
LEVEL = 0.1


class Picture(keras.Model):
    """A spectrogram that learns to have the statistics of another.

    Args:
        content: (1, T, BINS) float32, what it begins as.
        style: (1, t, BINS) float32.
        seed: of the filters.
    """

    def __init__(self, content: np.ndarray, style: np.ndarray, seed: int = 0):
        super().__init__()
        deviation = float(np.sqrt(2 / (FRAMES * BINS)))
        random = np.random.default_rng(seed)
        self.filters = ops.convert_to_tensor(
            deviation * random.standard_normal((FRAMES, BINS, FILTERS)).astype("float32")
        )
        self.picture = self.add_weight(content.shape, initializer="zeros", name="picture")
        self.picture.assign(content)
        self.wanted = self.products(ops.convert_to_tensor(style))

    def products(self, picture: Any) -> Any:
        """Inner products of the filters' answers, by frame: (FILTERS, FILTERS)."""
        found = ops.relu(ops.conv(picture, self.filters, padding="valid"))[0]
        return ops.matmul(ops.transpose(found), found) / ops.cast(ops.shape(found)[0], "float32")

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        """The spectrogram."""
        return self.picture

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """Relative squared distance of the inner products."""
        distance = ops.sum(ops.square(self.products(self.picture) - self.wanted))
        return distance / ops.sum(ops.square(self.wanted))


def optimize(content: np.ndarray, style: np.ndarray, watch: Watch | None = None, steps: int = STEPS) -> np.ndarray:
    """Give a sound the statistics of another.

    Args:
        content: (channels, N) float32 at the working rate, not silent; the channels are taken one by one.
        style: (N,) float32.
        watch: called with the steps done and their number.
        steps: of Adam.

    Returns:
        (channels, N) float32, at a level of its own.
    """
    wanted = _compressed(_even(style[None]))
    parts = []
    for number, channel in enumerate(content):
        transformed = spectra(_even(channel[None]))
        model = Picture(_compressed_of(transformed), wanted)
        model.compile(optimizer=keras.optimizers.Adam(RATE), jit_compile=False)
        for step in range(0, steps, EVERY):
            for _ in range(EVERY):
                model.train_on_batch(np.zeros((1, 1), "float32"))
            if watch:
                watch(number * steps + step + EVERY, steps * len(content))
        found = np.expm1(np.maximum(ops.convert_to_numpy(model.picture), 0))
        magnitude = np.pad(found, [(0, 0), (0, 0), (0, 1)])
        parts.append(griffin_lim(magnitude, transformed, content.shape[1], PHASE_STEPS))
    return np.concatenate(parts)


def _even(samples: np.ndarray) -> np.ndarray:
    return samples * np.float32(LEVEL / max(np.sqrt(np.mean(np.square(samples))), 1e-9))


def _compressed(samples: np.ndarray) -> np.ndarray:
    return _compressed_of(spectra(samples))


def _compressed_of(transformed: np.ndarray) -> np.ndarray:
    """Logarithms of one and the magnitudes, as Ulyanov and Lebedev take them; at least `FRAMES` frames."""
    picture = np.log1p(np.abs(transformed[..., :BINS]))
    return np.pad(picture, [(0, 0), (0, max(0, FRAMES - picture.shape[1])), (0, 0)], mode="edge")
