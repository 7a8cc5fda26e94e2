"""The header that the Hub reads a model card's facts from."""

import re

from huggingface_hub import EvalResult, ModelCard, ModelCardData

TAGS = ["styleprop", "style-transfer"]
LICENSE = "mit"
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_START = re.compile(r"Starts from: ([A-Za-z0-9][\w.-]*/[\w.-]*\w)")
_SENTENCE = re.compile(r"^Held-out scores: (.+)\.$", re.MULTILINE)
_ROW = re.compile(rf"^\| ([a-z_0-9]+) \| {_NUMBER} \| ({_NUMBER}) \|$", re.MULTILINE)


def with_header(text: str, name: str, model: str, base_model: str | None = None) -> str:
    """A model card with a YAML header; what its header says already stays.

    Args:
        text: the card.
        name: of the checkpoint.
        model: "autoencoder", "cyclegan", "enlarger" or "features".
        base_model: the repository that the weights started from; where None, the one that the card names, if any.
    """
    card = ModelCard(text)
    named = _START.search(text)
    facts = {
        "license": LICENSE,
        "library_name": "keras",
        "tags": [*TAGS, model],
        "base_model": base_model or (named[1] if named else None),
    }
    if model != "features":
        facts["pipeline_tag"] = "image-to-image"
    known = card.data.to_dict()
    for key, value in facts.items():
        if value is not None and key not in known:
            setattr(card.data, key, value)
    if "model-index" not in known and (scores := read_scores(text)):
        card.data = ModelCardData(
            model_name=name, eval_results=[_result(*score) for score in scores.items()], **card.data.to_dict()
        )
    return str(card)


def read_scores(text: str) -> dict[str, float]:
    """The held-out scores that a card names, as our trainings write them."""
    sentence = _SENTENCE.search(text)
    pairs = re.findall(rf"(\w+) ({_NUMBER})(?:,|$)", sentence[1]) if sentence else _ROW.findall(text)
    return {name: float(value) for name, value in pairs}


def _result(metric: str, value: float) -> EvalResult:
    return EvalResult("image-to-image", "held-out", "held-out pictures", metric, value)
