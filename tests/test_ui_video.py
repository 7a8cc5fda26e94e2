"""The Video tab without a browser: the line of clips, and what the handlers answer."""

import threading
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from styleprop import images
from styleprop.config import VideoOptions
from styleprop.errors import BusyError, ImageError, SettingsError, VideoError
from styleprop.server.clips import FINISHED, Clips, ClipStatus
from styleprop.server.first_frames import look_at
from styleprop.server.tuned import NOTHING as NO_RUN
from styleprop.server.tuned import Tuned
from styleprop.server.uploads import VARIABLE
from styleprop.training.line import Line
from styleprop.ui.video.back import CAME_BACK, values_of
from styleprop.ui.video.events import NOTHING, Owner
from styleprop.ui.video.form import SCHOOL
from styleprop.ui.video.tab import build_video_tab
from styleprop.ui.video.view import status_html
from styleprop.ui.widgets.styles import BUILT_IN, PICTURES, Shelf
from styleprop.video import VISITORS, open_clip, restyle
from tests.clips import counted, packets, read_number, write_clip
from tests.serving import wait_until


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The app's folder."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "app"))
    (tmp_path / "app").mkdir()
    return tmp_path / "app"


@pytest.fixture
def clip(folder):
    """A clip of twelve frames, as it lies here after an upload."""
    (folder / "sent").mkdir()
    return write_clip(folder / "sent" / "clip.mp4", [counted(n) for n in range(12)], sound="aac")


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def clips(folder, line):
    made = Clips(lambda: folder / "clips", line)
    yield made
    made.close()


def as_it_is(source, target, cancel):
    """Paint nothing."""
    yield from restyle(source, target, lambda frame, kept: frame, VideoOptions(), VISITORS, cancel)


class Slowly:
    """Paints a frame each time it is allowed to."""

    def __init__(self):
        self.steps = threading.Semaphore(0)

    def __call__(self, source, target, cancel):
        def paint(frame, kept):
            while not self.steps.acquire(timeout=0.02) and not cancel.is_set():
                pass
            return frame

        yield from restyle(source, target, paint, VideoOptions(), VISITORS, cancel)


def ended(clips, run):
    wait_until(lambda: clips.status(run).state in FINISHED)
    return clips.status(run)


def test_a_clip_is_painted_behind_the_page_and_given_to_who_has_its_id(clips, clip, folder):
    run = clips.submit(as_it_is, clip, "clip-dusk-red.mp4")
    clip.unlink()  # as the janitor does
    status = ended(clips, run)
    assert (status.state, status.sentence, status.frame, status.total) == ("done", "", 12, 12)
    assert status.file.endswith("/clip-dusk-red.mp4")
    assert [read_number(images.load(path).image) for path in status.pair] == [11, 11]
    assert len(packets(status.file)) > 0
    assert list((folder / "clips").iterdir()) == []
    for other in ("0" * 32, "", None, {"clip": run}):
        with pytest.raises(VideoError, match="not here any more"):
            clips.status(other)


def test_a_clip_waits_for_trainings_and_other_clips(clips, clip, line):
    training, slowly = line.join(), Slowly()
    first, second = (clips.submit(slowly, clip, "a.mp4") for _ in range(2))
    assert [clips.status(run).place for run in (first, second)] == [1, 2]
    training.leave()
    wait_until(lambda: clips.status(first).state == "running")
    assert clips.status(second).place == 1
    clips.stop(second)
    assert ended(clips, second) == ClipStatus("stopped", before=str(clip), seconds_left=0.0)
    slowly.steps.release(12)
    assert ended(clips, first).state == "done"


def test_stop_keeps_what_is_painted(clips, clip):
    slowly = Slowly()
    run = clips.submit(slowly, clip, "a.mp4")
    slowly.steps.release(3)
    wait_until(lambda: clips.status(run).frame == 3)
    clips.stop(run)
    status = ended(clips, run)
    with open_clip(status.file) as made:
        frames = [read_number(frame.image) for frame in made.frames()]
    assert (status.state, len(frames)) == ("stopped", status.frame)
    assert frames[:3] == [0, 1, 2]
    assert status.frame < 12


def test_what_goes_wrong_is_a_sentence_and_leaves_nothing(clips, folder, caplog):
    (folder / "poem.mp4").write_text("roses are red")
    assert "not a clip" in ended(clips, clips.submit(as_it_is, folder / "poem.mp4", "a.mp4")).sentence

    def wrong(source, target, cancel):
        yield 1 / 0

    status = ended(clips, clips.submit(wrong, folder / "poem.mp4", "a.mp4"))
    assert status.state == "failed"
    assert "Something went wrong here" in status.sentence
    assert "ZeroDivisionError" in caplog.text
    assert list((folder / "clips").iterdir()) == []
    with pytest.raises(FileNotFoundError):
        clips.submit(as_it_is, folder / "nothing.mp4", "a.mp4")
    assert list((folder / "clips").iterdir()) == []


