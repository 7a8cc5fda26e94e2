"""The model card that a training writes."""

from collections.abc import Mapping, Sequence


def model_card(
    title: str, paragraphs: Sequence[str], columns: Sequence[str], scores: Mapping[str, Sequence[float]]
) -> str:
    """A short model card.

    Args:
        title: its heading.
        paragraphs: how the weights were made.
        columns: the heads of the table, the scores' names first.
        scores: by name, a value for each further column; no table where there are none.
    """
    rows = [columns, ["---"] * len(columns)]
    rows += [[name, *(f"{value:.4g}" for value in values)] for name, values in scores.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join([f"# {title}", *paragraphs, *([table] if scores else [])]) + "\n"
