"""Serve the styleprop page: `python app.py --help` lists the arguments."""

import sys

from styleprop.ui.serve import main

if __name__ == "__main__":
    sys.exit(main())
