"""Markdown tables."""

from collections.abc import Sequence


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; None leaves a cell empty, floats get three significant digits after the point."""
    lines = [list(headers), ["---"] * len(headers), *([cell_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_text(value: object) -> str:
    """How a value stands in a cell."""
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
