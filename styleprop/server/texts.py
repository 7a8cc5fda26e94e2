"""The page's words in the visitor's language. The English sentence is the key; `assets/zh-CN.json` has the Chinese.

    gr.Button(say("Restyle"))                                  what is laid out: the browser puts its language in
    say("{width} × {height} pixels.", width=104, height=72)    what a handler answers: the request tells the language
    say(str(error))                                            what the core says: found by the words around its values

English and Simplified Chinese. A sentence without an entry is shown in English.
"""

import json
import re
import string
from collections.abc import Mapping
from functools import cache

import gradio as gr
from gradio.context import LocalContext

from styleprop.assets import ASSETS

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
    request = LocalContext.request.get(None)
    if request is not None:
        sentence = spoken(sentence, request.headers)
    elif sentence in chinese() and not values:
        return str(gr.I18n()(sentence))
    return sentence.format(**values) if values else sentence


def translate(sentence: str) -> str:
    """The Chinese of a sentence as the code has it, or of one whose values the core has filled in already.

    Values that are sentences themselves, such as the reason of an error, are translated too. What is not known comes
    back as it is.
    """
    if sentence in chinese():
        return chinese()[sentence]
    for pattern, text in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return text.format(**{name: translate(value) for name, value in found.groupdict().items()})
    return sentence


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """A pattern and the Chinese of every sentence with values; those with the most words of their own come first."""
    parsed = [(list(string.Formatter().parse(key)), text) for key, text in chinese().items() if "{" in key]
    parsed.sort(key=lambda pair: -sum(len(words) for words, *_ in pair[0]))
    return [(re.compile("".join(map(_pattern, parts)), re.DOTALL), text) for parts, text in parsed]


def _pattern(part: tuple) -> str:
    words, name, *_ = part
    return re.escape(words) + (f"(?P<{name}>.+?)" if name else "")


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
