"""What the package never does, read from its source."""

import ast
import inspect
import re
from pathlib import Path

import styleprop
from styleprop import hub
from styleprop.hub import asking
from styleprop.ui import serve

PACKAGE = Path(styleprop.__file__).parent
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
PULLS = {"pull", "open_checkpoint", "from_pretrained", "Styleprop", "Translators"}
PICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def nodes(kind):
    return [(path, node) for path, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, kind)]


def dotted(node):
    return ast.unparse(node)


def test_nothing_is_unpickled():
    names = {alias.name.split(".")[0] for _, node in nodes(ast.Import) for alias in node.names}
    names |= {(node.module or "").split(".")[0] for _, node in nodes(ast.ImportFrom)}
    assert "json" in names
    assert not names & PICKLERS
    loads = [node for _, node in nodes(ast.Call) if dotted(node.func) in ("np.load", "numpy.load")]
    assert loads
    for node in loads:
        assert {keyword.arg: dotted(keyword.value) for keyword in node.keywords}["allow_pickle"] == "False"


def test_no_model_is_built_from_a_file():
    calls = [dotted(node.func) for _, node in nodes(ast.Call)]
    assert any(call.endswith(".load_weights") for call in calls)
    for call in calls:
        assert not re.search(
            r"(keras|saving|models)\.load_model|model_from_json|deserialize|enable_unsafe|exec$|eval$", call
        )
    imported = {
        alias.name for _, node in nodes(ast.ImportFrom) if "keras" in (node.module or "") for alias in node.names
    }
    assert not imported & {"load_model", "model_from_json"}


def test_no_login_is_used_unasked():
    worker = (PACKAGE / "hub" / "worker.py").read_text("utf-8")
    assert "token=token or False" in worker  # None would be the Hub's client's own choice
    assert re.findall(r"_api\((.*?)\)[,\n]", worker) == ['job["token"]', "None", 'job["token"]']
    tokens = {
        dotted(keyword.value)
        for path, node in nodes(ast.Call)
        if path.relative_to(PACKAGE).parts[0] in ("server", "ui") and dotted(node.func).split(".")[-1] in PULLS
        for keyword in node.keywords
        if keyword.arg == "token"
    }
    assert tokens == {"False"}
    assert inspect.signature(hub.pull).parameters["token"].default is False
    getters = [path.name for path, node in nodes(ast.Call) if dotted(node.func).endswith("get_token")]
    assert getters == ["worker.py"]
    assert "HF_TOKEN" in asking.NEVER_PASSED
    assert asking.ALWAYS_SET["HF_HUB_DISABLE_IMPLICIT_TOKEN"] == "1"
    assert serve.QUIET["HF_HUB_DISABLE_IMPLICIT_TOKEN"] == "1"


def test_nobody_is_told_anything():
    assert asking.ALWAYS_SET["HF_HUB_DISABLE_TELEMETRY"] == "1"
    promised = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
    assert promised.items() <= serve.QUIET.items()
    page = (PACKAGE / "ui" / "page.py").read_text("utf-8")
    assert "analytics_enabled=False" in page
