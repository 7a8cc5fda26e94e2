"""Hours of use in little: four visitors who do all there is to do, while memory, threads and files are watched."""

import random
import threading
import time

import numpy as np

from tests.reliability.board import Plan, Row
from tests.reliability.crowd import ARGUMENTS, CALLS
from tests.reliability.golden import golden_fault
from tests.reliability.samples import flat, png, scene
from tests.reliability.server import serving, wait_until
from tests.reliability.visitor import Visitor

WARM_SHARE = 1 / 3  # of the time, before anything is measured
SAMPLE_SECONDS = 1.0
SLOPE_PERCENT, P99_SECONDS = 1.0, 5.0
MORE_THREADS, MORE_FILES = 4, 8
BLOCKS = 10
SIZES = ((64, 80), (96, 128), (128, 96), (200, 150), (256, 256))


class Soak:
    """Visitors in threads, and what they saw."""

    def __init__(self, url: str, seconds: float):
        self.url, self.end = url, time.monotonic() + seconds
        self.calls, self.seconds, self.problems, self.trained = 0, [], [], 0
        self._count = threading.Lock()

    def run(self, server) -> list[tuple[int, float, dict[str, int]]]:
        """Let all visitors do their best; samples of (calls, memory in MB, counts)."""
        people = [threading.Thread(target=self._look_around, args=(seed,)) for seed in range(3)]
        people.append(threading.Thread(target=self._train))
        for person in people:
            person.start()
        samples = []
        while time.monotonic() < self.end:
            samples.append((self.calls, server.memory_mb(), server.counts()))
            time.sleep(SAMPLE_SECONDS)
        for person in people:
            person.join(120)
        return samples

    def _look_around(self, seed: int) -> None:
        """Good pictures mostly, now and then a bad one, or a tab that is closed."""
        chance, visitor = random.Random(seed), Visitor(self.url)
        while time.monotonic() < self.end:
            try:
                self._do_something(visitor, chance)
            except Exception as error:
                self._note(f"{type(error).__name__}: {error}")
            with self._count:
                self.calls += 1
            time.sleep(chance.uniform(0.0, 0.3))
        visitor.close()

    def _do_something(self, visitor: Visitor, chance: random.Random) -> None:
        name, dice = chance.choice(CALLS), chance.random()
        good = png(scene(chance.randrange(50), *chance.choice(SIZES)))
        if dice < 0.1:
            answer = visitor.call("reconstruct", visitor.upload(good[: len(good) // 2]))
            if not answer.sentence:
                self._note("half a picture was read")
        elif dice < 0.2:
            visitor.leave_in_the_middle(name, visitor.upload(good), *ARGUMENTS[name], after=chance.uniform(0.0, 0.3))
        else:
            answer = visitor.call(name, visitor.upload(good), *ARGUMENTS[name])
            if not answer.values:
                self._note(f"{name} was refused: {answer.sentence}")
            self.seconds.append(answer.seconds)

    def _train(self) -> None:
        """Train, and take away what came of it, again and again."""
        chance, visitor = random.Random(99), Visitor(self.url)
        while time.monotonic() < self.end:
            job = chance.choice(("style", "autoencoder"))
            files = [visitor.upload(png(flat(number, 5))) for number in range(1 if job == "style" else 3)]
            answer = visitor.start_training(files, job, 20.0)
            if answer.sentence:
                self._note(f"a training was refused: {answer.sentence}")
            stop = time.monotonic() + chance.uniform(5.0, 40.0)
            wait_until(lambda stop=stop: time.monotonic() > min(stop, self.end), 60)
            visitor.delete_training()
            self.trained += 1
        visitor.close()

    def _note(self, problem: str) -> None:
        with self._count:
            self.problems.append(problem)


def soak_rows(plan: Plan) -> list[Row]:
    """A server of its own under mixed use; what must stay flat is looked at after the first third."""
    with serving() as server:
        _warm_up(server.url)
        soak = Soak(server.url, plan.soak_seconds)
        samples = soak.run(server)
        wait_until(lambda: server.counts()["processes"] == 0 and server.ask()["busy"] == 0, 10)
        at_end, known = server.counts(), server.ask()
        faults = [*soak.problems[:3], *[fault for fault in [golden_fault(server.url)] if fault]]
    warm = samples[round(len(samples) * WARM_SHARE) :]
    slope, margin = slope_percent([(calls, memory) for calls, memory, _ in warm])
    threads, files = (_growth(warm, name) for name in ("threads", "files"))
    p99 = float(np.percentile(soak.seconds, 99))
    if slope >= SLOPE_PERCENT:
        faults.append(f"memory grows by {slope:.2f} % per 1,000 calls")
    if threads > MORE_THREADS or files > MORE_FILES or at_end["processes"]:
        faults.append(f"{threads:+d} threads, {files:+d} files, {at_end['processes']} processes are left")
    if known["traces"] != 1:
        faults.append(f"{known['traces']} traces of a network")
    if p99 >= P99_SECONDS:
        faults.append(f"p99 {p99:.1f} s")
    result = f"{soak.calls} calls, {soak.trained} trainings; memory {slope:+.2f} ± {margin:.2f} % per 1,000 calls"
    result += f", threads {threads:+d}, files {files:+d}, processes {at_end['processes']}"
    result += f", {known['traces']} trace; p99 {p99:.2f} s"
    line = "memory slope < 1 % per 1,000 calls; the rest flat; p99 < 5 s"
    measure = "soak: 3 users with good, bad and cancelled calls, 1 who trains"
    return [Row(measure, f"{plan.soak_seconds / 60:g} min", result, line, tuple(faults))]


def _warm_up(url: str) -> None:
    """Every call in every size once, so that what is kept for each of them is there."""
    visitor = Visitor(url)
    for number, size in enumerate(SIZES):
        for name in CALLS:
            visitor.call(name, visitor.upload(png(scene(number, *size))), *ARGUMENTS[name])
    visitor.close()


def slope_percent(points: list[tuple[int, float]]) -> tuple[float, float]:
    """How much memory grows in 1,000 calls, in percent of its mean, by least squares; and two standard errors of it.

    Neighbouring samples are alike, so the error is taken from the means of ten blocks.
    """
    if len(points) < 2 * BLOCKS or points[0][0] == points[-1][0]:
        return float("inf"), 0.0
    calls, memory = np.array([np.mean(block, axis=0) for block in np.array_split(np.array(points, float), BLOCKS)]).T
    slope, level = np.polyfit(calls, memory, 1)
    left = memory - slope * calls - level
    error = np.sqrt((left**2).sum() / (BLOCKS - 2) / ((calls - calls.mean()) ** 2).sum())
    scale = 1000 / memory.mean() * 100
    return float(slope * scale), float(2 * error * scale)


def _growth(samples: list[tuple[int, float, dict[str, int]]], name: str) -> int:
    """How much more there is in the last quarter than in the first, by the middle of each."""
    values = [counts[name] for _, _, counts in samples]
    quarter = max(1, len(values) // 4)
    return round(float(np.median(values[-quarter:]) - np.median(values[:quarter])))
