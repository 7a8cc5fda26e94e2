"""The page's words in the visitor's language. The English sentence is the key; `assets/zh-CN.json` has the Chinese.

    gr.Button(say("Restyle"))                                  what is laid out: the browser puts its language in
    say("{width} × {height} pixels.", width=104, height=72)    what a handler answers: the request tells the language
    say(error.sentence)                                        what the core says: a `Sentence` knows its template

English and Simplified Chinese. A sentence without an entry is shown in English.
"""

import json
from collections.abc import Mapping
from functools import cache

import gradio as gr
from gradio.context import LocalContext

from styleprop.assets import ASSETS
from styleprop.errors import Sentence

CHINESE = "zh-CN"
FILE = ASSETS / f"{CHINESE}.json"
SET_LANGUAGE = f"<script>if (navigator.language === '{CHINESE}') document.documentElement.lang = '{CHINESE}'</script>"

TELL_REFUSALS = """<script>(() => {  // of a refused upload Gradio would show "HTTP 429: {…}"
  const ask = window.fetch;
  window.fetch = async (...sent) => {
    const answer = await ask(...sent);
    const isOurs = (answer.headers.get('content-type') || '').startsWith('application/json');
    if (!answer.ok && isOurs && new URL(answer.url).pathname.endsWith('/gradio_api/upload'))
      answer.text = async () => { throw new Error((await answer.json()).detail) };
    return answer;
  }
})()</script>"""


def say(sentence: str, /, **values: object) -> str:
    """A sentence in the visitor's language.

    Args:
        sentence: English, as the code reads; also the key of its translation. Values are named in braces.
        values: what is filled in. Only while an event is handled, as the browser cannot do it.

    Returns:
        While an event is handled, the words. Else a mark that Gradio's browser side replaces by them: one in a
        component's label, choice or value, where it must not be escaped.
    """
    sentence = Sentence(sentence, **values)
    request = LocalContext.request.get(None)
    if request is not None:
        return str(spoken(sentence, request.headers))
    return str(gr.I18n()(str(sentence))) if sentence in chinese() else str(sentence)


def translate(sentence: str) -> str:
    """The Chinese of a sentence, and of the sentences among its values. What is not known comes back as it is."""
    sentence = Sentence(sentence)
    if sentence.template not in chinese():
        return sentence
    values = {name: translate(x) if isinstance(x, Sentence) else x for name, x in sentence.values.items()}
    return Sentence(chinese()[sentence.template], **values)


def said(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices, (sentence, value) pairs, with their sentences in the visitor's language."""
    return [(say(sentence), value) for sentence, value in choices]


def is_chinese(accept_language: str) -> bool:
    """Whether the language that is wished first is Simplified Chinese; Gradio's browser side asks the same."""
    return accept_language.split(",")[0].split(";")[0].strip().lower() == CHINESE.lower()


def spoken(sentence: str, headers: Mapping[str, str]) -> str:
    """A sentence in the language that a request's headers wish first."""
    return translate(sentence) if is_chinese(headers.get("accept-language", "")) else sentence


@cache
def chinese() -> dict[str, str]:
    """The Chinese of every sentence of the page."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def translations() -> gr.I18n:
    """What the browser needs of it: the sentences without values."""
    return gr.I18n(**{CHINESE: {key: text for key, text in chinese().items() if "{" not in key}})
