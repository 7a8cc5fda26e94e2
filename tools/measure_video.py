"""What a clip costs: seconds a frame at 540 lines, the memory held after half a minute and after three; and a camera.

`python -m tools.measure_video` makes its clips itself, a synthetic picture that is panned over. Memory is of the real
network on 96 lines at ten frames a second, both clips in one process, the short one first.
"""

import argparse
import io
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from styleprop.cli.batch import load_model
from styleprop.cli.probe import resident_mb
from styleprop.cli.synthetic import synthetic_picture
from styleprop.cli.tables import markdown_table
from styleprop.config.video import QUALITIES
from styleprop.server.live import Live
from styleprop.video.clip import About, Frame
from styleprop.video.writing import Writer

STYLE = "great-wave"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=24, help="to paint at 540 lines (default: 24)")
    parser.add_argument("--seconds", type=int, nargs=2, default=(30, 180), help="of the two clips (default: 30 180)")
    arguments = parser.parse_args()
    model = load_model(None)
    with tempfile.TemporaryDirectory() as folder:
        print(
            markdown_table(
                ("960 x 540", "seconds a frame", "processor seconds"), list(speeds(model, Path(folder), arguments))
            )
        )
        print()
        print(markdown_table(("clip, seconds", "memory held, MB"), list(memories(model, Path(folder), arguments))))
    print()
    print(
        markdown_table(("camera, px", "seconds a picture", "processor seconds"), list(cameras(model, arguments.frames)))
    )


def speeds(model, folder: Path, arguments: argparse.Namespace) -> Iterator[tuple[str, float, float]]:
    """A quality, its seconds a frame, the median, and what processors worked for one; the first is left out."""
    clip = write_pan(folder / "540.mp4", 540, 960, arguments.frames + 1)
    for quality in QUALITIES:
        moves = model.stylize_video(clip, STYLE, folder / "out.mp4", quality=quality)
        times = [(time.perf_counter(), time.process_time()) for _ in moves][:-1]
        worked = (times[-1][1] - times[0][1]) / arguments.frames
        yield quality, median(after[0] - before[0] for before, after in pairwise(times)), worked


def memories(model, folder: Path, arguments: argparse.Namespace) -> Iterator[tuple[int, int]]:
    """Seconds of a clip, and the megabytes that are held after it."""
    for seconds in arguments.seconds:
        clip = write_pan(folder / "long.mp4", 96, 160, 10 * seconds)
        for _ in model.stylize_video(clip, STYLE, folder / "out.mp4", quality="fast"):
            pass
        yield seconds, round(resident_mb() or 0)


def cameras(model, count: int) -> Iterator[tuple[str, float, float]]:
    """A camera's size, seconds a picture from JPEG to JPEG, the median, and what processors worked for one."""
    for side in (256, 320, 384):
        live, stream = Live(), io.BytesIO()
        Image.fromarray(synthetic_picture(side, side * 4 // 3, 1)).save(stream, "JPEG", quality=85)
        token = live.open(model.frame_painter(STYLE, quality="fast"))
        times = []
        for _ in range(count + 1):
            live.paint(token, stream.getvalue())
            times.append((time.perf_counter(), time.process_time()))
        worked = (times[-1][1] - times[0][1]) / count
        yield f"{side * 4 // 3} x {side}", median(after[0] - before[0] for before, after in pairwise(times)), worked


def write_pan(path: Path, height: int, width: int, count: int) -> Path:
    """A clip of a picture that is panned over, to and fro, ten frames a second."""
    picture = synthetic_picture(height + 64, width + 64, 1)
    about = About(width, height, Fraction(10), count / 10)
    with Writer(path, about) as writer:
        for number in range(count):
            at = abs(number % 128 - 64)
            image = np.ascontiguousarray(picture[at : at + height, at : at + width])
            writer.write(Frame(image, Fraction(number, 10), Fraction(1, 10)))
        writer.finish()
    return path


if __name__ == "__main__":
    main()
