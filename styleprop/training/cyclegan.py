"""Training of a CycleGAN (Zhu et al. 2017): two players that share its networks and take turns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
from keras import ops

from styleprop.config import CycleGANTrainingConfig
from styleprop.data import CropSampler, noisy_gradients
from styleprop.losses import (
    CONTENT_LAYERS,
    STYLE_LAYERS,
    adversarial_loss,
    content_loss,
    cycle_consistency_loss,
    grain_loss,
    grid_loss,
    identity_loss,
    style_loss,
)
from styleprop.models.cyclegan import CycleGAN
from styleprop.models.features import FeatureNetwork
from styleprop.training.fake_pool import FakePool
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress
from styleprop.training.schedules import constant_then_linear

PIXEL_LAYERS = {"detail", "sharp", "rgb"}
LOSSES = ("generator", "cycle", "identity", "style", "content", "grid", "grain")


class _Player(keras.Model):
    """Trains a part of the networks; the others are its opponent's and stay as they are."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, own: str, losses: tuple[str, ...]):
        super().__init__()
        self.cyclegan = cyclegan
        self.config = config
        self.own = [network for name, network in cyclegan.parts.items() if name.startswith(own)]
        self.frozen = PIXEL_LAYERS if _writes_pixels_apart(cyclegan) and config.freeze_pixels else set()
        self.means = {name: keras.metrics.Mean(name=name) for name in losses}

    @property
    def trainable_variables(self):
        """Those of the player's own networks, but for what is frozen."""
        own = [variable for network in self.own for variable in network.trainable_variables]
        return [variable for variable in own if not self.frozen & set(variable.path.split("/"))]

    @property
    def non_trainable_variables(self):
        """All the others."""
        own = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in own]

    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    def _weigh(self, parts: dict, weights: dict):
        for name, value in parts.items():
            self.means[name].update_state(value)
        return sum(weights.get(name, 1.0) * value for name, value in parts.items())


def _writes_pixels_apart(cyclegan: CycleGAN) -> bool:
    return cyclegan.config.autoencoder.architecture == "propagation"


