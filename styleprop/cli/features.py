"""The option for a feature network, and its loading."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from styleprop.models.features import FeatureNetwork

FEATURES_HELP = "an .npz file of a VGG network, or vgg16, which Keras fetches once (default: vgg16)"


def open_features(source: str | None, dtype: str = "float32") -> "FeatureNetwork":
    """Load a feature network; a failed download becomes a sentence. Raises CheckpointError."""
    from styleprop.errors import CheckpointError, StylepropError
    from styleprop.models.features import load_feature_network

    try:
        return load_feature_network(source or "vgg16", dtype)
    except StylepropError:
        raise
    except Exception as error:  # Keras raises a bare Exception
        raise CheckpointError("VGG16 could not be fetched; give its weights with --features FILE.npz.") from error
