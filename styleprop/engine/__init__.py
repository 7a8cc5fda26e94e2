"""Compiled inference. The only place that names TensorFlow."""

from styleprop.engine.model import Styleprop
from styleprop.engine.results import Reconstruction, Stylization, Translation
from styleprop.engine.sheets import SheetCell, make_sheet
from styleprop.styles import BuiltInStyle

__all__ = ["BuiltInStyle", "Reconstruction", "SheetCell", "Styleprop", "Stylization", "Translation", "make_sheet"]