class GeneratorPlayer(_Player):
    """Takes {"a", "b", "flat"}; adversarial, cycle-consistency, identity, style, content, grid and grain loss.

    All are of both directions.

    Attributes:
        fakes: the last step's fake_a and fake_b, (2, B, H, W, 3) float32.
    """

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, features: FeatureNetwork | None = None):
        super().__init__(cyclegan, config, "generator", LOSSES)
        self.features: Any = features
        shape = (2, config.batch_size, config.crop_size, config.crop_size, 3)
        self.fakes = self.add_weight(
            shape, initializer="zeros", trainable=False, dtype="float32", autocast=False, name="fakes"
        )

    def call(self, x, training=None):
        """Fakes, round trips and, where they count, translations to the own domain and of the gradients, by name."""
        real_a, real_b = x["a"], x["b"]
        generator_ab, generator_ba = self.cyclegan.generator_ab, self.cyclegan.generator_ba
        if self.config.identity_weight:
            fake_b, same_b = ops.split(generator_ab(ops.concatenate([real_a, real_b])), 2)
            fake_a, same_a = ops.split(generator_ba(ops.concatenate([real_b, real_a])), 2)
        else:
            fake_b, fake_a, same_b, same_a = generator_ab(real_a), generator_ba(real_b), real_b, real_a
        cycled_a, cycled_b = generator_ba(fake_b), generator_ab(fake_a)
        names = ("fake_a", "fake_b", "same_a", "same_b", "cycled_a", "cycled_b")
        made = dict(zip(names, (fake_a, fake_b, same_a, same_b, cycled_a, cycled_b), strict=True))
        if self.config.grain_weight:
            made |= {"flat_a": generator_ba(x["flat"]), "flat_b": generator_ab(x["flat"])}
        return made

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The weighted sum; the fakes are kept for the opponent."""
        made, kind = y_pred, self.config.adversarial_loss
        self.fakes.assign(ops.stack([ops.cast(made["fake_a"], "float32"), ops.cast(made["fake_b"], "float32")]))
        fooled_a = adversarial_loss(self.cyclegan.discriminator_a(made["fake_a"]), True, kind)
        fooled_b = adversarial_loss(self.cyclegan.discriminator_b(made["fake_b"]), True, kind)
        parts = {
            "generator": fooled_a + fooled_b,
            "cycle": sum(cycle_consistency_loss(x[domain], made[f"cycled_{domain}"]) for domain in "ab"),
            "identity": sum(identity_loss(x[domain], made[f"same_{domain}"]) for domain in "ab"),
        }
        parts["style"], parts["content"] = self._feature_losses(made, x)
        parts["grid"] = sum(grid_loss(made[f"fake_{domain}"]) for domain in "ab")
        parts["grain"] = sum(grain_loss(made[f"flat_{domain}"]) for domain in "ab" if f"flat_{domain}" in made)
        return self._weigh(
            parts, {name: getattr(self.config, f"{name}_weight") for name in parts if name != "generator"}
        )

    def _feature_losses(self, made, x):
        """Of fakes: the distance in style from the domain they should be of, in content from what they are made of."""
        if self.features is None:
            return 0.0, 0.0
        layers = [name for name in self.features.names if name in STYLE_LAYERS]
        kept = [layers.index(name) for name in CONTENT_LAYERS if name in layers]
        real = {domain: self.features(x[domain], names=layers) for domain in "ab"}
        style = content = 0.0
        for domain, other in ("ab", "ba"):
            fake = self.features(made[f"fake_{domain}"], names=layers)
            style += style_loss(*[[_as_one_picture(y) for y in maps] for maps in (fake, real[domain])])
            content += content_loss([fake[i] for i in kept], [real[other][i] for i in kept]) if kept else 0.0
        return style, content


def _as_one_picture(x):
    return ops.reshape(x, (1, -1, *x.shape[2:]))


class DiscriminatorPlayer(_Player):
    """Takes {"real_a", "real_b", "fake_a", "fake_b"}; half the adversarial loss, as the paper, to slow it down."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig):
        super().__init__(cyclegan, config, "discriminator", ("discriminator_a", "discriminator_b"))

    def call(self, x, training=None):
        """Scores of all four batches."""
        scores = {}
        for domain in "ab":
            network = self.cyclegan.parts[f"discriminator_{domain}"]
            both = network(ops.concatenate([x[f"real_{domain}"], x[f"fake_{domain}"]]))
            scores[f"real_{domain}"], scores[f"fake_{domain}"] = ops.split(both, 2)
        return scores

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Real patches should be called real, fake ones fake."""
        kind = self.config.adversarial_loss
        parts = {}
        for domain in "ab":
            real = adversarial_loss(y_pred[f"real_{domain}"], True, kind)
            parts[f"discriminator_{domain}"] = 0.5 * (real + adversarial_loss(y_pred[f"fake_{domain}"], False, kind))
        return self._weigh(parts, {})


class CycleGANTrainer:
    """The two players' turns as one `train_on_batch`."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, features: FeatureNetwork | None = None):
        self.generators = GeneratorPlayer(cyclegan, config, features)
        self.discriminators = DiscriminatorPlayer(cyclegan, config)
        self.lead_steps = config.lead_steps
        self.pool = FakePool(config.pool_size, config.seed)
        for player in self.players:
            compile_trainer(player, make_optimizer(config.optimizer, 0.5))

    @property
    def players(self) -> tuple[keras.Model, keras.Model]:
        """Both compiled models."""
        return self.generators, self.discriminators

    def train_on_batch(self, batch, return_dict=True) -> dict:
        """A step of the generators, but for the lead, then one of the discriminators; {"step", "a", "b", "flat"}."""
        generators = self.generators
        turn = generators.test_on_batch if batch["step"] < self.lead_steps else generators.train_on_batch
        losses = turn({name: batch[name] for name in ("a", "b", "flat")}, return_dict=True)
        fake_a, fake_b = self.pool.exchange(ops.convert_to_numpy(self.generators.fakes), batch["step"])
        shown = {"real_a": batch["a"], "real_b": batch["b"], "fake_a": fake_a, "fake_b": fake_b}
        losses |= self.discriminators.train_on_batch(shown, return_dict=True)
        return {name: value for name, value in losses.items() if name != "loss"}

    def reset_metrics(self) -> None:
        """Start the running means of the losses anew."""
        for player in self.players:
            player.reset_metrics()


def set_mean_styles(cyclegan: CycleGAN, photos: list[Path], paintings: list[Path], crop_size: int, count=128) -> None:
    """Give each generator the mean style code of its target domain, over `count` crops."""
    for generator, pictures in ((cyclegan.generator_ab, paintings), (cyclegan.generator_ba, photos)):
        generator.style.assign(mean_style(generator.autoencoder, pictures, crop_size, count))


def mean_style(autoencoder, pictures: list[Path], crop_size: int, count: int):
    """The mean style code of `count` crops, (1, K)."""
    sampler = CropSampler(pictures, crop_size, seed=0)
    codes = [autoencoder.encode(sampler.batch(step, 8))[1] for step in range(count // 8)]
    return ops.mean(ops.cast(ops.concatenate(codes), "float32"), axis=0, keepdims=True)


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
        flat = noisy_gradients(max(1, count // 2), config.crop_size, config.seed, step)
        return {"step": step, "a": domain_a.batch(step, count), "b": domain_b.batch(step, count), "flat": flat}

    yield from train(Run(trainer, cyclegan, config, make_batch, schedule=constant_then_linear, **options))
