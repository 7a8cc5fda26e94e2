import functools
import json
import re
import shutil
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from styleprop import hub
from styleprop.checkpoints import find_checkpoint, verify_checkpoint, write_sums
from styleprop.errors import CheckpointError
from styleprop.server.models import Models, load_model
from tests.serving import wait_until
from tests.stand_in_hub import TOKEN
from tests.test_checkpoints import spoil

REPO = "ann/tiny"
pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def commit(server, tiny_checkpoint):
    return server.add(REPO, tiny_checkpoint)


def content(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.mark.parametrize(
    "text", ["ann", "ann/b/c", "../b", "ann/..", "/a/b", "ann/b@", "a--b/c", "ann/b@-x", "a b/c", ""]
)
def test_what_is_no_repository_is_not_taken_for_one(text):
    assert not hub.is_source(text)


def test_a_repository_has_an_owner_a_name_and_perhaps_a_revision():
    assert hub.parse_source("ann/b") == ("ann/b", None)
    assert hub.parse_source("ann/b.c-d@refs/pr/1") == ("ann/b.c-d", "refs/pr/1")


def test_pulled_verified_used_pushed_and_pulled_again_it_is_the_same(
    server, commit, model, tiny_checkpoint, picture, monkeypatch
):
    monkeypatch.setenv("HF_TOKEN", "hf_of_whoever_runs_this")
    first = hub.pull(REPO)
    assert content(first) == content(tiny_checkpoint)
    assert hub.title_of(first) == f"{REPO} at {commit[:7]}"
    assert hub.repo_of(first) == REPO
    assert hub.repo_of(tiny_checkpoint) is None
    assert verify_checkpoint(first).sha256 == verify_checkpoint(tiny_checkpoint).sha256
    answer = hub.push(first, "bob/copy", TOKEN, private=False, tag="v1", base_model=REPO)
    second = hub.pull("bob/copy", "v1")
    assert hub.commit_of(second) == answer["commit"]
    third = hub.pull(*hub.parse_source(f"bob/third@{hub.push(second, 'bob/third', TOKEN, False)['commit']}"))
    assert content(second) == content(third)
    same = set(content(first)) - {"README.md"}
    assert {name: content(first)[name] for name in same} == {name: content(second)[name] for name in same}
    assert f"base_model: {REPO}" in (second / "README.md").read_text()
    np.testing.assert_array_equal(reconstruct(third, picture), model.reconstruct(picture).array)
    pulls = [header for _, path, header in server.requests if "/resolve/" in path or "/revision/" in path]
    assert len(pulls) >= 15
    assert set(pulls) == {None}


def reconstruct(folder, picture):
    from styleprop.engine import Styleprop

    return Styleprop.from_pretrained(folder).reconstruct(picture).array


def test_a_push_is_private_unless_it_is_said_and_a_version_is_new(server, tiny_checkpoint):
    hub.push(tiny_checkpoint, REPO, TOKEN, tag="v1")
    assert server.repos[REPO].private
    with pytest.raises(CheckpointError, match="v1 already"):
        hub.push(tiny_checkpoint, REPO, TOKEN, tag="v1")
    with pytest.raises(CheckpointError, match="without a login"):
        hub.pull(REPO)


def test_a_wrong_token_is_refused_and_not_repeated(tiny_checkpoint):
    with pytest.raises(CheckpointError) as caught:
        hub.push(tiny_checkpoint, REPO, "hf_wrong")
    assert "hf_wrong" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_branch_is_pinned_and_its_commit_needs_no_network(server, commit):
    folder = hub.pull(REPO, "main")
    before = len(server.requests)
    assert hub.pull(REPO, commit) == folder
    assert len(server.requests) == before
    resolved = {path.split("/")[4] for _, path, _ in server.requests if "/resolve/" in path}
    assert resolved == {commit}
    assert hub.pull(REPO) == folder
    assert len(server.requests) == before + 1


@pytest.mark.parametrize("mode", ["hang", "429", "503", "page everywhere"])
def test_where_the_hub_does_not_answer_what_was_pulled_is_used(server, commit, mode):
    folder = hub.pull(REPO)
    server.mode = mode
    assert hub.pull(REPO, seconds=2.5) == folder


FAILURES = {
    "hang": "did not answer",
    "401": "without a login",
    "403": "without a login",
    "404": "without a login",
    "429": "less often",
    "503": "trouble of its own",
    "page everywhere": "not one that the Hub gives",
    "moved": "another version",
    "wrong bytes": "does not match its SHA-256",
    "page": "web page",
    "pointer": "git-LFS pointer",
    "half": "does not match its SHA-256",
    "cut": "broke off|did not answer",
}


def widen(folder):
    config = json.loads((folder / "config.json").read_text())
    config["filters"] = [2 * filters for filters in config["filters"]]
    (folder / "config.json").write_text(json.dumps(config))
    write_sums(folder)


def link_away(folder):
    with h5py.File(folder / "model.weights.h5", "a") as file:
        file["away"] = h5py.ExternalLink("/etc/hostname", "/")
    write_sums(folder)


DAMAGES = {"not finite": spoil, "do not fit": widen, "not a whole file of weights": link_away}


def refused(repo, tmp_path):
    """What the page says of a repository that it refuses: in a sentence, and with the embedded weights."""
    models = settled(Models(None, lambda source: source or "embedded", hub=repo))
    assert models.wait() == "embedded"
    assert models.status.state == "ready"
    first, sentence = models.status.sentence.split(". ", 1)
    assert first == "Ready, with the embedded weights"
    assert sentence.endswith(".")
    assert not re.search(r"/tmp|http|Traceback|\n", sentence)
    assert hub.find_cached(hub.parse_source(repo)) is None
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
    return sentence


@pytest.mark.parametrize("mode", FAILURES)
def test_each_failure_has_its_sentence_and_the_embedded_weights_answer(server, commit, tmp_path, mode, monkeypatch):
    if mode in ("hang", "cut"):
        monkeypatch.setattr(hub, "pull", functools.partial(hub.pull, seconds=4))
        monkeypatch.setattr(hub, "read_registry", functools.partial(hub.read_registry, seconds=1))
    server.mode = mode
    assert re.search(FAILURES[mode], refused(f"{REPO}@{commit}", tmp_path))


@pytest.mark.parametrize("words", DAMAGES)
def test_damaged_weights_are_refused_and_the_embedded_answer(server, tiny_checkpoint, tmp_path, words):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    DAMAGES[words](folder)
    server.add(REPO, folder)
    assert words in refused(REPO, tmp_path)


def test_where_nobody_listens_it_says_so(server, commit, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(hub.UnreachableError, match="cannot be reached"):
        hub.pull(REPO)


def test_a_cached_folder_that_was_damaged_is_fetched_again(commit, tiny_checkpoint):
    folder = hub.pull(REPO)
    (folder / "model.weights.h5").write_bytes(b"half")
    assert content(hub.pull(REPO, commit)) == content(tiny_checkpoint)


def test_the_python_call_takes_a_repository(commit, model, picture):
    from styleprop.engine import Styleprop

    assert np.array_equal(reconstruct(f"{REPO}@main", picture), model.reconstruct(picture).array)
    with pytest.raises(CheckpointError, match="without a login"):
        Styleprop.from_pretrained("ann/missing")


def settled(models):
    models.start()
    models.wait(10)
    deadline = time.monotonic() + 20
    while not models.status.settled and time.monotonic() < deadline:
        time.sleep(0.01)
    return models


def test_the_hubs_weights_take_the_place_of_the_embedded(server, commit):
    models = settled(Models(None, lambda source: source or "embedded", hub=REPO))
    assert models.status.sentence == f"Ready, with {REPO} at {commit[:7]}"
    assert models.domains.remote == {}
    assert models.wait().endswith(f"{commit}/tiny")
    again = Models(None, lambda source: source or "embedded", hub=f"{REPO}@{commit}")
    server.mode = "hang"
    assert settled(again).wait() == models.wait()


def test_a_folder_is_used_rather_than_the_hub_and_the_cache_before_the_network(server, commit):
    mine = settled(Models("folder/mine", lambda source: source or "embedded", hub=REPO))
    assert (mine.wait(), mine.status.sentence) == ("folder/mine", "Ready, with mine")
    assert server.requests == []
    folder = hub.pull(REPO)
    sources = []
    server.mode = "hang"

    def load(source):
        sources.append(source)
        return source or "embedded"

    again = Models(None, load, hub=REPO)
    again.start()
    assert again.wait(10) == str(folder)
    assert sources == [str(folder)]
    assert again.status.sentence.startswith(f"Ready, with {REPO} at {commit[:7]}")


def wrong_shape(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "filters": [4, 6, 10]}))
    write_sums(folder)


