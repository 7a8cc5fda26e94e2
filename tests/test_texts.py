"""The page's words: each has its Chinese, each is wrapped, and the request's language decides."""

import ast
import json
import pickle
import re
import string
from pathlib import Path
from types import SimpleNamespace

import pytest
from gradio.context import LocalContext
from PIL import Image

from styleprop import images
from styleprop.errors import ImageError, Sentence
from styleprop.images.directories import DAMAGED
from styleprop.server.models import EMBEDDED, Status, _because
from styleprop.server.texts import chinese, is_chinese, say, translate, translations
from styleprop.ui.reconstruct import tab as reconstruct_tab

PACKAGE = Path(__file__).parent.parent / "styleprop"
PAGE = (PACKAGE / "ui", PACKAGE / "server")
FOR_PROGRAMS = {"assistants.py", "enclosed.py", "calls.py", "sound_calls.py"}  # they speak English
FOR_PROGRAMS |= {"options.py", "addresses.py", "serve.py", "drain.py"}
NO_WORDS = {"theme.py"}  # fonts
CORE = [
    PACKAGE / name
    for name in (
        "images",
        "sound",
        "hub",
        "training",
        "video",
        "data.py",
        "checkpoints.py",
        "weights.py",
        "styles.py",
        "own_styles.py",
    )
]
# Command lines and Python calls.
FOR_OPERATORS = {"card.py", "logins.py", "plan.py", "runs.py", "saving.py", "state.py"}
TAG = re.compile(r"<[^<>]*>?")
SENTENCE = re.compile(r"[A-Z][a-z]+|[a-z]{2,} [a-z]{2,}")
NOT_IN_THE_PAGE = {  # of paths, arrays and settings that a command or a Python call was given; a card
    "7 exists and is not a checkpoint; choose a new folder for the result.",
    "7 must be one of 7, not 7.",
    "A fine-tune takes 1 to 7 seconds and 1 to 7 steps.",
    "A sound is written as 7, not as 7.",
    "An MP3 cannot have 7 samples a second; write a .wav or .flac.",
    "The file 7 cannot be read.",
    "The sound 7 cannot be written.",
    "The sound 7 cannot be written: 7.",
    "A picture must be read from a file opened in binary mode.",
    "A style is saved as 7: choose a name that ends so.",
    "An array must be uint8 of shape (H, W), (H, W, 3) or (H, W, 4).",
    "Made by `python -m styleprop fine-tune 7` from 7 on 7: 7, learning rate 7, at most 7 s.",
    "No pictures were found in 7.",
    "Only ordinary files can be opened.",
    "The file cannot be read: permission is missing.",
    "There is no built-in style 7; there are: 7.",
    "There is no file 7.",
    "There is no folder named 7.",
    "This is a folder, not 7.",
}
FIELD = re.compile(r"{\w+}")
COMPOSED = {  # `models.py` puts them together
    "Ready, with the embedded weights. {reason}",
    "Ready, with {name}. {reason}",
    "The models cannot be loaded here, so no picture can be made. {reason}",
}
MARK = re.compile(r"__i18n__(\{.*?\})")
VISIBLE = ("label", "info", "placeholder", "value")
NAMES = {
    "Handler",
    "Adam",
    "Momentum",
    "SGD",
    "Dusk in red",
    "The North Sea",
}  # a type, optimizers, the tests' own styles


@pytest.fixture
def asked(request):
    """As if a browser with this Accept-Language asked."""
    token = LocalContext.request.set(SimpleNamespace(headers={"accept-language": request.param}))
    yield
    LocalContext.request.reset(token)


@pytest.mark.parametrize("asked", ["zh-CN,zh;q=0.9,en;q=0.8"], indirect=True)
def test_a_chinese_browser_is_answered_in_chinese(asked):
    assert say("{width} × {height} pixels.", width=4, height=3) == "4 × 3 像素。"
    assert say("Restyle") == "重绘"
    assert say("A sentence that nobody translated.") == "A sentence that nobody translated."


