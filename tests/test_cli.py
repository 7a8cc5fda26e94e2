import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from styleprop import images
from styleprop.cli import batch, main
from styleprop.cli.options import weighted_style
from styleprop.cli.paths import plan_jobs
from styleprop.images.directories import DAMAGED
from tests.hostile import generate


@pytest.fixture(scope="module")
def model(tiny_model):
    return tiny_model


@pytest.fixture
def photo(tmp_path, picture):
    path = tmp_path / "photo.jpg"
    images.save(picture, path)
    return path


@pytest.fixture
def painting(tmp_path, picture):
    path = tmp_path / "painting.png"
    images.save(255 - picture[::-1], path)
    return path


def run_program(*argv, **options):
    command = [sys.executable, "-m", "styleprop", *map(str, argv)]
    return subprocess.run(command, capture_output=True, timeout=120, **options)


# --- reconstruct and stylize, one picture ---


def test_reconstruct_writes_what_the_model_makes(command, model, photo, tmp_path):
    code, out, err = command("reconstruct", photo, "-o", tmp_path / "out.png")
    result = model.reconstruct(photo)
    assert (code, err) == (0, "")
    assert np.array_equal(images.load(tmp_path / "out.png").image, result.array)
    assert f"PSNR {result.psnr_db:.2f} dB" in out
    assert out.count("\n") == 1


def test_json_has_the_numbers_of_the_reconstruction(command, model, photo, tmp_path):
    _, out, _ = command("reconstruct", photo, "-o", tmp_path / "out.png", "--json")
    record = json.loads(out)
    result = model.reconstruct(photo)
    assert record["input"] == str(photo)
    assert record["output"] == str(tmp_path / "out.png")
    assert record["size"] == [104, 72]
    assert record["checkpoint"] == "tiny"
    assert record["psnr_db"] == pytest.approx(result.psnr_db, abs=1e-3)
    assert record["ssim"] == pytest.approx(result.ssim, abs=1e-5)
    assert record["latent_shape"] == [9, 13, 12]
    assert record["seconds"] >= 0
    assert record["peak_memory_mb"] > 10


def test_stylize_passes_every_setting_on(command, model, photo, painting, tmp_path):
    options = ["--strength", "0.7", "--detail", "0.2", "--color", "content", "--brush", "2"]
    styles = ["--style", f"{painting}:3", "--style", photo]
    code, out, _ = command("stylize", photo, *styles, *options, "-o", tmp_path / "out.png", "--json")
    weighted = [(painting, 3.0), (photo, 1.0)]
    expected = model.stylize(photo, weighted, strength=0.7, detail=0.2, color="content", brush=2.0)
    written = images.load(tmp_path / "out.png")
    assert code == 0
    assert np.array_equal(written.image, expected.array)
    assert written.settings["strength"] == 0.7
    assert json.loads(out)["styles"] == [[str(painting), 3.0], [str(photo), 1.0]]


def test_strength_0_gives_the_pixels_back(command, photo, painting, tmp_path):
    command("stylize", photo, "--style", painting, "--strength", "0", "-o", tmp_path / "out.png")
    assert np.array_equal(images.load(tmp_path / "out.png").image, images.load(photo).image)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "avif"])