@pytest.fixture(scope="module")
def model(tiny_checkpoint):
    return load_model(str(tiny_checkpoint))


@pytest.mark.parametrize("fault", ["wrong bytes", "half", "page", "NaN", "another shape"])
def test_refused_weights_leave_the_old_model_answering_bit_for_bit(
    server, model, tiny_checkpoint, tmp_path, picture, fault
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    {"NaN": spoil, "another shape": wrong_shape}.get(fault, lambda _: None)(folder)
    server.add(REPO, folder)
    server.mode = fault
    before = model.reconstruct(picture).array
    models = Models(None, lambda source: load_model(source) if source else model, hub=REPO)
    models.start()
    assert models.wait(60) is model
    wait_until(lambda: models.status.settled)
    assert re.fullmatch(r"Ready, with the embedded weights\. .+\.", models.status.sentence)
    assert models.wait() is model
    assert np.array_equal(model.reconstruct(picture).array, before)


def test_what_a_space_has_preloaded_needs_no_network(server, commit, tiny_checkpoint, tmp_path):
    theirs = tmp_path / "home" / "hub" / "models--ann--tiny"
    (theirs / "blobs").mkdir(parents=True)
    (theirs / "refs").mkdir()
    (theirs / "refs" / "main").write_text(commit)
    (theirs / "snapshots" / commit).mkdir(parents=True)
    for path in tiny_checkpoint.iterdir():
        shutil.copyfile(path, theirs / "blobs" / path.name)
        (theirs / "snapshots" / commit / path.name).symlink_to(theirs / "blobs" / path.name)
    found = hub.find_cached(hub.Source(REPO))
    assert content(found) == content(tiny_checkpoint)
    assert hub.pull(REPO, commit) == found
    assert server.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\nStarts from: ann/base.\nHeld-out scores: psnr_db 12.500, ssim 0.900.\n",
        "# A\n\nStarts from: ann/base.\n\n| held out | before | after |\n| --- | --- | --- |\n"
        "| psnr_db | 11.1 | 12.5 |\n| ssim | 0.8 | 0.9 |\n",
    ],
)
def test_a_card_has_a_header_that_the_hub_reads(server, tiny_checkpoint, tmp_path, text):
    from huggingface_hub import ModelCard

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    (folder / "README.md").write_text(text)
    commit = hub.push(folder, REPO, TOKEN)["commit"]
    data = ModelCard(server.repos[REPO].commits[commit]["README.md"].decode()).data
    assert (data.library_name, data.license, data.base_model) == ("keras", "mit", "ann/base")
    assert {result.metric_type: result.metric_value for result in data.eval_results} == {"psnr_db": 12.5, "ssim": 0.9}


def test_the_commands(server, commit, monkeypatch, capsys):
    from styleprop.cli import main

    assert main(["checkpoints", "pull", f"{REPO}@main", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["commit"] == commit
    assert main(["checkpoints", "push", record["folder"], "bob/new"]) == 1
    assert "hf auth login" in capsys.readouterr().err
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert main(["checkpoints", "push", record["folder"], "bob/new", "--tag", "v1", "--public"]) == 0
    assert TOKEN not in "".join(capsys.readouterr())
    assert not server.repos["bob/new"].private
    assert list(server.repos["bob/new"].tags) == ["v1"]
    assert find_checkpoint(record["folder"]).name == "tiny"
