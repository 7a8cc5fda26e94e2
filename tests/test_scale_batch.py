"""Batches by Ray: real processes on 127.0.0.1, tiny weights."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from styleprop import images
from styleprop.cli import main
from styleprop.cli.terminal import quiet
from styleprop.scale import cluster
from styleprop.scale.pool import spread
from tests.conftest import make_picture

ROOT = Path(__file__).parent.parent
SECONDS = 100


@pytest.fixture(scope="module")
def ray():
    with quiet(), cluster.connected(cores=2) as cores:
        assert cores == 2
        import ray

        yield ray


@pytest.fixture
def photos(tmp_path, random):
    folder = tmp_path / "photos"
    for number in range(6):
        images.save(make_picture(24, 32, random), folder / f"{number}.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def lines(folder):
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def outputs(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".png"}


def family(pid):
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def sockets(pid):
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                yield os.readlink(descriptor).removeprefix("socket:[").removesuffix("]")


def listening(pid):
    """The addresses, in /proc's hexadecimal digits, where a process and its children take TCP connections."""
    ours = {inode for one in family(pid) for inode in sockets(one)}
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in ours}


@pytest.mark.slow
def test_nobody_else_can_reach_what_is_started_here(ray):
    there = ray.get(ray.remote(lambda: os.getpid()).remote())
    assert there in set(family(os.getpid()))
    assert listening(os.getpid()) <= {
        "0100007F",
        "0000000000000000FFFF00000100007F",
        "00000000000000000000000001000000",
    }
    assert listening(os.getpid())


# --- the command ---


@pytest.mark.slow
def test_ray_makes_the_same_bits_and_goes_on_where_it_stopped(ray, photos, painting, tiny_checkpoint, tmp_path, capsys):
    job = ["stylize", str(photos), "--style", str(painting), "--checkpoint", str(tiny_checkpoint)]
    here, there = tmp_path / "here", tmp_path / "there"
    assert main([*job, "-o", str(here)]) == 1
    expected = capsys.readouterr()
    assert main([*job, "-o", str(there), "--engine", "ray"]) == 1
    found = capsys.readouterr()
    assert outputs(there) == outputs(here)
    assert found.err == expected.err
    assert len(found.out.splitlines()) == 6
    assert Counter(line["output"] for line in lines(there)) == {**dict.fromkeys(outputs(here), 1), "broken.png": 1}
    assert [line["input"] for line in lines(there) if "error" in line] == [str(photos / "broken.jpg")]

    (there / "1.png").unlink()  # an output that has gone, an input that has changed: these two are made again
    images.save(images.load(photos / "2.png").image[::-1].copy(), photos / "2.png")
    assert main([*job, "-o", str(there), "--engine", "ray"]) == 1
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {
        str(photos / "1.png"),
        str(photos / "2.png"),
    }
    assert {line["output"] for line in lines(there)[7:]} == {"1.png", "2.png"}
    assert outputs(there)["1.png"] == outputs(here)["1.png"]
    assert outputs(there)["2.png"] != outputs(here)["2.png"]


@pytest.mark.slow
def test_a_driver_that_was_killed_loses_nothing_and_makes_nothing_twice(ray, photos, tiny_checkpoint, tmp_path):
    for number in range(6, 40):
        shutil.copy(photos / "0.png", photos / f"{number}.png")
    out, address = tmp_path / "out", ray.get_runtime_context().gcs_address
    job = ["reconstruct", photos, "-o", out, "--checkpoint", tiny_checkpoint, "--engine", "ray", "--address", address]
    command = [sys.executable, "-m", "styleprop", *map(str, [*job, "--workers", 1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as driver:
        for _ in range(5):
            assert driver.stdout.readline()
        driver.kill()
    made = lines(out)
    assert 5 <= len(made) < 41
    with (out / "results.jsonl").open("a") as stream:
        stream.write('{"input": "half a li')  # what a kill within a write would leave
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=SECONDS)
    assert done.returncode == 1
    assert "broken.jpg: This is not a picture" in done.stderr
    assert lines(out)[: len(made)] == made
    assert set(Counter(line["output"] for line in lines(out)).values()) == {1}
    assert len(lines(out)) == 41
    assert len(outputs(out)) == 40
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


@pytest.mark.slow
def test_a_style_that_is_not_there_ends_the_batch_in_a_sentence(ray, photos, tiny_checkpoint, tmp_path, capsys):
    job = ["stylize", str(photos), "--style", "nowhere", "--checkpoint", str(tiny_checkpoint)]
    assert main([*job, "-o", str(tmp_path / "out"), "--engine", "ray"]) == 1
    assert "neither a file nor a built-in style" in capsys.readouterr().err


# --- the pool ---


def work(folder, task):
    if task == 3 and not (folder / "killed once").exists():
        (folder / "killed once").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if task == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    with (folder / "made").open("a") as stream:
        stream.write(f"{task}\n")
    return task * task


@pytest.mark.slow
def test_a_killed_process_costs_nothing_and_one_that_a_task_always_kills_is_told(ray, tmp_path):
    found = dict(spread(range(12), partial(work, tmp_path), workers=2))
    assert found == {task: None if task == 5 else task * task for task in range(12)}
    assert sorted(map(int, (tmp_path / "made").read_text().split())) == [task for task in range(12) if task != 5]


def test_tasks_are_read_as_they_are_needed(ray):
    given = []

    def tasks():
        for number in range(10**9):
            given.append(number)
            yield number

    made = spread(tasks(), abs, workers=2)
    for _ in range(5):
        next(made)
    made.close()
    assert len(given) < 10
