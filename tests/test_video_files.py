"""Clips in and out: times, colours, sound, and files that are whole or not there."""

import os
import signal
import subprocess
import sys
import threading
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from styleprop.config import VideoOptions
from styleprop.errors import SettingsError, VideoError
from styleprop.video import open_clip, restyle
from tests.clips import (
    bars,
    counted,
    film,
    packets,
    read_number,
    turned,
    write_animation,
    write_clip,
)

VARIABLE = [Fraction(n, 100) for n in (0, 4, 9, 30, 31, 50, 80, 90)]


def as_it_is(frame, kept):
    return frame.copy()


def run(source, destination, paint=as_it_is, **options):
    """Restyle by `paint`; the last progress."""
    *_, last = restyle(source, destination, paint, VideoOptions(**options))
    return last


def read(path, *part):
    with open_clip(path) as clip:
        return clip.about, list(clip.frames(*part))


def times_of(frames):
    return [float(frame.time) for frame in frames]


@pytest.fixture
def clip(tmp_path):
    """Twelve counted frames, ten a second, with sound."""
    return write_clip(tmp_path / "clip.mp4", [counted(n) for n in range(12)], sound="aac")


# --- times ---


@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv"])
def test_frames_have_the_times_of_a_variable_rate(tmp_path, ending):
    codec = "libvpx-vp9" if ending == "webm" else "libx264"
    frames = [counted(n) for n in range(8)]
    path = write_clip(tmp_path / f"in.{ending}", frames, times=VARIABLE, codec=codec, options={"crf": "10"})
    about, found = read(path)
    assert [read_number(frame.image) for frame in found] == list(range(8))
    assert times_of(found) == pytest.approx([float(time) for time in VARIABLE], abs=2e-3)
    assert (about.width, about.height) == (64, 48)
    assert all(a.time + a.duration == pytest.approx(float(b.time)) for a, b in pairwise(found))


@pytest.mark.parametrize("ending", ["mp4", "webm", "gif", "apng", "webp"])
def test_a_variable_rate_and_the_duration_come_out_again(tmp_path, ending):
    path = write_clip(tmp_path / "in.mp4", [counted(n) for n in range(8)], times=VARIABLE)
    last = run(path, tmp_path / f"out.{ending}")
    assert (last.frame, last.is_done, last.is_whole) == (8, True, True)
    before, after = read(path)[1], read(tmp_path / f"out.{ending}")[1]
    assert times_of(after) == pytest.approx(times_of(before), abs=0.011)
    ends = [float(found[-1].time + found[-1].duration) for found in (before, after)]
    assert ends[0] == pytest.approx(ends[1], abs=0.1)
    assert [read_number(frame.image) for frame in after] == list(range(8))


def test_a_clip_that_does_not_begin_at_zero_begins_at_zero_with_its_sound(tmp_path):
    times = [Fraction(n, 10) + 7 for n in range(6)]
    path = write_clip(tmp_path / "in.mkv", [counted(n) for n in range(6)], times=times)
    run(path, tmp_path / "out.mp4")
    assert times_of(read(tmp_path / "out.mp4")[1])[:2] == [0.0, 0.1]


def test_a_part_is_what_is_shown_from_start_to_end(clip, tmp_path):
    found = read(clip, 0.25, 0.62)[1]
    assert [read_number(frame.image) for frame in found] == [2, 3, 4, 5, 6]
    assert times_of(found) == pytest.approx([0, 0.05, 0.15, 0.25, 0.35])
    assert float(found[-1].time + found[-1].duration) == pytest.approx(0.37)
    run(clip, tmp_path / "out.mp4", start=0.25, end=0.62)
    assert times_of(read(tmp_path / "out.mp4")[1]) == pytest.approx(times_of(found), abs=1e-3)
    sounds = packets(tmp_path / "out.mp4")
    assert 0 <= float(sounds[0][0]) < 0.03
    assert 0.3 < float(sounds[-1][0]) < 0.38


def test_a_part_without_frames_is_told(clip, tmp_path):
    with pytest.raises(VideoError, match="no frames in the part"):
        run(clip, tmp_path / "out.mp4", start=50.0)
    assert not (tmp_path / "out.mp4").exists()


