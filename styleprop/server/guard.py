"""What a visitor sees of an error: the sentence of one that a person can mend, else its number in the log."""

import errno
import html
import inspect
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TypeVar

import gradio as gr
from gradio.context import LocalContext

from styleprop.errors import Sentence, SettingsError, StylepropError
from styleprop.server.gate import NO_ROOM
from styleprop.server.texts import say

Handler = TypeVar("Handler", bound=Callable)
BAD_CALL = 'This call cannot be read: send pictures as files, in Python with handle_file("photo.jpg").'
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
log = logging.getLogger(__name__)


def guard_all(page: gr.Blocks) -> None:
    """Wrap the handlers of a page that are not wrapped yet, so that none is forgotten, and Gradio's own part."""
    for event in page.fns.values():
        if event.fn is not None and not hasattr(event.fn, "__wrapped__"):
            event.fn = plain_errors(event.fn)
    _guard_calls(page)


def _guard_calls(page: gr.Blocks) -> None:
    """Say in a sentence what Gradio would keep to itself: that a call's values are not what it takes."""
    read, process = page.preprocess_data, page.process_api

    @wraps(read)
    async def read_plainly(*arguments, **keywords):
        try:
            return await read(*arguments, **keywords)
        except (gr.Error, OSError):
            raise
        except Exception as error:
            raise SettingsError(BAD_CALL) from error

    @wraps(process)
    async def process_plainly(*arguments, **keywords):
        LocalContext.request.set(keywords.get("request"))  # who asks, and so in which language
        with _plain_words("a call"):
            return await process(*arguments, **keywords)

    page.preprocess_data = read_plainly  # type: ignore[method-assign]
    page.process_api = process_plainly  # type: ignore[method-assign]


def plain_errors(handler: Handler) -> Handler:
    """Wrap an event handler, a generator too, so that it raises nothing but `gr.Error`, in plain words."""

    @wraps(handler)
    def guarded(*arguments, **keywords):
        with _plain_words(handler.__name__):
            return handler(*arguments, **keywords)

    @wraps(handler)
    def guarded_steps(*arguments, **keywords):
        with _plain_words(handler.__name__):
            yield from handler(*arguments, **keywords)

    return guarded_steps if inspect.isgeneratorfunction(handler) else guarded  # type: ignore[return-value]


@contextmanager
def _plain_words(name: str) -> Iterator[None]:
    try:
        yield
    except StylepropError as error:
        raise _shown(say(error.sentence)) from error
    except gr.Error:
        raise
    except Exception as error:
        raise _shown(say(sentence_of(error, name))) from error


def sentence_of(error: Exception, name: str) -> str:
    """The English sentence for an error that nobody can mend, while it is handled: it goes to the log, with its number.

    Args:
        error: what was raised.
        name: what was done.
    """
    number = secrets.token_hex(4)
    log.exception("error %s in %s", number, name)
    if isinstance(error, OSError) and error.errno in FULL:
        return NO_ROOM
    return Sentence("Something went wrong here. The log has it as error {number}.", number=number)


def _shown(sentence: str) -> gr.Error:
    return gr.Error(html.escape(sentence, quote=False), duration=12, print_exception=False)
