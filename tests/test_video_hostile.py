"""Every hostile clip is read or refused in one plain sentence, quickly."""

import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest

from styleprop.config import VideoOptions
from styleprop.errors import VideoError
from styleprop.video import OWN, VISITORS, open_clip, restyle
from styleprop.video.apart import ApartClip
from styleprop.video.restyle import LEFT_OUT
from tests.clips import counted, packets, write_clip
from tests.hostile_clips import cases
from tests.test_hostile import is_one_plain_sentence

CASES = list(cases())
SECONDS_A_CASE = 10


def read(path):
    """How many frames are read, of one size and with times that grow."""
    last, count = -1, 0
    with open_clip(path, VISITORS) as clip:
        for frame in clip.frames():
            assert frame.image.shape == (clip.about.height, clip.about.width, 3)
            assert frame.time > last
            assert frame.duration > 0
            last, count = frame.time, count + 1
    return count


def read_or_refused(path):
    try:
        return read(path)
    except VideoError as error:
        return str(error)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_hostile_clip_is_read_or_refused_in_one_sentence(case, tmp_path):
    """A number is the least of frames; words are of the refusal; where they may be empty, either is right."""
    path, start = tmp_path / case.name, time.perf_counter()
    case.make(path)
    outcome = read_or_refused(path)
    if isinstance(case.expected, int):
        assert isinstance(outcome, int), outcome
        assert outcome >= case.expected
    elif isinstance(outcome, str):
        assert is_one_plain_sentence(outcome), outcome
        assert any(words in outcome for words in case.expected.split("|")), outcome
    else:
        assert outcome > 0
        assert "" in case.expected.split("|"), outcome
    assert time.perf_counter() - start < SECONDS_A_CASE


def test_there_are_many_kinds_of_hostile_clips_each_with_its_own_name():
    assert len({case.name for case in CASES}) == len(CASES) >= 60


# --- apart, as a stranger's clip is read when it is painted ---


def test_a_clip_read_apart_is_the_same(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", [counted(n) for n in range(6)], sound="aac")
    with open_clip(path) as here, ApartClip(path, VISITORS) as there:
        assert there.about == here.about
        for one, two in zip(here.frames(0.15, 0.5), there.frames(0.15, 0.5), strict=True):
            assert np.array_equal(one.image, two.image)
            assert (one.time, one.duration) == (two.time, two.duration)


def test_what_is_refused_apart_is_refused_in_the_same_sentence(tmp_path):
    (tmp_path / "text.mp4").write_bytes(b"hello\n" * 200)
    with pytest.raises(VideoError, match="not a clip that can be opened"):
        ApartClip(tmp_path / "text.mp4", VISITORS)
    path = write_clip(tmp_path / "late.mp4", [counted(n) for n in range(3)], times=[Fraction(n) for n in (0, 1, 200)])
    with pytest.raises(VideoError, match="longer than 180 seconds"):
        list(restyle(path, tmp_path / "out.mp4", lambda frame, kept: frame, VideoOptions(), VISITORS))
    assert not (tmp_path / "out.mp4").exists()


def test_a_strangers_clip_is_painted(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", [counted(n) for n in range(6)], sound="aac")
    *_, last = restyle(path, tmp_path / "out.mp4", lambda frame, kept: frame, VideoOptions(), VISITORS)
    assert (last.frame, last.is_whole) == (6, True)
    assert [data for _, data in packets(tmp_path / "out.mp4")] == [data for _, data in packets(path)]


def test_a_decoder_that_dies_or_hangs_is_told_in_a_sentence(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", [counted(n % 20, 480, 640) for n in range(30)])
    for number, words in ((signal.SIGKILL, "damaged or incomplete"), (signal.SIGSTOP, "takes too long")):
        with ApartClip(path, VISITORS, wait=20.0) as clip:
            frames = clip.frames()
            next(frames)
            clip._process.send_signal(number)
            clip._wait = 0.2
            with pytest.raises(VideoError, match=words):
                list(frames)
        assert clip._process.returncode is not None


def test_a_decoder_cannot_take_all_memory():
    code = "from styleprop.confined import limit_process; limit_process(3 * 2**30, 60); bytearray(4 * 2**30)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "MemoryError" in done.stderr


@pytest.mark.parametrize(
    ("codec", "ending"), [("aac", ".mp4"), ("libmp3lame", ".mp4"), ("libopus", ".webm"), ("aac", ".webm")]
)
@pytest.mark.parametrize("start", [0.0, 0.35])
def test_the_sound_of_a_strangers_clip_is_read_apart_and_is_the_same(tmp_path, codec, ending, start):
    path = write_clip(tmp_path / "clip.mkv", [counted(n) for n in range(12)], sound=codec)
    heard = []
    for name, limits in (("own", OWN), ("visitors", VISITORS)):
        out = tmp_path / f"{name}{ending}"
        list(restyle(path, out, lambda frame, kept: frame, VideoOptions(start=start), limits))
        heard.append(packets(out))
    (own, visitors), late = heard, Fraction(2, 1000)
    assert [data for _, data in own] == [data for _, data in visitors]
    assert all(abs(one - other) <= late for (one, _), (other, _) in zip(own, visitors, strict=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mkv", f"own{ending}", f"visitors{ending}"]


def test_sound_that_cannot_be_read_is_left_out_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("styleprop.video.apart.SOUND_WAIT", 0.0)
    path = write_clip(tmp_path / "clip.mp4", [counted(n) for n in range(6)], sound="aac")
    *_, last = restyle(path, tmp_path / "out.mp4", lambda frame, kept: frame, VideoOptions(), VISITORS)
    assert (last.frame, last.is_whole, last.notes) == (6, True, (LEFT_OUT,))
    with open_clip(tmp_path / "out.mp4") as made:
        assert not made.about.has_sound
