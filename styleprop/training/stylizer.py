"""Training of an autoencoder that reconstructs and propagates styles: one network, both jobs at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from styleprop.config import TrainingConfig
from styleprop.data import CropSampler, flat_scenes
from styleprop.losses import (
    APPEARANCE_LAYERS,
    CONTENT_LAYERS,
    STYLE_LAYERS,
    FeatureLoss,
    appearance_loss,
    calm_loss,
    color_loss,
    content_loss,
    grid_loss,
    halo_loss,
    overshoot_loss,
    reconstruction_loss,
    self_similarity_loss,
    style_loss,
    texture_loss,
    tone_loss,
    total_variation_loss,
)
from styleprop.models.autoencoder import Autoencoder
from styleprop.models.features import FeatureNetwork
from styleprop.ops import Tensor, halve
from styleprop.training.loop import Run, compile_trainer, make_optimizer, train
from styleprop.training.progress import Progress

NEEDED_LAYERS = CONTENT_LAYERS + APPEARANCE_LAYERS
PERCEPTUAL = ("content", "appearance", "style", "similarity")
SCENE = ("halo", "overshoot", "calm")
LOSSES = ("reconstruction", *PERCEPTUAL, "color", "variation", "grid", "texture", "tone", *SCENE)


class StylizerTrainer(keras.Model):
    """Takes {"content", "style"} batches; its loss is that of the stylizations and of the reconstructions.

    Every content picture is stylized with the style picture of the same row. Half of the content and half of the style
    pictures are reconstructed, so that the decoder sees as many reconstructions as stylizations. The last contents may
    be scenes of shapes before a flat sky, with the "distance" of their pixels from the shapes.
    """

    def __init__(
        self,
        network: Autoencoder,
        features: FeatureNetwork,
        config: TrainingConfig,
        half_features: FeatureNetwork | None = None,
    ):
        super().__init__()
        self.network = network
        self.features = features
        self.half_features = half_features or features
        self.config = config
        self.weights_of = dict(zip(LOSSES, (getattr(config, f"{name}_weight") for name in LOSSES), strict=True))
        self.means = {name: keras.metrics.Mean(name=name) for name in LOSSES}

    def call(self, x: dict[str, Tensor], training: bool | None = None) -> dict[str, Tensor]:
        """Encode both pictures, decode stylizations and reconstructions in one batch."""
        count = x["content"].shape[0]
        pictures = ops.concatenate([x["content"], x["style"]])
        latent, code = self.network.encode(pictures)
        mixed, mixed_code, moved = self.network.propagate(latent[:count], code[:count], code[count:])
        half = max(1, count // 2)

        def chosen(x: Tensor) -> Tensor:
            return ops.concatenate([x[:half], x[count : count + half]])

        decoded = self.network.decoder(
            ops.concatenate([mixed, chosen(latent)]),
            ops.concatenate([mixed_code, chosen(code)]),
            ops.concatenate([moved, ops.zeros_like(chosen(code))]),
        )
        return {"stylized": decoded[:count], "reconstruction": decoded[count:], "reconstructed": chosen(pictures)}

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The weighted sum; each part goes to its running mean under its own name."""
        parts = self._stylization_losses(y_pred["stylized"], x["content"], x["style"])
        parts |= self._scene_losses(y_pred["stylized"], x)
        parts["reconstruction"] = reconstruction_loss(y_pred["reconstructed"], y_pred["reconstruction"])
        for name, value in parts.items():
            self.means[name].update_state(value)
        return sum(self.weights_of[name] * value for name, value in parts.items())

    def _stylization_losses(self, stylized: Tensor, content: Tensor, style: Tensor) -> dict[str, Tensor]:
        whole = _perceptual_losses(self.features, stylized, content, style)
        half = _perceptual_losses(self.half_features, halve(stylized), halve(content), halve(style))
        share = self.config.half_scale_weight
        parts = {name: (1 - share) * whole[name] + share * half[name] for name in whole}
        parts["color"] = color_loss(stylized, style)
        parts["variation"] = total_variation_loss(stylized)
        parts["grid"] = grid_loss(stylized)
        for name, loss, other in (("texture", texture_loss, style), ("tone", tone_loss, content)):
            if self.weights_of[name]:
                parts[name] = loss(stylized, other)
        return parts

    def _scene_losses(self, stylized: Tensor, x: dict[str, Tensor]) -> dict[str, Tensor]:
        if "distance" not in x:
            return {}
        distance = x["distance"]
        painted, scene, style = (part[-distance.shape[0] :] for part in (stylized, x["content"], x["style"]))
        return {
            "halo": halo_loss(painted, scene, distance),
            "overshoot": overshoot_loss(painted, scene, distance),
            "calm": calm_loss(painted, style, distance),
        }


def _perceptual_losses(features: FeatureNetwork, stylized: Tensor, content: Tensor, style: Tensor) -> dict[str, Tensor]:
    layers = [name for name in features.names if name in CONTENT_LAYERS + APPEARANCE_LAYERS + STYLE_LAYERS]
    count = content.shape[0]
    ours = dict(zip(layers, features(stylized, names=layers), strict=True))
    targets = features(ops.concatenate([content, style]), names=layers)
    contents = {name: ops.stop_gradient(x[:count]) for name, x in zip(layers, targets, strict=True)}
    styles = {name: ops.stop_gradient(x[count:]) for name, x in zip(layers, targets, strict=True)}

    def compare(loss: FeatureLoss, wanted: Sequence[str], others: Mapping[str, Tensor]) -> Tensor:
        chosen = [name for name in wanted if name in ours]
        return loss([ours[name] for name in chosen], [others[name] for name in chosen])

    return {
        "content": compare(content_loss, CONTENT_LAYERS, contents),
        "appearance": compare(appearance_loss, APPEARANCE_LAYERS, contents),
        "style": compare(style_loss, STYLE_LAYERS, styles),
        "similarity": compare(self_similarity_loss, CONTENT_LAYERS, contents),
    }


def train_stylizer(
    network: Autoencoder,
    features: FeatureNetwork,
    pictures: Mapping[str, Sequence[Path | np.ndarray]],
    config: TrainingConfig,
    half_features: FeatureNetwork | None = None,
    **options: Any,
) -> Iterator[Progress]:
    """Train in place, resuming from its folder; see `loop.train` for what it yields and raises.

    Args:
        network: the autoencoder, changed in place.
        features: the frozen network of the perceptual losses; layers that it has not are left out.
        pictures: picture files (or uint8 arrays) to learn from, "content" and "style".
        half_features: another one for the half-size pictures, where a larger network costs a quarter.
        options: `loop.Run`'s, such as `folder`, `evaluate` and `seconds`.
    """
    if config.freeze_encoder:
        network.encoder.trainable = False
    trainer = StylizerTrainer(network, features, config, half_features)
    compile_trainer(trainer, make_optimizer(config.optimizer))
    samplers = {
        name: CropSampler(pictures[name], config.crop_size, 2 * config.seed + number)
        for number, name in enumerate(("content", "style"))
    }

    flat = round(config.scene_share * config.batch_size)

    def make_batch(step: int) -> dict[str, np.ndarray]:
        batch = {name: sampler.batch(step, config.batch_size) for name, sampler in samplers.items()}
        if flat:
            scenes, batch["distance"] = flat_scenes(flat, config.crop_size, config.seed, step)
            batch["content"][-flat:] = scenes
        return batch

    yield from train(Run(trainer, network, config, make_batch, **options))
