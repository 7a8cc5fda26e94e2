"""Private and gated repositories: with the login of whoever runs the command, and never for the page."""

import pytest

from styleprop import hub
from styleprop.checkpoints import verify_checkpoint
from styleprop.cli import main
from styleprop.engine import Styleprop
from styleprop.engine.translators import Translators
from styleprop.errors import CheckpointError
from styleprop.server.models import Models, load_model
from tests.serving import wait_until
from tests.stand_in_hub import TOKEN

REPO = "ann/private"
HOW = "run `hf auth login`, set HF_TOKEN, or use `checkpoints pull --token`"


@pytest.fixture(autouse=True)
def clean(server, monkeypatch):
    """No login, and the client's own ways, which an app that was tested before has changed."""
    for name in ("HUGGING_FACE_HUB_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def private(tiny_checkpoint):
    return hub.push(tiny_checkpoint, REPO, TOKEN)["commit"]


@pytest.fixture
def gated(server, tiny_checkpoint):
    server.add("ann/gated", tiny_checkpoint)
    return server.repos["ann/gated"]


@pytest.fixture(params=["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "login"])
def login(request, monkeypatch, tmp_path):
    """A login where the Hub's own client looks for it."""
    if request.param == "login":
        (tmp_path / "home").mkdir(exist_ok=True)
        (tmp_path / "home" / "token").write_text(f"{TOKEN}\n")
    else:
        monkeypatch.setenv(request.param, f" {TOKEN}\n")


def asked(server):
    """The logins of what was asked since, in order and each once."""
    return list(dict.fromkeys(header for _, _, header in server.requests))


@pytest.mark.usefixtures("login")
def test_what_push_made_can_be_pulled_with_the_same_login(server, private, tiny_checkpoint, capfd):
    server.requests.clear()
    assert main(["checkpoints", "pull", REPO]) == 0
    said = "".join(capfd.readouterr())
    assert f"{REPO} at {private[:7]}: verified" in said
    assert TOKEN not in said
    assert asked(server) == [None, f"Bearer {TOKEN}"]
    found = verify_checkpoint(hub.find_cached(hub.Source(REPO)))
    assert found.sha256 == verify_checkpoint(tiny_checkpoint).sha256


def test_a_token_can_be_given(server, private, tiny_checkpoint, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    server.requests.clear()
    assert main(["checkpoints", "pull", REPO, "--token", TOKEN]) == 0
    assert asked(server) == [f"Bearer {TOKEN}"]
    assert main(["checkpoints", "push", str(tiny_checkpoint), "bob/new", "--token", TOKEN]) == 0
    assert server.repos["bob/new"].private
    assert TOKEN not in "".join(capsys.readouterr())


def test_what_is_public_is_pulled_without_the_login(server, tiny_checkpoint, monkeypatch):
    server.add("ann/tiny", tiny_checkpoint)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert main(["checkpoints", "pull", "ann/tiny"]) == 0
    assert asked(server) == [None]


REFUSALS = {
    None: f"The Hub has no {REPO} that can be read without a login. If it is private, {HOW}.",
    "hf_wrong": f"The Hub does not accept this login. For another login, {HOW}.",
}


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("token", REFUSALS)
def test_the_sentence_says_how_to_log_in(token, capsys):
    options = ["--token", token] if token else []
    assert main(["checkpoints", "pull", REPO, *options]) == 1
    assert capsys.readouterr().err == f"styleprop: {REFUSALS[token]}\n"


def test_a_gated_repository_opens_to_a_login_that_has_agreed(gated, monkeypatch, capsys):
    sentence = "styleprop: ann/gated asks for an agreement on its page before it can be read."
    gated.gated = "closed"
    assert main(["checkpoints", "pull", "ann/gated"]) == 1
    assert capsys.readouterr().err == f"{sentence} Agree there, then {HOW}.\n"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert main(["checkpoints", "pull", "ann/gated"]) == 1
    assert capsys.readouterr().err == f"{sentence} Agree there with the account of this login.\n"
    gated.gated = "open"
    assert main(["checkpoints", "pull", "ann/gated"]) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("private")
def test_the_python_call_has_the_clients_login_or_the_one_that_it_is_given(server, tiny_cyclegan, monkeypatch):
    hub.push(tiny_cyclegan, "ann/domain", TOKEN)
    with pytest.raises(CheckpointError, match="If it is private, run `hf auth login`"):
        Styleprop.from_pretrained(REPO)
    model = Styleprop.from_pretrained(REPO, token=TOKEN)
    assert hub.repo_of(model.translators.open("ann/domain", False).checkpoint.folder) == "ann/domain"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert hub.open_checkpoint(REPO).name == "private"
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    server.requests.clear()
    hub.push(tiny_cyclegan, "ann/other", TOKEN)
    server.requests.clear()
    with pytest.raises(CheckpointError, match="without a login"):
        Translators().open("ann/other", False)
    assert asked(server) == [None]


@pytest.mark.slow
@pytest.mark.usefixtures("private", "login")
@pytest.mark.parametrize("options", [{"hub": REPO}, {"source": REPO}])
def test_the_page_never_has_a_login(server, tiny_checkpoint, options):
    server.requests.clear()

    def load(source):
        return load_model(source or str(tiny_checkpoint))

    models = Models(load=load, **options)
    models.start()
    models.wait(60)
    wait_until(lambda: models.status.settled)
    assert f"The Hub has no {REPO} that can be read without a login." in models.status.sentence
    assert "hf auth login" not in models.status.sentence
    assert asked(server) == [None]
    assert hub.find_cached(hub.Source(REPO)) is None
