"""What a visitor sees of an error: the sentence of one that a person can mend, else its number in the log."""

import html
import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import gradio as gr

from styleprop.errors import StylepropError
from styleprop.ui.texts import say

Handler = TypeVar("Handler", bound=Callable)
log = logging.getLogger(__name__)


def plain_errors(handler: Handler) -> Handler:
    """Wrap an event handler so that it raises nothing but `gr.Error`, in plain words."""

    @wraps(handler)
    def guarded(*arguments, **keywords):
        try:
            return handler(*arguments, **keywords)
        except StylepropError as error:
            raise _shown(say(str(error))) from error
        except gr.Error:
            raise
        except Exception as error:
            number = secrets.token_hex(4)
            log.exception("error %s in %s", number, handler.__name__)
            raise _shown(say("Something went wrong here. The log has it as error {number}.", number=number)) from error

    return guarded  # type: ignore[return-value]


def _shown(sentence: str) -> gr.Error:
    return gr.Error(html.escape(sentence, quote=False), duration=12, print_exception=False)
