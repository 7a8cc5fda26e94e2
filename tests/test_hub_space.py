"""The project as a Space: its header, and the README's recipe against the stand-in Hub, with the real `hf` command."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from huggingface_hub import SpaceCard

from styleprop.ui.fine_tune.push import SCOPES
from styleprop.ui.serve import QUIET
from tests.stand_in_hub import TOKEN

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPE = re.search(r"`publish-space`.*?```sh\n(.*?)```", README, re.DOTALL)[1].splitlines()


def test_the_header_is_one_that_the_hubs_loader_accepts(server):
    card = SpaceCard.load(ROOT / "README.md")
    data = card.data.to_dict()
    assert (data["sdk"], data["app_file"], data["license"]) == ("gradio", "app.py", "mit")
    assert data["hf_oauth"] is True
    assert set(data["hf_oauth_scopes"]) <= SCOPES
    assert len(data["short_description"]) <= 60
    assert (ROOT / data["app_file"]).is_file()
    assert isinstance(data["python_version"], str)


def test_what_is_said_about_preloading_is_a_header_too(tmp_path):
    block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)[1]
    header = README.split("---")[1]
    assert yaml.safe_load(block) == {"preload_from_hub": ["OWNER/NAME"]}
    (tmp_path / "README.md").write_text(f"---{header}{block}---\n")
    assert SpaceCard.load(tmp_path / "README.md").data.to_dict()["preload_from_hub"] == ["OWNER/NAME"]


def copy_project(folder):
    """The files that git would have, and beside them what it ignores."""
    ignored = [".git", ".venv", "__pycache__", ".*_cache", "test-output", "runs", "*.egg-info", "build", "dist"]
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*ignored))
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in (".venv/lib/package.py", "runs/mine/state.npz", "styleprop/__pycache__/errors.cpython-311.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"not for others")
    return files


def test_the_recipe_uploads_the_project_as_it_is(server, tmp_path):
    files = copy_project(tmp_path / "project")
    assert RECIPE[0] == "hf auth login"  # asks for a token at the keyboard: here HF_TOKEN stands for it
    settings = {"HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"}
    shell = {name: value for name, value in os.environ.items() if name not in QUIET}  # a page of this process set these
    place = {"cwd": tmp_path / "project", "env": {**shell, **settings}, "timeout": 120}
    for line in RECIPE[1:]:
        program, *words = shlex.split(line.replace("OWNER", "ann"))
        assert program == "hf"
        command = [Path(sys.executable).with_name("hf"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **place)
        assert done.returncode == 0, done.stderr
    repo = server.repos["ann/styleprop"]
    assert repo.commits[repo.find("main")] == files
    assert {"app.py", "README.md", "requirements.txt", "checkpoints/autoencoder/model.weights.h5"} <= set(files)
