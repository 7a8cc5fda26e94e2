"""Simulate batches and pages of 2 to 256 workers from measured service times: what becomes the limit, and when.

    python -m tools.simulate_scale

Every worker goes round: the driver (or the page) hands it a picture, the shared disk or network gives the bytes, it
computes, the bytes go back. Driver and disk serve one at a time; each service takes an exponentially distributed time
around its mean, so that queues are as uneven as they are in life.
"""

import argparse
import heapq
import random
from dataclasses import dataclass

WORKERS = (2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True)
class Times:
    """Mean seconds that one picture takes.

    Attributes:
        driver: of the one process that hands out and writes the manifest, or that is the page.
        disk: of what all share, reading and writing.
        worker: of a worker's core.
    """

    driver: float
    disk: float
    worker: float


def simulate(times: Times, workers: int, pictures: int, seed: int = 0) -> dict[str, float]:
    """Run a batch; pictures a second, and how busy driver, disk and workers are, from 0 to 1."""
    chance = random.Random(seed)
    free = {"driver": 0.0, "disk": 0.0}
    busy = dict.fromkeys(("driver", "disk", "worker"), 0.0)
    waiting, done, now = [(0.0, number, 0) for number in range(workers)], 0, 0.0
    plan = (("driver", times.driver), ("disk", times.disk / 2), ("worker", times.worker), ("disk", times.disk / 2))
    while done < pictures:
        now, number, stage = heapq.heappop(waiting)
        place, mean = plan[stage]
        took = chance.expovariate(1 / mean)
        end = max(now, free.get(place, now)) + took
        busy[place] += took
        if place in free:
            free[place] = end
        done += stage == len(plan) - 1
        heapq.heappush(waiting, (end, number, (stage + 1) % len(plan)))
    return {"rate": done / now, **{name: busy[name] / now / (workers if name == "worker" else 1) for name in busy}}


def main() -> None:
    """Print a table for each of the cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--driver-ms", type=float, default=1.0, help="of a picture in the driver (default: 1)")
    parser.add_argument("--megabytes", type=float, default=20.0, help="read and written, 12 megapixels (default: 20)")
    parser.add_argument("--disk", type=float, default=1000.0, help="megabytes a second that all share (default: 1000)")
    parser.add_argument("--seconds", type=float, default=11.0, help="of a core, 12 megapixels (default: 11)")
    parser.add_argument("--pictures", type=int, default=20_000, help="simulated (default: 20,000)")
    arguments = parser.parse_args()
    driver, disk = arguments.driver_ms / 1e3, arguments.megabytes / arguments.disk
    cases = {
        "12 megapixels": Times(driver, disk, arguments.seconds),
        "256 px": Times(driver, disk / 100, 0.08),
        "calls of a page, 12 megapixels, 0.4 s of the page each": Times(0.4, 1e-6, arguments.seconds),
    }
    for title, times in cases.items():
        print(f"\n{title}\n\n| workers | pictures a second | of ideal | driver or page | disk | workers busy |")
        print("| --- " * 6 + "|")
        for workers in WORKERS:
            found = simulate(times, workers, arguments.pictures)
            ideal = workers / (times.driver + times.disk + times.worker)
            shares = " | ".join(f"{share:.0%}" for share in (found["rate"] / ideal, *list(found.values())[1:]))
            print(f"| {workers} | {found['rate']:.2f} | {shares} |")


if __name__ == "__main__":
    main()
