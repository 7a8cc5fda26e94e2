"""Fine-tune as the page does, and judge the outcome by VGG16 on other pictures.

    python -m tools.measure_fine_tune style VGG16.npz --images PAINTING --photos FOLDER --seconds 60
    python -m tools.measure_fine_tune autoencoder VGG16.npz --photos FOLDER --seconds 60
    python -m tools.measure_fine_tune autoencoder VGG16.npz --photos FOLDER --images KIND --seconds 60
    python -m tools.measure_fine_tune cyclegan VGG16.npz --images PAINTINGS --photos FOLDER --seconds 300

Prints the steps that the budget bought, and one line per figure before and after. The style is judged on the folder's
first six photos at 512 pixels. The autoencoder learns twenty pictures of a folder, or line drawings made from photos,
and is judged on six other ones, and on the example photos. The CycleGAN learns the first thirty paintings, and is
judged on thirty photos and thirty other paintings.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from styleprop import Styleprop, evaluation, images
from styleprop.checkpoints import DOMAIN_PREFIX
from styleprop.data import example_photos, list_images
from styleprop.metrics import domain_features, frechet_distance
from styleprop.training.fine_tune import RESULT_FOLDER, fine_tune
from styleprop.training.held_out import read_squares
from styleprop.training.job import FineTuning
from styleprop.training.nearest import nearest_domain
from styleprop.weights import open_feature_network

LEARNED, PAINTINGS, JUDGED = 20, 30, 6


def main() -> None:
    """Run one job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("vgg16")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--sheet", help="write photos, before and after to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = JOBS[arguments.job](arguments, Path(folder))
    if arguments.sheet:
        images.save(np.concatenate([np.concatenate(row, axis=1) for row in rows]), arguments.sheet)


def measure_style(arguments: argparse.Namespace, folder: Path) -> list:
    """Distances from the painting, before and after."""
    style = images.center_square(images.load(arguments.images).image, 512)
    images.save(style, folder / "style.png")
    tuned = _train(arguments, FineTuning("style", (folder / "style.png",), tuple(example_photos())), folder)
    contents = evaluation.load_squares(arguments.photos, JUDGED, 512)
    scorer = evaluation.PairScorer(open_feature_network(arguments.vgg16), contents, [style])
    made, scores = [], []
    for model in (Styleprop.from_pretrained(), Styleprop.from_pretrained(tuned)):
        shown: list = []

        def paint(content, style, model=model):
            return model.stylize(content, style).array

        def watch(row, column, picture, shown=shown):
            shown.append(picture)

        scores.append(scorer.score("", paint, watch))
        made.append([images.center_square(picture, 256) for picture in shown])
    for name in ("style_distance", "content_distance", "ssim"):
        _tell(name, *(getattr(score, name) for score in scores))
    return made


def measure_autoencoder(arguments: argparse.Namespace, folder: Path) -> list:
    """PSNR of pictures of the kind that were not learnt from, and of the example photos."""
    found = _enough(list_images([arguments.images or arguments.photos]))
    pictures = read_squares(found, len(found)) if arguments.images else [_draw(path) for path in found]
    learned, judged = pictures[:-JUDGED], pictures[-JUDGED:]
    paths = [folder / "pictures" / f"{number}.png" for number in range(len(learned))]
    for path, picture in zip(paths, learned, strict=True):
        images.save(picture, path)
    tuned = _train(arguments, FineTuning("autoencoder", tuple(paths)), folder)
    photos = [images.load(path).image for path in example_photos()]
    made, scores = [judged], []
    for model in (Styleprop.from_pretrained(), Styleprop.from_pretrained(tuned)):
        results = [model.reconstruct(picture) for picture in [*judged, *photos]]
        known = [result.psnr_db for result in results]
        scores.append((float(np.mean(known[:JUDGED])), float(np.mean(known[JUDGED:]))))
        made.append([result.array for result in results[:JUDGED]])
    for name, pair in zip(("psnr_db", "psnr_db of other pictures"), zip(*scores, strict=True), strict=True):
        _tell(name, *pair)
    return [[images.center_square(picture, 256) for picture in row] for row in made]


def _enough(paths: list[Path]) -> list[Path]:
    if len(paths) < 2 * JUDGED:
        raise SystemExit(f"It takes {2 * JUDGED} pictures to learn from and to judge by; there are {len(paths)}.")
    return paths[: LEARNED + JUDGED]


def _draw(path: Path) -> np.ndarray:
    """The outlines of a photo, dark on white, as of a pen."""
    grey = ImageOps.grayscale(Image.fromarray(images.center_square(images.load(path).image, 320)))
    edges = grey.filter(ImageFilter.GaussianBlur(2)).filter(ImageFilter.FIND_EDGES).crop((2, 2, 318, 318))
    lines = ImageOps.autocontrast(edges, cutoff=2).point(lambda value: 255 - min(255, 3 * max(0, value - 60)))
    return np.asarray(lines.resize((256, 256)).convert("RGB"))


def measure_cyclegan(arguments: argparse.Namespace, folder: Path) -> list:
    """Fréchet distance of translated photos to other paintings, over that of the photos themselves."""
    found = list_images([arguments.images])
    paintings, others = found[:PAINTINGS], found[PAINTINGS : 2 * PAINTINGS]
    start = nearest_domain(paintings)
    tuned = _train(arguments, FineTuning("cyclegan", tuple(paintings), tuple(example_photos()), start=start), folder)
    features = open_feature_network(arguments.vgg16)
    photos = evaluation.load_squares(arguments.photos, PAINTINGS, 256)
    target = domain_features(features, [images.center_square(images.load(path).image, 256) for path in others])
    untouched = frechet_distance(domain_features(features, photos), target)
    model, made, scores = Styleprop.from_pretrained(), [photos], []
    for domain in (start.removeprefix(DOMAIN_PREFIX), str(tuned)):
        made.append([model.translate(photo, domain).array for photo in photos])
        scores.append(frechet_distance(domain_features(features, made[-1]), target) / untouched)
    _tell(f"frechet_ratio, from {start}", *scores)
    return [row[:JUDGED] for row in made]


def _train(arguments: argparse.Namespace, job: FineTuning, folder: Path) -> Path:
    limit = FineTuning(**{**vars(job), "seconds": arguments.seconds, "steps": arguments.steps})
    last = None
    for last in fine_tune(limit, folder / "run"):
        if last.scores:
            print(last.step, f"{last.seconds:.0f} s", {name: round(value, 4) for name, value in last.scores.items()})
    if last is not None:
        print(f"{last.step} steps in {last.seconds:.0f} s")
    return folder / "run" / RESULT_FOLDER


def _tell(name: str, before: float, after: float) -> None:
    print(f"{name}: {before:.4f} -> {after:.4f} ({after / before - 1:+.1%})")


JOBS = {"style": measure_style, "autoencoder": measure_autoencoder, "cyclegan": measure_cyclegan}

if __name__ == "__main__":
    main()
