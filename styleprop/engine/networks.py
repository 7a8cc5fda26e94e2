"""The autoencoder as three compiled functions, each traced once for every picture size."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from styleprop.models.autoencoder import Autoencoder


class CompiledAutoencoder:
    """Encode, decode, and decode a part with the statistics of the whole; read-only and safe to share by threads.

    Attributes:
        encode: (1, H, W, 3) in [-1, 1] to the latent and the style code.
        decode: (latent, code, target_code, strength) to the batch and the instance norms' statistics.
        decode_part: the same with statistics in place of measuring them; returns the batch alone.
    """

    def __init__(self, network: Autoencoder):
        self.network = network
        self.config = network.config
        channels, code_size = network.config.feature_filters[-1], network.config.code_size
        batch, latent = _spec(1, None, None, 3), _spec(1, None, None, channels)
        code, strength = _spec(1, code_size), _spec()
        statistics = [(_spec(1, 1, 1, count),) * 2 for count in network.config.norm_filters]
        self.encode = tf.function(network.encode, input_signature=[batch])
        self.decode = tf.function(self._decode, input_signature=[latent, code, code, strength])
        self.decode_part = tf.function(self._decode_part, input_signature=[latent, code, code, strength, statistics])

    def _decode(self, latent, code, target_code, strength):
        propagated = self.network.propagate(latent, code, target_code, strength)
        return self.network.decoder(*propagated, return_statistics=True)

    def _decode_part(self, latent, code, target_code, strength, statistics):
        propagated = self.network.propagate(latent, code, target_code, strength)
        return self.network.decoder(*propagated, statistics=statistics)

    def trace_counts(self) -> dict[str, int]:
        """How often each function has been traced."""
        names = ("encode", "decode", "decode_part")
        return {name: getattr(self, name).experimental_get_tracing_count() for name in names}


def _spec(*shape):
    return tf.TensorSpec(shape, tf.float32)


class Encoding(NamedTuple):
    """A batch (1, H, W, 3), its latent (1, H/8, W/8, C) and its style code (1, K)."""

    batch: np.ndarray
    latent: tf.Tensor
    code: tf.Tensor
