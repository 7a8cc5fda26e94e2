"""From the page to the Hub: a visitor's own weights, with the visitor's own login."""

import html
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from styleprop import hub
from styleprop.errors import CheckpointError, TrainingError
from styleprop.server.guard import plain_errors
from styleprop.server.queues import PUSHES
from styleprop.server.texts import say
from styleprop.server.tuned import Tuned
from styleprop.training.run_status import FINISHED

SECONDS = 120.0
SCOPES = {"contribute-repos", "manage-repos", "write-repos"}
LOGIN = ("SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
NO_LOGIN = (
    "There is no login to the Hub on this server. Download the zip, unpack it to a folder and run "
    "python -m styleprop checkpoints push FOLDER OWNER/NAME with a token of yours. On a Space, the line hf_oauth: true "
    "in the header of README.md brings a login."
)
SIGN_IN = "Sign in first, with the button beside this one."
PRIVACY = "The login is used for this upload alone and is kept nowhere on this server."
UPLOADED = {
    True: "Uploaded as {link} at {commit}; a new repository is private.",
    False: "Uploaded as {link} at {commit}; a new repository is public.",
}


def can_sign_in(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether visitors can sign in: on a Space whose header asks for it, with the right to write to repositories.

    Elsewhere Gradio would sign everybody in with the login of whoever runs the server.
    """
    asked = environment.get("SYSTEM") == "spaces" and all(environment.get(name) for name in LOGIN)
    allowed = SCOPES & set(environment.get("OAUTH_SCOPES", "").split())
    return asked and bool(allowed) and importlib.util.find_spec("authlib") is not None


def build_push(tuned: Tuned, mine: gr.BrowserState) -> None:
    """Lay out what uploads a visitor's weights inside the open `gr.Blocks` and connect it."""
    with gr.Accordion(say("To your account on the Hugging Face Hub"), open=False):
        with gr.Row(equal_height=True):
            repo = gr.Textbox(label=say("Repository"), placeholder="OWNER/NAME", max_length=200, max_lines=1, scale=3)
            private = gr.Checkbox(True, label=say("Private"), scale=1, min_width=110)
        with gr.Row():
            if can_sign_in():
                gr.LoginButton(min_width=180)
            button = gr.Button(say("Push to the Hub"), min_width=150)
        line = gr.HTML(f'<p class="hint">{say(PRIVACY)}</p>' if can_sign_in() else "", padding=False)
    button.click(_pusher(tuned), [mine, repo, private], [line], show_progress_on=line, **PUSHES)


def explain(*_: Any) -> str:
    """What the button says where nobody can sign in."""
    return f'<p class="note" role="status">{html.escape(say(NO_LOGIN), quote=False)}</p>'


def _pusher(tuned: Tuned):
    if not can_sign_in():
        return explain

    @plain_errors
    def push(mine: Any, repo: Any, private: Any, token: gr.OAuthToken | None, profile: gr.OAuthProfile | None):
        if token is None:
            raise CheckpointError(SIGN_IN)
        folder, start = _finished(tuned, mine)
        name, hidden = _full_name(repo, profile), private is not False
        answer = hub.push(folder, name, token.token, hidden, base_model=hub.repo_of(start), seconds=SECONDS)
        return _done(answer, hidden)

    return push


def _finished(tuned: Tuned, mine: Any) -> tuple[Path, Path]:
    """The folder of the visitor's best weights, and the one that they started from."""
    status = tuned.status(mine)
    if status is None or status.checkpoint is None:
        raise TrainingError("There are no weights of yours to push.")
    if status.state not in FINISHED:
        raise TrainingError("Your training is still under way: stop it first.")
    return status.checkpoint, Path(status.job.start)


def _full_name(repo: Any, profile: Any) -> str:
    name = repo.strip() if isinstance(repo, str) else ""
    if not name:
        raise CheckpointError("Name the repository: OWNER/NAME, or NAME for one of your own.")
    return name if "/" in name or profile is None else f"{profile.username}/{name}"


def _done(answer: dict[str, str], private: bool) -> str:
    url = html.escape(answer["url"])
    link = f'<a href="{url}" target="_blank" rel="noopener noreferrer">{url}</a>'
    told = say(UPLOADED[private], link=link, commit=html.escape(answer["commit"][:7]))
    return f'<p class="status" role="status">{told}</p>'
