"""A button that is clicked twice."""

from types import SimpleNamespace

import pytest
from gradio.context import LocalContext

from styleprop.server.once import OncePerPage


@pytest.fixture
def asks():
    """Makes a page the one that asks; None for a call without a page."""
    before = LocalContext.request.get(None)
    yield lambda page: LocalContext.request.set(SimpleNamespace(session_hash=page))
    LocalContext.request.set(before)


def test_a_page_has_one_job_at_a_time_and_others_have_their_own(asks):
    running, made = set(), iter("abcdef")

    def submit():
        name = next(made)
        running.add(name)
        return name

    once = OncePerPage(running.__contains__)
    asks("one")
    assert [once.start(submit), once.start(submit)] == ["a", "a"]
    asks("other")
    assert once.start(submit) == "b"
    running.remove("a")
    asks("one")
    assert [once.start(submit), once.start(submit)] == ["c", "c"]
    asks(None)
    assert [once.start(submit), once.start(submit)] == ["d", "e"]


def test_what_could_not_be_started_is_not_remembered(asks):
    once = OncePerPage(lambda name: True)
    asks("one")
    with pytest.raises(ValueError, match="no"):
        once.start(lambda: int("no"))
    assert once.start(lambda: "a") == "a"
