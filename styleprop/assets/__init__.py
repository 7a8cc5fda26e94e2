"""The page's pictures, its style sheet and its translations: `ASSETS` is the folder."""

from pathlib import Path

ASSETS = Path(__file__).parent
