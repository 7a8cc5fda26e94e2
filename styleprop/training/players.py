"""The two players of a CycleGAN's training (Zhu et al. 2017): they share its networks and take turns."""

from typing import Any

import keras
from keras import ops

from styleprop.config import CycleGANTrainingConfig
from styleprop.config.models import STYLED
from styleprop.losses import CONTENT_LAYERS, STYLE_LAYERS, content_loss, grain_loss, grid_loss, halo_loss, style_loss
from styleprop.models.cyclegan import CycleGAN, Generator
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor
from styleprop.training.fake_pool import FakePool
from styleprop.training.loop import Player
from styleprop.translation_losses import (
    adversarial_loss,
    contrastive_loss,
    cycle_consistency_loss,
    identity_loss,
    palette_loss,
)

PIXEL_LAYERS = {"detail", "sharp", "rgb"}
LOSSES = ("generator", "cycle", "identity", "style", "content", "contrastive", "palette", "grid", "grain", "halo")
DIRECTIONS = (("a", "b"), ("b", "a"))


class _Player(Player):
    """Trains a part of the networks; the others are its opponent's and stay as they are."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, own: str, losses: tuple[str, ...]):
        super().__init__()
        self.cyclegan = cyclegan
        self.config = config
        self.own = [network for name, network in cyclegan.parts.items() if name.startswith(own)]
        self.frozen = PIXEL_LAYERS if _writes_pixels_apart(cyclegan) and config.freeze_pixels else set()
        self.means = {name: keras.metrics.Mean(name=name) for name in losses}

    @property
    def learned(self) -> list[keras.Variable]:
        """Those of the player's own networks, but for what is frozen."""
        own = [variable for network in self.own for variable in network.trainable_variables]
        if self.config.freeze_autoencoder:
            kept = [network.autoencoder for network in self.own if isinstance(network, Generator)]
            fixed = {id(variable) for autoencoder in kept for variable in autoencoder.variables}
            return [variable for variable in own if id(variable) not in fixed]
        return [variable for variable in own if not self.frozen & set(variable.path.split("/"))]

    def _weigh(self, parts: dict[str, Tensor], weights: dict[str, Any]) -> Tensor:
        for name, value in parts.items():
            self.means[name].update_state(value)
        return sum(weights.get(name, 1.0) * value for name, value in parts.items())


def _writes_pixels_apart(cyclegan: CycleGAN) -> bool:
    return cyclegan.config.autoencoder.architecture in STYLED


