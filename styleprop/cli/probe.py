"""Measurements that need a process of their own: start-up, memory of a large picture, many sizes.

`python -m styleprop.cli.probe startup|large|sizes CHECKPOINT …` prints one JSON object; `benchmark` calls it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from styleprop.cli.terminal import json_line, one_line, peak_memory_mb, quiet
from styleprop.confined import package_environment
from styleprop.errors import StylepropError

SETTLED = 10  # sizes after which caches and pools have filled


def run_probe(*arguments: object) -> dict[str, Any]:
    """Run this module as a fresh process and return what it found, with the seconds it took as "process_seconds".

    Call it before this process grows: on Linux a process's peak memory starts from that of the one that made it.
    Raises StylepropError where it fails.
    """
    import json

    start = time.perf_counter()
    command = [sys.executable, "-m", "styleprop.cli.probe", *map(str, arguments)]
    done = subprocess.run(command, env=package_environment(), capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
        raise StylepropError(f"The measurement of {arguments[0]} failed: {one_line(lines[-1])}")
    return {**json.loads(done.stdout), "process_seconds": time.perf_counter() - start}


def measure_startup(checkpoint: str | None) -> dict[str, float]:
    """Seconds to import the engine, to load the checkpoint, and to warm up."""
    times = [time.perf_counter()]
    os.environ["KERAS_BACKEND"] = "tensorflow"
    from styleprop.engine import Styleprop

    times.append(time.perf_counter())
    model = Styleprop.from_pretrained(checkpoint)
    times.append(time.perf_counter())
    model.warm_up()
    times.append(time.perf_counter())
    parts = [after - before for before, after in pairwise(times)]
    return dict(zip(("import_seconds", "load_seconds", "warm_up_seconds"), parts, strict=True))


def measure_large(checkpoint: str | None, width: int, height: int) -> dict[str, Any]:
    """Seconds to the preview of a large picture, of a slider, and to the whole; peak memory, and the peak before it.

    Then the same with the first domain, which is open by then; None where there is none.
    """
    import numpy as np

    from styleprop.cli.batch import load_model
    from styleprop.cli.synthetic import synthetic_picture
    from styleprop.images import Picture

    # Made before the model and from a small one, so that making it is not what the peak shows.
    content = np.tile(synthetic_picture(-(-height // 4), -(-width // 4), 0), (4, 4, 1))[:height, :width]
    style = synthetic_picture(1024, 1024, 1)
    model = load_model(checkpoint)
    before = peak_memory_mb()
    photo, times = Picture(content), [time.perf_counter()]
    painting = model.paint(photo, style)
    for make in (lambda: painting.preview, painting.full, lambda: model.paint(photo, style, strength=0.6).preview):
        make()
        times.append(time.perf_counter())
    preview, full, slider = (after - before for before, after in pairwise(times))
    found: dict[str, Any] = {"preview_seconds": preview, "slider_seconds": slider, "whole_seconds": preview + full}
    found |= {"peak_memory_mb": peak_memory_mb(), "idle_mb": before}
    return {"width": width, "height": height, **found, **_measure_domain(model, photo)}


def _measure_domain(model: Any, photo: Any) -> dict[str, float | None]:
    names = "domain_preview_seconds", "domain_whole_seconds"
    if not model.translators.domains:
        return dict.fromkeys(names)
    domain = model.translators.domains[0]
    model.translate(photo.image[:512, :512], domain)
    times = [time.perf_counter()]
    painting = model.paint_domain(photo, domain)
    for make in (lambda: painting.preview, painting.full):
        make()
        times.append(time.perf_counter())
    return dict(zip(names, (end - times[0] for end in times[1:]), strict=True))


def measure_sizes(checkpoint: str | None, count: int) -> dict[str, Any]:
    """How often each network was traced after `count` sizes, and how much the process grew after the first ten."""
    import numpy as np

    from styleprop.cli.batch import load_model
    from styleprop.cli.synthetic import synthetic_picture

    model = load_model(checkpoint)
    sizes = np.random.default_rng(0).integers(64, 320, (count, 2))
    settled = None
    for number, (height, width) in enumerate(sizes):
        if number == SETTLED:
            settled = resident_mb()
        model.stylize(synthetic_picture(height, width, number), synthetic_picture(width, height, count + number))
    now = resident_mb()
    grown = None if settled is None or now is None else round(now - settled, 1)
    traces = {**model.networks.trace_counts(), **model.enlarger.trace_counts()}
    return {"sizes": count, "traces": traces, "growth_mb": grown}


def resident_mb() -> float | None:
    """Memory this process holds now, in megabytes; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(argv: Sequence[str]) -> None:
    """Measure what the first argument says and print it."""
    kind, checkpoint, *numbers = argv
    measures: dict[str, Callable[..., dict]] = {
        "startup": measure_startup,
        "large": measure_large,
        "sizes": measure_sizes,
    }
    with quiet():
        found = measures[kind](checkpoint or None, *map(int, numbers))
    print(json_line(found))


if __name__ == "__main__":
    main(sys.argv[1:])
