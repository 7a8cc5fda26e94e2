"""The import table: who may know whom."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "styleprop"
LEAVES = {"config", "errors", "assets"}
LOW = LEAVES | {"images", "styles", "own_styles"}
NETWORKS = LEAVES | {"ops", "layers", "modulation", "models"}
MAY_IMPORT = {
    "config": {"errors"},
    "errors": set(),
    "confined": set(),
    "assets": set(),
    "images": {"config", "errors"},
    "styles": LEAVES | {"checkpoints"},
    "own_styles": LEAVES | {"images", "styles"},
    "ops": LEAVES,
    "layers": NETWORKS - {"models", "modulation"},
    "modulation": NETWORKS - {"models"},
    "models": NETWORKS,
    "losses": LEAVES | {"ops"},
    "translation_losses": LEAVES | {"ops", "losses"},
    "outlines": LEAVES | {"images", "ops"},
    "fringes": set(),
    "grain": {"images"},
    "data": LOW,
    "metrics": NETWORKS | {"images", "losses"},
    "checkpoints": LEAVES,
    "weights": NETWORKS | {"checkpoints"},
    "hub": LEAVES | {"checkpoints", "styles", "weights"},
    "areas": LEAVES | {"images"},
    "judge": NETWORKS | {"images", "areas", "metrics", "data"},
    "evaluation": NETWORKS | {"images", "losses", "metrics", "data"},
    "video": LEAVES | {"images", "confined"},
    "sound": NETWORKS | {"checkpoints", "weights", "confined"},
    "scale": LOW | {"checkpoints", "engine", "hub", "training"},
    "engine": NETWORKS | LOW | {"fringes", "grain", "metrics", "checkpoints", "weights", "hub", "video", ""},
    "training": NETWORKS
    | LOW
    | {
        "areas",
        "data",
        "losses",
        "translation_losses",
        "metrics",
        "outlines",
        "fringes",
        "grain",
        "checkpoints",
        "weights",
        "sound",
    },
    "server": LOW | {"sound", "engine", "training", "checkpoints", "hub", "video", ""},
    "ui": LOW | {"sound", "server", "scale", "engine", "training", "checkpoints", "data", "hub", "video", ""},
    "cli": LOW
    | {
        "engine",
        "training",
        "checkpoints",
        "confined",
        "data",
        "evaluation",
        "judge",
        "metrics",
        "models",
        "weights",
        "hub",
        "scale",
        "ui",
        "video",
        "sound",
        "",
    },
    "__main__": {"cli"},
    "": {"engine"},
}
ONLY_IN = {
    "gradio": {"server", "ui"},
    "gradio_client": {"server"},
    "mcp": {"server"},
    "huggingface_hub": {"hub"},
    "httpx2": {"hub"},
    "tensorflow": {"engine"},
    "jax": {"scale"},
    "ray": {"scale"},
    "fsspec": {"scale"},
    "av": {"video"},
    "cv2": {"engine", "fringes", "grain", "video"},
    "soundfile": {"sound"},
    "soxr": {"sound"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(path):
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name):
    parts = name.split(".")
    known = {part_of(path) for path in FILES}
    return parts[1] if len(parts) > 1 and parts[1] in known else ""


def test_each_file_imports_only_whom_it_may():
    wrong = []
    for path in FILES:
        part = part_of(path)
        for name in imports_of(path):
            root = name.split(".")[0]
            is_allowed = part in ONLY_IN.get(root, {part})
            if root == "styleprop" and ours(name) != part:
                is_allowed = ours(name) in MAY_IMPORT[part]
            if not is_allowed:
                wrong.append(f"{path.relative_to(PACKAGE)}: {name}")
    assert wrong == []


def test_tabs_do_not_know_each_other():
    tabs = {"cyclegan", "fine_tune", "reconstruct", "sound", "style", "video"}
    found = {
        (tab, name.split(".")[2])
        for tab in tabs
        for path in (PACKAGE / "ui" / tab).glob("*.py")
        for name in imports_of(path)
        if name.startswith("styleprop.ui.")
    }
    assert [pair for pair in sorted(found) if pair[1] in tabs - {pair[0]}] == []


def test_no_module_imports_itself_by_way_of_others_not_even_late():
    names = {".".join(("styleprop", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in FILES}
    modules = {name.removesuffix(".__init__"): path for name, path in names.items()}
    graph = {}
    for module, path in modules.items():
        found = {name if name in modules else name.rpartition(".")[0] for name in imports_of(path)}
        graph[module] = found & modules.keys() - {"styleprop"}
    list(graphlib.TopologicalSorter(graph).static_order())  # CycleError names the cycle


def printed(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
    return done.stdout.strip()


def test_settings_errors_and_pictures_come_without_keras():
    code = "import sys, styleprop.config, styleprop.images, styleprop.checkpoints; print('keras' in sys.modules)"
    assert printed(code) == "False"


def test_what_reads_clips_is_not_imported_before_there_is_a_clip():
    found = "print({'av', 'cv2'} & set(sys.modules))"
    assert printed(f"import sys, styleprop.video, styleprop.cli.main; {found}") == "set()"
    assert printed("import sys, styleprop.engine; print('av' in sys.modules)") == "False"  # Keras takes OpenCV


def test_ray_is_not_imported_before_it_is_asked_for():
    modules = "styleprop.cli.many, styleprop.cli.main, styleprop.scale.pool, styleprop.ui.serve"
    assert printed(f"import sys, {modules}; print({{'ray', 'fsspec'}} & set(sys.modules))") == "set()"


def test_the_page_is_imported_without_gradio_writing_stub_files():
    code = """
import ast, inspect, sys
import styleprop.ui.serve
assert "gradio" not in sys.modules
find, parse, parsed = inspect.getfile, ast.parse, []
ast.parse = lambda *args, **more: parsed.append(inspect.stack()[1].filename) or parse(*args, **more)
with styleprop.ui.serve.no_stubs():
    from styleprop.ui.page import build_page
print(any("component_meta" in name for name in parsed), inspect.getfile is find)
"""
    assert printed(code) == "False True"
