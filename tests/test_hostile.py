"""Every hostile file is either read right or refused in one plain sentence, quickly and in little memory."""

from __future__ import annotations

import os
import platform
import random
import re
import subprocess
import sys
import time
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from styleprop.errors import ImageError
from styleprop.images import MAX_PIXELS, load, loading
from tests.damaged import FILLS, FORMATS, corpus, judged, outcomes
from tests.hostile import HostileCase, case_names, generate, made
from tests.hostile_files import refused
from tests.hostile_pictures import readable

SECONDS_A_CASE = 10
MEGABYTES_FOR_ALL_REFUSALS = 100
NOT_PLAIN = re.compile(r"[/\\\n\r<>{}\[\]`_\"]|0x|Traceback|Error|Exception|Warning|\. |None")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, HostileCase]:
    return {case.name: case for case in generate(tmp_path_factory.mktemp("hostile") / "all")}


def is_one_plain_sentence(text: str) -> bool:
    return 10 < len(text) < 160 and text[0].isupper() and text.endswith(".") and not NOT_PLAIN.search(text)


@pytest.mark.parametrize("name", case_names())
def test_a_hostile_file_is_read_right_or_refused_in_one_sentence(cases: dict[str, HostileCase], name: str):
    case = cases[name]
    start = time.perf_counter()
    if case.expected == "refused":
        with pytest.raises(ImageError) as caught:
            load(case.path)
        assert is_one_plain_sentence(str(caught.value)), str(caught.value)
    else:
        picture = load(case.path)
        assert case.check is not None
        assert case.check(picture), f"wrong pixels, alpha, notes or settings: {picture}"
        assert all(is_one_plain_sentence(note) for note in picture.notes)
    assert time.perf_counter() - start < SECONDS_A_CASE


def test_there_are_many_kinds_of_hostile_files_each_with_its_own_name():
    names = case_names()
    assert len(names) >= 110
    assert len(set(names)) == len(names)


def test_hostile_files_are_the_same_every_time():
    assert [entry[:2] for entry in readable()] == [entry[:2] for entry in made()["ok"]]
    assert list(refused()) == [entry[:2] for entry in made()["refused"]]


