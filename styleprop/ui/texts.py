"""The page's words in the visitor's language. The English sentence is the key; `assets/zh-CN.json` has the Chinese.

    gr.Button(say("Restyle"))                                  what is laid out: the browser puts its language in
    say("{width} × {height} pixels.", width=104, height=72)    what a handler answers: the request tells the language

English and Simplified Chinese. A sentence without an entry is shown in English: so are errors that name what a person
typed, as the core writes them whole.
"""

import json
from functools import cache
from pathlib import Path

import gradio as gr
from gradio.context import LocalContext

CHINESE = "zh-CN"
FILE = Path(__file__).parent / "assets" / f"{CHINESE}.json"
SET_LANGUAGE = f"<script>if (navigator.language === '{CHINESE}') document.documentElement.lang = '{CHINESE}'</script>"


def say(sentence: str, /, **values: object) -> str:
    """A sentence in the visitor's language.

    Args:
        sentence: English, as the code reads; also the key of its translation. Values are named in braces.
        values: what is filled in. Only while an event is handled, as the browser cannot do it.

    Returns:
        While an event is handled, the words. Else a mark that Gradio's browser side replaces by them: one in a
        component's label, choice or value, where it must not be escaped.
    """
    request = LocalContext.request.get(None)
    if request is not None:
        known = chinese() if is_chinese(request.headers.get("accept-language", "")) else {}
        sentence = known.get(sentence, sentence)
    elif sentence in chinese() and not values:
        return str(gr.I18n()(sentence))
    return sentence.format(**values) if values else sentence


def said(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices, (sentence, value) pairs, with their sentences in the visitor's language."""
    return [(say(sentence), value) for sentence, value in choices]


def is_chinese(accept_language: str) -> bool:
    """Whether the language that is wished first is Simplified Chinese; Gradio's browser side asks the same."""
    return accept_language.split(",")[0].split(";")[0].strip().lower() == CHINESE.lower()


@cache
def chinese() -> dict[str, str]:
    """The Chinese of every sentence of the page."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def translations() -> gr.I18n:
    """What the browser needs of it: the sentences without values."""
    return gr.I18n(**{CHINESE: {key: text for key, text in chinese().items() if "{" not in key}})
