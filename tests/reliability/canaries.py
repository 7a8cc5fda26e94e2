"""Sessions that each tune on a colour of their own: nobody may ever get another's weights."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tests.reliability.board import Plan, Row
from tests.reliability.golden import golden_fault
from tests.reliability.samples import png, scene, striped
from tests.reliability.server import Server
from tests.reliability.visitor import Visitor

PATIENCE, ROUNDS, TUNE_SECONDS = 900.0, 3, 8.0


def canary_rows(server: Server, plan: Plan) -> list[Row]:
    """Every session trains on a colour of its own; nobody may ever get another's weights, or the base change."""
    base, picture = server.ask()["base"], png(scene(3))
    visitors = [Visitor(server.url) for _ in range(plan.canaries)]
    with ThreadPoolExecutor(plan.canaries) as pool:
        ended = list(pool.map(lambda pair: _tune(*pair, plan.canaries), enumerate(visitors)))
    alone = [_own_picture(visitor, picture) for visitor in visitors]
    together = []
    with ThreadPoolExecutor(plan.canaries) as pool:
        for _ in range(ROUNDS):
            together += pool.map(lambda visitor: _own_picture(visitor, picture), visitors)
    faults = [f"a training ended with: {words[:80]}" for words in ended if words]
    marks = {mark for mark, _ in alone}
    if len(marks) < plan.canaries:
        faults.append(f"only {len(marks)} different weights")
    expected = alone * ROUNDS
    leaks = sum(
        mark != own or not np.array_equal(array, its)
        for (mark, array), (own, its) in zip(together, expected, strict=True)
    )
    leaks += _stranger_leaks(server, visitors[0].mine["run"])
    faults += [f"{leaks} leaks"] if leaks else []
    is_same = server.ask()["base"] == base
    faults += [] if is_same else ["the base has changed"]
    faults += [fault for fault in [golden_fault(server.url, 30.0)] if fault]
    for visitor in visitors:
        visitor.delete_training()
        visitor.close()
    result = f"{leaks} leaks in {len(together) + 4} looks, base hash {'unchanged' if is_same else 'changed'}"
    line = "0 leaks, base hash unchanged"
    return [Row("sessions that each tune on their own colour", str(plan.canaries), result, line, tuple(faults))]


def _tune(number: int, visitor: Visitor, of: int) -> str:
    files = [visitor.upload(png(striped(number, of, side))) for side in (64, 72, 80)]
    while (answer := visitor.start_training(files, "autoencoder", TUNE_SECONDS)).sentence:
        if "Too many trainings" not in answer.sentence:
            return answer.sentence
        time.sleep(1.0)
    words = visitor.wait_for_training(PATIENCE)
    visitor.mine = {**visitor.mine, "used": True}
    return "" if "the best weights are kept" in words else words


def _own_picture(visitor: Visitor, picture: bytes) -> tuple[str, np.ndarray | None]:
    """The mark of the weights that made it, from the line about it, and the pixels."""
    answer = visitor.press("Reconstruct", Your_picture=visitor.upload(picture))
    if not answer.values:
        return answer.sentence, None
    mark = answer.text().partition("checkpoint ")[2].partition(".")[0]
    return mark, visitor.picture(answer.first("downloadbutton"))


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
