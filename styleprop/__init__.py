"""Restyle pictures: an autoencoder, style propagation and their training."""

__version__ = "0.1.0"