@pytest.mark.parametrize("asked", ["en-US,zh-CN;q=0.9", ""], indirect=True)
def test_other_browsers_are_answered_in_english(asked):
    assert say("{width} × {height} pixels.", width=4, height=3) == "4 × 3 pixels."
    assert say("Restyle") == "Restyle"


def test_what_is_laid_out_is_left_to_the_browser():
    assert translations().translations_dict["zh-CN"]["Restyle"] == "重绘"
    assert '"key": "Restyle"' in say("Restyle")


@pytest.mark.parametrize(
    ("header", "wished"),
    [("zh-CN", True), ("zh-cn;q=1.0, en", True), ("en, zh-CN", False), ("zh-TW", False), ("zh", False), ("*", False)],
)
def test_the_language_wished_first_decides(header, wished):
    assert is_chinese(header) == wished


def literals(*folders):
    """(file, text) of every string of these that is no docstring; f-strings piece by piece."""
    for path, tree in parsed(*folders):
        skipped = {id(part) for node in ast.walk(tree) for part in not_shown(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield path.name, node.value


def filled_in(*folders):
    """(file, text) of every f-string of these, with a 7 for each value."""
    for path, tree in parsed(*folders):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield path.name, whole(node)


def formatted(*folders):
    """The constants of these whose `format` is called in their file."""
    for _, tree in parsed(*folders):
        sentences = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "format" and isinstance(node.value, ast.Name):
                yield sentences.get(node.value.id)


def parsed(*folders):
    for folder in folders:
        for path in sorted(folder.rglob("*.py")) or [folder]:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def whole(node):
    return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)


def not_shown(node):
    """Docstrings, what is logged, and the pieces of errors that `filled_in` has whole."""
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        yield from [first.value] if isinstance(first, ast.Expr) else []
    if isinstance(node, ast.Raise):
        yield from (part for found in ast.walk(node) if isinstance(found, ast.JoinedStr) for part in ast.walk(found))
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
        yield from ast.walk(node)


def words_of(text):
    return TAG.sub(" ", text).replace("&nbsp;", " ").strip()


def is_sentence(text):
    return text[:1].isupper() and bool(SENTENCE.search(text)) and not text.isupper()


def test_every_sentence_of_the_page_has_its_chinese():
    missing = {
        (name, text)
        for name, text in literals(*PAGE)
        if name not in FOR_PROGRAMS | NO_WORDS
        and text not in chinese().keys() | NAMES
        and is_sentence(words_of(text))
        and not text.startswith("G(x) = ")  # a formula
    }
    assert missing == set()


def test_every_error_that_a_visitor_can_meet_has_its_chinese():
    plain = [(name, text) for name, text in literals(*CORE) if text[:1].isupper()]
    filled = [(name, text) for name, text in filled_in(*PAGE, *CORE) if text[:1].isupper() or text.startswith("7 ")]
    missing = {
        text
        for name, text in [*plain, *filled]
        if name not in FOR_PROGRAMS | FOR_OPERATORS
        and text.endswith((".", ".)"))
        and SENTENCE.search(text)
        and text not in chinese()
    }
    assert missing == NOT_IN_THE_PAGE


def test_no_value_is_filled_in_before_a_sentence_can_be_translated():
    filled = {FIELD.sub("7", key) for key in chinese() if "{" in key}
    assert [
        (name, text) for name, text in filled_in(*PAGE, *CORE) if text in filled and name not in FOR_OPERATORS
    ] == []


def test_no_sentence_is_formatted_before_it_can_be_translated():
    assert [text for text in formatted(*PAGE, *CORE) if text in chinese()] == []


def test_every_chinese_sentence_is_of_use():
    used = {value for _, value in literals(PACKAGE)} | set(titles())
    assert chinese().keys() - used == COMPOSED


def test_an_error_is_translated_with_its_values_and_its_reason():
    with pytest.raises(ImageError) as error:
        images.load(Image.new("RGB", (15, 20)))
    assert translate(error.value.sentence) == "图片为 15 × 20 像素：每边至少需要 16 像素。"
    template = "{name} was left out: {reason}"
    reason = Sentence(template, name="'a. b.png'", reason=ImageError(DAMAGED))
    assert translate(reason) == f"已略过 'a. b.png'：{chinese()[DAMAGED]}"
    assert translate(Sentence(template, name="'a.png'", reason="{braces}")) == "已略过 'a.png'：{braces}"


def test_what_looks_like_a_sentence_with_values_is_none():
    assert translate("AutoencoderConfig has no setting named size.") == "AutoencoderConfig has no setting named size."


def test_a_sentence_is_the_same_in_another_process():
    made = ImageError("The picture is {size}.", size=Sentence("{width} x {height} pixels", width=2, height=3))
    copies = (
        pickle.loads(pickle.dumps(made)).sentence,
        Sentence.from_parts(json.loads(json.dumps(made.sentence.parts()))),
    )
    for copy in copies:
        assert (copy, copy.template, copy.values) == (
            "The picture is 2 x 3 pixels.",
            "The picture is {size}.",
            made.sentence.values,
        )
        assert copy.values["size"].template == "{width} x {height} pixels"


def test_how_far_the_models_are_is_translated_with_its_reason():
    assert translate(_because(EMBEDDED, "The Hub cannot be reached.").sentence) == "就绪，使用内置权重。无法连接 Hub。"
    ready = Status("ready", Sentence("Ready, with {name}", name="me/it at 1a2b3c4"))
    coming = _because(ready, Sentence("{repo} is on its way.", repo="me/it"))
    assert translate(coming.sentence) == "就绪，使用 me/it at 1a2b3c4。me/it 正在传输中。"


def titles():
    """Titles of the embedded built-in styles."""
    from styleprop.ui.serve import offered_styles

    return [style.title for style in offered_styles(None)]


def test_every_built_in_style_has_a_chinese_title():
    assert [title for title in titles() if title not in chinese()] == []


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_each_translation_is_chinese_and_fills_in_the_same_values():
    assert [key for key, text in chinese().items() if fields(key) != fields(text)] == []
    assert [key for key, text in chinese().items() if not re.search("[\u4e00-\u9fff]", text)] == ["CycleGAN"]


def test_every_visible_label_is_wrapped(app):
    """Whatever Gradio shows of a component as it was laid out is a mark that the browser replaces."""
    config = app.page.config
    components = {component["id"]: component for component in config["components"]}
    shown = [words for number in visible(config["layout"], components) for words in texts(components[number])]
    assert len(shown) > 60
    assert {words for words in shown if not MARK.search(words) and not words.isdecimal()} - NAMES == set()


def test_no_value_of_a_choice_is_a_sentence_which_the_browser_would_translate(app):
    choices = [
        title_and_value for one in app.page.config["components"] for title_and_value in one["props"].get("choices", [])
    ]
    assert len(choices) > 30
    assert {value for _, value in choices} & chinese().keys() == set()


def visible(node, components):
    if components[node["id"]]["props"].get("elem_id") == "calls" if node["id"] in components else False:
        return
    for child in node.get("children", []):
        yield child["id"]
        yield from visible(child, components)


def texts(component):
    """What of a component are words: not file names, numbers, or HTML without a word."""
    props = component["props"]
    for name in VISIBLE:
        value = props.get(name)
        if isinstance(value, str) and (MARK.search(value) or (is_sentence(words_of(value)) and not is_name(value))):
            yield value
    for title, _ in props.get("choices") or []:
        yield title


def is_name(value):
    """Formulas, and credits with their terms, stay as they are."""
    return 'class="formula"' in value or "CC0" in value or value in NAMES


def test_the_legend_of_the_error_map_has_the_true_number():
    assert f"{255 / images.ERROR_GAIN:.0f} levels" in reconstruct_tab.ERROR_LEGEND
