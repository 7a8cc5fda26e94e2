"""The scoreboard of how safe the app is to share: `python -m tests.reliability --quick` or `--full`."""
