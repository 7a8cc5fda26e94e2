import json
from types import SimpleNamespace

import numpy as np
import pytest

from styleprop.cli import main, probe
from styleprop.cli.benchmark import measure_size
from styleprop.cli.synthetic import synthetic_picture
from styleprop.errors import StylepropError


class Model:
    """Records what it is asked for."""

    def __init__(self):
        self.calls = []
        self.translators = SimpleNamespace(domains=["monet", "other"])

    def translate(self, picture, domain):
        return SimpleNamespace(seconds={"monet": 3.0}[domain])

    def stylize(self, content, style, strength=1.0):
        self.calls.append(("stylize", content.tobytes(), style.tobytes(), strength))

    def reconstruct(self, picture):
        self.calls.append(("reconstruct", picture.tobytes()))
        return type("Result", (), {"seconds": 2.0})()


def test_a_synthetic_picture_is_a_function_of_its_seed():
    first, again, other = (synthetic_picture(48, 64, seed) for seed in (1, 1, 2))
    assert first.shape == (48, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.std() > 10


def test_every_timed_stylization_is_of_new_pictures_and_takes_turns_with_the_peer():
    model, order = Model(), []

    def peer(content, style):
        order.append((content.tobytes(), style.tobytes(), len(model.calls) % 5))

    row = measure_size(model, peer, 16, runs=3)
    runs = [model.calls[start : start + 5] for start in range(0, 20, 5)]
    contents = [run[0][1] for run in runs] + [run[1][1] for run in runs]
    assert len(set(contents)) == 8
    assert len({run[0][2] for run in runs}) == 4
    for (new, kept, again, slider, last), (content, style, first) in zip(runs, order, strict=True):
        assert (new[1], new[2]) == (content, style)
        assert kept[2] == again[2] == slider[2] == new[2]
        assert kept[1] == again[1] == slider[1] != new[1]
        assert again[3] != slider[3]
        assert last[0] == "reconstruct"
        assert first in (0, 1)
    assert [first for *_, first in order] == [0, 1, 0, 1]
    assert row["reconstruct_seconds"] == 2.0
    assert row["translate_seconds"] == 3.0
    assert row["seconds_per_megapixel"] == pytest.approx(row["stylize_seconds"] / 256e-6)
    assert row["ratio_to_peer"] > 0


def test_without_a_peer_its_columns_are_empty():
    row = measure_size(Model(), None, 16, runs=1)
    assert row["peer_seconds"] is None
    assert row["ratio_to_peer"] is None


@pytest.fixture
def no_process(monkeypatch, tiny_checkpoint):
    """Measure in this process what `benchmark` measures in fresh ones, on a small picture and few sizes."""
    measures = {
        "startup": lambda checkpoint: probe.measure_startup(checkpoint),
        "large": lambda checkpoint, width, height: probe.measure_large(checkpoint, width // 20, height // 20),
        "sizes": lambda checkpoint, count: probe.measure_sizes(checkpoint, 12),
    }

    def run(kind, *arguments):
        return {**measures[kind](*arguments), "process_seconds": 1.0}

    monkeypatch.setattr(probe, "run_probe", run)
    return ["benchmark", "--checkpoint", str(tiny_checkpoint), "--sizes", "32", "48", "--runs", "1", "--peer", "none"]


@pytest.mark.slow
def test_benchmark_prints_json(no_process, capsys):
    assert main([*no_process, "--json"]) == 0
    startup, first, second, large, _, _, sizes = map(json.loads, capsys.readouterr().out.splitlines())
    assert startup["startup"]["load_seconds"] > 0
    assert (first["size"]["side"], second["size"]["side"]) == (32, 48)
    assert first["size"]["stylize_seconds"] > 0
    assert (large["large"]["width"], large["large"]["height"]) == (200, 150)
    assert 0 < large["large"]["preview_seconds"] < large["large"]["whole_seconds"]
    assert 0 < large["large"]["domain_preview_seconds"] < large["large"]["domain_whole_seconds"]
    assert sizes["sizes"]["sizes"] == 12
    assert sizes["sizes"]["traces"] == {"encode": 1, "decode": 1, "decode_part": 1, "enlarge": 1}


@pytest.mark.slow
def test_benchmark_prints_tables(no_process, capsys):
    assert main([*no_process, "--quick"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "| 48 x 48 |" in out
    assert "| traces after 12 sizes | encode 1, decode 1, decode_part 1, enlarge 1 |" in out


@pytest.mark.slow
def test_a_fresh_process_measures_and_fails_in_one_line(tiny_checkpoint):
    found = probe.run_probe("startup", tiny_checkpoint)
    parts = [found[f"{name}_seconds"] for name in ("import", "load", "warm_up")]
    assert min(parts) > 0
    assert sum(parts) < found["process_seconds"]
    with pytest.raises(StylepropError, match=r"The measurement of startup failed: .*There is no checkpoint 'none'"):
        probe.run_probe("startup", "none")


def test_a_missing_checkpoint_is_told_before_anything_is_measured(capsys, monkeypatch):
    monkeypatch.setattr(probe, "run_probe", lambda *_: pytest.fail("measured"))
    assert main(["benchmark", "--checkpoint", "none"]) == 1
    assert "There is no checkpoint 'none'" in capsys.readouterr().err
