"""Checkpoints from the Hugging Face Hub and to it. The only place that names `huggingface_hub`, in `worker.py`."""

from styleprop.hub.asking import LoginError, UnreachableError
from styleprop.hub.cache import commit_of, find_cached, repo_of, title_of
from styleprop.hub.logins import Token, find_token
from styleprop.hub.pulling import Watcher, open_checkpoint, pull
from styleprop.hub.pushing import push
from styleprop.hub.registry import Domain, read_registry
from styleprop.hub.sources import Source, is_source, parse_source

__all__ = [
    "Domain",
    "LoginError",
    "Source",
    "Token",
    "UnreachableError",
    "Watcher",
    "commit_of",
    "find_cached",
    "find_token",
    "is_source",
    "open_checkpoint",
    "parse_source",
    "pull",
    "push",
    "read_registry",
    "repo_of",
    "title_of",
]
