import json
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from styleprop import images
from styleprop.checkpoints import find_checkpoint, hash_file, verify_checkpoint
from styleprop.cli import main
from styleprop.cli.train_report import GainReporter
from styleprop.config import TrainingConfig
from styleprop.engine import Styleprop
from styleprop.errors import BusyError, CheckpointError, SettingsError, TrainingError
from styleprop.grain import read_style
from styleprop.images.sheets import GAP
from styleprop.losses import statistics_loss, style_statistics
from styleprop.training import own_style
from styleprop.training.check import SIDE
from styleprop.training.desk import Desk
from styleprop.training.fine_tune import fine_tune, held_out_loss, hold_out_few
from styleprop.training.job import MAX_PICTURES, FineTuning, choose_pictures
from styleprop.training.own_style import (
    ALLOWED,
    CARE,
    LAYERS,
    SIDES,
    OwnStyleTrainer,
    StyleTable,
    load_styles,
)
from styleprop.training.precision import fast_precision
from styleprop.training.progress import Progress
from styleprop.training.run_folder import BEST_FILE, RESULT_FOLDER, write_json
from styleprop.training.run_status import FINISHED
from styleprop.training.runs import saved_step
from styleprop.training.workers import COMMAND, PACKAGE_ROOT
from styleprop.weights import load_autoencoder
from tests.conftest import make_picture
from tests.reliability.worker import give_nan
from tests.serving import add_styles

PATIENCE = 90


@pytest.fixture
def pictures(tmp_path, random):
    paths = []
    for number in range(5):
        paths.append(tmp_path / "pictures" / f"{number}.png")
        images.save(make_picture(64, 80, random) // (number + 1), paths[-1])
    return tuple(paths)


@pytest.fixture
def style_job(tiny_checkpoint, pictures):
    return FineTuning("style", pictures[:1], pictures[1:], seconds=600, steps=3, start=str(tiny_checkpoint))


def reports(job, folder, **keywords):
    return list(fine_tune(job, folder, **keywords))


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["mse", "perceptual"])
def test_an_autoencoder_learns_and_its_best_weights_are_kept(tiny_checkpoint, pictures, tmp_path, loss):
    job = FineTuning(
        "autoencoder", pictures, seconds=600, steps=20, loss=loss, learning_rate=1e-2, start=str(tiny_checkpoint)
    )
    shown, measured, *_, last = reports(job, tmp_path / "run")
    best = json.loads((tmp_path / "run" / BEST_FILE).read_text())
    assert (shown.step, shown.scores, shown.preview.dtype) == (0, {}, np.uint8)  # nobody waits for the scores
    assert (measured.step, measured.preview) == (0, None)
    assert last.step == 20
    assert best["base"]["psnr_db"] == measured.scores["psnr_db"]
    assert best["best"]["psnr_db"] > best["base"]["psnr_db"] + 1
    found = Styleprop.from_pretrained(tmp_path / "run" / RESULT_FOLDER)
    base = Styleprop.from_pretrained(tiny_checkpoint)
    held = hold_out_few(pictures)[1][0]
    assert found.reconstruct(held).psnr_db > base.reconstruct(held).psnr_db


