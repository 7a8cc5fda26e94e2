"""A row of the scoreboard, how much each run asks for, and the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measure.

    Attributes:
        measure: what was tried.
        count: how often.
        result: what came of it.
        line: what must hold.
        faults: what did not hold; empty where the row passes.
    """

    measure: str
    count: str
    result: str
    line: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How much is tried.

    Attributes:
        inputs: picture inputs that the hostile files go through.
    """

    inputs: int
    users: int
    canaries: int
    cancels: int
    faults: tuple[str, ...] | None  # None for all
    fault_rounds: int
    soak_seconds: float
    starts: int
    drains: int


QUICK = Plan(
    inputs=1,
    users=20,
    canaries=3,
    cancels=10,
    faults=(
        "training killed",
        "training hung",
        "training out of memory",
        "training NaN",
        "training disk full",
        "Hub refused",
        "weights half",
        "SIGTERM under load",
    ),
    fault_rounds=1,
    soak_seconds=240,
    starts=3,
    drains=1,
)
FULL = Plan(
    inputs=6,
    users=100,
    canaries=12,
    cancels=100,
    faults=None,
    fault_rounds=3,
    soak_seconds=1800,
    starts=9,
    drains=10,
)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| measure | count | result | pass line | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        verdict = "missed" if row.faults else "passed"
        lines.append(f"| {row.measure} | {row.count} | {row.result} | {row.line} | {verdict} |")
    return "\n".join(lines)
