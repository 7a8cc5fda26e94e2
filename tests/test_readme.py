"""The README tells the truth: its Python runs, its commands parse, its header is a Space's."""

import importlib.metadata
import re
import shlex
from pathlib import Path

import pytest

from styleprop import __version__, images
from styleprop.server.options import NO_MCP
from tests.conftest import make_picture

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
ROOT = Path(__file__).parent.parent


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_example_runs(tmp_path, monkeypatch, random):
    for name in ("photo.jpg", "painting.jpg"):
        images.save(make_picture(40, 56, random), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    exec(blocks("python")[0], {})
    assert images.load(tmp_path / "out.png").image.shape == (40, 56, 3)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("python -m styleprop")]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_parse(command):
    from styleprop.cli.main import build_parser

    build_parser().parse_args(shlex.split(command)[3:])


def test_the_space_header_names_the_pinned_gradio():
    pinned = re.search(r"^gradio==(\S+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    header = README.split("---")[1]
    assert f"sdk_version: {pinned[1]}\n" in header
    assert "app_file: app.py\n" in header


def test_the_pictures_and_files_it_links_are_there():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_its_pictures_are_small():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert 1 < len(pictures) < 5
    assert all((ROOT / picture).stat().st_size < 150_000 for picture in pictures)


def test_the_citation_names_this_version():
    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    assert lines
    assert [line for line in lines if not re.match(r"[a-z0-9-]+==\d[\w.]*(\s|$)", line)] == []


def test_every_requirement_of_the_app_says_why_this_version_and_is_the_one_installed():
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if not line.startswith("#"):
            pin, _, reason = line.partition("#")
            name, _, version = pin.strip().partition("==")
            assert len(reason.split()) >= 4, line
            assert importlib.metadata.version(name) == version


def test_what_the_assistants_need_is_the_version_that_is_tested():
    pin = re.search(r"^mcp==\S+", (ROOT / "requirements-dev.txt").read_text(), flags=re.MULTILINE)[0]
    assert f"pip install {pin} " in README
    assert f"'{pin}'" in NO_MCP
