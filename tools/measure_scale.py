"""Measure batches by Ray against the plain command, on this computer: same bits, seconds, memory of the driver.

    python -m tools.measure_scale --pictures 500 --more 5000

Seconds are also of the processors, of all processes together: a computer that does other work has long wall clocks.
"""

import argparse
import filecmp
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from styleprop import images
from styleprop.data import example_photos

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY = 0.1  # seconds between two looks


def main() -> None:
    """Make pictures, paint them in both ways, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=500, help="painted in both ways (default: 500)")
    parser.add_argument("--more", type=int, default=5000, help="painted by Ray alone, for its memory (default: 5000)")
    parser.add_argument("--side", type=int, default=256, help="of the pictures, pixels (default: 256)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments.pictures, arguments.more, arguments.side)


def measure(folder: Path, count: int, more: int, side: int) -> None:
    """Print a row for each run."""
    few, many, one = folder / "few", folder / "many", folder / "one"
    for target, number in ((one, 1), (few, count), (many, more)):
        make_pictures(target, number, side)
    print(
        "| run | pictures | seconds | processor seconds | of the start | memory of the driver, MB |\n"
        + "| --- " * 6
        + "|"
    )
    many_workers = ("--engine", "ray")  # their start, measured with one picture, is that of one worker
    for name, options in (("plain", ()), ("ray", (*many_workers, "--workers", "1"))):
        start = run(one, folder / f"{name}-one", options)
        report(name, count, run(few, folder / name, options), start)
    if more:
        report("ray, a worker for each core", more, run(many, folder / "ray-many", many_workers), start)
    names = sorted(path.name for path in (folder / "plain").iterdir())
    same, _, _ = filecmp.cmpfiles(folder / "plain", folder / "ray", names, shallow=False)
    print(f"\n{len(same)} of {len(names)} files are the same to the bit.")


def report(name: str, count: int, found: tuple[float, float, float], start: tuple[float, float, float]) -> None:
    """Print a row."""
    seconds, busy, memory = found
    print(
        f"| {name} | {count} | {seconds:.1f} | {busy:.1f} | {start[0]:.1f}, {start[1]:.1f} | {memory:.0f} |", flush=True
    )


def make_pictures(folder: Path, count: int, side: int) -> None:
    """Crops of the example photos as PNG."""
    random, photos = np.random.default_rng(0), [images.load(path).image for path in example_photos()]
    for number in range(count):
        photo = photos[number % len(photos)]
        part = int(random.integers(side, min(photo.shape[:2])))
        left, top = (int(random.integers(length - part + 1)) for length in (photo.shape[1], photo.shape[0]))
        images.save(images.crop_square(photo, left, top, part, side), folder / f"{number:05d}.png")


def run(source: Path, target: Path, options: tuple[str, ...]) -> tuple[float, float, float]:
    """Seconds, processor seconds of all processes, and the most memory of the first one, in MB, of a command."""
    command = [sys.executable, "-m", "styleprop", "stylize", str(source), "--style", "great-wave", "-o", f"{target}/"]
    start, busy, memory = time.monotonic(), {}, [0]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, start_new_session=True)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(EVERY):
            memory.append(memory_of(process.pid))
            busy.update(dict(family(process.pid)))

    watcher = threading.Thread(target=look)
    watcher.start()
    if process.wait():
        raise SystemExit("The command failed.")
    seconds = time.monotonic() - start
    ended.set()
    watcher.join()
    return seconds, sum(busy.values()), max(memory) / 2**20


def memory_of(pid: int) -> int:
    """Bytes that a process holds, without what it shares with files."""
    try:
        _, resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text().split()[:3])
    except (OSError, ValueError):
        return 0
    return (resident - shared) * PAGE


def family(pid: int) -> Iterator[tuple[int, float]]:
    """A process and all that come from it, with their processor seconds so far."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        children += [c for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except OSError:
        return
    yield pid, (int(numbers[11]) + int(numbers[12])) / TICKS
    for child in set(children):
        yield from family(int(child))


if __name__ == "__main__":
    main()