def test_the_ending_decides_the_file_type(command, photo, tmp_path, ending):
    command("reconstruct", photo, "-o", tmp_path / f"out.{ending}")
    with Image.open(tmp_path / f"out.{ending}") as written:
        assert written.format == {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tif": "TIFF", "avif": "AVIF"}[ending]


def test_a_note_about_the_input_is_shown(command, tmp_path, picture):
    frames = [Image.fromarray(picture), Image.fromarray(255 - picture)]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    _, _, err = command("reconstruct", tmp_path / "two.gif", "-o", tmp_path / "out.png")
    assert err.endswith("two.gif: Only the first of 2 frames is used.\n")


# --- streams ---


class Stream:
    def __init__(self, data=b""):
        self.buffer = io.BytesIO(data)

    def isatty(self):
        return False


def test_a_picture_goes_through_standard_input_and_output(command, model, photo, monkeypatch):
    out = Stream()
    monkeypatch.setattr(sys, "stdin", Stream(photo.read_bytes()))
    monkeypatch.setattr(sys, "stdout", out)
    code, _, err = command("reconstruct", "-", "-o", "-", "--json")
    assert code == 0
    assert np.array_equal(images.load(out.buffer.getvalue()).image, model.reconstruct(photo).array)
    assert json.loads(err)["input"] == "-"


def test_a_style_can_come_from_standard_input(command, model, photo, painting, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stream(painting.read_bytes()))
    command("stylize", photo, "--style=-:2", "-o", tmp_path / "out.png")
    assert np.array_equal(images.load(tmp_path / "out.png").image, model.stylize(photo, painting).array)


# --- batches ---


def test_a_folder_becomes_a_folder_of_pngs(command, picture, tmp_path):
    for name in ("a.jpg", "b.webp", ".hidden.png"):
        images.save(picture, tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("not a picture")
    code, out, err = command("reconstruct", tmp_path / "in", "-o", tmp_path / "out")
    assert (code, err) == (0, "")
    assert sorted(os.listdir(tmp_path / "out")) == ["a.png", "b.png"]
    assert out.count("\n") == 2


def test_the_rest_goes_on_after_an_error(command, picture, tmp_path):
    images.save(picture, tmp_path / "in" / "c.png")
    (tmp_path / "in" / "a.png").write_bytes(b"not a picture")
    (tmp_path / "in" / "b.gif").write_bytes(b"GIF89a")
    code, out, err = command("reconstruct", tmp_path / "in", tmp_path / "none.png", "-o", tmp_path / "out")
    lines = err.splitlines()
    assert code == 1
    assert os.listdir(tmp_path / "out") == ["c.png"]
    assert [line.split(": ")[2] for line in lines] == [
        "This is not a picture that can be opened",
        DAMAGED,
        "The file does not exist.",
    ]
    assert out.count("\n") == 1


def test_json_names_the_error_of_an_input(command, photo, tmp_path):
    code, out, err = command("reconstruct", tmp_path / "none.png", photo, "-o", tmp_path / "out", "--json")
    bad, good = map(json.loads, out.splitlines())
    assert (code, err) == (1, "")
    assert bad == {"input": str(tmp_path / "none.png"), "error": "The file does not exist."}
    assert good["input"] == str(photo)


def test_an_unexpected_error_is_one_line_and_does_not_stop_the_rest(command, model, photo, tmp_path, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(model), "reconstruct", fail)
    code, out, err = command("reconstruct", photo, photo, "-o", tmp_path / "out")
    assert (code, out) == (1, "")
    assert err.count("\n") == 2
    assert "unexpected ZeroDivisionError" in err
    assert "secret" not in err


def test_debug_shows_where_an_unexpected_error_happened(command, model, photo, tmp_path, monkeypatch):
    monkeypatch.setattr(type(model), "reconstruct", lambda *_: 1 / 0)
    _, _, err = command("reconstruct", photo, "-o", tmp_path / "out.png", "--debug")
    assert "Traceback" in err


def test_an_empty_folder_is_an_error(command, tmp_path):
    code, _, err = command("reconstruct", tmp_path, "-o", tmp_path / "out")
    assert code == 1
    assert err == f"styleprop: {tmp_path}: There are no pictures in this folder.\n"


def test_every_hostile_file_becomes_a_picture_or_one_sentence(command, photo, tmp_path):
    cases = generate(tmp_path / "hostile")
    options = ["--style", photo, "--strength", "0", "-o", tmp_path / "out", "--json"]
    code, out, err = command("stylize", *(case.path for case in cases), *options)
    records = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (1, "")
    assert [record["input"] for record in records] == [str(case.path) for case in cases]
    for case, record in zip(cases, records, strict=True):
        assert ("error" in record) == (case.expected == "refused"), case.name
        if "error" in record:
            assert is_one_plain_sentence(record["error"]), record["error"]
        else:
            assert images.load(record["output"]).image.shape[1::-1] == tuple(record["size"])
    assert len(os.listdir(tmp_path / "out")) == sum(case.expected == "ok" for case in cases)


def is_one_plain_sentence(text):
    return text.endswith(".") and text.isprintable() and "/" not in text and "unexpected" not in text


# --- where results go ---


def targets(*args, **options):
    return [os.path.basename(job.target) for job in plan_jobs(*args, job="stylized", ending=".png", **options)]


def test_names_that_differ_in_the_ending_alone_keep_it():
    assert targets(["x/a.jpg", "y/A.png", "b.c.jpg", "b.webp"], "out") == ["a.jpg.png", "A.png.png", "b.c.png", "b.png"]
    assert targets(["a.jpg", "a.png", "a.jpg.gif"], "out") == ["a.jpg.png", "a.png.png", "a.jpg-2.png"]
    assert targets(["-", "stdin.jpg"], "out/") == ["stdin.png", "stdin.jpg.png"]


def test_equal_names_are_numbered():
    assert targets(["x/a.jpg", "y/A.jpg", "a-2.gif", "x/a.jpg"], "out") == ["a.png", "A-2.png", "a-2-2.png", "a-3.png"]


def test_a_picture_has_the_same_name_whether_or_not_those_before_it_could_be_read(command, picture, tmp_path):
    images.save(picture, tmp_path / "in" / "a.png")
    (tmp_path / "in" / "a.jpg").write_bytes(b"damaged")
    command("reconstruct", tmp_path / "in", "-o", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["a.png.png"]


@pytest.mark.parametrize("name", ["reconstruct", "stylize", "translate", "sheet"])
def test_the_help_says_how_results_are_named(name, capsys):
    assert main([name, "--help"]) == 0
    assert "they become a.jpg.png and a.webp.png" in capsys.readouterr().out


def test_a_batch_never_writes_over_an_input(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "b.jpg").touch()
    assert targets([str(tmp_path)], str(tmp_path)) == ["a-stylized.png", "b.png"]


def test_a_batch_never_writes_over_a_style(tmp_path):
    assert targets([f"{tmp_path}/a.jpg"], f"{tmp_path}/", others=[f"{tmp_path}/a.png"]) == ["a-stylized.png"]


def test_a_symbolic_link_to_an_input_is_not_written(command, photo, tmp_path):
    (tmp_path / "link.jpg").symlink_to(photo)
    before = photo.read_bytes()
    code, _, err = command("reconstruct", photo, "-o", tmp_path / "link.jpg")
    assert (code, photo.read_bytes()) == (2, before)
    assert "is one of the inputs" in err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["a.jpg", "b.jpg", "-o", "out.png"], "need a folder"),
        (["a.jpg", "b.jpg", "-o", "-"], "takes one picture"),
        (["a.jpg", "-o", "out.gif"], "must end in .png, .jpg, .webp, .tif or .avif"),
        (["a.jpg", "-o", "out"], "end it with a slash"),
        (["a.png", "-o", "./a.png"], "is one of the inputs"),
        (["-", "-", "-o", "out/"], "can be read only once"),
        (["a.jpg"], "required: -o"),
        (["a.jpg", "-o", "out.png", "--strenght", "1"], "unrecognized arguments"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(command, argv, words):
    code, out, err = command("reconstruct", *argv)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--strength", "1.1"), ("--detail", "nan"), ("--brush", "0.1"), ("--color", "red"), ("--style", "x.png:-1")],
)
def test_a_setting_out_of_range_is_wrong_usage(command, option, value):
    code, _, err = command("stylize", "a.jpg", "--style", "b.jpg", "-o", "out.png", option, value)
    assert code == 2
    assert option in err
    assert err.count("\n") == 1


# --- styles ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.png", ("a.png", 1.0)),
        ("a.png:2", ("a.png", 2.0)),
        ("waves:0.25", ("waves", 0.25)),
        ("a:b.png", ("a:b.png", 1.0)),
        ("a:b.png:3e-1", ("a:b.png", 0.3)),
        (r"C:\a.png", (r"C:\a.png", 1.0)),
        ("a.png:", ("a.png:", 1.0)),
        ("a.png:inf", ("a.png:inf", 1.0)),
        (":2", (":2", 1.0)),
    ],
)
def test_a_weight_stands_after_the_last_colon(text, expected):
    assert weighted_style(text) == expected


