"""The autoencoder as three compiled functions, each traced once for every picture size."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from styleprop.models.autoencoder import Autoencoder
from styleprop.models.process import check_process
from styleprop.ops import Moments, Tensor


class CompiledAutoencoder:
    """Encode, decode, and decode a part with the statistics of the whole; read-only and safe to share by threads.

    Each raises StylepropError in a process that was forked from the one that has the network.
    """

    def __init__(self, network: Autoencoder):
        self.network = network
        self.config = network.config
        channels, code_size = network.config.feature_filters[-1], network.config.code_size
        batch, latent = _spec(1, None, None, 3), _spec(1, None, None, channels)
        code, strength = _spec(1, code_size), _spec()
        statistics = [(_spec(1, 1, 1, count),) * 2 for count in network.config.norm_filters]
        self._decoded, self._statistics = [latent, code, code, strength], statistics
        self._compiled = {
            "encode": tf.function(network.encode, input_signature=[batch]),
            "decode": tf.function(self._decode, input_signature=self._decoded),
            "decode_part": tf.function(self._decode_part, input_signature=[*self._decoded, statistics]),
        }

    def encode(self, batch: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """(1, H, W, 3) in [-1, 1] to the latent and the style code."""
        return self._run("encode", batch)

    def decode(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: float
    ) -> tuple[tf.Tensor, list[Moments]]:
        """The batch, and the instance norms' statistics."""
        return self._run("decode", latent, code, target_code, strength)

    def decode_part(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: float, statistics: list[Moments]
    ) -> tf.Tensor:
        """The batch alone, with statistics in place of measuring them."""
        return self._run("decode_part", latent, code, target_code, strength, statistics)

    def decode_following(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: float, statistics: list[Moments], kept: float
    ) -> tuple[tf.Tensor, list[Moments]]:
        """As `decode`; of the statistics, `kept` (0 to 1) are those of an earlier picture. Compiled when first used."""
        check_process()
        return self._follow(latent, code, target_code, strength, statistics, kept)

    @cached_property
    def _follow(self) -> Any:
        return tf.function(self._decode_following, input_signature=[*self._decoded, self._statistics, _spec()])

    def _run(self, name: str, *arguments: Any) -> Any:
        check_process()
        return self._compiled[name](*arguments)

    def _decode(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: Tensor
    ) -> tuple[Tensor, list[Moments]]:
        propagated = self.network.propagate(latent, code, target_code, strength)
        return self.network.decoder(*propagated, return_statistics=True)

    def _decode_part(
        self, latent: Tensor, code: Tensor, target_code: Tensor, strength: Tensor, statistics: list[Moments]
    ) -> Tensor:
        propagated = self.network.propagate(latent, code, target_code, strength)
        return self.network.decoder(*propagated, statistics=statistics)

    def _decode_following(
        self,
        latent: Tensor,
        code: Tensor,
        target_code: Tensor,
        strength: Tensor,
        statistics: list[Moments],
        kept: Tensor,
    ) -> tuple[Tensor, list[Moments]]:
        propagated = self.network.propagate(latent, code, target_code, strength)
        more = {"statistics": statistics, "kept": kept} if statistics else {}
        return self.network.decoder(*propagated, return_statistics=True, **more)

    def trace_counts(self) -> dict[str, int]:
        """How often each function has been traced."""
        return {name: function.experimental_get_tracing_count() for name, function in self._compiled.items()}


def _spec(*shape: int | None) -> tf.TensorSpec:
    return tf.TensorSpec(shape, tf.float32)


class Encoding(NamedTuple):
    """A batch (1, H, W, 3), its latent (1, H/8, W/8, C) and its style code (1, K)."""

    batch: np.ndarray
    latent: tf.Tensor
    code: tf.Tensor