def test_refusing_every_file_takes_little_memory(cases: dict[str, HostileCase]):
    """Bombs are measured in a process of their own, so that nothing else counts."""
    paths = [str(case.path) for case in cases.values() if case.expected == "refused" and "\0" not in str(case.path)]
    program = """if True:
        import resource, sys
        from styleprop.errors import ImageError
        from styleprop.images import load
        load(sys.argv[1])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for path in sys.argv[2:]:
            try:
                load(path)
            except ImageError:
                continue
            raise SystemExit(f"{path} was read")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    command = [sys.executable, "-c", program, str(cases["ok/plain.png"].path), *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 1024 < MEGABYTES_FOR_ALL_REFUSALS


def test_no_damaged_file_shows_memory_that_no_decoder_wrote():
    """Every encoding cut, zeroed and overwritten, loaded over two fillings of fresh memory: never two pictures."""
    found = judged()
    assert len(found) >= 480
    assert [(kind, name) for kind, name, what in found if what == "memory"] == []
    assert {kind for kind, _, what in found if what == "right"} == set(FORMATS)
    assert sum(what == "refused" for *_, what in found) > 200


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc fills fresh memory on request")
def test_memory_that_nobody_wrote_would_be_seen_in_a_damaged_file():
    """The measure itself: what Pillow makes of these pages without our refusal differs with the filling."""
    pages = [data for _, name, data in corpus() if name in ("group4 page, nine tenths zeroed", "jpeg low")]
    first, second = (outcomes(pages, fill, "--unguarded") for fill in FILLS)
    assert [one == other for one, other in zip(first, second, strict=True)] == [False, False]


def test_loading_leaves_no_trace_in_the_process(cases: dict[str, HostileCase]):
    before = list(warnings.filters), Image.MAX_IMAGE_PIXELS
    for name in ("ok/exif-garbage.jpg", "refused/claims-65535.png", "refused/many-texts.png"):
        with pytest.raises(ImageError) if name.startswith("refused") else warnings.catch_warnings():
            load(cases[name].path)
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS) == before


def test_damaged_bytes_end_in_a_picture_or_a_sentence():
    """A few hundred files with random bytes changed: whatever happens inside, nothing else comes out."""
    chance = random.Random(5)
    seeds = [data for _, data, _ in made()["ok"] if len(data) < 20_000]
    read, refusals = [], []
    for _ in range(400):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(min(len(data), 400))] = chance.choice((0, 1, 127, 255, chance.randrange(256)))
        try:
            read.append(load(bytes(data)).image)
        except ImageError as error:
            refusals.append(str(error))
    assert min(len(read), len(refusals)) > 20
    assert all(image.dtype == np.uint8 and image.shape[2] == 3 for image in read)
    assert all(is_one_plain_sentence(text) for text in refusals), refusals


def test_pictures_loaded_at_the_same_time_do_not_mix(cases: dict[str, HostileCase]):
    good = [case for case in cases.values() if case.expected == "ok" and case.name.startswith("ok/orientation")] * 5
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda case: load(case.path), good))
    assert all(case.check is not None and case.check(picture) for case, picture in zip(good, pictures, strict=True))


@pytest.mark.parametrize(("name", "found"), [("20001x1001.png", "20001 x 1001"), ("1x20000.png", "1 x 20000")])
def test_a_picture_of_a_wrong_size_is_told_its_size(cases: dict[str, HostileCase], name: str, found: str):
    with pytest.raises(ImageError, match=found):
        load(cases[f"refused/{name}"].path)


@pytest.mark.parametrize(
    "name", ["10001x10000.png", "13000x13000.png", "claims-65535.png", "claims-65500.jpg", "claims-60000.tiff"]
)
def test_a_picture_with_too_many_pixels_is_told_the_limit(cases: dict[str, HostileCase], name: str):
    with pytest.raises(ImageError, match=f"at most {MAX_PIXELS // 10**6} megapixels"):
        load(cases[f"refused/{name}"].path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refused/empty.png", "empty"),
        ("refused/text.png", "use PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, HEIC or JPEG 2000"),
        ("refused/half.jpeg", "damaged or incomplete"),
        ("refused/phone.heic", "damaged or incomplete"),
        ("refused/group4.tiff", "compressed like this"),
        ("refused/claims-30000.jp2", "900 megapixels"),
        ("refused/holds-30000.jp2", "damaged or incomplete"),
        ("refused/scans.jpg", "too many scans"),
        ("places/folder.png", "a folder"),
        ("places/pipe.png", "ordinary files"),
        ("places/link-to-zeros.png", "ordinary files"),
        ("places/link-to-nothing.png", "does not exist"),
        ("places/enormous.png", "larger than 64 MB"),
    ],
)
def test_a_refusal_says_what_is_wrong(cases: dict[str, HostileCase], name: str, words: str):
    with pytest.raises(ImageError, match=words):
        load(cases[name].path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(cases: dict[str, HostileCase]):
    tracemalloc.start()
    try:
        with pytest.raises(ImageError, match="larger than 64 MB"):
            load(cases["places/enormous.png"].path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_swapped_for_a_pipe_after_the_first_look_is_refused(cases: dict[str, HostileCase], monkeypatch):
    ordinary = os.stat(cases["ok/plain.png"].path)
    monkeypatch.setattr(os, "stat", lambda _path: ordinary)
    with pytest.raises(ImageError, match="ordinary files"):
        load(cases["places/pipe.png"].path)


def test_one_picture_is_decoded_at_a_time(cases: dict[str, HostileCase], monkeypatch):
    """Warning filters belong to the process: two threads that change them at once would leave them changed."""
    held = []
    convert = loading.to_rgb_and_alpha
    monkeypatch.setattr(loading, "to_rgb_and_alpha", lambda picture: held.append(_is_held()) or convert(picture))
    load(cases["ok/plain.png"].path)
    assert held == [True]
    assert not _is_held()


def _is_held() -> bool:
    return loading._one_at_a_time.locked()
