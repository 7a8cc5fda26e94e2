"""More domains than are embedded: a repository's `registry.json` lists CycleGANs that live on the Hub."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from styleprop.errors import CheckpointError
from styleprop.hub.asking import UnreachableError, ask
from styleprop.hub.cache import keep_text, kept_text
from styleprop.hub.sources import Source, is_commit, parse_source

REGISTRY_FILE = "registry.json"
MAX_DOMAINS = 64
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Domain:
    """A CycleGAN on the Hub.

    Attributes:
        name: short, lower case, with hyphens.
        title: what a person sees.
        repo: "owner/name".
        revision: the commit, 40 hexadecimal digits.
    """

    name: str
    title: str
    repo: str
    revision: str


def read_registry(source: str, seconds: float = 15.0) -> list[Domain]:
    """The domains that the registry of "owner/name" or "owner/name@revision" lists, by name.

    The file is {"domains": {NAME: {"title": …, "repo": "owner/name", "revision": 40 hexadecimal digits}}}. Where the
    Hub does not answer, the one that was read last is used.

    Raises:
        UnreachableError: the Hub does not answer, and it has not been read before.
        CheckpointError: there is no registry, or it is not of this form.
    """
    parsed = parse_source(source)
    try:
        text = _fetch(parsed, seconds)
    except UnreachableError:
        kept = kept_text(parsed, REGISTRY_FILE)
        if kept is None:
            raise
        return _parse(kept, parsed.repo)
    domains = _parse(text, parsed.repo)
    keep_text(parsed, REGISTRY_FILE, text)
    return domains


def _fetch(source: Source, seconds: float) -> str:
    job = {"action": "read", "repo": source.repo, "revision": source.revision, "file": REGISTRY_FILE}
    with TemporaryDirectory() as folder:
        ask({**job, "folder": folder}, seconds)
        return (Path(folder) / REGISTRY_FILE).read_text("utf-8", errors="replace")


def _parse(text: str, repo: str) -> list[Domain]:
    try:
        entries = json.loads(text)["domains"]
        return [_read_domain(name, entries[name]) for name in _check_names(entries)]
    except (CheckpointError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(
            "The {file} of {repo} is not a list of domains.", file=REGISTRY_FILE, repo=repo
        ) from error


def _check_names(entries: object) -> list[str]:
    if not isinstance(entries, dict) or len(entries) > MAX_DOMAINS or not all(map(_NAME.fullmatch, entries)):
        raise ValueError("domains")
    return sorted(entries)


def _read_domain(name: str, entry: dict) -> Domain:
    if set(entry) != {"title", "repo", "revision"} or not all(isinstance(value, str) for value in entry.values()):
        raise ValueError(name)
    title, (repo, revision) = entry["title"], parse_source(f"{entry['repo']}@{entry['revision']}")
    if not is_commit(revision) or not 1 <= len(title) <= 60 or not title.isprintable():
        raise ValueError(name)
    return Domain(name, title, repo, entry["revision"])