def test_the_line_of_clips_has_an_end(clips, clip, line):
    turn = line.join()
    runs = [clips.submit(as_it_is, clip, "a.mp4") for _ in range(9)]
    with pytest.raises(BusyError, match="Too many clips are waiting"):
        clips.submit(as_it_is, clip, "a.mp4")
    for run in runs:
        clips.stop(run)
    turn.leave()


def test_a_clip_that_nobody_asks_for_any_more_ends(clips, clip, monkeypatch):
    slowly = Slowly()
    run = clips.submit(slowly, clip, "a.mp4")
    slowly.steps.release()
    wait_until(lambda: clips.status(run).frame == 1)
    monkeypatch.setattr("styleprop.server.clips.LONELY_SECONDS", 0.0)
    slowly.steps.release()
    assert ended(clips, run).state == "stopped"


def test_pictures_go_before_the_next_frame(clips, clip):
    busy = threading.Event()
    busy.set()
    clips.is_busy = busy.is_set
    run = clips.submit(as_it_is, clip, "a.mp4")
    wait_until(lambda: clips.status(run).frame == 1)
    with pytest.raises(AssertionError):
        wait_until(lambda: clips.status(run).frame > 1, 0.5)
    busy.clear()
    assert ended(clips, run).state == "done"


def test_old_clips_are_forgotten(clips, clip, monkeypatch):
    run = clips.submit(as_it_is, clip, "a.mp4")
    ended(clips, run)
    clips.sweep()
    clips.status(run)
    monkeypatch.setattr("styleprop.server.clips.KEEP_SECONDS", -1.0)
    clips.sweep()
    with pytest.raises(VideoError):
        clips.status(run)


def test_the_first_frame_is_reduced_on_its_shorter_side(folder):
    tall = write_clip(folder / "tall.mp4", [counted(3, 128, 64)])
    look = look_at(tall)
    assert (look.about.width, look.about.height) == (64, 128)
    assert look.first(32).shape == (64, 32, 3)
    assert (look.lines(32), look.lines(1080)) == (64, 128)
    assert read_number(look.frame) == 3


@pytest.fixture
def tab(app, clips, folder):
    """The handlers of the tab, and values as a browser would send them."""
    tuned = Tuned(SimpleNamespace(wait=lambda: app.model, domains=app.models.domains, styles=app.model.styles), None)
    with gr.Blocks() as page, gr.Tab() as part:
        shelf = Shelf(tuned, gr.BrowserState(NO_RUN), list(app.model.styles.values()))
        do = build_video_tab(Owner(shelf, gr.Button(), gr.Timer(active=False)), clips, None, part, page.load)
    form = do.form
    values = dict.fromkeys(form.inputs, None) | {
        form.source: BUILT_IN,
        form.built_in: "dusk-red",
        form.domain: "monet",
        form.quality: "fast",
        form.size: 540,
        form.strength: 1.0,
        shelf.mine: NO_RUN,
        shelf.tiles: (),
        shelf.kept: [],
        do.kept: NOTHING,
        do.owner.form: {},
        do.page.seen: "",
    }
    return do, values


def sent(path):
    return {"path": str(path), "orig_name": path.name}


def test_the_first_frame_that_is_shown_is_the_first_of_the_painted_clip(tab, app, clip, clips):
    do, values = tab
    values[do.form.clip] = sent(clip)
    found = do.paint_first(values)
    assert "This is the first frame" in found[do.page.status]
    assert found[do.page.start].interactive
    before, after = (images.load(one["path"]).image for one in found[do.page.slider].value)
    assert read_number(before) == 0
    values |= do.begin_clip(values)
    run = values[do.kept]["clip"]
    status = ended(clips, run)
    assert (status.state, status.frame) == ("done", 12)
    with open_clip(status.file) as made:
        first = next(made.frames()).image
    small = [images.resize(image, 8, 6).astype(int) for image in (first, after)]  # H.264 blurs a random net's colours
    assert np.abs(small[0] - small[1]).mean() < 4


def test_a_running_clip_is_told_and_then_played(tab, clip, clips, line):
    do, values = tab
    values[do.form.clip] = sent(clip)
    turn = line.join()
    values |= do.begin_clip(values)
    found = do.report_clip(values)
    assert "Waiting: 1 training or clip is before yours." in found[do.page.status]
    assert not found[do.page.start].visible
    assert found[do.owner.timer].active
    assert do.paint_first(values) == {do.page.seen: gr.skip()}  # what is shown is of the clip
    with pytest.raises(VideoError, match="still being painted"):
        do.begin_clip(values)
    turn.leave()
    ended(clips, values[do.kept]["clip"])
    found = do.report_clip(values)
    assert "Done: 12 frames" in found[do.page.status]
    assert found[do.page.players.before].value["path"] == str(clip)
    assert found[do.page.players.after].value["path"].endswith("/clip-dusk-red.mp4")
    assert not found[do.owner.timer].active
    assert values_of(do, values)[do.page.players.row].visible  # as after a reload


