"""What became of a call to the Hub, in a plain sentence without addresses or tokens."""

import httpx2
from huggingface_hub import errors

from styleprop.errors import CheckpointError, Sentence

BUSY = "The Hub asks to be called less often; try again in a few minutes."
TROUBLE = "The Hub has trouble of its own; try again later."
PROXY = "A proxy on the way to the Hub does not let this through."
STATUSES = {
    401: "The Hub does not accept this login.",
    403: "The Hub does not allow this to this login.",
    409: "The Hub has this already, or is at work on it.",
    407: PROXY,
    429: BUSY,
}


def explain(error: BaseException, repo: str, login: bool = False) -> tuple[str, bool]:
    """One sentence about an error, and whether it passes by itself; `login` is whether there was a token."""
    error = _root(error)
    if isinstance(error, CheckpointError):
        return error.sentence, False
    if isinstance(error, errors.HfHubHTTPError):
        return _explain_answer(error, repo, login)
    if isinstance(error, httpx2.TimeoutException):
        return "The Hub did not answer in time.", True
    if isinstance(error, httpx2.ProxyError):
        return PROXY, True
    if isinstance(error, httpx2.ConnectError):
        return "The Hub cannot be reached.", True
    if isinstance(error, errors.OfflineModeIsEnabled):
        return "The Hub is switched off here by HF_HUB_OFFLINE.", True
    if isinstance(error, httpx2.HTTPError | OSError):
        return Sentence("The transfer of {repo} broke off.", repo=repo), True
    return Sentence("The answer about {repo} is not one that the Hub gives.", repo=repo), True


def refused(error: BaseException) -> str:
    """What a login, or another one, may change: "read", "agree" where an agreement is missing, or "" for neither."""
    error = _root(error)
    if isinstance(error, errors.GatedRepoError):
        return "agree"
    if not isinstance(error, errors.HfHubHTTPError) or isinstance(error, errors.RevisionNotFoundError):
        return ""
    return "read" if error.response.status_code in (401, 403, 404) else ""


def _root(error: BaseException) -> BaseException:
    """The error that others were made of, where it tells more."""
    known = (CheckpointError, errors.HfHubHTTPError, httpx2.HTTPError, errors.OfflineModeIsEnabled)
    found: BaseException | None = error
    while found is not None and not isinstance(found, known):
        found = found.__cause__
    return error if found is None else found


def _explain_answer(error: errors.HfHubHTTPError, repo: str, login: bool) -> tuple[str, bool]:
    status = error.response.status_code
    if isinstance(error, errors.RevisionNotFoundError):
        return Sentence("{repo} has no such branch, tag or commit.", repo=repo), False
    if isinstance(error, errors.GatedRepoError):
        return Sentence("{repo} asks for an agreement on its page before it can be read.", repo=repo), False
    if status in (401, 403, 404) and not login:
        return Sentence("The Hub has no {repo} that can be read without a login.", repo=repo), False
    if status == 404:
        return Sentence("The Hub has no {repo} for this login.", repo=repo), False
    if status >= 500:
        return TROUBLE, True
    return STATUSES.get(status, Sentence("The Hub refuses this for {repo}.", repo=repo)), status == 429
