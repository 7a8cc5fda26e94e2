"""Networks out of verified checkpoints.

A checkpoint is read in this order: every hash, then the config, then the weights into a fresh network, whose values
must all be finite. Nothing is unpickled, and no network is built from anything but its config.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from styleprop.checkpoints import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    WEIGHTS_SUFFIX,
    Checkpoint,
    ConfigT,
    find_checkpoint,
)
from styleprop.config import AutoencoderConfig, CycleGANConfig, EnlargerConfig, FeaturesConfig, SoundConfig
from styleprop.errors import CheckpointError
from styleprop.models.process import check_process

if TYPE_CHECKING:
    import keras

    from styleprop.models.autoencoder import Autoencoder
    from styleprop.models.cyclegan import CycleGAN, Generator
    from styleprop.models.enlarger import Enlarger
    from styleprop.models.features import FeatureNetwork
    from styleprop.models.sound import SoundAutoencoder


def load_autoencoder(checkpoint: Checkpoint) -> "Autoencoder":
    """Build the autoencoder that a verified checkpoint describes and give it its weights.

    Raises:
        CheckpointError: the config is not an autoencoder's, the weights do not fit it, or a value is not finite.
    """
    from styleprop.models.autoencoder import build_autoencoder

    network = build_autoencoder(_read_config(checkpoint, AutoencoderConfig))
    _load_weights(network, checkpoint, WEIGHTS_FILE)
    return network


def load_generator(checkpoint: Checkpoint, to_photo: bool = False, reuse: "Generator | None" = None) -> "Generator":
    """One generator of the CycleGAN that a verified checkpoint describes, with its weights.

    Args:
        checkpoint: of the CycleGAN.
        to_photo: the one from paintings to photos, in the place of its opposite.
        reuse: a generator that is not needed any more; where it is of the same config it takes the weights.

    Raises:
        CheckpointError: the config is not a CycleGAN's, the weights do not fit it, or a value is not finite.
    """
    from styleprop.models.cyclegan import build_generator

    name = "generator_ba" if to_photo else "generator_ab"
    config = _read_config(checkpoint, CycleGANConfig)
    network = reuse
    if network is None or network.config != config.generator(name):
        network = build_generator(config, name)
    _load_weights(network, checkpoint, name + WEIGHTS_SUFFIX)
    return network


def load_cyclegan(checkpoint: Checkpoint) -> "CycleGAN":
    """Build the CycleGAN that a verified checkpoint describes, discriminators included. Raises CheckpointError."""
    from styleprop.models.cyclegan import build_cyclegan

    cyclegan = build_cyclegan(_read_config(checkpoint, CycleGANConfig))
    for name, network in cyclegan.parts.items():
        _load_weights(network, checkpoint, name + WEIGHTS_SUFFIX)
    return cyclegan


def load_enlarger(checkpoint: Checkpoint) -> "Enlarger":
    """Build the enlarger that a verified checkpoint describes and give it its weights. Raises CheckpointError."""
    from styleprop.models.enlarger import build_enlarger

    network = build_enlarger(_read_config(checkpoint, EnlargerConfig))
    _load_weights(network, checkpoint, WEIGHTS_FILE)
    return network


def load_features(checkpoint: Checkpoint, dtype: str = "float32") -> "FeatureNetwork":
    """The frozen feature network that a verified checkpoint describes. Raises CheckpointError."""
    from styleprop.models.distilled import build_student

    student = build_student(_read_config(checkpoint, FeaturesConfig))
    _load_weights(student, checkpoint, WEIGHTS_FILE)
    return student.freeze(dtype)


def load_sound(checkpoint: Checkpoint) -> "SoundAutoencoder":
    """Build the autoencoder of sounds that a verified checkpoint describes and give it its weights.

    Raises:
        CheckpointError: the config is not one's, the weights do not fit it, or a value is not finite.
    """
    from styleprop.models.sound import build_sound_autoencoder

    network = build_sound_autoencoder(_read_config(checkpoint, SoundConfig))
    _load_weights(network, checkpoint, WEIGHTS_FILE)
    return network


LOADERS: dict[str, Callable[[Checkpoint], Any]] = {
    "autoencoder": load_autoencoder,
    "cyclegan": load_cyclegan,
    "enlarger": load_enlarger,
    "features": load_features,
    "sound": load_sound,
}


def open_feature_network(source: str | Path, dtype: str = "float32") -> "FeatureNetwork":
    """A feature network from an `.npz` file, "vgg16" (Keras fetches it once), or a checkpoint's name or folder.

    Raises:
        CheckpointError: it is none of these.
    """
    from styleprop.models.features import load_feature_network

    if str(source) == "vgg16" or Path(source).is_file():
        return load_feature_network(source, dtype)
    return load_features(find_checkpoint(source), dtype)


def _read_config(checkpoint: Checkpoint, config_class: type[ConfigT]) -> ConfigT:
    check_process()
    return checkpoint.config_as(config_class)


def _load_weights(network: "keras.Model", checkpoint: Checkpoint, name: str) -> None:
    try:
        network.load_weights(checkpoint.folder / name)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            "Checkpoint {name}: the weights do not fit its {file}.", name=repr(checkpoint.name), file=CONFIG_FILE
        ) from error
    if not all(np.isfinite(value).all() for value in network.get_weights()):
        raise CheckpointError(
            "Checkpoint {name}: the weights hold values that are not finite.", name=repr(checkpoint.name)
        )
