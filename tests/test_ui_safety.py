"""What strangers and accidents leave behind, and how many of their calls may wait."""

import copy
import errno
import fcntl
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import gradio as gr
import httpx
import pytest

from styleprop.server.guard import guard_all, plain_errors
from styleprop.server.janitor import ABORTED_SECONDS, KEEP_SECONDS, Janitor, remove_dead_folders
from styleprop.server.texts import say
from styleprop.server.uploads import LOCK, VARIABLE, make_folder
from styleprop.server.waiting import TOO_MANY
from styleprop.training.desk import Desk
from styleprop.ui.serve import SESSIONS
from tests.serving import SECONDS, connect, error_of, running, send, wait_until


@pytest.fixture
def held(styled_checkpoint, app):
    """An app whose pictures take until `release` is set, and count."""
    release, begun = threading.Event(), []

    def load(_):
        model = copy.copy(app.model)
        reconstruct = model.reconstruct

        def slow(*arguments):
            begun.append(1)
            assert release.wait(SECONDS)
            return reconstruct(*arguments)

        model.reconstruct = slow
        return model

    with running(styled_checkpoint, load=load) as (page, models, url):
        models.wait(SECONDS)
        yield page, url, release, begun
        release.set()


def join(url, page, picture, session):
    event = next(event for event in page.fns.values() if event.api_name == "reconstruct")
    body = {"data": [picture], "fn_index": event._id, "session_hash": session}
    return httpx.post(f"{url}gradio_api/queue/join", json=body, timeout=SECONDS)


def uploaded(url, photo):
    answer = httpx.post(f"{url}gradio_api/upload", files={"files": photo.read_bytes()}, timeout=SECONDS)
    return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def three(monkeypatch):
    """Three calls of a session may wait."""
    monkeypatch.setattr("styleprop.server.waiting.MAX_WAITING", 3)


def test_a_call_beyond_the_limit_ends_in_a_sentence_that_the_client_shows(three, held, photo, tmp_path):
    _, url, release, begun = held
    client = connect(url, tmp_path)
    jobs = [client.submit(send(photo), api_name="/reconstruct")]
    wait_until(lambda: begun)
    jobs += [client.submit(send(photo), api_name="/reconstruct") for _ in range(5)]
    wait_until(lambda: sum(job.done() for job in jobs) == 2)
    assert {str(job.exception()) for job in jobs if job.done()} == {TOO_MANY}
    client.submit(send(photo), api_name="/reconstruct").exception(SECONDS)
    release.set()
    assert sum(job.exception(SECONDS) is None for job in jobs) == 4
    client.predict(send(photo), api_name="/reconstruct")


def test_a_script_over_twenty_photos_gets_twenty_results(held, photo, tmp_path):
    _, url, release, begun = held
    client = connect(url, tmp_path)
    jobs = [client.submit(send(photo), api_name="/reconstruct") for _ in range(20)]
    wait_until(lambda: begun)
    release.set()
    assert all(Path(job.result(SECONDS)[0]).is_file() for job in jobs)


