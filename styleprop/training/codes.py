"""Training of a domain's style codes alone: the features of its paintings come to be spread as real paintings' are.

No discriminator has to learn what tells fakes from paintings. The Fréchet distance (Heusel et al. 2017, eq. 6) of a
frozen network's features, which otherwise judges generators, is the loss itself, of moments over many batches.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop import images
from styleprop.areas import FLATTEST, flat_deviation, local_deviation
from styleprop.config import CycleGANTrainingConfig
from styleprop.fringes import Fringes
from styleprop.models.cyclegan import CycleGAN, Generator
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor, halve
from styleprop.training.held_out import SIDE, read_squares
from styleprop.training.loop import Player, Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress
from styleprop.translation_losses import Spread, flat_grain, frechet_loss, moments

LAYERS = "relu2_2", "relu3_3", "relu4_1"
WEIGHTS = 1.0, 1.0, 1.0, 0.7  # of the layers' distances, and of the colours' of squares of 4x4 pixels
SEEN, UNTOUCHED = 640, 64  # paintings that tell the domain, and photos that tell how far they are from it
MEMORY = 0.95  # of the moments that stays from step to step
KEPT = 0.45  # of the way that the codes went: its last part follows the few photos of the last steps
CALM, GRAIN = 0.95, 1.5  # of the domain's grain, above which grain costs, and how much


class Memory(keras.layers.Layer):
    """Means and second moments of features, running over the batches.

    Args:
        sizes: numbers of channels.
    """

    def __init__(self, sizes: Sequence[int]):
        super().__init__(autocast=False, trainable=False)
        fixed = {"initializer": "zeros", "dtype": "float32", "trainable": False, "autocast": False}
        self.batches = self.add_weight((), name="batches", **fixed)
        self.kept = [
            (self.add_weight((size,), **fixed, name=f"mean{index}"), self.add_weight((size, size), **fixed))
            for index, size in enumerate(sizes)
        ]
        self.built = True  # nothing is left to make

    def call(self, found: list[Spread]) -> list[Spread]:
        """Take a batch's moments in; give back those over all of them."""
        keep = ops.minimum(MEMORY, self.batches / (self.batches + 1.0))
        self.batches.assign(self.batches + 1.0)
        for pair, new in zip(self.kept, found, strict=True):
            for known, value in zip(pair, new, strict=True):
                known.assign(keep * known + (1.0 - keep) * ops.stop_gradient(value))
        return [(mean + 0.0, second + 0.0) for mean, second in self.kept]


