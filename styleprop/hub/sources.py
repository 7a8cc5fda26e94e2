"""How a repository of the Hub is written: OWNER/NAME or OWNER/NAME@REVISION."""

import re
from typing import NamedTuple, TypeGuard

from styleprop.errors import CheckpointError

COMMIT = re.compile(r"[0-9a-f]{40}")
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_SOURCE = re.compile(rf"({_WORD}/{_WORD})(?:@([A-Za-z0-9][A-Za-z0-9_./-]{{0,127}}))?")


class Source(NamedTuple):
    """A repository, "owner/name", and a branch, a tag or a commit of it; None for its main branch."""

    repo: str
    revision: str | None = None


def parse_source(text: str) -> Source:
    """Read OWNER/NAME or OWNER/NAME@REVISION. Raises CheckpointError for any other form."""
    found = _SOURCE.fullmatch(text)
    if not found or ".." in text or "--" in found[1] or found[1].endswith(".git"):
        raise CheckpointError("A repository of the Hub is written as OWNER/NAME or OWNER/NAME@REVISION.")
    return Source(found[1], found[2])


def is_source(text: object) -> bool:
    """Whether a text has the form of a repository of the Hub."""
    try:
        return isinstance(text, str) and bool(parse_source(text))
    except CheckpointError:
        return False


def is_commit(revision: str | None) -> TypeGuard[str]:
    """Whether a revision is a commit, 40 hexadecimal digits, which never moves."""
    return bool(revision and COMMIT.fullmatch(revision))