def test_calls_at_the_same_moment_find_no_more_room(three, held, photo):
    page, url, _, begun = held
    picture = uploaded(url, photo)
    join(url, page, picture, "bob")
    wait_until(lambda: begun)
    threads = [threading.Thread(target=join, args=(url, page, picture, "ann")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert waiting_in(page) == ["ann"] * 3


def waiting_in(page):
    """The sessions whose calls wait for the model, the next one first."""
    return [event.session_hash for event in page._queue.event_queue_per_concurrency_id["inference"].queue]


def test_who_has_many_calls_waiting_takes_turns_with_those_who_come_later(held, photo):
    page, url, _, begun = held
    picture = uploaded(url, photo)
    join(url, page, picture, "ann")
    wait_until(lambda: begun)
    for session in ("ann", "ann", "ann", "ann", "bob", "cleo", "bob", "ann"):
        assert join(url, page, picture, session).status_code == 200
    assert waiting_in(page) == ["ann", "bob", "cleo", "ann", "bob", "ann", "ann", "ann"]


@pytest.mark.slow
def test_nothing_that_computes_runs_beside_the_queue(app, photo):
    picture = uploaded(app.url, photo)
    for event in app.page.fns.values():
        if event.queue:
            for place in (f"run/{event.api_name}", f"api/{event.api_name}"):
                body = {"data": [picture], "fn_index": event._id, "session_hash": "ann"}
                assert httpx.post(f"{app.url}gradio_api/{place}", json=body, timeout=SECONDS).status_code == 404


def test_gradio_keeps_no_list_of_calls(app, client, photo):
    for _ in range(3):
        client.predict(send(photo), api_name="/reconstruct")
    assert len(app.page._queue.event_analytics) <= 1
    assert app.page._queue.cached_event_analytics_summary == {"functions": {}}


def test_gradio_forgets_sessions_that_nobody_comes_back_to(app):
    report = next(number for number, event in app.page.fns.items() if event.api_name == "report")
    with httpx.Client(base_url=app.url, timeout=SECONDS) as http:
        for number in range(SESSIONS + 3):
            body = {"fn_index": report, "data": [None, ""], "session_hash": f"visitor{number}"}
            http.post("gradio_api/run/predict", json=body).raise_for_status()
    known = app.page.state_holder.session_data
    assert len(known) == SESSIONS
    assert {"visitor3", f"visitor{SESSIONS + 2}"} <= set(known)


# --- the janitor ---


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder as `make_folder` makes it, in a place of its own."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return make_folder()


def test_the_folder_is_private_and_locked(own):
    assert own.stat().st_mode & 0o777 == 0o700
    with (own / LOCK).open("r+") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def later(seconds):
    return lambda: time.time() + seconds


def test_an_upload_that_broke_off_is_removed_and_one_under_way_is_not(app):
    folder = Path(os.environ[VARIABLE])
    janitor, before = Janitor(folder, None, later(ABORTED_SECONDS - 60)), set(folder.glob("tmp*"))
    host, port = app.url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        part = 'Content-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        connection.sendall((head + part).encode() + bytes(50_000))
        wait_until(lambda: set(folder.glob("tmp*")) - before)
    left = (set(folder.glob("tmp*")) - before).pop()
    janitor.sweep()
    assert left.exists()
    janitor.clock = later(ABORTED_SECONDS + 60)
    janitor.sweep()
    assert not left.exists()


def test_files_of_visitors_are_removed_after_an_hour_and_the_pages_own_stay(own):
    (own / "page").mkdir()
    (own / "page" / "thumbnail.png").write_bytes(b"x")
    janitor = Janitor(own, None, later(KEEP_SECONDS - 60))
    for name in (
        "results/a/made.png",
        "upload/b/photo.png",
        "examples/cat.png",
        "trainings/c/job.json",
        "clips/d/clip.mp4",
    ):
        (own / name).parent.mkdir(parents=True)
        (own / name).write_bytes(b"x")
    janitor.sweep()
    assert (own / "results" / "a" / "made.png").exists()
    janitor.clock = later(KEEP_SECONDS + 60)
    janitor.sweep()
    left = sorted(path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file())
    assert left == [LOCK, "clips/d/clip.mp4", "examples/cat.png", "page/thumbnail.png", "trainings/c/job.json"]
    janitor.clock = later(2 * KEEP_SECONDS)
    janitor.sweep()
    assert not (own / "results").exists()


MAKE = """
import tempfile, time
from styleprop.server.uploads import make_folder
print(make_folder(), flush=True)
time.sleep(600)
"""


def test_the_folder_of_a_killed_process_is_removed_and_a_living_ones_is_not(own, tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", MAKE], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        folder = Path(process.stdout.readline().strip())
        (folder / "photo.png").write_bytes(b"x")
        (tmp_path / "styleprop-of-somebody-else").mkdir()
        remove_dead_folders(tmp_path)
        assert folder.is_dir()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    remove_dead_folders(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([own, tmp_path / "styleprop-of-somebody-else"])


def test_the_desk_forgets_trainings_after_half_an_hour_and_keeps_eight(tmp_path, photo, monkeypatch):
    from styleprop.training.job import FineTuning

    desk = Desk(lambda: tmp_path / "desk", (sys.executable, "-c", "pass"))
    names = [desk.submit(FineTuning("style", (photo,), (photo,))) for _ in range(8)]
    for name in names:
        wait_until(lambda name=name: desk.status(name).state == "failed")
    janitor = Janitor(tmp_path, desk)
    janitor.sweep()
    assert len(list((tmp_path / "desk").iterdir())) == 8
    desk.status(names[0])  # asked for: no longer the oldest
    monkeypatch.setattr("styleprop.training.desk.MAX_KEPT", 7)
    janitor.sweep()
    assert {path.name for path in (tmp_path / "desk").iterdir()} == set(names) - {names[1]}
    monkeypatch.setattr("styleprop.training.desk.KEEP_SECONDS", 0.0)
    janitor.sweep()
    assert list((tmp_path / "desk").iterdir()) == []
    desk.close()


def test_a_training_whose_pictures_cannot_be_copied_leaves_nothing(tmp_path, photo):
    from styleprop.training.job import FineTuning

    desk = Desk(lambda: tmp_path / "desk")
    with pytest.raises(FileNotFoundError):
        desk.submit(FineTuning("style", (photo, tmp_path / "gone.png"), (photo,)))
    assert list((tmp_path / "desk").iterdir()) == []


def test_a_closed_desk_starts_no_other_training(tmp_path, photo):
    from styleprop.training.job import FineTuning

    desk = Desk(lambda: tmp_path / "desk", (sys.executable, "-c", "import time; time.sleep(600)"))
    first, second = (desk.submit(FineTuning("style", (photo,), (photo,))) for _ in range(2))
    wait_until(lambda: desk.status(first).state == "running")
    desk.close()
    wait_until(lambda: desk.status(first).state == "failed")
    desk._thread.join(SECONDS)
    assert not desk._thread.is_alive()
    assert desk.status(second).state == "queued"


def test_files_of_a_training_cannot_be_fetched(app):
    folder = Path(os.environ[VARIABLE]) / "trainings" / ("0" * 32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "preview.png").write_bytes(b"x")
    for place in ("file=", "file/"):
        answer = httpx.get(f"{app.url}gradio_api/{place}{folder}/preview.png", timeout=SECONDS)
        assert answer.status_code in (403, 404)


# --- errors ---


def test_every_handler_of_the_page_is_guarded(app):
    handlers = [event.fn for event in app.page.fns.values() if event.fn is not None]  # some run in the browser alone
    assert all(hasattr(handler, "__wrapped__") for handler in handlers)


def test_a_generator_is_guarded_at_every_step():
    def steps():
        yield 1
        raise RuntimeError("secret in /tmp/place")

    with gr.Blocks() as page:
        gr.Button().click(steps, outputs=[gr.Number()])
    guard_all(page)
    made = next(iter(page.fns.values())).fn()
    assert next(made) == 1
    with pytest.raises(gr.Error, match=r"The log has it as error [0-9a-f]{8}"):
        next(made)


def test_a_full_disk_is_told():
    @plain_errors
    def save():
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/place")

    with pytest.raises(gr.Error) as caught:
        save()
    assert caught.value.message == say("There is no room left on the disk here; try again later.")


def test_a_full_disk_is_told_over_http_and_the_next_call_is_served(app, client, photo, monkeypatch):
    def refuse(data, name):
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/place")

    with monkeypatch.context() as context:
        context.setattr("styleprop.server.uploads.write_result", refuse)
        assert "no room left on the disk" in error_of(client, send(photo), api_name="/reconstruct")
    client.predict(send(photo), api_name="/reconstruct")


FULL_DISK = """
import resource, sys
from pathlib import Path
from styleprop.training import worker

def train(folder):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    (folder / "more").write_text("x")

worker._train = train
worker.main(Path(sys.stdin.readline().strip()))
"""


def test_a_training_on_a_full_disk_says_so_though_it_can_write_nothing(tmp_path, photo):
    from styleprop.training.job import FineTuning

    desk = Desk(lambda: tmp_path / "desk", (sys.executable, "-c", FULL_DISK))
    name = desk.submit(FineTuning("style", (photo,), (photo,)))
    wait_until(lambda: desk.status(name).state == "failed")
    assert desk.status(name).sentence == "The training stopped: there is no room left on the disk."
    desk.close()