class GeneratorPlayer(_Player):
    """Takes {"a", "b", "cycle"}, where grain counts "flat", where halos do "scene" and "distance"; both directions.

    "cycle" is the share of the cycle loss's weight that is left, a number.

    Attributes:
        fakes: the last step's fake_a and fake_b, (B, 2, H, W, 3) float32.
    """

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig, features: FeatureNetwork | None = None):
        super().__init__(cyclegan, config, "generator", LOSSES)
        self.features: Any = features
        self.generators = {"ab": cyclegan.generator_ab, "ba": cyclegan.generator_ba}
        shape = (config.batch_size, 2, config.crop_size, config.crop_size, 3)
        self.fakes = self.add_weight(
            shape, initializer="zeros", trainable=False, dtype="float32", autocast=False, name="fakes"
        )

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
        """Fakes by name; where they count, round trips and translations to the own domain, of gradients and scenes."""
        made: dict[str, Any] = {}
        for source, target in DIRECTIONS:
            generator, inputs = self.generators[source + target], {f"fake_{target}": x[source]}
            if self.config.identity_weight:
                inputs[f"same_{target}"] = x[target]
            if self.config.grain_weight:
                inputs[f"flat_{target}"] = x["flat"]
            if self.config.halo_weight:
                inputs[f"scene_{target}"] = x["scene"]
            made |= _translate(generator, inputs)
        if self.config.cycle_weight:
            for source, target in DIRECTIONS:
                made[f"cycled_{source}"] = self.generators[target + source](made[f"fake_{target}"])
        return made

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The weighted sum; the fakes are kept for the opponent."""
        made = {name: ops.cast(batch, "float32") for name, batch in y_pred.items()}
        self.fakes.assign(ops.stack([made["fake_a"], made["fake_b"]], axis=1))
        found = [self._of_domain(domain, made, x) for domain in "ab"]
        parts = {name: sum(losses.get(name, 0.0) for losses in found) for name in LOSSES}
        weights = {name: getattr(self.config, f"{name}_weight") for name in LOSSES if name != "generator"}
        return self._weigh(parts, {**weights, "cycle": weights["cycle"] * x["cycle"]})

    def _of_domain(self, domain: str, made: dict[str, Tensor], x: dict[str, Tensor]) -> dict[str, Tensor]:
        """The losses of the fakes of a domain and of the round trips and translations that end there."""
        config, fake = self.config, made[f"fake_{domain}"]
        scores = self.cyclegan.parts[f"discriminator_{domain}"](fake)
        losses = {"generator": adversarial_loss(scores, True, config.adversarial_loss)}
        if config.cycle_weight:
            losses["cycle"] = cycle_consistency_loss(x[domain], made[f"cycled_{domain}"], config.cycle_loss)
        if config.identity_weight:
            losses["identity"] = identity_loss(x[domain], made[f"same_{domain}"])
        if config.palette_weight:
            losses["palette"] = palette_loss(fake, x[domain])
        if config.grid_weight:
            losses["grid"] = grid_loss(fake)
        if config.grain_weight:
            losses["grain"] = grain_loss(made[f"flat_{domain}"])
        if config.halo_weight:
            pair = made[f"scene_{domain}"], x["scene"]
            losses["halo"] = halo_loss(*pair, x["distance"]) + halo_loss(*pair, -x["distance"])  # of the shape, too
        return losses | self._of_features(fake, x[domain], x["b" if domain == "a" else "a"])

    def _of_features(self, fake: Tensor, real: Tensor, source: Tensor) -> dict[str, Tensor]:
        """Of fakes: the distance in style from the domain they should be of, in content from what they are made of."""
        if self.features is None:
            return {}
        layers = [name for name in self.features.names if name in STYLE_LAYERS]
        kept = [layers.index(name) for name in CONTENT_LAYERS if name in layers]
        maps, wanted = self.features(fake, names=layers), self.features(real, names=layers)
        losses = {"style": style_loss(*[[_as_one_picture(y) for y in part] for part in (maps, wanted)])}
        if kept and (self.config.content_weight or self.config.contrastive_weight):
            origin = self.features(source, names=[layers[i] for i in kept])
            pair = [maps[i] for i in kept], origin
            losses["content"] = content_loss(*pair)
            if self.config.contrastive_weight:
                losses["contrastive"] = contrastive_loss(*pair)
        return losses


def _translate(generator: Generator, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Several batches at once, by name; they may differ in their number of pictures."""
    counts = [batch.shape[0] for batch in inputs.values()]
    ends = [sum(counts[: index + 1]) for index in range(len(counts) - 1)]
    together = generator(ops.concatenate(list(inputs.values()))) if ends else generator(*inputs.values())
    return dict(zip(inputs, ops.split(together, ends) if ends else [together], strict=True))


def _as_one_picture(x: Tensor) -> Tensor:
    return ops.reshape(x, (1, -1, *x.shape[2:]))


class DiscriminatorPlayer(_Player):
    """Takes {"a", "b", "fakes"} and the pool's plan; half the adversarial loss, as the paper, to slow it down."""

    def __init__(self, cyclegan: CycleGAN, config: CycleGANTrainingConfig):
        super().__init__(cyclegan, config, "discriminator", ("discriminator_a", "discriminator_b"))
        self.pool = FakePool(config.pool_size, config.batch_size, config.crop_size, config.seed)

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> dict[str, list[list[Tensor]]]:
        """Scores of real pictures and of fakes, by domain: two lists, one score map a scale."""
        shown, scores = self.pool(x["fakes"], x), {}
        for index, domain in enumerate("ab"):
            network = self.cyclegan.parts[f"discriminator_{domain}"]
            both = network(ops.concatenate([x[domain], shown[:, index]]))
            scores[domain] = [list(part) for part in zip(*[ops.split(y, 2) for y in both], strict=True)]
        return scores

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """Real patches should be called real, fake ones fake."""
        kind, parts = self.config.adversarial_loss, {}
        for domain, (real, fake) in y_pred.items():
            loss = adversarial_loss(real, True, kind) + adversarial_loss(fake, False, kind)
            parts[f"discriminator_{domain}"] = 0.5 * loss
        return self._weigh(parts, {})
