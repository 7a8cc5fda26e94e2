"""A visitor's own weights go to the Hub with the visitor's own login, which nobody else ever sees."""

import json
import logging
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from styleprop import hub
from styleprop.errors import TrainingError
from styleprop.server.uploads import VARIABLE
from styleprop.training.desk import GONE
from styleprop.training.job import FineTuning
from styleprop.training.line import Line
from styleprop.training.run_status import RunStatus
from styleprop.ui.fine_tune import push as tuning_push
from tests import stand_in_login
from tests.serving import LEAKS, SECONDS, running
from tests.stand_in_hub import TOKEN

RUN = "a" * 32
MINE = {"run": RUN, "used": False}


class OneRun:
    """A desk that knows a single run, which has ended."""

    line = Line()

    def __init__(self, folder):
        job = FineTuning("style", (Path("a.png"),), (Path("b.png"),))
        reports = [{"step": 9, "seconds": 1, "losses": {}, "scores": {}}]
        best = {"base": {"style": 0.4, "content": 2.0}, "best": {"style": 0.3, "content": 2.0}}
        self.known = RunStatus("done", 0, "", job, reports, None, folder, best)

    def submit(self, job):
        return RUN

    def prepare(self):
        """Nothing is run."""

    def sweep(self):
        """Nothing is old."""

    def status(self, name):
        if name != RUN:
            raise TrainingError(GONE)
        return self.known

    def close(self):
        pass


class Visitor:
    """A browser, as far as it matters: it keeps cookies, also those that are for https alone, and follows the way."""

    def __init__(self, url):
        self.url, self.cookies = url, {}
        self.http = httpx.Client(timeout=SECONDS)

    def get(self, address):
        address = httpx.URL(self.url).join(address)
        own = str(address).startswith(self.url)
        answer = self.http.get(address, headers=self.headers if own else {})
        if own and (cookie := answer.headers.get("set-cookie")):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return self.get(answer.headers["location"]) if answer.is_redirect else answer

    @property
    def headers(self):
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def call(self, function, *data, **body):
        """What a private call answers: its values, or the sentence that it is refused with."""
        asked = {"fn_index": function, "data": list(data), "session_hash": "visitor", **body}
        self.http.post(f"{self.url}gradio_api/queue/join", json=asked, headers=self.headers).raise_for_status()
        address = f"{self.url}gradio_api/queue/data?session_hash=visitor"
        with self.http.stream("GET", address, headers=self.headers) as answer:
            for line in answer.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    output = message["output"]
                    return output["data"] if message["success"] else output["error"]
        raise AssertionError("no answer")


@pytest.fixture
def space(as_space, tiny_checkpoint, styled_checkpoint, tmp_path):
    """The app as on a Space whose header asks for logins: `url`, and the number of the `push` call."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "runs" / "tuned")
    with running(styled_checkpoint, start=False, desk=OneRun(folder)) as (page, _, url):
        yield SimpleNamespace(url=url, push=number_of(page, "push"), page=page, folder=folder)


def number_of(page, name):
    return next(number for number, event in page.fns.items() if event.name == name)


def files_with(word, *folders):
    files = [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]
    return [path for path in files if word.encode() in path.read_bytes()]


def test_weights_go_to_the_visitors_account_and_the_login_stays_theirs(space, server, tmp_path, caplog, capfd):
    visitor = Visitor(space.url)
    with caplog.at_level(logging.DEBUG):
        assert "Sign in first" in visitor.call(space.push, MINE, "mine", True)
        page = visitor.get("/login/huggingface?_target_url=/")
        assert page.status_code == 200
        [answer] = visitor.call(space.push, MINE, "mine", True)
        refused = visitor.call(space.push, MINE, "not/a/name", True)
    assert server.repos["ann/mine"].private
    commit = server.repos["ann/mine"].find("main")
    assert f"/ann/mine</a> at {commit[:7]}" in answer
    pushed = server.repos["ann/mine"].commits[commit]
    assert pushed["model.weights.h5"] == (space.folder / "model.weights.h5").read_bytes()
    assert b"library_name: keras" in pushed["README.md"]
    assert {header for _, path, header in server.requests if "/api/models/ann/mine" in path} == {f"Bearer {TOKEN}"}
    assert "OWNER/NAME" in refused
    said = "".join(
        [answer, refused, page.text, caplog.text, *capfd.readouterr(), json.dumps(space.page.config, default=str)]
    )
    assert TOKEN not in said
    assert not any(leak in refused for leak in LEAKS)
    assert files_with(TOKEN, tmp_path, os.environ[VARIABLE], os.environ["HF_HOME"], space.folder) == []
    assert TOKEN not in "".join(f"{name}={value}" for name, value in os.environ.items())


def test_a_login_that_the_hub_does_not_accept_is_refused_in_a_sentence(space, server, caplog):
    visitor = Visitor(space.url)
    visitor.get("/login/huggingface?_target_url=/")
    server.mode = "401"
    sentence = visitor.call(space.push, MINE, "mine", True)
    assert sentence == "The Hub does not accept this login."
    assert TOKEN not in caplog.text


def test_a_run_of_somebody_else_is_not_pushed(space):
    visitor = Visitor(space.url)
    visitor.get("/login/huggingface?_target_url=/")
    assert "no weights of yours" in visitor.call(space.push, {"run": "b" * 32}, "mine", True)


def test_where_nobody_can_sign_in_the_button_says_what_to_do(tiny_checkpoint, app):
    push = number_of(app.page, "explain")
    [words] = Visitor(app.url).call(push, MINE, "mine", True)
    assert "checkpoints push FOLDER OWNER/NAME" in words
    assert "hf_oauth: true" in words
    assert not app.page.expects_oauth


NEEDED = [{"SYSTEM": ""}, {"SPACE_ID": ""}, {"OAUTH_CLIENT_SECRET": ""}, {"OAUTH_SCOPES": "openid profile"}]


@pytest.mark.parametrize("changes", NEEDED)
def test_signing_in_needs_a_space_and_the_right_to_write(changes):
    environment = stand_in_login.environment("http://127.0.0.1")
    assert tuning_push.can_sign_in(environment)
    assert not tuning_push.can_sign_in({**environment, **changes})


def test_a_name_without_an_owner_is_the_visitors_own():
    profile = SimpleNamespace(username="ann")
    assert tuning_push._full_name(" mine ", profile) == "ann/mine"
    assert tuning_push._full_name("club/mine", profile) == "club/mine"
    assert hub.is_source("ann/mine")