class Domain:
    """What a domain's paintings look like to a frozen network, in copies of 256 pixels.

    Args:
        features: the network.
        paintings, photos: uint8 (256, 256, 3).

    Attributes:
        target: means and roots of the covariances of `LAYERS` and of the colours.
        scales: one over the Fréchet distances of the photos.
        grain: `areas.flat_deviation`, grey levels.
    """

    def __init__(self, features: FeatureNetwork, paintings: Sequence[np.ndarray], photos: Sequence[np.ndarray]):
        self.features = features
        self.target = [(mean, _root(second - np.outer(mean, mean))) for mean, second in self._seen(paintings)]
        pairs = zip(self._seen(photos), self.target, strict=True)
        self.scales = [1.0 / max(float(frechet_loss(pair, pair, target)), 1e-6) for pair, target in pairs]
        self.grain = flat_deviation(paintings)

    def look(self, batch: Tensor) -> list[Spread]:
        """Moments of a batch (B, 256, 256, 3) in [-1, 1]."""
        maps: list[Tensor] = self.features(batch, names=LAYERS)
        return [moments(x) for x in [*maps, halve(halve(batch))]]

    def _seen(self, pictures: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        found = [self.look(images.to_batch(picture)) for picture in pictures]
        return [
            tuple(np.mean([ops.convert_to_numpy(pair[part]) for pair in layer], axis=0) for part in range(2))
            for layer in zip(*found, strict=True)
        ]


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance.astype(np.float64))
    return ((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T).astype(np.float32)


class CodesPlayer(Player):
    """Takes {"photo", "fringes", "flat"} and moves a generator's style codes: all of them together, and each.

    "photo" (B, S, S, 3) in [-1, 1] has the size of the canvas, "fringes" what the engine takes out of its painting,
    and "flat" (B, 32, 32) is 1 where the photo is flattest.
    """

    def __init__(self, generator: Generator, domain: Domain):
        super().__init__()
        self.generator = generator
        self.domain = domain
        self.memory = Memory([mean.shape[0] for mean, _ in domain.target])
        count, size = generator.style.shape
        own = {"initializer": "zeros", "dtype": "float32", "autocast": False}
        self.shared, self.single = self.add_weight((1, size), **own), self.add_weight((count, size), **own)
        self.start, self.unit = (self.add_weight((rows, size), **own, trainable=False) for rows in (count, 1))
        start = np.array(ops.convert_to_numpy(generator.style))  # JAX would let both have one buffer
        self.start.assign(start)
        self.unit.assign(start.std(axis=0, keepdims=True) + 1e-4)
        self.means = {name: keras.metrics.Mean(name=name) for name in ("frechet", "grain")}

    @property
    def learned(self) -> list[keras.Variable]:
        """What the codes have been moved by."""
        return [self.shared, self.single]

    @property
    def own(self) -> list[keras.Variable]:
        """What a training needs to go on, beside the networks."""
        return [self.shared, self.single, self.start, self.unit, *self.memory.weights]

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What is to be saved."""
        return {f"codes_{index}": ops.convert_to_numpy(variable) for index, variable in enumerate(self.own)}

    def from_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up what `to_arrays` gave."""
        for index, variable in enumerate(self.own):
            variable.assign(arrays[f"codes_{index}"])

    @property
    def codes(self) -> Tensor:
        """The style codes as they are now."""
        return self.start + self.unit * (self.shared + self.single)

    @property
    def codes_kept(self) -> Tensor:
        """Those that the generator gets, part of the way from the start."""
        return self.start + KEPT * (self.codes - self.start)

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> Tensor:
        """The paintings of photos."""
        code = ops.take(self.codes, self.generator.choose(x["photo"]), axis=0)
        return self.generator.paint(x["photo"], code)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """How far the paintings are from the domain's, where the photos are from 1."""
        painted = ops.clip(ops.cast(y_pred, "float32") - x["fringes"], -1.0, 1.0)
        seen = ops.image.resize(painted, (SIDE, SIDE), antialias=True)
        found = self.domain.look(seen)
        known = self.memory(found)
        parts = zip(found, known, self.domain.target, self.domain.scales, WEIGHTS, strict=True)
        distance = sum(scale * weight * frechet_loss(*three) for *three, scale, weight in parts)
        grain = flat_grain(seen, x["flat"]) / self.domain.grain
        self.means["frechet"].update_state(distance / sum(WEIGHTS))
        self.means["grain"].update_state(grain)
        return distance + GRAIN * ops.relu(grain - CALM)


class CodesTrainer:
    """A step as one `train_on_batch`; the codes go to the generator after it."""

    def __init__(self, generator: Generator, domain: Domain, config: CycleGANTrainingConfig):
        self.player = CodesPlayer(generator, domain)
        self.config = config
        self.players, self.pool = (self.player,), self.player
        compile_trainer(self.player, make_optimizer(config.optimizer))

    def train_on_batch(self, batch: dict[str, Any], return_dict: bool = True) -> dict[str, float]:
        """Paint, see what the engine takes out, and learn; the first `lead_steps` only fill the memory."""
        photos, step = batch["photo"], batch["step"]
        painted = self.player.predict_on_batch({"photo": photos})
        x = {"photo": photos, "fringes": painted - _without_fringes(painted, photos), "flat": batch["flat"]}
        turn = self.player.test_on_batch if step < self.config.lead_steps else self.player.train_on_batch
        losses = turn(x, return_dict=True)
        self.player.generator.style.assign(self.player.codes_kept)
        return losses

    def reset_metrics(self) -> None:
        """Start the running means of the losses anew."""
        self.player.reset_metrics()


def _without_fringes(painted: np.ndarray, photos: np.ndarray) -> np.ndarray:
    pairs = [[images.from_batch(one[None]) for one in pair] for pair in zip(painted, photos, strict=True)]
    return np.concatenate([images.to_batch(Fringes(photo).remove(picture)) for picture, photo in pairs])


def train_codes(
    cyclegan: CycleGAN,
    photos: list[Path],
    paintings: list[Path],
    config: CycleGANTrainingConfig,
    features: FeatureNetwork,
    **options: Any,
) -> Iterator[Progress]:
    """Train the style codes of the generator of paintings, resuming from its folder; see `loop.train`.

    Args:
        cyclegan: it is changed in place.
        photos, paintings: picture files (or uint8 arrays) of domains a and b, not paired.
        config: of it steps, batch size, learning rate (in standard deviations of the codes), `lead_steps` and so on.
        features: a frozen network with `LAYERS`.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    seen = [part[:: max(1, len(part) // count)] for part, count in ((paintings, SEEN), (photos, UNTOUCHED))]
    domain = Domain(features, *(read_squares(part, len(part), enlarge=True) for part in seen))
    side = cyclegan.config.canvas_side or SIDE

    def make_batch(step: int) -> dict:
        random = np.random.default_rng((config.seed, step))
        chosen = [_read(photos, int(index), side) for index in random.integers(len(photos), size=config.batch_size)]
        squares = [square[:, ::-1] if random.random() < 0.5 else square for square in chosen]
        flat = np.stack([_flat(images.resize(square, SIDE, SIDE)) for square in squares])
        return {"step": step, "photo": np.concatenate([images.to_batch(square) for square in squares]), "flat": flat}

    yield from train(Run(CodesTrainer(cyclegan.generator_ab, domain, config), cyclegan, config, make_batch, **options))


def _read(pictures: Sequence[Path], index: int, side: int) -> np.ndarray:
    """The centre square of one picture, or of the next that can be read."""
    return read_squares([*pictures[index:], *pictures[:index]], 1, side, enlarge=True)[0]


def _flat(photo: np.ndarray) -> np.ndarray:
    own = local_deviation(photo)
    return (own <= np.quantile(own, FLATTEST)).astype(np.float32)