@pytest.mark.slow
def test_a_style_moves_the_decoder_alone_and_takes_the_built_in_styles_along(style_job, tiny_checkpoint, tmp_path):
    start = add_styles(tiny_checkpoint, tmp_path / "styled")
    before = {path.name: hash_file(path) for path in start.iterdir()}
    job = replace(style_job, start=str(start), learning_rate=1e-2, steps=8)
    made = reports(job, tmp_path / "run")
    tuned = verify_checkpoint(tmp_path / "run" / RESULT_FOLDER)
    pairs = [load_autoencoder(checkpoint).encoder.get_weights() for checkpoint in (tuned, find_checkpoint(start))]
    for ours, theirs in zip(*pairs, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert (tuned.folder / "styles.json").read_bytes() == (start / "styles.json").read_bytes()
    assert {path.name: hash_file(path) for path in start.iterdir()} == before
    assert made[-1].preview is not None
    assert made[-1].scores["loss"] < made[1].scores["loss"]


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_cyclegan_starts_from_the_autoencoder_and_is_a_cyclegan(tiny_checkpoint, pictures, tmp_path):
    job = FineTuning("cyclegan", pictures, pictures, seconds=600, steps=2, start=str(tiny_checkpoint))
    made = reports(job, tmp_path / "run")
    model = Styleprop.from_pretrained(tiny_checkpoint)
    painted = model.translate(pictures[0], str(tmp_path / "run" / RESULT_FOLDER))
    assert painted.array.shape == (64, 80, 3)
    assert {"cycle", "style", "discriminator_a"} <= set(made[-1].losses)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_training_that_makes_it_worse_gives_back_the_base(style_job, tiny_checkpoint, tmp_path):
    reports(replace(style_job, learning_rate=1.0, optimizer="sgd"), tmp_path / "run")
    best = json.loads((tmp_path / "run" / BEST_FILE).read_text())
    assert best["best"] == best["base"]
    folder = tmp_path / "run" / RESULT_FOLDER
    pairs = [load_autoencoder(find_checkpoint(source)).get_weights() for source in (folder, tiny_checkpoint)]
    for ours, theirs in zip(*pairs, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_training_that_runs_away_is_stopped_and_the_base_is_kept(style_job, tmp_path, monkeypatch):
    monkeypatch.setattr(own_style, "statistics_loss", own_style.statistics_loss)  # put back afterwards
    give_nan()
    with pytest.raises(TrainingError, match="not a finite number"):
        reports(replace(style_job, steps=1), tmp_path / "run")
    Styleprop.from_pretrained(tmp_path / "run" / RESULT_FOLDER)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_stopped_run_goes_on(style_job, tmp_path):
    stop = threading.Event()
    for progress in fine_tune(replace(style_job, steps=50), tmp_path / "run", stop):
        if progress.step:
            stop.set()
    done = saved_step(tmp_path / "run")
    assert 0 < done < 50
    again = reports(replace(style_job, steps=done + 2), tmp_path / "run")
    assert again[0].step > done
    assert again[-1].step == done + 2


def test_a_style_is_learnt_as_the_app_reads_it(tiny_checkpoint, tiny_features, random):
    network = load_autoencoder(find_checkpoint(tiny_checkpoint))
    painting = make_picture(300, 500, random)
    table = StyleTable(network, tiny_features, [painting])
    model = Styleprop.from_pretrained(tiny_checkpoint)
    for side in SIDES:
        code, statistics = table.read(0, side)
        expected = model.stylist.encode(painting, side)
        np.testing.assert_allclose(code, expected, rtol=1e-3, atol=1e-3)
        half = images.to_batch(read_style(painting, side // 2))
        wanted = style_statistics(tiny_features(half, names=LAYERS))
        assert float(statistics_loss(wanted, statistics)) == pytest.approx(0, abs=0.01)
    batch = table.batch(random, 3)
    assert batch["code"].shape == (3, network.config.code_size)
    assert [parts[2].shape[0] for parts in batch["statistics"]] == [3] * len(LAYERS)


def test_style_pictures_are_kept_no_larger_than_is_looked_at_and_unreadable_ones_left_out(tmp_path, random):
    (tmp_path / "text.png").write_text("not a picture")
    found = load_styles([tmp_path / "text.png", make_picture(900, 1600, random), make_picture(40, 60, random)])
    assert [image.shape for image in found] == [(576, 1024, 3), (40, 60, 3)]
    assert len(load_styles([make_picture(40, 60, random)] * 3, most=2)) == 2
    with pytest.raises(TrainingError, match="None of the style pictures"):
        load_styles([tmp_path / "text.png"])


def test_content_counts_for_much_where_it_is_further_away_than_before(tiny_checkpoint, tiny_features, random):
    network, base = (load_autoencoder(find_checkpoint(tiny_checkpoint)) for _ in range(2))
    config = TrainingConfig(content_weight=0.5, appearance_weight=2.0)
    trainer = OwnStyleTrainer(network, base, tiny_features, config)
    painting, photo = make_picture(64, 64, random), images.to_batch(make_picture(64, 64, random))
    batch = {"content": photo, **StyleTable(network, tiny_features, [painting]).batch(random, 1)}
    predicted = trainer(batch)
    np.testing.assert_array_equal(predicted["before"], predicted["stylized"])

    def lost(**changed):
        trainer.reset_metrics()
        loss = float(trainer.compute_loss(batch, y_pred={**predicted, **changed}))
        parts = {name: float(mean.result()) for name, mean in trainer.means.items()}
        plain = sum(trainer.weights_of[name] * value for name, value in parts.items())
        return loss - plain, 0.5 * parts["content"] + 2.0 * parts["appearance"]

    same, before = lost()
    nearer, _ = lost(stylized=photo)
    noise = predicted["stylized"] + random.normal(0, 1, photo.shape).astype("float32")
    further, now = lost(stylized=noise)
    assert (same, nearer) == (pytest.approx(0.0, abs=1e-3), pytest.approx(0.0, abs=1e-3))
    assert now > ALLOWED * before
    assert further == pytest.approx(CARE * (now / before - ALLOWED), rel=1e-2)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_the_weights_to_start_from_stay_as_they_are(style_job, tmp_path, monkeypatch):
    trainers = []
    made = OwnStyleTrainer.__init__
    monkeypatch.setattr(OwnStyleTrainer, "__init__", lambda self, *args: trainers.append(self) or made(self, *args))
    reports(replace(style_job, steps=1), tmp_path / "run")
    start = load_autoencoder(find_checkpoint(style_job.start)).get_weights()
    for network, expected in ((trainers[0].base, True), (trainers[0].network, False)):
        same = [np.array_equal(*pair) for pair in zip(network.get_weights(), start, strict=True)]
        assert all(same) == expected


def test_half_of_a_styles_photos_judge_it():
    photos = [Path(f"{number}.jpg") for number in range(4)]
    assert [len(part) for part in hold_out_few(photos, share=2)] == [2, 2]
    assert [len(part) for part in hold_out_few(photos)] == [3, 1]


def test_a_style_that_costs_content_is_not_better():
    base = {"style": 0.40, "content": 0.80}
    for scores, better in (((0.36, 0.81), True), ((0.36, 0.90), False), ((0.40, 0.70), False)):
        loss = held_out_loss("style", dict(zip(base, scores, strict=True)), base)
        assert (loss < held_out_loss("style", base, base)) == better


def test_nothing_but_an_autoencoder_can_start_a_style(style_job, tiny_cyclegan, tmp_path):
    with pytest.raises(CheckpointError, match="is not an autoencoder"):
        reports(replace(style_job, start=str(tiny_cyclegan)), tmp_path / "run")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"job": "poem"}, "job must be one of"),
        ({"optimizer": "lion"}, "optimizer must be one of"),
        ({"loss": "l1"}, "loss must be one of"),
        ({"seconds": 0}, "1 to 3600 seconds"),
        ({"steps": 0}, "1 to 20000 steps"),
        ({"learning_rate": 2.0}, "learning_rate"),
        ({"content": ()}, "no photos"),
    ],
)
def test_bad_settings_are_refused(style_job, change, words):
    with pytest.raises(SettingsError, match=words):
        replace(style_job, **change)


