"""Measure the sound model: reconstruction, nearness to the texture, loudness, time, and what would be heard as faults.

    python -m tools.measure_sound
    python -m tools.measure_sound --optimize 2      # pairs that the reference is measured on too; minutes each

Contents and textures are the built-in ones, made by code, none of which was trained on; no ears were at hand. The
distance is `sound.statistics.texture_distance`, of the result from the texture; *of the content's* is its ratio to the
distance of the content from the texture. *Loudness* is the correlation of the loudness over time (50 ms windows).
"""

import argparse
import statistics
import time
from itertools import product

import numpy as np

from styleprop.cli.tables import markdown_table
from styleprop.config.sound import EXAMPLES, TEXTURES
from styleprop.sound.examples import example
from styleprop.sound.files import Sound
from styleprop.sound.model import SoundModel
from styleprop.sound.restyle import PIECE
from styleprop.sound.spectrum import FLOOR_DB, HOP, RATE, picture_of, spectra
from styleprop.sound.statistics import CLASSES, texture_distance, texture_statistics
from styleprop.sound.textures import built_in

DB = -FLOOR_DB / 2


def reconstruction(model: SoundModel) -> list[list[str]]:
    """Log-spectral distance and signal-to-noise ratio of each built-in sound's reconstruction."""
    rows = []
    for name, samples in [(n, example(n)) for n in EXAMPLES] + [(n, built_in(n)) for n in TEXTURES]:
        made = model.reconstruct(Sound(samples[:, None], RATE)).samples[:, 0]
        before, after = (picture_of(spectra(sound[None])) for sound in (samples, made))
        distance = DB * np.sqrt(np.mean((after - before) ** 2))
        ratio = 10 * np.log10(np.sum(samples**2) / np.sum((samples - made) ** 2))
        rows.append([name, f"{distance:.2f}", f"{ratio:.1f}"])
    return rows


def compare(model: SoundModel, content: str, style: str, method: str) -> dict[str, float]:
    """Figures of one pair."""
    sound = Sound(example(content)[:, None], RATE)
    started = time.process_time()
    made = model.restyle(sound, style, 1.0, method)
    spent = time.process_time() - started
    found = made.sound.samples[:, 0]
    wanted = texture_statistics(built_in(style))
    near, far = (texture_distance(texture_statistics(one), wanted) for one in (found, sound.samples[:, 0]))
    ratios = {name: near[name] / far[name] for name in (*CLASSES, "all")}
    return {**ratios, "loudness": made.likeness, "seconds": made.seconds, "processor": spent, **faults(found)}


def faults(samples: np.ndarray) -> dict[str, float]:
    """Share of samples at full scale, constant part, and the largest step between samples where pieces meet."""
    return {"clipped": float(np.mean(np.abs(samples) >= 0.999)), "constant": float(abs(samples.mean()))}


def seams(model: SoundModel) -> tuple[float, float]:
    """The largest second difference of samples near where pieces are joined, and elsewhere, of 40 s of a tone."""
    at = np.arange(40 * RATE) / RATE
    tone = (0.2 * np.sin(2 * np.pi * 330 * at) * (1.2 + np.sin(2 * np.pi * at)))[:, None].astype("float32")
    made = np.abs(np.diff(model.restyle(Sound(tone, RATE), "choir").sound.samples[:, 0], 2))
    near = np.zeros(len(made), bool)
    for seam in range(PIECE * HOP, len(made), PIECE * HOP):
        near[seam - RATE : seam + RATE] = True
    return float(made[near].max()), float(made[~near].max())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="sound")
    parser.add_argument("--optimize", type=int, default=0, metavar="N", help="pairs to measure the reference on")
    arguments = parser.parse_args()
    model = SoundModel.from_pretrained(arguments.checkpoint)
    model.restyle(Sound(example("drums")[:RATE, None], RATE), "rain")  # what is compiled once
    rows = reconstruction(model)
    rows.append(["median", *(f"{statistics.median(float(row[i]) for row in rows):.2f}" for i in (1, 2))])
    print(markdown_table(["reconstruction", "log-spectral distance, dB", "SNR, dB"], rows), end="\n\n")
    pairs = list(product(EXAMPLES, TEXTURES))
    found = {pair: compare(model, *pair, "propagate") for pair in pairs}
    table = [[" in ".join(pair), *_columns(one)] for pair, one in found.items()]
    table.append(["median", *_columns(_median(list(found.values())))])
    chosen = pairs[:: max(1, len(pairs) // max(1, arguments.optimize))][: arguments.optimize]
    for pair in chosen:
        table.append([f"{' in '.join(pair)}, optimised", *_columns(compare(model, *pair, "optimize"))])
    print(markdown_table(["texture", *HEADS], table), end="\n\n")
    below = np.mean([one["all"] < 0.5 for one in found.values()])
    print(f"{below:.0%} of {len(found)} pairs are nearer than half of the content's distance.")
    names = ("loudness", "clipped", "constant")
    loudness, clipped, constant = ([one[name] for one in found.values()] for name in names)
    print(f"Least loudness {min(loudness):.2f}; most clipped {max(clipped):.4f}; constant {max(constant):.1e}.")
    long = Sound(np.tile(example("speech"), 2)[: 10 * RATE, None], RATE)
    started, clock = time.perf_counter(), time.process_time()
    model.restyle(long, "rain")
    print(f"10 s: {time.perf_counter() - started:.2f} s, {time.process_time() - clock:.2f} processor seconds.")
    near, elsewhere = seams(model)
    print(f"Largest second difference where pieces meet {near:.4f}, elsewhere {elsewhere:.4f}.")


HEADS = (*CLASSES, "of the content's", "loudness", "seconds", "processor seconds")


def _columns(one: dict[str, float]) -> list[str]:
    names = (*CLASSES, "all", "loudness", "seconds", "processor")
    return [f"{one[name]:.2f}" for name in names]


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


if __name__ == "__main__":
    main()
