"""What can be trained: what a run of `train` and what a fine-tune can be of."""

from dataclasses import dataclass

from styleprop.config.base import Config
from styleprop.config.models import AutoencoderConfig, CycleGANConfig, EnlargerConfig, FeaturesConfig
from styleprop.config.sound import SoundConfig
from styleprop.config.training import CycleGANTrainingConfig, EnlargerTrainingConfig, TrainingConfig


@dataclass(frozen=True)
class Kind:
    """What a run of `train` can be of.

    Attributes:
        what: a sentence for the command line.
        data: names of its folders of pictures.
        model: the network's config class.
        training: the training's config class.
        features: the network of its losses where none is named; "" for none.
        defaults: of the training, where a new network's are not the class's own.
    """

    what: str
    data: tuple[str, ...]
    model: type[Config] = AutoencoderConfig
    training: type[Config] = TrainingConfig
    features: str = "vgg16"
    defaults: Config | None = None


KINDS = {
    "features": Kind(
        "Distil a small feature network from VGG16, for perceptual losses without it.", ("images",), FeaturesConfig
    ),
    "autoencoder": Kind("Train an autoencoder on pictures to themselves.", ("images",)),
    "stylizer": Kind(
        "Train an autoencoder that puts pictures into the style of others, on photos and paintings.",
        ("content", "style"),
    ),
    "cyclegan": Kind(
        "Train a CycleGAN that translates photos to paintings of a domain and back, on folders that are not paired.",
        ("content", "style"),
        CycleGANConfig,
        CycleGANTrainingConfig,
        "",
        CycleGANTrainingConfig.painter(),
    ),
    "enlarger": Kind(
        "Train a network that takes an autoencoder's paintings to the size of their photos.",
        ("content", "style"),
        EnlargerConfig,
        EnlargerTrainingConfig,
    ),
    "sound": Kind(
        "Train an autoencoder of sounds, on sounds that are made for it.",
        (),
        SoundConfig,
        features="",
        defaults=TrainingConfig(crop_size=128, batch_size=6, reconstruction_weight=1.0, style_weight=1.0),
    ),
}


@dataclass(frozen=True)
class FineTuneKind:
    """What a fine-tune can learn.

    Attributes:
        what: a sentence for the command line.
        fewest: pictures that it needs.
        rate_share: of the optimizer's usual learning rate; a style and a domain start near their end.
    """

    what: str
    fewest: int
    rate_share: float


FINE_TUNES = {
    "autoencoder": FineTuneKind("Learn to reconstruct your kind of picture.", 2, 1.0),
    "style": FineTuneKind("Learn the styles of your pictures, so that they come out stronger.", 1, 0.4),
    "cyclegan": FineTuneKind(
        "Learn a domain from a folder of paintings, from the embedded domain that is nearest.", 4, 0.2
    ),
}
