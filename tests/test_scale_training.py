"""One training in several processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from styleprop import images
from styleprop.cli import main
from styleprop.errors import SettingsError
from styleprop.scale.processes import LOST, NOT_JAX, UNEVEN, Processes
from tests.conftest import make_picture
from tests.test_training_runs import TINY_MODEL

ROOT = Path(__file__).parent.parent
SECONDS = 200
PROXIES = {"no_proxy": "localhost", "http_proxy": "http://127.0.0.1:9"}  # by which nobody is to be reached


def test_every_process_has_its_rows_of_a_batch():
    batch = {"content": np.arange(6), "distance": np.arange(4)}
    shares = [Processes(rank, 2).share(batch) for rank in range(2)]
    assert [{name: list(part) for name, part in share.items()} for share in shares] == [
        {"content": [0, 1, 2], "distance": [0, 1]},
        {"content": [3, 4, 5], "distance": [2, 3]},
    ]
    with pytest.raises(SettingsError, match="5 pictures of a batch cannot be shared evenly by 2 processes"):
        Processes(0, 2).share(np.arange(5))
    assert [Processes(rank, 2).is_writer for rank in range(2)] == [True, False]


def test_what_cannot_be_shared_is_told(tmp_path, capsys, monkeypatch):
    job = ["--run", str(tmp_path / "run"), "--processes", "2"]
    assert main(["train", "cyclegan", *job]) == 2
    assert "--processes is for autoencoder and stylizer" in capsys.readouterr().err
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert main(["train", "autoencoder", *job]) == 2
    assert NOT_JAX in capsys.readouterr().err


class Training:
    """A training of 30 steps in a process of its own, and perhaps others that it starts."""

    def __init__(self, environment, folder, run, *options):
        settings = ["--config", folder / "config.json", "--evaluate-every", "10", "--json", *options]
        job = ["train", "autoencoder", "--images", folder / "photos", "--run", folder / run, *settings]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "styleprop", *map(str, job)],
            env=environment | PROXIES,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def reports(self, until=30):
        """The losses by step, up to a step."""
        found = {}
        while until not in found:
            line = self.process.stdout.readline()
            assert line, self.process.communicate(timeout=SECONDS)[1]
            record = json.loads(line)
            found[record["step"]] = record["losses"]["loss"]
        return found

    def others(self):
        """Process ids of those that it has started."""
        pid = self.process.pid
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(other) for other in found if b"--processes" in Path(f"/proc/{other}/cmdline").read_bytes()]

    def end(self):
        """Exit code and standard error."""
        errors = self.process.communicate(timeout=SECONDS)[1]
        return self.process.returncode, errors


def has_ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.slow
def test_two_processes_learn_as_one_does_and_either_may_be_killed(tmp_path, random, on_jax):
    for number in range(2):
        images.save(make_picture(48, 64, random), tmp_path / "photos" / f"{number}.png")
    settings = {"total_steps": 30, "batch_size": 4, "crop_size": 32, "warmup_steps": 0, "learning_rate": 1e-4}
    (tmp_path / "config.json").write_text(json.dumps({**settings, "model": TINY_MODEL}))
    alone = Training(on_jax, tmp_path, "alone")
    expected = alone.reports()
    assert alone.end() == (0, "")

    losing = Training(on_jax, tmp_path, "shared", "--processes", 2)
    found = losing.reports(until=10)
    (other,) = losing.others()
    os.kill(other, signal.SIGKILL)
    code, errors = losing.end()
    assert (code, errors) == (1, f"styleprop: {LOST}\n")

    lost = Training(on_jax, tmp_path, "shared", "--processes", 2)
    found |= lost.reports(until=20)
    (other,) = lost.others()
    lost.process.kill()
    lost.end()
    deadline = time.monotonic() + SECONDS
    while not has_ended(other) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert has_ended(other)

    last = Training(on_jax, tmp_path, "shared")
    found |= last.reports()
    assert last.end() == (0, "")
    assert found == pytest.approx(expected, rel=1e-5)
    assert sorted(found) == [10, 20, 30]
    steps = [line.split(",")[0] for line in (tmp_path / "shared" / "log.csv").read_text().splitlines()]
    assert steps == ["step", "10", "20", "30"]


@pytest.mark.slow
def test_what_all_processes_refuse_is_said_in_its_own_sentence(tmp_path, random, on_jax):
    images.save(make_picture(48, 64, random), tmp_path / "photos" / "0.png")
    images.save(make_picture(48, 64, random), tmp_path / "photos" / "1.png")
    settings = {"total_steps": 3, "batch_size": 3, "crop_size": 32, "warmup_steps": 0, "model": TINY_MODEL}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    code, errors = Training(on_jax, tmp_path, "uneven", "--processes", 2).end()
    assert code == 2
    assert errors == f"styleprop: {UNEVEN.format(pictures='3 pictures', size=2)}\n"
