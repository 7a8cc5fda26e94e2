"""The installed package, outside the repository and without a network: its wheel has all that it needs."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from styleprop import images
from tests.reliability.server import free_port, is_ok, wait_until
from tests.serving import connect, send

ROOT = Path(__file__).parent.parent
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "styleprop", "checkpoints")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOWHERE = "http://127.0.0.1:9"
OFFLINE = {"http_proxy": NOWHERE, "https_proxy": NOWHERE, "no_proxy": "127.0.0.1,localhost"}


def test_every_folder_of_the_package_is_named_for_the_wheel():
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "styleprop").rglob("__init__.py")}
    named = {name.replace(".", "/") for name in PROJECT["tool"]["setuptools"]["packages"]}
    assert named == folders | {"styleprop/checkpoints_data"}


def test_the_tested_versions_lie_in_the_ranges_of_the_package():
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    pins = dict(line.split("==") for line in lines if line)
    ranges = {Requirement(line).name: Requirement(line).specifier for line in PROJECT["project"]["dependencies"]}
    assert set(ranges) == set(pins)
    for name, version in pins.items():
        assert version in ranges[name], name
        assert not any(part.operator == "==" for part in ranges[name]), f"{name}: a library leaves its users a choice"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder / "built", folder], check=True)
    return next((folder / "built").glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """The `bin` of a fresh environment with the wheel; what the wheel requires is lent by this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    packages = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    (Path(packages) / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--ignore-installed", wheel], check=True)
    return folder / "bin"


def surroundings(folder):
    """A place outside the repository, and an environment without a network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STYLEPROP", "GRADIO"))}
    return {"cwd": folder, "env": {**kept, **OFFLINE, "TMPDIR": str(folder)}}


def test_the_wheel_has_every_file_of_the_package_and_the_weights(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    ours = [path for path in (ROOT / "styleprop").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    weights = [path.relative_to(ROOT / "checkpoints") for path in (ROOT / "checkpoints").rglob("*") if path.is_file()]
    expected = {path.relative_to(ROOT).as_posix() for path in ours}
    expected |= {f"styleprop/checkpoints_data/{path.as_posix()}" for path in weights}
    assert {name for name in names if ".dist-info/" not in name} == expected


@pytest.mark.slow
def test_the_installed_program_paints_a_photo_with_the_weights_of_the_wheel(programs, photo, tmp_path):
    command = [programs / "styleprop", "stylize", photo, "--style", "great-wave", "-o", "out.png"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **surroundings(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert images.load(tmp_path / "out.png").image.shape == images.load(photo).image.shape
    code = "import styleprop, styleprop.checkpoints as found; print(styleprop.__file__); print(found.EMBEDDED)"
    told = subprocess.run([programs / "python", "-c", code], capture_output=True, text=True, **surroundings(tmp_path))
    assert all(Path(line).is_relative_to(programs.parent) for line in told.stdout.split())


@pytest.mark.slow
def test_the_installed_page_has_its_pictures_and_answers(programs, photo, tmp_path):
    port = free_port()
    command = [programs / "styleprop", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, **surroundings(tmp_path)) as process:
        try:
            url = f"http://127.0.0.1:{port}/"
            assert wait_until(lambda: process.poll() is not None or is_ok(f"{url}readyz"), 120)
            client = connect(url, tmp_path / "downloads")
            assert "great-wave" in str(client.config)
            assert "data:image/webp" in client.config["css"]
            picture, _ = client.predict(send(photo), api_name="/reconstruct")
            assert images.load(picture["path"] if isinstance(picture, dict) else picture).image.ndim == 3
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
