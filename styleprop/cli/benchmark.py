"""`benchmark`: seconds and memory by size."""

import argparse
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Any

from styleprop.cli.options import Commands, add_checkpoint, add_debug, add_json, whole_number
from styleprop.cli.peers import PEER_HELP, PEERS, open_peer
from styleprop.cli.tables import markdown_table
from styleprop.cli.terminal import json_line, quiet
from styleprop.config.words import counted

if TYPE_CHECKING:
    from styleprop.engine import Styleprop
    from styleprop.evaluation import Stylize

DESCRIPTION = """Measure seconds and memory on pictures that the program makes itself.

  stylize           content and style both new                 style kept    only the content is new
  slider            both known, another strength               reconstruct   encode and decode, without the scores
  translate         with the first CycleGAN, one way
  ratio to peer     ours divided by the peer's, median of pairs of runs, one right after the other
  preview           of a large photo: the painting at a screen's size, photo and style both new
  whole             the same photo at its own size, the preview included
  domain            the same with the first CycleGAN
"""
LARGE, QUICK_LARGE = ((4000, 3000), (8640, 5760), (12240, 8160)), ((2000, 1500),)
SIZES, QUICK_SIZES = 60, 20
RUNS, QUICK_RUNS = 7, 3
MEASURES = ("stylize", "style_kept", "slider", "reconstruct", "translate", "peer")


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("benchmark", description=DESCRIPTION, help="measure seconds and memory by size")
    parser.add_argument(
        "--sizes",
        nargs="+",
        type=whole_number(16, 4096),
        default=[384, 512, 1024],
        metavar="N",
        help="sides of the square pictures, pixels (default: 384 512 1024)",
    )
    parser.add_argument(
        "--runs",
        type=whole_number(1, 1000),
        metavar="N",
        help=f"of each measure (default: {RUNS}, quick: {QUICK_RUNS})",
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer runs, a smaller large picture, fewer sizes (default: no)"
    )
    parser.add_argument("--peer", choices=PEERS, help=PEER_HELP)
    add_checkpoint(parser)
    add_json(parser, "each row")
    add_debug(parser)
    parser.set_defaults(run=run_benchmark)


def run_benchmark(arguments: argparse.Namespace) -> int:
    """Measure in fresh processes first, then in this one, and print what was found."""
    from styleprop.cli.probe import run_probe
    from styleprop.hub import open_checkpoint

    open_checkpoint(arguments.checkpoint)
    checkpoint, quick = arguments.checkpoint or "", arguments.quick
    _tell("start-up")
    startup = run_probe("startup", checkpoint)
    large = []
    for width, height in QUICK_LARGE if quick else LARGE:
        _tell(f"{width} x {height}")
        large.append(run_probe("large", checkpoint, width, height))
    _tell("many sizes")
    sizes = run_probe("sizes", checkpoint, QUICK_SIZES if quick else SIZES)
    rows = _measure_sizes(arguments)
    if arguments.json:
        sized, whole = ({"size": row} for row in rows), ({"large": row} for row in large)
        for record in ({"startup": startup}, *sized, *whole, {"sizes": sizes}):
            print(json_line(record))
    else:
        _print_tables(startup, rows, large, sizes)
    return 0


def _measure_sizes(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    from styleprop.cli.batch import load_model

    model = load_model(arguments.checkpoint, arguments.debug)
    with quiet(arguments.debug):
        peer = open_peer(arguments.peer)
    runs = arguments.runs or (QUICK_RUNS if arguments.quick else RUNS)
    rows = []
    for side in arguments.sizes:
        _tell(f"{side} x {side}")
        rows.append(measure_size(model, peer, side, runs))
    return rows


def measure_size(model: "Styleprop", peer: "Stylize | None", side: int, runs: int) -> dict[str, Any]:
    """Median seconds of each measure at one size, and the ratio to the peer.

    Args:
        model: a `Styleprop`.
        peer: a call (content, style) -> stylized, or None.
        side: of the square pictures, pixels.
        runs: of each measure; one more goes before them, unmeasured.
    """
    times: dict[str, list[float]] = {name: [] for name in MEASURES}
    for number in range(runs + 1):
        for name, seconds in _measure_once(model, peer, side, number).items():
            times[name].append(seconds)
    known = {name: values[1:] for name, values in times.items() if values}
    ratios = [ours / theirs for ours, theirs in zip(known["stylize"], known.get("peer", []), strict=False)]
    return {
        "side": side,
        "runs": runs,
        **{f"{name}_seconds": median(known[name]) if name in known else None for name in MEASURES},
        "seconds_per_megapixel": median(known["stylize"]) / (side * side / 1e6),
        "ratio_to_peer": median(ratios) if ratios else None,
    }


def _measure_once(model: "Styleprop", peer: "Stylize | None", side: int, number: int) -> dict[str, float]:
    """One run of every measure on pictures no other run sees; ours and the peer's take turns at being first."""
    from styleprop.cli.synthetic import synthetic_picture

    content, style, other, third = (synthetic_picture(side, side, 4 * number + index) for index in range(4))
    calls: list[tuple[str, Callable[[], object]]] = [("stylize", lambda: model.stylize(content, style))]
    calls += [("peer", lambda: peer(content, style))] if peer else []
    times = {name: _seconds(call) for name, call in (calls if number % 2 else reversed(calls))}
    times["style_kept"] = _seconds(lambda: model.stylize(other, style))
    model.stylize(other, style, strength=0.4)
    times["slider"] = _seconds(lambda: model.stylize(other, style, strength=0.6))
    times["reconstruct"] = model.reconstruct(third).seconds
    for domain in model.translators.domains[:1]:
        times["translate"] = model.translate(third, domain).seconds
    return times


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _tell(what: str) -> None:
    """Say what is being measured, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[Kmeasuring: {what}", end="\r", file=sys.stderr, flush=True)


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def _print_tables(startup: dict, rows: list[dict], large: list[dict], sizes: dict) -> None:
    headers: tuple[str, ...] = ("size", "stylize", "a megapixel", "style kept", "slider", "reconstruct")
    headers += ("translate", "peer", "ratio to peer")
    names: tuple[str, ...] = (
        "stylize_seconds",
        "seconds_per_megapixel",
        "style_kept_seconds",
        "slider_seconds",
        "reconstruct_seconds",
    )
    names += ("translate_seconds", "peer_seconds", "ratio_to_peer")
    cells = [(f"{row['side']} x {row['side']}", *(row[name] for name in names)) for row in rows]
    runs = counted(rows[0]["runs"], "1 run", "{number} runs")
    print(f"Seconds, median of {runs}:\n\n{markdown_table(headers, cells)}\n")
    headers = ("one picture", "preview", "slider", "whole", "domain: preview", "whole", "peak memory, MB", "before, MB")
    cells = [
        (
            f"{row['width']} x {row['height']}",
            *(row[f"{name}_seconds"] for name in ("preview", "slider", "whole", "domain_preview", "domain_whole")),
            *(_rounded(row[name]) for name in ("peak_memory_mb", "idle_mb")),
        )
        for row in large
    ]
    print(f"{markdown_table(headers, cells)}\n")
    parts = ("import", "load", "warm_up")
    traces = ", ".join(f"{name} {count}" for name, count in sizes["traces"].items())
    facts = [
        ("start-up, s", startup["process_seconds"]),
        *((f"of that {part.replace('_', '-')}, s", startup[f"{part}_seconds"]) for part in parts),
        (f"traces after {sizes['sizes']} sizes", traces),
        ("growth over those sizes, MB", sizes["growth_mb"]),
    ]
    print(markdown_table(("", ""), facts))
