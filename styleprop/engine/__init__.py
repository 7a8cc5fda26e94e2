"""Compiled inference. The only place that names TensorFlow.

`Styleprop` brings TensorFlow when it is first asked for; what it gives back is known without.
"""

from typing import TYPE_CHECKING, Any

from styleprop.engine.results import Reconstruction, Stylization, Translation
from styleprop.engine.sheets import SheetCell, make_sheet
from styleprop.styles import BuiltInStyle

if TYPE_CHECKING:
    from styleprop.engine.model import Styleprop

__all__ = ["BuiltInStyle", "Reconstruction", "SheetCell", "Styleprop", "Stylization", "Translation", "make_sheet"]


def __getattr__(name: str) -> Any:
    if name == "Styleprop":
        from styleprop.engine.model import Styleprop

        return Styleprop
    raise AttributeError(f"module 'styleprop.engine' has no attribute {name!r}")
