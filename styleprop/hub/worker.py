"""The process that talks to the Hub: a job as JSON on standard input, an answer as JSON on standard output.

`asking.py` starts it and ends it. It uses the token that it is given, if any, and says it to nobody.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import CommitOperationAdd, HfApi, ModelInfo

from styleprop.checkpoints import CARD_FILE, MAX_FILE_BYTES, verify_checkpoint
from styleprop.errors import CheckpointError, Sentence
from styleprop.hub.asking import STEP_SECONDS
from styleprop.hub.cards import with_header
from styleprop.hub.files import TOTAL_FILE, choose_files
from styleprop.hub.refusals import explain, refused
from styleprop.hub.sources import is_commit

ENDPOINT = "https://huggingface.co"


def main() -> int:
    """Do the one job. Returns the exit status."""
    job = json.load(sys.stdin)
    _limit(job["seconds"])
    try:
        answer = JOBS[job["action"]](job)
    except Exception as error:  # every kind becomes a sentence; a traceback could hold the token
        sentence, passing = explain(error, job["repo"], bool(job.get("token")))
        answer = {"error": Sentence(sentence).parts(), "passing": passing, "refused": refused(error)}
    print(json.dumps(answer))
    return 0


def _limit(seconds: float) -> None:
    """No life after the budget, should the parent be gone; no file larger than a checkpoint's."""
    timer = threading.Timer(seconds + 1, lambda: os._exit(1))
    timer.daemon = True
    timer.start()
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))


def _api(token: str | None) -> HfApi:
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT") or ENDPOINT, token=token or False)


def _resolve(api: HfApi, job: dict[str, Any]) -> tuple[str, ModelInfo]:
    """The commit that a revision is, and what the repository has there."""
    info = api.model_info(job["repo"], revision=job["revision"], files_metadata=True, timeout=STEP_SECONDS)
    commit, wanted = info.sha, job["revision"]
    if not is_commit(commit) or (is_commit(wanted) and commit != wanted):
        raise CheckpointError("The Hub answered with another version of {repo} than was asked for.", repo=job["repo"])
    return commit, info


def _download(api: HfApi, job: dict[str, Any], commit: str, name: str) -> None:
    # Forced: neither the shared cache nor the retries of half a minute.
    api.hf_hub_download(
        job["repo"],
        name,
        revision=commit,
        local_dir=job["folder"],
        force_download=True,
        etag_timeout=STEP_SECONDS,
    )


def pull(job: dict[str, Any]) -> dict[str, Any]:
    """Download a checkpoint's files at a commit, unless it is among the known ones."""
    api = _api(job["token"])
    commit, info = _resolve(api, job)
    known = commit in job["known"]
    sizes = {file.rfilename: file.size for file in info.siblings or []}
    names = [] if known else choose_files(sizes, job["repo"])
    Path(job["folder"], TOTAL_FILE).write_text(str(sum(sizes[name] or 0 for name in names)))
    for name in names:
        _download(api, job, commit, name)
    return {"commit": commit, "known": known}


def read(job: dict[str, Any]) -> dict[str, Any]:
    """Download one file at a commit."""
    api = _api(None)
    commit, info = _resolve(api, job)
    if job["file"] not in {file.rfilename for file in info.siblings or []}:
        raise CheckpointError("{repo} has no {file}.", repo=job["repo"], file=job["file"])
    _download(api, job, commit, job["file"])
    return {"commit": commit}


def push(job: dict[str, Any]) -> dict[str, Any]:
    """Upload a folder whose every file has been chosen and verified."""
    api, repo, tag, folder = _api(job["token"]), job["repo"], job["tag"], Path(job["folder"])
    url = api.create_repo(repo, private=job["private"], exist_ok=True)
    if tag and tag in {ref.name for ref in api.list_repo_refs(repo).tags}:
        raise CheckpointError("{repo} has a version {tag} already; choose another tag.", repo=repo, tag=tag)
    _write_header(folder, repo.partition("/")[2], job["base_model"])
    files = [CommitOperationAdd(path.name, path) for path in sorted(folder.iterdir())]
    commit = api.create_commit(repo, files, commit_message="A checkpoint of styleprop").oid
    if tag:
        api.create_tag(repo, tag=tag, revision=commit)
    return {"url": str(url), "commit": commit}


def _write_header(folder: Path, name: str, base_model: str | None) -> None:
    card, kind = folder / CARD_FILE, verify_checkpoint(folder).kind
    text = card.read_text("utf-8") if card.exists() else f"# {name}\n"
    card.write_text(with_header(text, name, kind, base_model), encoding="utf-8")


def token(job: dict[str, Any]) -> dict[str, Any]:
    """The stored login."""
    return {"token": huggingface_hub.get_token()}


JOBS = {"pull": pull, "read": read, "push": push, "token": token}

if __name__ == "__main__":
    sys.exit(main())
