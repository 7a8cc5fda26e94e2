"""What batches by Ray do without a Ray: refusals, the manifest, files elsewhere."""

import os
import shutil
import sys
from functools import partial

import pytest

from styleprop.cli import main
from styleprop.errors import ImageError
from styleprop.scale import cluster, files
from styleprop.scale.manifest import Manifest


def test_without_ray_a_sentence_says_how_to_get_it(photo, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["reconstruct", str(photo), "-o", f"{tmp_path}/out/", "--engine", "ray"]) == 1
    assert capsys.readouterr().err == f"styleprop: {cluster.NO_RAY}\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["-", "-o", "out/", "--engine", "ray"], "- is neither"),
        (["a.png", "-o", "out.png", "--engine", "ray"], "writes into a folder"),
        (["a.png", "-o", "out/", "--workers", "2"], "need --engine ray"),
        (["a.png", "-o", "out/", "--engine", "ray", "--address", "127.0.0.1:1"], "no Ray cluster at '127.0.0.1:1'"),
        (["nowhere://a", "-o", "out/", "--engine", "ray"], "nowhere:// need a package"),
    ],
)
def test_what_ray_cannot_do_is_a_sentence(options, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["reconstruct", *options]) in (1, 2)
    assert sentence in capsys.readouterr().err


# --- the manifest, and files elsewhere ---


@pytest.mark.parametrize("where", ["{}", "file://{}"])
def test_the_manifest_is_read_again_and_a_failure_is_not_told_twice(where, tmp_path):
    failed = {"input": "b", "output": "b.png", "hash": "2", "error": "Broken."}
    for _ in range(2):
        manifest = Manifest(where.format(tmp_path / "out"))
        if manifest.hash_of("a.png") is None:
            manifest.add({"input": "a", "output": "a.png", "hash": "1"})
        manifest.add(failed)
        manifest.close()
    again = Manifest(where.format(tmp_path / "out"))
    assert [again.hash_of(name) for name in ("a.png", "b.png", "c.png")] == ["1", None, None]
    again.close()
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("results*.jsonl"))
    assert len(text.splitlines()) == 2


def test_pictures_elsewhere_are_listed_read_and_written_whole(photo, tmp_path):
    source = f"file://{tmp_path}"
    (tmp_path / "notes.txt").touch()
    assert files.list_pictures(source) == [f"{source}/photo.png"]
    target = f"file://{tmp_path}/new/0.png"
    assert not files.exists(target)
    files.write(target, partial(shutil.copy, photo))
    assert files.read(target) == (photo).read_bytes()
    assert files.exists(target)
    assert os.listdir(tmp_path / "new") == ["0.png"]
    with pytest.raises(ImageError, match="does not exist"):
        files.read(f"{source}/nowhere.png")