def test_a_file_whose_name_ends_like_a_weight_is_a_file(tmp_path):
    (tmp_path / "12:30").touch()
    assert weighted_style(f"{tmp_path}/12:30") == (f"{tmp_path}/12:30", 1.0)
    assert weighted_style(f"{tmp_path}/12:30:2") == (f"{tmp_path}/12:30", 2.0)


def test_a_built_in_style_goes_by_its_name(command, model, photo, tmp_path, monkeypatch):
    from styleprop.engine import BuiltInStyle

    codes = np.linspace(0.1, 1, 3 * model.networks.config.code_size, dtype="float32").reshape(3, -1)
    style = BuiltInStyle("waves", "Waves", "nobody", codes)
    monkeypatch.setitem(model.styles, "waves", style)
    code, _, _ = command("stylize", photo, "--style", "waves:2", "-o", tmp_path / "out.png")
    assert code == 0
    assert np.array_equal(images.load(tmp_path / "out.png").image, model.stylize(photo, style).array)
    code, _, err = command("stylize", photo, "--style", "wave", "-o", tmp_path / "out.png")
    assert code == 1
    assert err.endswith("a built-in style of that name. Built-in styles: waves.\n")


def test_weights_of_nothing_but_zero_are_wrong_usage(command, photo, tmp_path):
    code, _, err = command("stylize", photo, "--style", f"{photo}:0", "-o", tmp_path / "out.png")
    assert (code, err) == (2, "styleprop: At least one style needs a weight above 0.\n")


