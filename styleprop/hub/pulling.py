"""From the Hub: pinned, verified, then used."""

import logging
from collections.abc import Callable
from pathlib import Path

from styleprop.checkpoints import EMBEDDED, Checkpoint, find_checkpoint, verify_checkpoint
from styleprop.errors import CheckpointError
from styleprop.hub.asking import UnreachableError, ask
from styleprop.hub.cache import cached_commits, find_cached, promote, remember, staging
from styleprop.hub.files import count_bytes
from styleprop.hub.logins import Token, with_login
from styleprop.hub.sources import Source, is_commit, is_source, parse_source

SECONDS = 15.0
Watcher = Callable[[int, int], None]
log = logging.getLogger(__name__)


def pull(
    repo: str,
    revision: str | None = None,
    seconds: float = SECONDS,
    watch: Watcher | None = None,
    token: Token = False,
) -> Path:
    """Fetch a checkpoint from the Hub, without a login if not told otherwise, and verify it.

    A branch or a tag is resolved to the commit that it is at, and the files are those of that commit. What is in the
    cache is not fetched again; a commit that is there needs no network at all. Where the Hub does not answer, what the
    branch or the tag was at when it was last pulled is used.

    Args:
        repo: "owner/name".
        revision: a branch, a tag, or a commit of 40 hexadecimal digits; the main branch where None.
        seconds: the most that the network may take; verifying comes on top, and as much again where a first answer is
            that there must be a login.
        watch: called as watch(bytes_done, bytes_total) while files come.
        token: of somebody who may read a private or gated repository; None for the one that the Hub's own client would
            use, where there must be one; False for none.

    Returns:
        The checkpoint's folder, in the cache.

    Raises:
        UnreachableError: the Hub does not answer, and nothing is in the cache.
        LoginError: the Hub wants a login, or another one.
        CheckpointError: the Hub refuses, or what it has is damaged, too large, or no checkpoint.
    """
    source = parse_source(f"{repo}@{revision}" if revision else repo)
    if is_commit(source.revision) and (found := find_cached(source)):
        return found
    try:
        return with_login(lambda sent: _fetch(source, seconds, watch, sent), token)
    except UnreachableError as error:
        found = find_cached(source)
        if found is None:
            raise
        log.warning("%s What was pulled before is used.", error)
        return found


def _fetch(source: Source, seconds: float, watch: Watcher | None, token: str | None) -> Path:
    with staging(source.repo) as place:

        def look() -> None:
            done, total = count_bytes(place) if watch else (0, 0)
            if watch and total:
                watch(done, total)

        job = {"action": "pull", "repo": source.repo, "revision": source.revision, "folder": str(place)}
        answer = ask({**job, "token": token, "known": cached_commits(source.repo)}, seconds, look)
        if not answer["known"]:
            promote(place, source.repo, answer["commit"])
    return remember(source, answer["commit"])


def open_checkpoint(source: str | Path | None = None, default: str = "autoencoder", token: Token = None) -> Checkpoint:
    """Resolve None (the embedded default), an embedded name, a folder or "owner/name@revision" to a checkpoint.

    What is on this computer comes first. A token is used as by `pull`; by default it is the one that the Hub's own
    client would use.

    Raises:
        CheckpointError: it is not there, or damaged; or it cannot be pulled.
    """
    if not is_source(source) or Path(str(source)).exists() or (EMBEDDED / str(source)).exists():
        return find_checkpoint(source, default)
    try:
        return verify_checkpoint(pull(*parse_source(str(source)), token=token))
    except UnreachableError:
        raise
    except CheckpointError as error:
        raise CheckpointError("{error} (There is no such folder on this computer either.)", error=error) from error
