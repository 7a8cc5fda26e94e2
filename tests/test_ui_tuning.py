"""What the fine-tune tab says and refuses, without a browser."""

import contextlib
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio
import httpx
import pytest
from gradio.context import LocalContext

from styleprop import images
from styleprop.errors import ImageError
from styleprop.server.tuned import NOTHING, Tuned
from styleprop.server.uploads import VARIABLE
from styleprop.training.job import FineTuning
from styleprop.training.line import Line
from styleprop.training.run_status import RunStatus
from styleprop.ui.fine_tune import events as tuning_events
from styleprop.ui.fine_tune.events import _plot
from styleprop.ui.fine_tune.view import archive, curves, gain, seconds_left, status_html
from tests.conftest import make_picture
from tests.serving import SECONDS, running

SCORES = {"psnr_db": 30.0, "content": 2.0, "style": 0.4, "loss": 6.8}
BETTER = {"psnr_db": 33.0, "content": 2.02, "style": 0.3, "loss": 5.62}
SHOWN_ONLY = {"step": 0, "seconds": 0.0, "losses": {}, "scores": {}}


@pytest.fixture
def status():
    job = FineTuning("style", (Path("a.png"),), (Path("b.png"),), seconds=60)
    reports = [
        {"step": 0, "seconds": 0.0, "losses": {}, "scores": SCORES},
        {"step": 5, "seconds": 10.0, "losses": {"loss": 8.0}, "scores": {}},
        {"step": 10, "seconds": 20.0, "losses": {"loss": 4.0}, "scores": BETTER},
    ]
    return RunStatus("running", 0, "", job, reports, None, Path("c"), {"base": SCORES, "best": BETTER})


def test_a_running_training_tells_steps_time_left_and_gain(status):
    text = status_html(status)
    assert "Step 10, about 40 s left. Closer to your style than before by 25 %." in text
    assert "style distance 0.4 → 0.3 (-25%), content distance 2 → 2.02 (+1%)" in text
    assert 'aria-valuenow="33"' in text


def test_time_left_after_a_resume_counts_from_there(status):
    assert seconds_left(replace(status, spent=15.0)) == 55.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "queued", "place": 1, "reports": []}, "Waiting: 1 training or clip is before yours."),
        ({"state": "queued", "place": 3, "reports": []}, "Waiting: 3 trainings or clips are before yours."),
        ({"state": "running", "reports": []}, "Starting: the networks are loading"),
        (
            {"state": "running", "reports": [SHOWN_ONLY], "preview": Path("p")},
            "Starting: measuring",
        ),
        ({"state": "stopped", "reports": [], "best": {}}, "Stopped before there was anything to keep."),
        ({"state": "stopped", "reports": [SHOWN_ONLY], "best": {}}, "Stopped before there was anything to keep."),
        ({"state": "stopped"}, "The best weights are kept."),
        ({"state": "done", "best": {"base": SCORES, "best": SCORES}}, "Done at step 10, after 20 s."),
        ({"state": "done", "best": {"base": SCORES, "best": SCORES}}, "Nothing was better than the start"),
        ({"state": "failed", "sentence": "It was <killed>."}, "It was &lt;killed&gt;."),
    ],
)
def test_every_state_has_its_sentence(status, changes, words):
    assert words in status_html(replace(status, **changes))


def test_weights_are_offered_only_where_they_are_better_than_the_start(status):
    assert status.is_better
    assert not replace(status, best={"base": SCORES, "best": SCORES}).is_better
    assert not replace(status, best={}).is_better
    assert not replace(status, checkpoint=None).is_better


def test_the_gain_is_told_in_the_jobs_own_measure(status):
    job = replace(status.job, job="autoencoder")
    assert gain(replace(status, job=job)) == (
        "Your pictures are rebuilt more exactly, by 3.0 dB.",
        "Held-out pictures: 30.0 → 33.0 dB PSNR.",
    )
    best = {"base": {"frechet_ratio": 0.8}, "best": {"frechet_ratio": 0.4}}
    plain, figures = gain(replace(status, job=replace(job, job="cyclegan"), best=best))
    assert plain == "Closer to your paintings than before by 50 %."
    assert "0.8 → 0.4 (-50%)" in figures
    best = {"base": {"frechet_ratio": 0.8}, "best": {"frechet_ratio": 0.799}}
    assert "Hardly better than before" in gain(replace(status, job=replace(job, job="cyclegan"), best=best))[0]


def test_curves_are_relative_to_the_first(status):
    rows = curves(status).to_dict("list")
    assert rows["of"] == ["training", "training", "held out", "held out"]
    assert rows["step"] == [5, 10, 0, 10]
    assert rows["loss"] == pytest.approx([1, 0.9, 1, 5.62 / 6.8])
    held = curves(replace(status, job=replace(status.job, job="autoencoder"))).to_dict("list")["loss"][2:]
    assert held == pytest.approx([1, 10**-0.3])


def test_the_curves_and_their_axes_are_named_in_the_visitors_language(status):
    token = LocalContext.request.set(SimpleNamespace(headers={"accept-language": "zh-CN"}))
    try:
        plot = _plot(status)
    finally:
        LocalContext.request.reset(token)
    assert (plot.x_title, plot.y_title) == ("步", "损失（相对于开始时）")
    assert set(plot.color_map) == {row[2] for row in plot.value["data"]} == {"训练", "留出"}


