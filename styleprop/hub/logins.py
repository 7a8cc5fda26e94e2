"""Whose login a pull has: none where that is enough, else the one that is given or that the Hub's own client would use.

The page's pulls never have one.
"""

import os
from collections.abc import Callable
from typing import TypeVar

from styleprop.hub.asking import LoginError, ask

Token = str | bool | None
Answer = TypeVar("Answer")
SECONDS = 30.0
VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
HOW = "run `hf auth login`, set HF_TOKEN, or use `checkpoints pull --token`"
ADVICE = {  # by what was refused, and whether there was a login
    ("read", False): f"If it is private, {HOW}.",
    ("read", True): f"For another login, {HOW}.",
    ("agree", False): f"Agree there, then {HOW}.",
    ("agree", True): "Agree there with the account of this login.",
}


def find_token() -> str | None:
    """The token of HF_TOKEN, else of the login that `hf auth login` has stored; None where there is none."""
    given = next(filter(None, (os.environ.get(name, "").strip() for name in VARIABLES)), None)
    return given or ask({"action": "token", "repo": ""}, SECONDS)["token"]


def with_login(fetch: Callable[[str | None], Answer], token: Token) -> Answer:
    """What `fetch(token)` returns, which is tried without a token first unless one is given.

    Args:
        fetch: asks the Hub.
        token: of a person; None for the one that `find_token` finds, unless HF_HUB_DISABLE_IMPLICIT_TOKEN is set; False
            for none at all.

    Raises:
        LoginError: the Hub wants a login, or another one; the sentence says what to do.
    """
    sent = token.strip() or None if isinstance(token, str) else None
    try:
        return fetch(sent)
    except LoginError as error:
        found = None if sent or token is False or _is_unwanted() else find_token()
        if found is None:
            raise _advised(error, token, sent) from None
    try:
        return fetch(found)
    except LoginError as error:
        raise _advised(error, token, found) from None


def _advised(error: LoginError, token: Token, used: str | None) -> LoginError:
    if token is False:
        return error
    return LoginError(f"{error} {ADVICE[error.refused, used is not None]}", error.refused)


def _is_unwanted() -> bool:
    return os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in {"1", "ON", "YES", "TRUE"}
