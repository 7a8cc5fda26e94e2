"""Many visitors at once, and visitors who go away in the middle."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tests.reliability.board import Plan, Row
from tests.reliability.golden import golden_fault
from tests.reliability.samples import flat, png, scene
from tests.reliability.server import Server, children_of, wait_until
from tests.reliability.visitor import FULL, Visitor

PATIENCE = 600.0
AGAIN = "try again in a minute"
MEMORY_MB = 50.0
FREE_SECONDS = 3.0
CALLS = ("reconstruct", "stylize", "translate")
ARGUMENTS = {
    "reconstruct": (),
    "stylize": ("great-wave", 0.7, 0.0, "style", 1.0),
    "translate": ("monet", "to painting"),
}


def picture_of(user: int) -> np.ndarray:
    """A user's own picture; its size is its own too."""
    return scene(1000 + user, 64 + user % 32, 80 + user // 4)


class Crowd:
    """Users who all call at once, each with a picture of their own."""

    def __init__(self, url: str, users: int):
        self.url, self.users = url, users
        self.lost, self.told_full = 0, 0
        self._count = threading.Lock()

    def made(self) -> list[dict[str, np.ndarray | None]]:
        """What each user got for each call; None where the call was lost."""
        with ThreadPoolExecutor(self.users) as pool:
            return list(pool.map(self._make, range(self.users)))

    def made_one_by_one(self) -> list[dict[str, np.ndarray | None]]:
        """The same without any crowd."""
        return [self._make(user) for user in range(self.users)]

    def _make(self, user: int) -> dict[str, np.ndarray | None]:
        visitor = Visitor(self.url)
        file = visitor.upload(png(picture_of(user)))
        names = CALLS[user % 3 :] + CALLS[: user % 3]
        try:
            return {name: self._call(visitor, name, file) for name in names}
        finally:
            visitor.close()

    def _call(self, visitor: Visitor, name: str, file: dict) -> np.ndarray | None:
        """Call, and again where the queue is full, until it is not."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = visitor.call(name, file, *ARGUMENTS[name])
            if answer.values:
                return visitor.picture(answer.values[0])
            if not any(told in answer.sentence for told in (FULL, AGAIN)):
                break
            with self._count:
                self.told_full += 1
            time.sleep(random.uniform(0.2, 1.0))
        with self._count:
            self.lost += 1
        return None


def swapped(found: list, expected: list) -> int:
    """How many answers are not those that are expected; what was lost is not counted."""
    return sum(
        not np.array_equal(mine[name], wanted[name])
        for mine, wanted in zip(found, expected, strict=True)
        for name in CALLS
        if mine[name] is not None
    )


def crowd_rows(server: Server, plan: Plan) -> list[Row]:
    """All users call at once; each must get what they get when they are alone, to the bit."""
    crowd = Crowd(server.url, plan.users)
    alone = crowd.made_one_by_one()
    before, start = server.memory_mb(), time.monotonic()
    together = crowd.made()
    seconds = time.monotonic() - start
    grown = server.memory_mb() - before
    wrong = swapped(together, alone)
    faults = []
    if crowd.lost or wrong:
        faults.append(f"{crowd.lost} calls lost, {wrong} results swapped")
    if grown > MEMORY_MB:
        faults.append(f"memory {grown:.0f} MB above the start")
    result = (
        f"{3 * plan.users - crowd.lost} answered in {seconds:.0f} s, {wrong} swapped, {crowd.told_full} times told "
    )
    result += f"that the queue is full and then served, memory {grown:+.0f} MB"
    line = "none lost, each its own; memory within 50 MB of the start"
    return [Row("users x 3 calls at once, mixed tabs", f"{plan.users} x 3", result, line, tuple(faults))]


def cancel_rows(server: Server, plan: Plan) -> list[Row]:
    """Trainings deleted and tabs closed at random moments: what they held is free within three seconds."""
    chance, slowest, faults = random.Random(5), 0.0, []
    for number in range(plan.cancels):
        act = (_delete_a_training, _close_a_tab)[number % 2]
        fault, seconds = act(server, chance)
        faults += [fault] if fault else []
        slowest = max(slowest, seconds)
    faults += [fault for fault in [golden_fault(server.url)] if fault]
    result = f"{plan.cancels - len(faults)} of {plan.cancels} free, the slowest after {slowest:.1f} s"
    line = "slot free, process and folder gone in 3 s"
    return [Row("cancels and closed tabs at random moments", str(plan.cancels), result, line, tuple(faults))]


def _delete_a_training(server: Server, chance: random.Random) -> tuple[str, float]:
    visitor = Visitor(server.url)
    answer = visitor.start_training([visitor.upload(png(flat(1, 3)))], "style", 60.0)
    if answer.sentence:
        return f"a training was refused: {answer.sentence}", 0.0
    folder = next(path for path in server.trainings() if path.name == visitor.mine["run"])
    time.sleep(chance.uniform(0.0, 6.0))
    visitor.delete_training()
    visitor.close()
    return _seconds_until("a training", lambda: not folder.exists() and not children_of(server.process.pid))


def _close_a_tab(server: Server, chance: random.Random) -> tuple[str, float]:
    visitor = Visitor(server.url)
    file = visitor.upload(png(scene(chance.randrange(99), 240, 320)))
    visitor.leave_in_the_middle("stylize", file, *ARGUMENTS["stylize"], after=chance.uniform(0.0, 0.5))
    visitor.close()
    return _seconds_until("a call", lambda: server.ask()["busy"] == 0)


def _seconds_until(what: str, is_free: Callable[[], bool]) -> tuple[str, float]:
    start = time.monotonic()
    free = wait_until(is_free, 3 * FREE_SECONDS)
    seconds = time.monotonic() - start
    return "" if free and seconds <= FREE_SECONDS else f"{what} held on for {seconds:.1f} s", seconds
