"""`python -m styleprop video`."""

import json
import os
import signal
import subprocess
import sys

import pytest

from styleprop.video import open_clip
from tests.clips import counted, packets, panning, write_clip

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture(scope="module")
def model(styled_model):
    return styled_model


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4", panning(6, 48, 64).frames, sound="aac")


def frames_of(path):
    with open_clip(path) as found:
        return list(found.frames())


def test_a_clip_is_painted_and_its_figures_are_told(command, clip, painting, tmp_path):
    code, out, err = command("video", clip, "--style", painting, "-o", tmp_path / "out.mp4", "--json")
    record = json.loads(out.splitlines()[-1])
    assert (code, err) == (0, "")
    assert record["size"] == [64, 48]
    assert record["frames"] == 6
    assert record["is_whole"] is True
    assert record["frames_per_second"] > 0
    assert record["peak_memory_mb"] > 10
    assert len(frames_of(tmp_path / "out.mp4")) == 6
    assert [data for _, data in packets(tmp_path / "out.mp4")] == [data for _, data in packets(clip)]


def test_every_setting_is_passed_on(command, model, clip, tmp_path, monkeypatch):
    asked, real = {}, model.stylize_video

    def listen(*arguments, **settings):
        asked.update(settings)
        return real(*arguments, **settings)

    monkeypatch.setattr(model, "stylize_video", listen)
    part = ["--start", "0.1", "--end", "0.4", "--height", "32", "--quality", "fast"]
    look = ["--strength", "0.5", "--detail", "0.2", "--color", "content", "--brush", "2"]
    code, out, _ = command("video", clip, "--style", "dusk-red:2", *part, *look, "-o", tmp_path / "out.gif")
    assert code == 0
    assert "(43 x 32, 3 frames, " in out
    expected = {"strength": 0.5, "detail": 0.2, "color": "content", "brush": 2.0}
    expected |= {"start": 0.1, "end": 0.4, "height": 32, "quality": "fast"}
    assert {name: asked[name] for name in expected} == expected


def test_a_clip_is_translated(command, clip, tiny_cyclegan, tmp_path):
    code, _, err = command("video", clip, "--domain", tiny_cyclegan, "--to-photo", "-o", tmp_path / "out.webm")
    assert (code, err) == (0, "")
    assert len(frames_of(tmp_path / "out.webm")) == 6


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Give either --style or --domain."),
        (["--style", "dusk-red", "--domain", "monet"], 2, "Give either --style or --domain."),
        (["--style", "dusk-red", "--to-photo"], 2, "--to-photo needs --domain."),
        (["--style", "dusk-red:0"], 2, "At least one style needs a weight above 0."),
        (["--style", "nothing"], 1, "There is neither a file nor a built-in style of that name."),
        (["--style", "dusk-red", "--start", "3", "--end", "2"], 2, "end must be after start"),
        (["--style", "dusk-red", "--start", "30"], 1, "no frames in the part"),
    ],
)
def test_a_mistake_is_one_line(command, clip, tmp_path, arguments, code, words):
    found, out, err = command("video", clip, *arguments, "-o", tmp_path / "out.mp4")
    assert (found, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.mp4").exists()


def test_wrong_files_are_told_before_the_model_is_loaded(command, clip, photo, tmp_path):
    code, _, err = command("video", photo, "--style", "dusk-red", "-o", tmp_path / "out.mp4")
    assert (code, err) == (1, "styleprop: This is a picture that does not move, not a clip.\n")
    code, _, err = command("video", clip, "--style", "dusk-red", "-o", tmp_path / "out.avi")
    assert code == 2
    assert "saved as .mp4, .webm" in err


@pytest.mark.slow
def test_ctrl_c_finishes_the_file_that_there_is(styled_checkpoint, tmp_path):
    path = write_clip(tmp_path / "clip.mp4", (counted(n % 20, 144, 192) for n in range(3000)))
    target = tmp_path / "out.mp4"
    command = [sys.executable, "-m", "styleprop", "video", path, "--style", "dusk-red", "-o", target, "--json"]
    with subprocess.Popen(
        [*map(str, command), "--checkpoint", str(styled_checkpoint)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()  # some frames are painted
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    record = json.loads(out.splitlines()[-1])
    assert record["is_whole"] is False
    assert f"has the first {record['frames']} frames".encode() in err
    assert len(frames_of(target)) == record["frames"]
    assert sorted(os.listdir(tmp_path)) == ["clip.mp4", "out.mp4"]