def test_the_archive_has_all_that_a_checkpoint_needs(tiny_checkpoint, tmp_path):
    with zipfile.ZipFile(io.BytesIO(archive(tiny_checkpoint))) as made:
        assert {"config.json", "model.weights.h5", "README.md", "SHA256SUMS"} <= set(made.namelist())
        made.extractall(tmp_path / "out")
    from styleprop.engine import Styleprop

    assert Styleprop.from_pretrained(tmp_path / "out").checkpoint.sha256


class OneRun:
    """A desk that knows a single run."""

    def __init__(self, status):
        self.known = status

    def prepare(self):
        """Nothing is run."""

    def sweep(self):
        """Nothing is old."""

    def status(self, name):
        from styleprop.training.desk import Desk

        return self.known if name == "a" * 32 else Desk(lambda: Path()).status(name)


@pytest.mark.parametrize(
    "mine", [None, "x", [], {}, {"run": 5, "used": True}, {"run": "../../etc", "used": True}, NOTHING]
)
def test_what_a_browser_says_opens_nothing_but_its_own_run(app, status, mine):
    tuned = Tuned(_Ready(app.model), OneRun(status))
    assert tuned.status(mine) is None
    wished = isinstance(mine, dict) and mine.get("used")
    with pytest.warns(UserWarning, match="not here any more") if wished else contextlib.nullcontext():
        assert tuned.model(mine, ("style",)) is app.model
        assert tuned.domain(mine) is None


class _Ready:
    def __init__(self, model):
        self.model = model

    def wait(self):
        return self.model


def test_own_weights_are_used_only_where_they_are_wished(app, status, tiny_checkpoint, tmp_path):
    shutil.copytree(tiny_checkpoint, tmp_path / "tuned")
    tuned = Tuned(_Ready(app.model), OneRun(replace(status, checkpoint=tmp_path / "tuned")))
    assert tuned.model({"run": "a" * 32, "used": False}, ("style",)) is app.model
    own = tuned.model({"run": "a" * 32, "used": True}, ("style",))
    assert own.checkpoint.folder == tmp_path / "tuned"
    assert tuned.model({"run": "a" * 32, "used": True}, ("style",)) is own
    assert tuned.model({"run": "a" * 32, "used": True}, ("autoencoder",)) is app.model


@pytest.fixture
def upload(tmp_path, monkeypatch, random):
    """Puts files where uploads lie; gives what a file component would send."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    def put(name, data=None):
        path = tmp_path / name
        if data is None:
            images.save(make_picture(40, 40, random), path)
        else:
            path.write_bytes(data)
        return {"path": str(path), "orig_name": name}

    return put


def test_good_files_stay_and_bad_ones_are_named(upload):
    files = [upload("a.png"), upload("text.png", b"no"), upload("pictures.zip", b"PK\x03\x04" + b"0" * 64)]
    kept, problem, pictures = tuning_events._look_at(files)
    assert [Path(path).name for path in kept] == ["a.png"]
    assert len(pictures) == 1
    assert "'text.png' was left out: " in problem
    assert "'pictures.zip' was left out: " in problem


def test_start_names_a_damaged_file_and_goes_on_without_it(upload, styled_checkpoint, tmp_path, monkeypatch):
    submitted = []

    class Taking(OneRun):
        line = Line()

        def submit(self, job):
            submitted.append(job)
            return "a" * 32

        def close(self):
            """Nothing is run."""

    with running(styled_checkpoint, desk=Taking(None)) as (page, models, _):
        models.wait(SECONDS)
        start = next(event.fn for event in page.fns.values() if event.name == "start")
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        good, bad = upload("good.png"), upload("bad.png", b"\x89PNG\r\n\x1a\n")
        with pytest.warns(UserWarning, match="'bad.png' was left out: .+") as warned:
            start(None, "style", [bad, good], [bad], 60, "mse", "adam", None)
        with pytest.raises(gradio.Error, match="None of the training pictures"), pytest.warns(UserWarning, match="bad"):
            start(None, "style", [bad], [], 60, "mse", "adam", None)
    assert [path.name for path in submitted[0].pictures] == ["good.png"]
    assert len(warned) == 2
    assert len(submitted[0].content) > 1  # the app's own examples
    assert len(submitted) == 1


def test_too_many_and_too_large_files_are_refused(upload, tmp_path):
    kept, problem, _ = tuning_events._look_at([upload("a.png")] * 65)
    assert kept is None
    assert "at most 64 pictures; these are 65." in problem
    huge = upload("huge.png", b"")
    with (tmp_path / "huge.png").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    assert "at most 64 MB" in tuning_events._look_at([huge])[1]


def test_a_file_from_elsewhere_is_not_learnt_from(upload, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.png"
    elsewhere.write_bytes(b"secret")
    for payload in ([{"path": str(elsewhere)}], [{"path": 5}], [str(elsewhere)], ["https://example.org/a.png"]):
        with pytest.raises(ImageError, match="was not uploaded here"):
            tuning_events._look_at(payload)


def test_a_file_that_was_swept_is_told_from_one_of_a_stranger(upload, tmp_path):
    payload = upload("a.png")
    (tmp_path / "a.png").unlink()
    with pytest.raises(ImageError, match="kept for an hour"):
        tuning_events._look_at([payload])


def test_one_picture_is_warned_about_where_it_is_too_little():
    assert "a kind of picture needs more" in tuning_events._note("autoencoder", [1], "")
    assert "needs more" not in tuning_events._note("style", [1], "")


def test_training_can_be_switched_off(styled_checkpoint):
    with running(styled_checkpoint, start=False, training=False) as (page, _, url):
        assert "Fine-tuning is switched off on this server" in httpx.get(url, timeout=SECONDS).text
        assert not [block for block in page.blocks.values() if getattr(block, "label", None) == "Your pictures"]
