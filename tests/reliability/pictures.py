"""Hostile files through the picture inputs, with the golden picture between them; and requests made by hand."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace

from styleprop import images
from tests.hostile import HostileCase, generate
from tests.reliability.board import Plan, Row
from tests.reliability.golden import golden_fault
from tests.reliability.samples import png, scene
from tests.reliability.server import Server
from tests.reliability.visitor import Answer, Visitor

GOLDEN_EVERY = 25
SECONDS_A_CASE = 30.0
LEAKS = re.compile(r"Traceback|/tmp|site-packages|Error\(|styleprop/|checkpoints/|reliability-")
STYLE = "great-wave"


def _stylize(visitor: Visitor, content: dict, style: dict | str, strength: float) -> Answer:
    return visitor.call("stylize", content, style, strength, 0.0, "style", 1.0)


CALLS: tuple[tuple[str, Callable[[Visitor, dict, dict], Answer]], ...] = (
    ("style transfer's photo", lambda visitor, file, good: _stylize(visitor, file, STYLE, 0.0)),
    ("reconstruct's picture", lambda visitor, file, good: visitor.call("reconstruct", file)),
    ("cyclegan's photo", lambda visitor, file, good: visitor.call("translate", file, "monet", "to painting")),
    ("a style picture", lambda visitor, file, good: _stylize(visitor, good, file, 1.0)),
    ("the check on upload", lambda visitor, file, good: visitor.press("Your photo", "upload", Your_photo=file)),
    ("fine-tune", lambda visitor, file, good: visitor.press("Your pictures", "upload", Your_pictures=[file])),
)


def hostile_rows(server: Server, plan: Plan) -> list[Row]:
    """Every generated file through the plan's inputs; each is answered rightly or in a clear sentence."""
    faults, golden_faults, sent = [], [], 0
    visitor = Visitor(server.url)
    good = visitor.upload(png(scene(1)))
    with tempfile.TemporaryDirectory() as folder:
        cases = [case for case in generate(f"{folder}/all") if case.can_be_sent]
        for name, call in CALLS[: plan.inputs]:
            for case in cases:
                fault = _check(visitor, case, lambda file, call=call: call(visitor, file, good), name == CALLS[0][0])
                faults += [f"{name}, {case.name}: {fault}"] if fault else []
                sent += 1
                if sent % GOLDEN_EVERY == 0:
                    golden_faults.append(golden_fault(server.url, SECONDS_A_CASE))
    visitor.close()
    golden_faults.append(golden_fault(server.url, SECONDS_A_CASE))
    wrong = tuple(fault for fault in golden_faults if fault)
    up = () if server.is_up() else ("the server is down",)
    count = f"{len(cases)} files x {plan.inputs} input{'s' * (plan.inputs > 1)}"
    result = f"{sent - len(faults)} of {sent} right"
    checked = len(golden_faults)
    return [
        Row("hostile files", count, result, "each read right or refused in a sentence; no leak", (*faults, *up)),
        Row(
            "a golden picture between them", f"{checked}", f"{checked - len(wrong)} same", "the same to the bit", wrong
        ),
    ]


def _check(visitor: Visitor, case: HostileCase, call: Callable[[dict], Answer], compares: bool) -> str:
    data = case.path.read_bytes()
    file = visitor.upload(data, case.path.name.encode("utf-8", "replace").decode())
    answer = call(file) if isinstance(file, dict) else Answer(sentence=file)
    text = answer.text()
    if LEAKS.search(text) or (answer.sentence and len(answer.sentence) > 300):
        return f"it leaks: {text[:80]}"
    if answer.seconds > SECONDS_A_CASE:
        return f"it took {answer.seconds:.0f} s"
    is_refused = bool(answer.sentence) or 'role="alert"' in str(answer.values)
    if case.expected == "refused" or is_refused:
        return "" if is_refused == (case.expected == "refused") else f"read or refused wrongly: {text[:80]}"
    return _pixels_fault(visitor, case, answer, data) if compares else ""


def _pixels_fault(visitor: Visitor, case: HostileCase, answer: Answer, data: bytes) -> str:
    """At strength 0 the photo's own pixels come back."""
    made = images.load(visitor.fetch(answer.values[0]))
    made = replace(made, notes=tuple(answer.values[1]["notes"]), settings=images.load(data).settings)
    return "" if case.check is None or case.check(made) else "wrong pixels"
