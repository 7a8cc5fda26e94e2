"""Training of a CycleGAN (Zhu et al. 2017)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.config import CycleGANTrainingConfig
from styleprop.data import CropSampler, flat_scenes, noisy_gradients
from styleprop.models.cyclegan import CycleGAN
from styleprop.models.features import FeatureNetwork
from styleprop.training.fake_pool import FakePool
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.players import DiscriminatorPlayer, GeneratorPlayer
from styleprop.training.progress import Progress
from styleprop.training.schedules import constant_then_linear


class CycleGANTrainer:
    """The two players' turns as one `train_on_batch`; nothing but losses comes to the host."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, features: FeatureNetwork | None = None):
        self.generators = GeneratorPlayer(cyclegan, config, features)
        self.discriminators = DiscriminatorPlayer(cyclegan, config)
        self.config = config
        self.done = 0.0
        for player in self.players:
            compile_trainer(player, make_optimizer(config.optimizer, 0.5))

    @property
    def players(self) -> tuple[keras.Model, keras.Model]:
        """Both compiled models."""
        return self.generators, self.discriminators

    @property
    def pool(self) -> FakePool:
        """The earlier fakes, which are saved with the networks."""
        return self.discriminators.pool

    def train_on_batch(self, batch: dict[str, Any], return_dict: bool = True) -> dict[str, float]:
        """A step of the generators, but for the lead, then one of the discriminators."""
        step, real = batch["step"], {name: ops.convert_to_tensor(batch[name]) for name in batch if name != "step"}
        share = 1.0 - (1.0 - self.config.cycle_end) * self.done
        turn = self.generators.test_on_batch if step < self.config.lead_steps else self.generators.train_on_batch
        losses = turn({**real, "cycle": np.float32(share)}, return_dict=True)
        real = {domain: real[domain] for domain in "ab"}
        plan = self.pool.plan(step, self.config.batch_size)
        shown = {**real, "fakes": self.generators.fakes.value, **plan}
        losses |= self.discriminators.train_on_batch(shown, return_dict=True)
        return {name: value for name, value in losses.items() if name != "loss"}

    def reset_metrics(self) -> None:
        """Start the running means of the losses anew."""
        for player in self.players:
            player.reset_metrics()


def train_cyclegan(
    cyclegan: CycleGAN,
    photos: list[Path],
    paintings: list[Path],
    config: CycleGANTrainingConfig,
    features: FeatureNetwork | None = None,
    **options: Any,
) -> Iterator[Progress]:
    """Train in place, resuming from its folder; see `loop.train` for what it yields and raises.

    Args:
        cyclegan: its networks are changed in place.
        photos, paintings: picture files (or uint8 arrays) of domains a and b, not paired.
        config: steps, weights of the losses and so on.
        features: the frozen network of the style loss; None trains without.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    trainer = CycleGANTrainer(cyclegan, config, features)
    domain_a = CropSampler(photos, config.crop_size, 2 * config.seed)
    domain_b = CropSampler(paintings, config.crop_size, 2 * config.seed + 1)

    def make_batch(step: int) -> dict:
        count = config.batch_size
        batch = {"step": step, "a": domain_a.batch(step, count), "b": domain_b.batch(step, count)}
        if config.grain_weight:
            batch["flat"] = noisy_gradients(max(1, count // 2), config.crop_size, config.seed, step)
        if config.halo_weight:
            scenes = flat_scenes(max(1, count // 2), config.crop_size, config.seed, step)
            batch["scene"], batch["distance"] = scenes
        return batch

    yield from train(Run(trainer, cyclegan, config, make_batch, schedule=constant_then_linear, **options))
