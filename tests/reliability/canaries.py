"""Sessions that each tune on a colour of their own: nobody may ever get another's weights."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tests.reliability.board import Plan, Row
from tests.reliability.golden import golden_fault
from tests.reliability.samples import png, scene, striped
from tests.reliability.server import Server, wait_until
from tests.reliability.visitor import Visitor

BETTER = " → "  # the page tells what the weights were and are
ENDED = "at step"
PATIENCE, ROUNDS, TUNE_SECONDS = 900.0, 3, 120.0
WAVE, STRANGERS = 6, 4


def canary_rows(server: Server, plan: Plan) -> list[Row]:
    """Waves of sessions, as no more than eight trainings are kept; the base must not change."""
    base, faults, leaks, looks, marks = server.ask()["base"], [], 0, 0, set()
    for start in range(0, plan.canaries, WAVE):
        visitors = [Visitor(server.url) for _ in range(min(WAVE, plan.canaries - start))]
        with ThreadPoolExecutor(len(visitors)) as pool:
            numbered = list(enumerate(visitors, start))
            ended = list(pool.map(lambda pair: _tune(*pair, plan.canaries), numbered))
        faults += [f"a training ended with: {words[:80]}" for words in ended if words]
        made = _looks(visitors)
        marks |= {mark for mark, _ in made[: len(visitors)]}
        leaks += _differences(made, len(visitors)) + _stranger_leaks(server, visitors[0].mine["run"])
        looks += len(made) + STRANGERS
        for visitor in visitors:
            visitor.delete_training()
            visitor.close()
    is_same = server.ask()["base"] == base
    faults += [f"{leaks} leaks"] if leaks else []
    faults += [] if is_same else ["the base has changed"]
    faults += [] if len(marks) == plan.canaries else [f"only {len(marks)} different weights"]
    faults += [fault for fault in [golden_fault(server.url, 30.0)] if fault]
    result = f"{leaks} leaks in {looks} looks, base hash {'unchanged' if is_same else 'changed'}"
    line = "0 leaks, base hash unchanged"
    return [Row("sessions that each tune on their own colour", str(plan.canaries), result, line, tuple(faults))]


def _looks(visitors: list[Visitor]) -> list[tuple[str, np.ndarray | None]]:
    """What each gets alone, and then in rounds of all at once."""
    picture = png(scene(3))
    made = [_own_picture(visitor, picture) for visitor in visitors]
    with ThreadPoolExecutor(len(visitors)) as pool:
        for _ in range(ROUNDS):
            made += pool.map(lambda visitor: _own_picture(visitor, picture), visitors)
    return made


def _differences(made: list[tuple[str, np.ndarray | None]], people: int) -> int:
    """How many of the looks are not what the same person got alone."""
    alone = made[:people]
    pairs = zip(made[people:], alone * ROUNDS, strict=True)
    return sum(mark != own or not np.array_equal(array, its) for (mark, array), (own, its) in pairs)


def _tune(number: int, visitor: Visitor, of: int) -> str:
    files = [visitor.upload(png(striped(number, of, side))) for side in (64, 72, 80)]
    while (answer := visitor.start_training(files, "autoencoder", TUNE_SECONDS)).sentence:
        if "Too many trainings" not in answer.sentence:
            return answer.sentence
        time.sleep(1.0)
    wait_until(lambda: any(sign in visitor.training() for sign in (BETTER, ENDED)), PATIENCE)
    visitor.press("Stop")
    words = visitor.wait_for_training(PATIENCE)
    visitor.mine = {**visitor.mine, "used": True}
    return "" if "The best weights are kept." in words else words


def _own_picture(visitor: Visitor, picture: bytes) -> tuple[str, np.ndarray | None]:
    """The mark of the weights that made it, from the line about it, and the pixels."""
    answer = visitor.press("Reconstruct", Your_picture=visitor.upload(picture))
    if not answer.values:
        return answer.sentence, None
    mark = answer.text().partition("Weights ")[2].partition(")")[0]
    return mark, visitor.picture(answer.first("imageslider")[1])


def _stranger_leaks(server: Server, run: str) -> int:
    """Visitors with no training, or with an id that they guessed, get what the base makes."""
    made = []
    for guess in ("", "0" * 32, f"{run[:-1]}x", run[:31], f"../{run}"):
        stranger = Visitor(server.url)
        stranger.mine = {"run": guess, "used": bool(guess)}
        made.append(_own_picture(stranger, png(scene(3))))
        stranger.close()
    (mark, array), *others = made
    return sum(its != mark or not np.array_equal(pixels, array) for its, pixels in others)
