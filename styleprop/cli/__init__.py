"""The command line. Nothing here imports Keras before a command needs it."""

from styleprop.cli.main import main, run

__all__ = ["main", "run"]
