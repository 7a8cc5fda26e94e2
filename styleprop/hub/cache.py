"""Where pulled checkpoints are kept: `$HF_HOME/styleprop/OWNER--NAME/COMMIT/NAME`, and `refs` beside the commits.

A folder is there only once all of it has been verified. `refs/<revision>` holds the commit that a branch or a tag was
at when it was last pulled.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from styleprop.checkpoints import verify_checkpoint
from styleprop.errors import CheckpointError
from styleprop.hub.files import check_whole, is_allowed
from styleprop.hub.sources import COMMIT, Source, is_commit

REFS = "refs"
MAIN = "main"


def home() -> Path:
    """The folder of everything that comes from the Hub, as `huggingface_hub` has it."""
    fallback = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or fallback).expanduser()


def folder_of(repo: str) -> Path:
    """Where the commits of a repository are kept."""
    return home() / "styleprop" / repo.replace("/", "--")


def commit_of(folder: Path) -> str:
    """The commit that a pulled folder is of."""
    return folder.parent.name


def repo_of(folder: Path) -> str | None:
    """The repository, "owner/name", that a folder was pulled from; None for one that was not."""
    owner, _, name = folder.parent.parent.name.partition("--")
    return f"{owner}/{name}" if folder == _entry(f"{owner}/{name}", commit_of(folder)) else None


def title_of(folder: Path) -> str:
    """What a person calls a pulled folder: "user/repo at 1a2b3c4"."""
    return f"{repo_of(folder)} at {commit_of(folder)[:7]}"


def find_cached(source: Source) -> Path | None:
    """The verified folder that a source was at when it was last pulled, else preloaded; None where there is none."""
    commit = source.revision if is_commit(source.revision) else _read_ref(folder_of(source.repo) / REFS, source)
    return _sound(source.repo, commit) if commit else _adopt_preloaded(source)


def cached_commits(repo: str) -> list[str]:
    """The commits of a repository whose folders are there and verify."""
    found = folder_of(repo).glob("*") if folder_of(repo).is_dir() else []
    return [path.name for path in found if COMMIT.fullmatch(path.name) and _sound(repo, path.name)]


def keep_text(source: Source, name: str, text: str) -> None:
    """Keep a small file of a branch, a tag or a commit beside its checkpoints. Raises CheckpointError."""
    with _plain_errors():
        folder_of(source.repo).mkdir(parents=True, exist_ok=True)
        _write_whole(_text_path(source, name), text)


def kept_text(source: Source, name: str) -> str | None:
    """What `keep_text` kept last; None where there is nothing."""
    try:
        return _text_path(source, name).read_text("utf-8")
    except (OSError, ValueError):
        return None


def remember(source: Source, commit: str) -> Path:
    """Note that a branch or a tag is at a cached commit; returns the commit's folder. Raises CheckpointError."""
    if not is_commit(source.revision):
        refs = folder_of(source.repo) / REFS
        with _plain_errors():
            refs.mkdir(parents=True, exist_ok=True)
            _write_whole(refs / _ref_name(source), commit)
    return _entry(source.repo, commit)


@contextmanager
def staging(repo: str) -> Iterator[Path]:
    """A folder to download to, gone afterwards. Raises CheckpointError where there is no place for it."""
    with _plain_errors():
        folder_of(repo).mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(dir=folder_of(repo), prefix=".new-", ignore_cleanup_errors=True)
    with temporary as name:
        yield Path(name)


def promote(download: Path, repo: str, commit: str) -> Path:
    """Verify what was downloaded and only then make it the folder of a commit.

    Raises:
        CheckpointError: it is not a sound checkpoint, or cannot be written.
    """
    entry = _entry(repo, commit)
    with staging(repo) as place, _plain_errors():
        made = place / commit / entry.name
        made.mkdir(parents=True)
        for path in download.iterdir():
            if path.is_file() and is_allowed(path.name):
                shutil.copyfile(path, made / path.name)
        check_whole(made)
        shutil.rmtree(entry.parent, ignore_errors=True)
        os.replace(made.parent, entry.parent)
    return entry


def _entry(repo: str, commit: str) -> Path:
    return folder_of(repo) / commit / repo.partition("/")[2]


def _sound(repo: str, commit: str) -> Path | None:
    """A commit's folder, if it is whole; else it is removed."""
    entry = _entry(repo, commit)
    if not entry.parent.is_dir():
        return None
    try:
        return verify_checkpoint(entry).folder
    except CheckpointError:
        shutil.rmtree(entry.parent, ignore_errors=True)
        return None


def _adopt_preloaded(source: Source) -> Path | None:
    """Take over what `preload_from_hub` of a Space, or `hf download`, has put into the Hub's own cache."""
    theirs = home() / "hub" / f"models--{source.repo.replace('/', '--')}"
    commit = source.revision if is_commit(source.revision) else _read_ref(theirs / REFS, source)
    if not commit or not (theirs / "snapshots" / commit).is_dir():
        return None
    try:
        promote(theirs / "snapshots" / commit, source.repo, commit)
        return remember(source, commit)
    except CheckpointError:
        return None


def _read_ref(refs: Path, source: Source) -> str | None:
    try:
        commit = (refs / _ref_name(source)).read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return commit if is_commit(commit) else None


def _text_path(source: Source, name: str) -> Path:
    return folder_of(source.repo) / f"{_ref_name(source)}-{name}"


def _ref_name(source: Source) -> str:
    return quote(source.revision or MAIN, safe="")


def _write_whole(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointError(
            "The checkpoint cannot be kept on this computer: {reason}.", reason=error.strerror
        ) from error