def test_five_styles_are_too_many(command, photo, tmp_path):
    code, _, err = command("stylize", photo, *["--style", photo] * 5, "-o", tmp_path / "out.png")
    assert (code, err) == (2, "styleprop: Give one to 4 styles, not 5.\n")


# --- checkpoints and serve ---


@pytest.fixture
def embedded(tiny_checkpoint, tmp_path, monkeypatch):
    """An embedded checkpoint that a test may damage."""
    import shutil

    shutil.copytree(tiny_checkpoint, tmp_path / "checkpoints" / "tiny")
    monkeypatch.setattr("styleprop.checkpoints.EMBEDDED", tmp_path / "checkpoints")
    return tmp_path / "checkpoints" / "tiny"


def test_checkpoints_are_listed_with_their_hash(command, embedded):
    code, out, _ = command("checkpoints", "list", "--json")
    record = json.loads(out)
    assert code == 0
    assert (record["checkpoint"], record["architecture"]) == ("tiny", "propagation")
    assert record["sha256"] in (embedded / "SHA256SUMS").read_text()


@pytest.mark.parametrize("argv", [["verify"], ["verify", "tiny"], ["list"]])
def test_a_damaged_checkpoint_is_found(command, embedded, argv):
    assert command("checkpoints", *argv)[0] == 0
    weights = embedded / "model.weights.h5"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    code, out, err = command("checkpoints", *argv)
    assert (code, out) == (1, "")
    assert err == "styleprop: Checkpoint 'tiny' is damaged: model.weights.h5 does not match its SHA-256.\n"


def test_a_folder_can_be_verified(command, tiny_checkpoint, tmp_path):
    assert command("checkpoints", "verify", tiny_checkpoint)[0] == 0
    code, _, err = command("checkpoints", "verify", tmp_path / "none")
    assert code == 1
    assert "There is no checkpoint 'none'" in err


def test_serve_gets_its_arguments_as_they_are(command, monkeypatch):
    seen = []
    module = type(sys)("styleprop.ui.serve")
    module.main = seen.append
    package = type(sys)("styleprop.ui")
    package.serve = module
    monkeypatch.setitem(sys.modules, "styleprop.ui", package)
    monkeypatch.setitem(sys.modules, "styleprop.ui.serve", module)
    assert command("serve", "--port", "7861", "--help")[0] == 0
    assert seen == [["--port", "7861", "--help"]]


def test_a_new_training_replaces_a_checkpoint_only_where_that_is_said(command, embedded, photo, tmp_path):
    arguments = ["train", "autoencoder", "--images", photo, "--run", tmp_path / "run", "-o", embedded, "--steps", "1"]
    before = (embedded / "SHA256SUMS").read_bytes()
    code, out, err = command(*arguments)
    assert (code, out) == (1, "")
    assert err == "styleprop: 'tiny' is a checkpoint already: --overwrite replaces it.\n"
    assert (embedded / "SHA256SUMS").read_bytes() == before
    assert not (tmp_path / "run").exists()


# --- the program itself ---


def test_ctrl_c_ends_with_130_and_one_line(command, photo, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch.Batch, "run", stop)
    assert command("reconstruct", photo, "-o", tmp_path / "out.png") == (130, "", "styleprop: Stopped.\n")


@pytest.mark.parametrize("argv", [["--help"], ["stylize", "--help"], ["stylize", "a.jpg"], ["checkpoints", "--help"]])
def test_help_and_usage_errors_import_no_network(argv):
    program = "import sys; from styleprop.cli import main; main(sys.argv[1:]); sys.exit('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, timeout=60)
    assert done.returncode == 0


def test_the_program_writes_nothing_but_its_own_lines(tiny_checkpoint, photo, tmp_path):
    arguments = ["reconstruct", photo, tmp_path / "none.png", "-o", tmp_path / "out", "--checkpoint", tiny_checkpoint]
    done = run_program(*arguments, "--json")
    assert done.returncode == 1
    assert done.stderr == b""
    assert [sorted(json.loads(line))[:2] for line in done.stdout.splitlines()] == [
        ["checkpoint", "input"],
        ["error", "input"],
    ]


def test_a_missing_checkpoint_is_one_line(photo, tmp_path, capsys):
    assert main(["reconstruct", str(photo), "-o", str(tmp_path / "out.png"), "--checkpoint", "none"]) == 1
    said, told = capsys.readouterr()
    assert told.startswith("styleprop: There is no checkpoint 'none'")
    assert (said, told.count("\n")) == ("", 1)