def test_what_is_no_clip_is_taken_out_with_a_sentence(tab, folder, clip):
    do, _ = tab
    (folder / "poem.mp4").write_text("roses are red")
    found = do.look_at_clip({do.form.clip: sent(folder / "poem.mp4")})
    assert found[do.form.clip] is None
    assert "not a clip" in found[do.page.note]
    assert do.look_at_clip({do.form.clip: None}) == {do.page.note: gr.skip()}
    assert "64 × 48 pixels, 10 frames a second, 1.2 s." in do.look_at_clip({do.form.clip: sent(clip)})[do.page.note]


def test_what_a_browser_kept_comes_back_as_far_as_it_is_valid(tab, clip):
    do, values = tab
    values |= {do.form.clip: sent(clip), do.form.source: SCHOOL, do.form.size: 720, do.form.strength: 0.4}
    kept = do.form.snapshot(values)
    found = values_of(do, values | {do.owner.form: kept})
    assert (found[do.form.clip], found[do.form.size], found[do.page.seen]) == (str(clip), 720, CAME_BACK)
    assert (found[do.form.built_in].value, found[do.form.domain].value) == ("dusk-red", "monet")
    assert found[do.form.strength] == 0.4
    assert found[do.page.panels[SCHOOL]].visible
    wrong = {
        "clip": "/etc/passwd",
        "source": [],
        "size": 7,
        "strength": "1",
        "domain": {},
        "built_in": 3,
        "quality": None,
    }
    for stranger in (wrong, [], None, "text"):
        found = values_of(do, values | {do.owner.form: stranger})
        assert found.keys().isdisjoint(
            {do.form.source, do.form.size, do.form.strength, do.form.domain, do.form.quality}
        )
        assert (found[do.form.built_in].value, found[do.page.seen]) == (None, "")
        assert not found.get(do.form.clip)


@pytest.mark.parametrize("path", ["/etc/passwd", "gone.mp4", "https://example.com/a.mp4", 7])
def test_a_clip_comes_from_the_apps_own_folder_or_is_refused(tab, path):
    do, values = tab
    with pytest.raises(VideoError, match="not here any more"):
        do.begin_clip(values | {do.form.clip: {"path": path}})
    with pytest.raises(VideoError, match="Choose a clip first"):
        do.begin_clip(values)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"built_in": None}, "Choose one of the styles first"),
        ({"built_in": "../autoencoder"}, "no built-in style"),
        ({"source": PICTURES}, "Add a style picture first"),
        ({"source": SCHOOL, "domain": "/etc"}, "domain must be one of"),
        ({"source": SCHOOL, "domain": None}, "Choose a school first"),
        ({"source": "elsewhere"}, "Choose one of the styles first"),
        ({"size": 100_000}, "one of those on offer"),
        ({"quality": "slow"}, "quality must be one of"),
        ({"strength": 7}, "strength must be"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(tab, clip, clips, changes, words):
    do, values = tab
    values |= {do.form.clip: sent(clip)} | {getattr(do.form, name): value for name, value in changes.items()}
    found = do.paint_first(values)
    assert words in found[do.page.status]
    with pytest.raises((SettingsError, ImageError), match=words):
        do.begin_clip(values)


def test_pictures_and_schools_paint_too(tab, clip, painting, folder, app):
    do, values = tab
    own = folder / "sent" / "my painting.png"
    own.write_bytes(painting.read_bytes())
    values |= {do.form.clip: sent(clip), do.form.source: PICTURES, do.form.pictures[2]: sent(own)}
    assert "This is the first frame" in do.paint_first(values)[do.page.status]
    assert do.form.file_name(values) == "clip-my-painting.mp4"
    values[do.form.source] = SCHOOL
    assert do.form.file_name(values) == "clip-monet.mp4"
    manner = do.form.manner(values)
    assert (manner.domain, manner.styles) == ("monet", [])


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ClipStatus("queued", 0), "Starting…"),
        (ClipStatus("queued", 3), "Waiting: 3 trainings or clips are before yours."),
        (ClipStatus("running", frame=4), "Frame 4."),
        (ClipStatus("running", frame=4, total=8, seconds_left=61.0), "Frame 4 of 8, about 61 s left."),
        (ClipStatus("running", frame=9, total=8, seconds_left=301.0), "Frame 9 of 9, about 5 min left."),
        (ClipStatus("stopped"), "Stopped before there was a frame."),
        (ClipStatus("failed", sentence="A <b>."), "A &lt;b&gt;."),
        (ClipStatus("done", frame=1, seconds=0.4, file="a"), "Done: 1 frame in 0 s."),
        (ClipStatus("done", sentence="No sound.", frame=8, seconds=3.2, file="a"), "Done: 8 frames in 3 s. No sound."),
    ],
)
def test_every_state_of_a_clip_has_its_sentence(in_english, status, words):
    assert words in status_html(status)


def test_the_files_of_clips_in_work_cannot_be_fetched(app):
    assert str(app.page.blocked_paths[-1]).endswith("/clips")