def test_a_job_survives_json(style_job):
    assert FineTuning.from_dict(json.loads(json.dumps(style_job.to_dict()))) == style_job


def test_pictures_are_looked_at_before_any_time_is_spent(pictures, tmp_path):
    with pytest.raises(TrainingError, match=f"at most {MAX_PICTURES} pictures; these are 65"):
        choose_pictures("style", pictures * 13, never)
    with pytest.raises(TrainingError, match="at least 4 pictures, not 1"):
        choose_pictures("cyclegan", pictures[:1], never)
    with (tmp_path / "huge.png").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    with pytest.raises(TrainingError, match="at most 64 MB"):
        choose_pictures("style", [tmp_path / "huge.png"], never)


def never(path, error):
    raise AssertionError(f"{path.name} was left out: {error}")


@pytest.fixture
def damaged(pictures):
    path = pictures[0].with_name("damaged.png")
    path.write_bytes(pictures[0].read_bytes()[:200])
    return path


def test_a_damaged_picture_is_named_and_left_out_while_enough_are_left(pictures, damaged):
    told = []
    mixed = [damaged, *pictures[:4]]
    assert choose_pictures("cyclegan", mixed, lambda path, error: told.append((path, str(error)))) == pictures[:4]
    [(path, reason)] = told
    assert path == damaged
    assert reason.endswith(".")
    with pytest.raises(TrainingError, match="at least 4 pictures, not 3"):
        choose_pictures("cyclegan", mixed[:4], lambda *_: None)
    with pytest.raises(TrainingError, match="None of the training pictures can be read"):
        choose_pictures("style", [damaged], lambda *_: None)


def test_bfloat16_is_for_processors_that_have_it(tmp_path):
    for flags, precision in (("fpu avx2 avx512_bf16", "mixed_bfloat16"), ("fpu avx2", "float32")):
        path = tmp_path / flags.replace(" ", "-")
        path.write_text(f"flags : {flags}\n")
        assert fast_precision(path) == precision
    assert fast_precision(tmp_path / "missing") == "float32"


