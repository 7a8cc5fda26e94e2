"""What breaks: trainings, the Hub, weights, and the machine that says stop. The app must say so and go on."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from styleprop.checkpoints import EMBEDDED, WEIGHTS_FILE, write_sums
from tests.reliability.board import Plan, Row
from tests.reliability.drains import drain_once
from tests.reliability.golden import golden_fault
from tests.reliability.pictures import LEAKS
from tests.reliability.samples import flat, png
from tests.reliability.server import Server, serving, wait_until
from tests.reliability.visitor import Visitor
from tests.stand_in_hub import StandInHub

REPO = "ann/tiny"
SETTLE_SECONDS, SILENCE_SECONDS = 60.0, 3.0
TRAININGS = {
    "training killed": "was killed",
    "training out of memory": "needs more memory than there is",
    "training hung": "hung and was ended",
    "training NaN": "not a finite number",
    "training disk full": "no room left on the disk",
}
HUB = {
    "Hub refused": ("", "cannot be reached"),
    "Hub hanging": ("hang", "did not answer"),
    "Hub half": ("half", "does not match"),
    "Hub HTML": ("page", "web page"),
    "Hub wrong bytes": ("wrong bytes", "does not match"),
    "Hub 429": ("429", "less often"),
}


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _spoil(path: Path, change: Callable[[h5py.Dataset, h5py.Group], None]) -> None:
    """Change the first array of a weights file, and list its new hash."""
    with h5py.File(path, "r+") as file:
        found: list[str] = []
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) and item.ndim else None)
        change(file[found[0]], file)
    write_sums(path.parent)


def _put_nan(item: h5py.Dataset, _: h5py.Group) -> None:
    item[...] = np.nan


def _shrink(item: h5py.Dataset, file: h5py.Group) -> None:
    name, values = item.name, item[()]
    del file[name]
    file[name] = values[..., :-1]


WEIGHTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "weights damaged": (_flip, "does not match its SHA-256"),
    "weights half": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "does not match"),
    "weights of a wrong shape": (lambda path: _spoil(path, _shrink), "do not fit"),
    "weights NaN": (lambda path: _spoil(path, _put_nan), "not finite"),
}
SIGTERM = "SIGTERM under load"
ALL = (*TRAININGS, *HUB, *WEIGHTS, SIGTERM)


def fault_rows(server: Callable[[], Server], plan: Plan) -> list[Row]:
    """Each kind of fault; `server` gives the shared one for the trainings."""
    kinds, faults, survived = plan.faults or ALL, [], 0
    for _ in range(plan.fault_rounds):
        for kind in kinds:
            found = [fault for fault in _cause(kind, server) if fault]
            survived += not found
            faults += [f"{kind}: {fault}" for fault in found]
    result = f"{survived} of {len(kinds) * plan.fault_rounds} told and survived"
    line = "clear text, server up, golden picture ok within 5 s"
    count = f"{len(kinds)} kinds x {plan.fault_rounds}"
    return [Row(f"faults: {', '.join(kinds)}", count, result, line, tuple(faults))]


def _cause(kind: str, server: Callable[[], Server]) -> list[str]:
    if kind in TRAININGS:
        return _spoil_training(server(), kind)
    if kind in HUB:
        return _spoil_hub(*HUB[kind])
    return drain_once(Server().wait_until_ready(), []) if kind == SIGTERM else _spoil_weights(*WEIGHTS[kind])


def _spoil_training(server: Server, kind: str) -> list[str]:
    server.fault_file.write_text(kind)
    if kind == "training hung":
        server.ask(silence=SILENCE_SECONDS)
    visitor = Visitor(server.url)
    try:
        visitor.start_training([visitor.upload(png(flat(1, 3)))], "style", 2.0)
        words = visitor.wait_for_training(SETTLE_SECONDS * 3)
    finally:
        server.fault_file.write_text("")
        server.ask(silence=120.0)
        visitor.delete_training()
        visitor.close()
    return [_words_fault(words, TRAININGS[kind]), *_life_faults(server)]


def _spoil_hub(mode: str, expected: str) -> list[str]:
    hub = StandInHub()
    hub.add(REPO, EMBEDDED / "autoencoder")
    hub.mode = mode
    if not mode:
        hub.close()
    with tempfile.TemporaryDirectory() as home:
        try:
            with serving("--hub", REPO, HF_ENDPOINT=hub.url, HF_HOME=home) as server:
                faults = _life_faults(server)
                wait_until(lambda: server.ask()["settled"], SETTLE_SECONDS)
                return [*faults, _words_fault(server.ask()["sentence"], expected), *_life_faults(server)]
        finally:
            if mode:
                hub.close()


def _spoil_weights(spoil: Callable[[Path], object], expected: str) -> list[str]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(EMBEDDED / "autoencoder", Path(place) / "spoilt"))
        spoil(folder / WEIGHTS_FILE)
        with serving("--checkpoint", str(folder)) as server:
            return [_words_fault(server.ask()["sentence"], expected), *_life_faults(server)]


def _words_fault(words: str, expected: str) -> str:
    if expected not in words:
        return f"said {words[:120]!r}"
    return f"it leaks: {words[:120]}" if LEAKS.search(words) else ""


def _life_faults(server: Server) -> list[str]:
    return ["" if server.is_up() else "the server is down", golden_fault(server.url)]
