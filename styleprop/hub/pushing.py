"""To the Hub, with a person's own token."""

import shutil
import tempfile
from pathlib import Path

from styleprop.checkpoints import verify_checkpoint
from styleprop.errors import CheckpointError
from styleprop.hub.asking import ask
from styleprop.hub.files import check_whole, is_allowed
from styleprop.hub.sources import parse_source

SECONDS = 300.0


def push(
    folder: Path,
    repo: str,
    token: str,
    private: bool = True,
    tag: str | None = None,
    *,
    base_model: str | None = None,
    seconds: float = SECONDS,
) -> dict[str, str]:
    """Upload a checkpoint; the repository is made where there is none.

    Args:
        folder: the checkpoint; files that do not belong to one stay here.
        repo: "owner/name".
        token: a token that may write there. It is used for this and kept nowhere.
        private: whether a repository that is made is private; one that is there stays as it is.
        tag: a name for this version; must be new.
        base_model: the repository that the weights started from, for the card.
        seconds: the most that it may take.

    Returns:
        "url" of the repository and "commit", 40 hexadecimal digits.

    Raises:
        CheckpointError: the folder is no sound checkpoint, the tag is taken, or the Hub refuses or does not answer.
    """
    source = parse_source(repo)
    if source.revision:
        raise CheckpointError("A push goes to OWNER/NAME; name the version by its tag.")
    if not token:
        raise CheckpointError("A push needs a token of yours that may write to the Hub.")
    folder = verify_checkpoint(Path(folder).resolve()).folder
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / folder.name
        copy.mkdir()
        for path in folder.iterdir():
            if path.is_file() and is_allowed(path.name):
                shutil.copyfile(path, copy / path.name)
        check_whole(copy)
        job = {"action": "push", "repo": source.repo, "folder": str(copy), "tag": tag, "base_model": base_model}
        answer = ask({**job, "private": private, "token": token}, seconds)
    return {"url": answer["url"], "commit": answer["commit"]}
