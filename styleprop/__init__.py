"""Restyle pictures: an autoencoder, style propagation and their training."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["Styleprop", "__version__"]


def __getattr__(name: str) -> Any:
    """Import `Styleprop` on first use: it brings TensorFlow, which takes seconds."""
    if name == "Styleprop":
        from styleprop.engine import Styleprop

        return Styleprop
    raise AttributeError(f"module 'styleprop' has no attribute {name!r}")