def test_the_command_writes_a_checkpoint_for_the_other_commands(style_job, tiny_checkpoint, tmp_path, capsys):
    picture, output = str(style_job.pictures[0]), tmp_path / "tuned"
    arguments = ["fine-tune", "autoencoder", "--images", str(style_job.pictures[0].parent), "--start"]
    assert main([*arguments, str(tiny_checkpoint), "--steps", "2", "-o", str(output), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = [line["step"] for line in lines]
    assert (steps[0], steps[-1]) == (0, 2)  # on a slow machine there are previews between them
    assert main(["reconstruct", picture, "-o", str(tmp_path / "out.png"), "--checkpoint", str(output)]) == 0


@pytest.fixture
def command(pictures, tiny_checkpoint, tmp_path, capsys):
    """Runs `fine-tune style` with some options; gives the exit code and the lines of standard error."""

    def run(*options, images=pictures[:1], start=tiny_checkpoint, output=tmp_path / "tuned"):
        words = ["fine-tune", "style", "--images", *images, "--content", *pictures[1:], "--steps", "1", "-o", output]
        code = main([*map(str, words), *(["--start", str(start)] if start else []), *map(str, options)])
        out, err = capsys.readouterr()
        assert out == ""
        return code, err.splitlines()

    return run


@pytest.mark.usefixtures("eagerly")
def test_the_command_names_a_damaged_picture_goes_on_and_tells_the_gain_in_plain_lines(command, pictures, damaged):
    code, lines = command("--learning-rate", "1e-9", images=[damaged, pictures[0]])
    assert code == 0
    assert lines[0].startswith("styleprop: 'damaged.png' was left out: ")
    assert lines[1] == "Measuring what there is to gain."
    for line in lines[2:-1]:
        assert re.fullmatch(
            r"About \d+ (s|min) left; (nothing|held-out photos come [\d.]+% nearer to the style) .*\.", line
        )
    assert re.fullmatch(r"Wrote the checkpoint 'tuned': .+\.", lines[-1])


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_checkpoint_is_replaced_only_where_that_is_said(command, tmp_path):
    output = tmp_path / "tuned"
    assert command()[0] == 0
    before = {path.name: hash_file(path) for path in output.iterdir()}
    refusal = "styleprop: 'tuned' is a checkpoint already: --overwrite replaces it, --resume goes on from it."
    assert command() == (1, [refusal])
    assert {path.name: hash_file(path) for path in output.iterdir()} == before
    assert command("--overwrite")[0] == 0
    assert "from tiny on" in (output / "README.md").read_text()
    assert command("--resume", start=None)[0] == 0
    assert "from tuned on" in (output / "README.md").read_text()


def test_what_there_is_not_cannot_be_resumed(command, tmp_path):
    code, [line] = command("--resume", start=None)
    assert (code, line) == (2, "styleprop: There is no checkpoint 'tuned' to go on from; leave out --resume.")
    code, [line] = command("--resume")
    assert (code, "--start and --resume" in line) == (2, True)
    assert command("--resume", "--overwrite")[0] == 2


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
def test_a_kept_run_goes_on_and_replaces_what_it_wrote(command, tmp_path):
    assert command("--run", tmp_path / "run")[0] == 0
    assert saved_step(tmp_path / "run") == 1
    assert command("--run", tmp_path / "run", "--steps", "2", "--resume")[0] == 0
    assert saved_step(tmp_path / "run") == 2


KNOWN = {"psnr_db": 20.0, "style": 0.4, "frechet_ratio": 0.5}
GAINED = {"psnr_db": 21.24, "style": 0.3, "frechet_ratio": 0.4}
SENTENCES = {
    "autoencoder": "held-out pictures are rebuilt 1.2 dB better than at the start",
    "style": "held-out photos come 25.0% nearer to the style than at the start",
    "cyclegan": "held-out photos come 20.0% nearer to the paintings than at the start",
}


@pytest.mark.parametrize("job", SENTENCES)
def test_a_gain_is_told_in_words(job, tmp_path, capsys):
    reporter = GainReporter(job, tmp_path, 0, 60.0, as_json=False)
    write_json(tmp_path / BEST_FILE, {"base": KNOWN, "best": KNOWN})
    reporter.tell(Progress(0, 100, {}, 0.0))
    reporter.tell(Progress(0, 100, {}, 0.0, KNOWN))
    write_json(tmp_path / BEST_FILE, {"base": KNOWN, "best": GAINED})
    reporter.tell(Progress(5, 100, {"loss": 1.0}, 1.0))  # nothing new
    reporter.tell(Progress(10, 100, {"loss": 1.0}, 20.0, GAINED))
    assert capsys.readouterr().err.splitlines() == [
        "Measuring what there is to gain.",
        "About 60 s left; nothing is better than at the start yet.",
        f"About 40 s left; {SENTENCES[job]}.",
    ]


def test_the_command_says_in_a_line_what_is_wrong(style_job, tmp_path, capsys):
    arguments = ["fine-tune", "cyclegan", "--images", str(style_job.pictures[0]), "-o", str(tmp_path / "out")]
    assert main(arguments) == 1
    assert "at least 4 pictures, not 1." in capsys.readouterr().err


@pytest.fixture
def make_desk(tmp_path):
    desks = []

    def make(code=None):
        command = {"command": (sys.executable, "-c", code)} if code else {}
        desks.append(Desk(lambda: tmp_path / "desk", **command))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def wait_for(desk, name, wanted):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status = desk.status(name)
        if wanted(status):
            return status
        time.sleep(0.05)
    raise AssertionError(f"still {desk.status(name)}")


def finished(status):
    return status.state in FINISHED


@pytest.mark.slow
def test_a_run_in_a_process_of_its_own_can_be_stopped_resumed_and_deleted(make_desk, style_job, tmp_path):
    desk = make_desk()
    name = desk.submit(replace(style_job, steps=20_000, seconds=600))
    assert (tmp_path / "desk" / name).stat().st_mode & 0o777 == 0o700
    wait_for(desk, name, lambda status: any(report["losses"] for report in status.reports))
    start = time.monotonic()
    desk.stop(name)
    stopped = wait_for(desk, name, finished)
    assert time.monotonic() - start < 4
    assert (stopped.state, stopped.sentence) == ("stopped", "")
    sheet = images.load(stopped.preview).image
    assert sheet.shape[1] == 3 * (SIDE + GAP) + GAP
    verify_checkpoint(stopped.checkpoint)
    desk.resume(name, 1.0)
    done = wait_for(desk, name, finished)
    assert (done.state, done.sentence) == ("done", "")
    known = 2 * (SIDE + GAP)  # the photo, and what was made of it before the training
    np.testing.assert_array_equal(images.load(done.preview).image[:, :known], sheet[:, :known])
    assert len(done.reports) > len(stopped.reports)
    assert done.reports[-1]["seconds"] >= stopped.reports[-1]["seconds"]
    desk.delete(name)
    assert list((tmp_path / "desk").iterdir()) == []
    with pytest.raises(TrainingError, match="not here any more"):
        desk.status(name)


def test_one_runs_while_the_others_wait_in_line(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    names = [desk.submit(style_job) for _ in range(3)]
    wait_for(desk, names[0], lambda status: status.state == "running")
    assert [desk.status(name).place for name in names] == [0, 1, 2]
    desk.stop(names[1])
    assert desk.status(names[1]).state == "stopped"
    assert desk.status(names[2]).place == 1
    desk.stop(names[0])
    wait_for(desk, names[2], lambda status: status.state == "running")


def test_a_run_that_was_stopped_in_the_line_and_resumed_goes_to_its_end(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    names = [desk.submit(style_job) for _ in range(3)]
    wait_for(desk, names[0], lambda status: status.state == "running")
    desk.stop(names[1])
    desk.resume(names[1], 60.0)
    assert [desk.status(name).place for name in names] == [0, 2, 1]
    for name in (names[0], names[2]):
        desk.stop(name)
    wait_for(desk, names[1], lambda status: status.state == "running")


def test_a_training_waits_for_what_else_is_in_the_line(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    turn = desk.line.join()
    name = desk.submit(style_job)
    assert (desk.status(name).state, desk.status(name).place) == ("queued", 1)
    desk.stop(name)
    desk.resume(name, 60.0)
    turn.leave()
    wait_for(desk, name, lambda status: status.state == "running")


def test_the_end_of_a_run_can_be_waited_for_and_not_for_longer_than_wished(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    name = desk.submit(style_job)
    wait_for(desk, name, lambda status: status.state == "running")
    desk.wait(name, 0.01)
    assert desk.status(name).state == "running"
    desk.stop(name)
    desk.wait(name, PATIENCE)
    assert desk.status(name).state == "stopped"
    with pytest.raises(TrainingError, match="not here any more"):
        desk.wait("0" * 32, PATIENCE)


def test_the_line_has_an_end(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    wait_for(desk, desk.submit(style_job), lambda status: status.state == "running")
    for _ in range(8):
        desk.submit(style_job)
    with pytest.raises(BusyError, match="Too many trainings are waiting"):
        desk.submit(style_job)


def test_a_killed_worker_is_told_in_a_sentence(make_desk, style_job):
    desk = make_desk("import os; os.kill(os.getpid(), 9)")
    status = wait_for(desk, desk.submit(style_job), finished)
    assert status.state == "failed"
    assert "was killed, most likely for want of memory" in status.sentence


def test_a_silent_worker_is_ended(make_desk, style_job, monkeypatch):
    monkeypatch.setattr("styleprop.training.desk.SILENCE_SECONDS", 0.3)
    desk = make_desk("import time; time.sleep(600)")
    status = wait_for(desk, desk.submit(style_job), finished)
    assert status.state == "failed"
    assert "hung" in status.sentence


HUNGRY = """
import sys
import threading
from pathlib import Path
from styleprop.training import worker
worker._train = lambda folder: str(len(bytearray(worker.MEMORY_BYTES)))
worker.main(Path(sys.stdin.readline().strip()))
"""


def test_a_worker_that_wants_too_much_memory_is_told_in_a_sentence(make_desk, style_job):
    desk = make_desk(HUNGRY)
    status = wait_for(desk, desk.submit(style_job), finished)
    assert status.state == "failed"
    assert "needs more memory than there is" in status.sentence


@pytest.mark.slow
def test_a_refusal_in_the_worker_reaches_the_desk(make_desk, style_job, tiny_cyclegan):
    desk = make_desk()
    status = wait_for(desk, desk.submit(replace(style_job, start=str(tiny_cyclegan))), finished)
    assert (status.state, status.checkpoint) == ("failed", None)
    assert "is not an autoencoder" in status.sentence


TELL = """
import json, os, pathlib, sys
folder = pathlib.Path(sys.stdin.readline().strip())
(folder / "outcome.json").write_text(json.dumps({"state": "done", "sentence": str(os.getpid())}))
"""


def test_a_worker_that_is_ready_takes_the_next_run_and_no_other(make_desk, style_job):
    desk = make_desk(TELL)
    desk.prepare()
    ready = desk._workers._spare
    desk.prepare()
    assert desk._workers._spare is ready
    first, second = (wait_for(desk, desk.submit(style_job), finished).sentence for _ in range(2))
    assert first == str(ready.pid) != second


def test_a_worker_that_died_while_it_waited_is_replaced(make_desk, style_job):
    desk = make_desk(TELL)
    desk.prepare()
    dead = desk._workers._spare
    dead.kill()
    dead.wait()
    status = wait_for(desk, desk.submit(style_job), finished)
    assert (status.state, status.sentence != str(dead.pid)) == ("done", True)


def test_a_worker_that_nobody_needs_is_sent_away(make_desk, monkeypatch):
    monkeypatch.setattr("styleprop.training.workers.SPARE_SECONDS", 0.1)
    desk = make_desk("import sys; sys.stdin.readline()")
    desk.prepare()
    desk._workers._timer.join(PATIENCE)
    assert desk._workers._spare is None


def test_no_worker_is_made_ready_beside_a_training_or_by_a_closed_desk(make_desk, style_job):
    desk = make_desk("import time; time.sleep(600)")
    desk.prepare()
    ready = desk._workers._spare
    wait_for(desk, desk.submit(style_job), lambda _: desk._process is not None)  # it has taken what was ready
    desk.prepare()
    assert desk._workers._spare is None
    desk.close()
    assert ready.wait(PATIENCE) == -signal.SIGKILL
    closed = make_desk("import time; time.sleep(600)")
    closed.prepare()
    ready = closed._workers._spare
    closed.close()
    closed.prepare()
    assert (ready.returncode, closed._workers._spare) == (-signal.SIGKILL, None)


def test_a_worker_whose_app_is_gone_ends():
    assert subprocess.run(COMMAND, cwd=PACKAGE_ROOT, stdin=subprocess.DEVNULL, timeout=PATIENCE).returncode == 0


@pytest.mark.parametrize("name", ["", "../../etc", "0" * 31, "0" * 32])
def test_a_name_that_nobody_was_given_opens_nothing(make_desk, name):
    with pytest.raises(TrainingError, match="not here any more"):
        make_desk().status(name)
