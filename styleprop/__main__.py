"""`python -m styleprop …`: the command line."""

import sys

from styleprop.cli import run

if __name__ == "__main__":
    sys.exit(run())
