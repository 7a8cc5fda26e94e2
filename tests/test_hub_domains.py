"""Domains that live on the Hub: the registry, the first use, the tab's and the program's way to them."""

import json
import shutil
import time

import numpy as np
import pytest

from styleprop import hub
from styleprop.engine.translators import Translators
from styleprop.errors import BusyError, CheckpointError, SettingsError
from styleprop.server.domains import Domains
from styleprop.server.texts import say
from styleprop.ui.widgets.domains import OWN, domain_choices

PATIENCE = 30.0
REPO = "ann/cyclegan-tiny"


def register(server, folder, domains):
    """A repository whose registry lists domains."""
    folder.mkdir()
    (folder / "registry.json").write_text(json.dumps({"domains": domains}))
    server.add("ann/all", folder)
    shutil.rmtree(folder)


@pytest.fixture
def entry(server, tiny_cyclegan):
    return {"title": "Tiny school", "repo": REPO, "revision": server.add(REPO, tiny_cyclegan)}


def learnt():
    domains = Domains("ann/all")
    domains.learn()
    return domains


def test_a_registry_lists_domains(server, entry, tmp_path):
    register(server, tmp_path / "all", {"tiny": entry})
    assert hub.read_registry("ann/all") == [hub.Domain("tiny", "Tiny school", REPO, entry["revision"])]


@pytest.mark.parametrize(
    "entry",
    [{}, {"title": "A", "repo": "ann/b", "revision": "main"}, {"title": "A", "repo": "../b", "revision": "a" * 40}],
)
def test_a_registry_of_another_form_is_refused(server, tmp_path, entry):
    register(server, tmp_path / "all", {"x": entry})
    with pytest.raises(CheckpointError, match="not a list of domains"):
        hub.read_registry("ann/all")


def test_a_domain_of_the_registry_comes_on_first_use_with_progress_and_stays(server, entry, tmp_path, picture):
    register(server, tmp_path / "all", {"tiny": entry, "monet": entry})
    domains, seen = learnt(), []
    assert domains.remote == {"tiny": "Tiny school"}  # an embedded domain keeps its name
    assert ("Tiny school", "tiny") in domain_choices(domains)
    assert domain_choices(domains, own=True)[-1] == (say("Yours"), OWN)
    server.delay = 0.5
    domains.fetch("tiny", lambda done, total: seen.append((done, total)))
    assert {total for _, total in seen} == {sum(path.stat().st_size for path in hub_folder(entry).iterdir())}
    assert any(0 < done < total for done, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    server.mode, before = "hang", len(server.requests)
    domains.fetch("tiny")
    assert domains.locate("tiny") == str(hub_folder(entry))
    assert len(server.requests) == before
    made = Translators().open(domains.locate("tiny"), False).translate(picture)
    assert made.shape == picture.shape


def hub_folder(entry):
    return hub.find_cached(hub.Source(entry["repo"], entry["revision"]))


def test_who_asks_for_a_domain_that_is_not_here_is_told_and_it_comes(server, entry, tmp_path):
    register(server, tmp_path / "all", {"tiny": entry})
    domains, deadline, found = learnt(), time.monotonic() + PATIENCE, None
    with pytest.raises(BusyError, match="Tiny school is on its way"):
        domains.locate("tiny")
    while found is None and time.monotonic() < deadline:
        found = hub_folder(entry)
        time.sleep(0.05)
    assert domains.locate("tiny") == str(found)


@pytest.mark.parametrize("name", ["cubism", "../autoencoder", REPO, "", None, ["monet"], {"path": "/etc"}])
def test_what_is_not_on_offer_is_not_located(server, name):
    with pytest.raises(SettingsError, match="domain must be one of"):
        Domains().locate(name)
    assert server.requests == []


def test_a_registry_that_was_read_is_known_where_the_hub_does_not_answer(server, entry, tmp_path):
    register(server, tmp_path / "all", {"tiny": entry})
    learnt()
    server.mode = "503"
    assert learnt().remote == {"tiny": "Tiny school"}


@pytest.mark.parametrize("mode", ["404", "page everywhere"])
def test_without_a_registry_the_embedded_domains_are_all(server, mode):
    server.mode = mode
    assert learnt().remote == {}
    assert learnt().locate("monet") == "monet"


def test_a_program_names_a_domain_by_its_repository(server, entry, tiny_cyclegan, picture):
    translators = Translators()
    source = f"{REPO}@{entry['revision']}"
    made = translators.open(source, False).translate(picture)
    np.testing.assert_array_equal(made, Translators().open(str(tiny_cyclegan), False).translate(picture))
    before = len(server.requests)
    translators.open(source, False)
    assert len(server.requests) == before
    with pytest.raises(CheckpointError, match="without a login"):
        translators.open("ann/missing", False)
