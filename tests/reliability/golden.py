"""One picture, asked for again and again: the answer must be the same to the bit."""

import time

import numpy as np

from tests.reliability.samples import golden
from tests.reliability.visitor import Visitor

known: list[np.ndarray] = []


def golden_fault(url: str, seconds: float = 5.0) -> str:
    """What is wrong with the golden picture now; "" where it is right and in time."""
    start, visitor = time.monotonic(), Visitor(url)
    try:
        answer = visitor.call("reconstruct", visitor.upload(golden()))
        took = time.monotonic() - start
        if not answer.values:
            return f"the golden picture was refused: {answer.sentence}"
        array = visitor.picture(answer.values[0])
    finally:
        visitor.close()
    if not known:
        known.append(array)
    if not np.array_equal(array, known[0]):
        return "the golden picture has changed"
    return "" if took < seconds else f"the golden picture took {took:.1f} s"