# --- colours and sizes ---


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 5])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le", "yuv444p"])
def test_colours_are_right_whatever_matrix_range_and_depth(tmp_path, matrix, full, pixels):
    path = write_clip(tmp_path / "in.mp4", [bars()] * 2, matrix=matrix, full=full, pixels=pixels)
    image = read(path)[1][0].image
    run(path, tmp_path / "out.mp4")
    again = read(tmp_path / "out.mp4")[1][0].image
    middles = [5 + 64 * n // 6 for n in range(6)]
    assert np.abs(image[24, middles].astype(int) - bars()[24, middles]).max() <= 3
    assert np.abs(again[24, middles].astype(int) - bars()[24, middles]).max() <= 8
    with av.open(str(tmp_path / "out.mp4")) as found:
        context = found.streams.video[0].codec_context
        assert (context.colorspace, context.color_range, context.pix_fmt) == (1, 1, "yuv420p")


@pytest.mark.parametrize(("height", "matrix"), [(48, 5), (720, 1)])
def test_a_clip_that_names_no_matrix_has_the_one_of_its_size(tmp_path, height, matrix):
    image = bars(height, 96)
    path = write_clip(tmp_path / "in.mp4", [image] * 2, matrix=matrix, tagged=False)
    middles = [8 + 16 * n for n in range(6)]
    assert np.abs(read(path)[1][0].image[24, middles].astype(int) - image[24, middles]).max() <= 4


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_clip_of_a_turned_phone_comes_upright(tmp_path, degrees):
    image = bars()
    image[:24] //= 2
    path = turned(write_clip(tmp_path / "in.mp4", [image] * 3), degrees)
    about, found = read(path)
    expected = np.rot90(image, -degrees // 90)
    assert (about.height, about.width) == expected.shape[:2] == found[0].image.shape[:2]
    assert np.abs(found[0].image.astype(int) - expected).mean() < 6
    run(path, tmp_path / "out.mp4")
    assert np.abs(read(tmp_path / "out.mp4")[1][0].image.astype(int) - expected).mean() < 9


def test_odd_sizes_become_even_in_a_video_and_stay_in_a_gif(tmp_path):
    path = write_animation(tmp_path / "in.gif", [np.asarray(bars(47, 61)), np.asarray(bars(47, 61)) // 2], [100, 100])
    assert run(path, tmp_path / "out.mp4").painted.shape == (46, 60, 3)
    assert run(path, tmp_path / "out.webp").painted.shape == (47, 61, 3)
    assert read(tmp_path / "out.mp4")[1][0].image.shape == (46, 60, 3)
    assert read(tmp_path / "out.webp")[1][0].image.shape == (47, 61, 3)


def test_a_height_reduces_and_never_enlarges(clip, tmp_path):
    assert run(clip, tmp_path / "out.mp4", height=24).painted.shape == (24, 32, 3)
    assert run(clip, tmp_path / "out.mp4", height=400).painted.shape == (48, 64, 3)


# --- sound ---


@pytest.mark.parametrize(("sound", "ending"), [("aac", "mp4"), ("libopus", "mp4"), ("libopus", "webm"), ("ac3", "mp4")])
def test_sound_is_copied_packet_by_packet(tmp_path, sound, ending):
    path = write_clip(tmp_path / "in.mkv", [counted(n) for n in range(12)], sound=sound)
    run(path, tmp_path / f"out.{ending}")
    before, after = packets(path), packets(tmp_path / f"out.{ending}")
    assert [data for _, data in after] == [data for _, data in before]
    shifts = [float(one[0] - two[0]) for one, two in zip(before, after, strict=True)]
    assert max(shifts) - min(shifts) < 2e-3
    assert abs(shifts[0]) < 0.025


@pytest.mark.slow
def test_a_real_film_keeps_its_sound_packet_by_packet_and_its_length_to_a_frame(tmp_path):
    run(film(), tmp_path / "out.mp4", height=90)
    assert [data for _, data in packets(tmp_path / "out.mp4")] == [data for _, data in packets(film())]
    with open_clip(film()) as before, open_clip(tmp_path / "out.mp4") as after:
        assert (after.about.count, after.about.height) == (before.about.count, 90)
        assert abs(after.about.seconds - before.about.seconds) <= 1 / 30


@pytest.mark.parametrize(("sound", "ending", "codec"), [("pcm_s16le", "mp4", "aac"), ("aac", "webm", "opus")])
def test_sound_that_has_no_place_in_the_new_file_is_encoded_again(tmp_path, sound, ending, codec):
    path = write_clip(tmp_path / "in.mkv", [counted(n) for n in range(12)], sound=sound)
    run(path, tmp_path / f"out.{ending}")
    with av.open(str(tmp_path / f"out.{ending}")) as found:
        stream = found.streams.audio[0]
        assert stream.codec_context.codec.canonical_name == codec
        samples = [frame.to_ndarray() for frame in found.decode(stream)]
    assert sum(part.shape[-1] for part in samples) / 48_000 == pytest.approx(1.2, abs=0.1)
    assert np.concatenate([part.ravel() for part in samples]).std() > 0.01


def test_a_gif_has_no_sound_and_none_is_missed(clip, tmp_path):
    assert run(clip, tmp_path / "out.gif").is_whole


# --- animated pictures ---


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
@pytest.mark.parametrize("loop", [None, 0, 3])
def test_animated_pictures_keep_durations_and_loops(tmp_path, ending, loop):
    durations = [40, 100, 250, 70]
    frames = [counted(n) for n in range(4)]
    path = write_animation(tmp_path / f"in.{ending}", frames, durations, loop)
    run(path, tmp_path / f"out.{ending}")
    with Image.open(path) as before, Image.open(tmp_path / f"out.{ending}") as after:
        assert after.n_frames == 4
        assert after.info.get("loop") == before.info.get("loop")
        found = []
        for number in range(4):
            after.seek(number)
            after.load()
            found.append(after.info["duration"])
            assert read_number(np.asarray(after.convert("RGB"))) == number
    assert found == durations


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_animated_pictures_keep_what_is_transparent(tmp_path, ending):
    frames = [np.dstack([counted(n), np.full((48, 64), 255, np.uint8)]) for n in range(3)]
    for frame in frames:
        frame[:20, :30, 3] = 0
    path = write_animation(tmp_path / f"in.{ending}", frames, [100] * 3)
    run(path, tmp_path / f"out.{ending}")
    for frame in read(tmp_path / f"out.{ending}")[1]:
        assert frame.alpha is not None
        assert frame.alpha[10, 10] == 0
        assert frame.alpha[40, 40] == 255


def test_what_is_transparent_becomes_white_in_a_video(tmp_path):
    frames = [np.dstack([counted(n), np.full((48, 64), 0, np.uint8)]) for n in range(3)]
    frames[0][40:, :, 3] = 255
    path = write_animation(tmp_path / "in.webp", frames, [100] * 3)
    run(path, tmp_path / "out.mp4")
    assert read(tmp_path / "out.mp4")[1][0].image[5, 5].min() > 250


# --- whole or not there ---


class BrokenError(Exception):
    pass


def broken_after(count):
    """A painter that fails after some frames."""
    left = [count]

    def paint(frame, kept):
        left[0] -= 1
        if left[0] < 0:
            raise BrokenError
        return frame

    return paint


def test_an_error_leaves_nothing(clip, tmp_path):
    with pytest.raises(BrokenError):
        run(clip, tmp_path / "out.mp4", broken_after(5))
    assert sorted(os.listdir(tmp_path)) == ["clip.mp4"]


def test_a_file_that_was_there_stays_until_the_new_one_is_finished(clip, tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"old")
    with pytest.raises(BrokenError):
        run(clip, tmp_path / "out.mp4", broken_after(5))
    assert (tmp_path / "out.mp4").read_bytes() == b"old"
    run(clip, tmp_path / "out.mp4")
    assert len(read(tmp_path / "out.mp4")[1]) == 12


@pytest.mark.parametrize("ending", ["mp4", "webm", "gif", "apng", "webp"])
def test_a_cancel_finishes_the_file_that_there_is(clip, tmp_path, ending):
    stop = threading.Event()
    target = tmp_path / f"out.{ending}"
    for progress in restyle(clip, target, as_it_is, VideoOptions(), cancel=stop):
        assert target.exists() == progress.is_done
        if progress.frame == 5:
            stop.set()
    assert (progress.frame, progress.is_done, progress.is_whole) == (5, True, False)
    assert [read_number(frame.image) for frame in read(target)[1]] == [0, 1, 2, 3, 4]
    if ending == "mp4":
        assert 0.4 < float(packets(target)[-1][0]) < 0.52


def test_a_closed_generator_and_ctrl_c_finish_the_file_that_there_is(clip, tmp_path):
    moves = restyle(clip, tmp_path / "closed.mp4", as_it_is, VideoOptions())
    for _ in range(3):
        next(moves)
    moves.close()
    assert len(read(tmp_path / "closed.mp4")[1]) == 3

    left = iter(range(4))

    def interrupted(frame, kept):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return frame

    with pytest.raises(KeyboardInterrupt):
        run(clip, tmp_path / "stopped.mp4", interrupted)
    assert len(read(tmp_path / "stopped.mp4")[1]) == 4


def test_a_killed_run_leaves_nothing_under_the_asked_name(clip, tmp_path):
    code = """if True:
        import os, signal, sys
        from styleprop.config import VideoOptions
        from styleprop.video import restyle
        for progress in restyle(sys.argv[1], sys.argv[2], lambda frame, kept: frame, VideoOptions()):
            if progress.frame == 5:
                os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", code, str(clip), str(tmp_path / "out.mp4")])
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [("out.avi", "saved as .mp4"), ("out", "saved as .mp4"), ("clip.mp4", "the output is the input|The output is")],
)
def test_a_clip_is_not_written_under_some_names(clip, tmp_path, name, words):
    with pytest.raises(VideoError, match=words):
        run(clip, tmp_path / name)


def test_a_folder_that_is_none_is_told_in_a_sentence(clip, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VideoError, match=r"^out.mp4 cannot be written: its folder is not a folder\.$"):
        run(clip, tmp_path / "file" / "out.mp4")


@pytest.mark.parametrize(
    "options", [{"quality": "best"}, {"start": -1}, {"start": 2, "end": 1}, {"height": 3}, {"end": "x"}]
)
def test_options_outside_their_ranges_are_refused(options):
    with pytest.raises(SettingsError):
        VideoOptions(**options)


def test_progress_tells_frames_rate_and_time_left(clip, tmp_path):
    found = list(restyle(clip, tmp_path / "out.mp4", as_it_is, VideoOptions()))
    assert [progress.frame for progress in found] == [*range(1, 13), 12]
    assert {progress.total for progress in found} == {12}
    assert found[0].seconds_left is None
    assert found[6].frames_per_second > 0
    assert found[6].seconds_left == pytest.approx(5 / found[6].frames_per_second)
    assert [progress.is_done for progress in found] == [False] * 12 + [True]


MEASURE = """if True:
    import resource, sys
    from styleprop.config import VideoOptions
    from styleprop.video import open_clip, restyle
    from styleprop.video.writing import Writer
    def copy(path, target):
        with open_clip(path) as clip, Writer(target, clip.about) as writer:
            for frame in clip.frames():
                writer.write(frame)
            writer.finish()
    def paint(path, target):
        for _ in restyle(path, target, lambda frame, kept: frame, VideoOptions()):
            pass
    work, *paths = sys.argv[1:]
    for path in paths:
        for ending in ("mp4", "gif", "webp", "apng"):
            {"copy": copy, "paint": paint}[work](path, f"{path}.{ending}")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("work", ["copy", pytest.param("paint", marks=pytest.mark.slow)])
def test_memory_is_flat_whatever_the_length(tmp_path, work):
    """Four times as many frames take next to nothing more."""
    paths = [write_clip(tmp_path / f"{n}.mp4", (counted(k % 20, 96, 128) for k in range(n))) for n in (40, 160)]
    command = [sys.executable, "-c", MEASURE, work, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = map(int, done.stdout.split())
    assert second < 1.05 * first
