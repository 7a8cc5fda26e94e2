"""Clips made by code, with what is true of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import gradio
import numpy as np
from PIL import Image

from styleprop import images
from styleprop.video.decoding import EXACT
from styleprop.video.reading import open_clip
from styleprop.video.steady import warp

ROOT = Path(__file__).parent.parent
PHOTOS = ROOT / "styleprop" / "assets" / "examples"
TICKS = 90_000


class Moving(NamedTuple):
    """Frames, where each pixel was in the one before, and where that is known, a frame fewer."""

    frames: list[np.ndarray]
    ways: list[np.ndarray]
    known: list[np.ndarray]

    def error(self, frames: Sequence[np.ndarray]) -> float:
        """The mean squared difference after the true motion."""
        pairs = zip(frames, frames[1:], self.ways, self.known, strict=False)
        return float(np.mean([_squared(warp(_float(one), way), two)[known].mean() for one, two, way, known in pairs]))


def _float(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32)


def _squared(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (image - _float(other)) ** 2


def example(name: str, height: int, width: int) -> np.ndarray:
    """One of the page's photos at a size."""
    return images.resize(images.load(PHOTOS / f"{name}.jpg").image, width, height)


def panning(count: int, height: int = 96, width: int = 128, step: tuple[float, float] = (2.3, 0.7)) -> Moving:
    """A photo that is panned over."""
    photo = example("coffee", 2 * height, 2 * width)
    frames = [_shifted(photo, height, width, step[0] * number, step[1] * number) for number in range(count)]
    way = np.full((height, width, 2), step, np.float32)
    known = np.zeros((height, width), bool)
    known[4:-4, 4:-4] = True
    return Moving(frames, [way] * (count - 1), [known] * (count - 1))


def _shifted(photo: np.ndarray, height: int, width: int, right: float, down: float) -> np.ndarray:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(photo, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT)


def rotating(count: int, height: int = 96, width: int = 128, degrees: float = 3.0) -> Moving:
    """A disk that turns counterclockwise before a photo that stands still."""
    ground, thing = example("coffee", height, width), example("chelsea", height, width)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    across, down = columns - width / 2, rows - height / 2
    disk = across**2 + down**2 < (0.35 * height) ** 2
    frames = []
    for number in range(count):
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees * number, 1.0)
        frames.append(np.where(disk[:, :, None], cv2.warpAffine(thing, matrix, (width, height)), ground))
    turn = np.deg2rad(degrees)
    was = np.stack([np.cos(turn) * across - np.sin(turn) * down, np.sin(turn) * across + np.cos(turn) * down], axis=2)
    way = np.where(disk[:, :, None], was - np.stack([across, down], axis=2), 0).astype(np.float32)
    edge = cv2.dilate(disk.astype(np.uint8), np.ones((5, 5))) != cv2.erode(disk.astype(np.uint8), np.ones((5, 5)))
    return Moving(frames, [way] * (count - 1), [~edge] * (count - 1))


def noisy_still(count: int, height: int = 96, width: int = 128, levels: float = 4.0) -> Moving:
    """A photo with noise."""
    random = np.random.default_rng(4)
    photo = example("coffee", height, width)
    noise = random.normal(0, levels, (count, height, width, 3))
    frames = list(np.clip(np.rint(photo + noise), 0, 255).astype(np.uint8))
    everywhere = np.ones((height, width), bool)
    return Moving(frames, [np.zeros((height, width, 2), np.float32)] * (count - 1), [everywhere] * (count - 1))


def film() -> Path:
    """Half a minute of the turning Earth, 480 x 270, with sound: Gradio ships it."""
    return Path(gradio.__file__).parent / "media_assets" / "videos" / "world.mp4"


def real(count: int) -> Moving:
    """Frames of the film. Their motion is found by another method than the product's, and known where it returns."""
    with open_clip(film()) as clip:
        frames = [frame.image for frame in islice(clip.frames(), count)]
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    ways = [_farneback(photo, before) for before, photo in pairwise(greys)]
    backs = [_farneback(before, photo) for before, photo in pairwise(greys)]
    known = [((way + warp(back, way)) ** 2).sum(axis=2) < 0.25 for way, back in zip(ways, backs, strict=True)]
    return Moving(frames, ways, known)


def _farneback(photo: np.ndarray, other: np.ndarray) -> np.ndarray:
    start = np.zeros((*photo.shape, 2), np.float32)
    return cv2.calcOpticalFlowFarneback(photo, other, start, 0.5, 4, 21, 5, 7, 1.5, 0)


def bars(height: int = 48, width: int = 64) -> np.ndarray:
    """Six flat colours side by side."""
    colors = np.array([[200, 30, 60], [20, 220, 90], [40, 60, 210], [128, 128, 128], [240, 240, 240], [16, 16, 16]])
    return np.repeat(colors[np.arange(width) * 6 // width][None], height, axis=0).astype(np.uint8)


def counted(number: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A frame that says which it is, by how light it is: `read_number` reads it."""
    return np.full((height, width, 3), 40 + 8 * number, np.uint8)


def read_number(image: np.ndarray) -> int:
    """What `counted` was given."""
    return round((float(image.mean()) - 40) / 8)


def write_clip(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    rate: Fraction | int = 10,
    times: Sequence[Fraction] | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    matrix: int = 1,
    tagged: bool = True,
    full: bool = False,
    sound: str | None = None,
    format: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write frames, with a noise of the same length where `sound` names a codec."""
    with av.open(str(path), "w", format=format) as output:
        video: Any = output.add_stream(codec, rate=rate, options=options or {"crf": "4", "preset": "ultrafast"})
        noise: Any = output.add_stream(sound, rate=48_000, layout="mono") if sound else None
        context, count, ticks = video.codec_context, 0, max(TICKS, int(rate))
        for count, image in enumerate(frames, start=1):
            if count == 1:
                video.height, video.width, video.pix_fmt = *image.shape[:2], pixels
                context.time_base = Fraction(1, ticks)
                if tagged:
                    context.colorspace, context.color_range = matrix, 2 if full else 1
            time = times[count - 1] if times else Fraction(count - 1) / rate
            made = av.VideoFrame.from_ndarray(image, format="rgb24")
            made = made.reformat(
                format=pixels,
                dst_colorspace=matrix,
                src_color_range=2,
                dst_color_range=2 if full else 1,
                interpolation=EXACT,
            )
            made.pts, made.time_base = round(time * ticks), Fraction(1, ticks)
            output.mux(video.encode(made))
        output.mux(video.encode())
        if noise:
            _write_noise(output, noise, count / float(rate))
    return path


def _write_noise(output: Any, stream: Any, seconds: float) -> None:
    random = np.random.default_rng(2)
    for number in range(round(seconds * 48_000 / 960)):
        samples = random.normal(0, 3000, (1, 960)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode())


def packets(path: Path, kind: str = "audio") -> list[tuple[Fraction, bytes]]:
    """The times and bytes of a file's packets of a kind."""
    with av.open(str(path)) as found:
        stream = next(stream for stream in found.streams if stream.type == kind)
        return [(packet.pts * packet.time_base, bytes(packet)) for packet in found.demux(stream) if packet.size]


def turned(path: Path, degrees: int) -> Path:
    """Let an MP4's header say that its pictures are to be turned clockwise by 90, 180 or 270 degrees."""
    data = bytearray(path.read_bytes())
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    at = data.index(b"tkhd") + 4 + 4 + 4 * 5 + 16
    one, two, three, four = (
        number.to_bytes(4, "big", signed=True) for number in (65536 * n for n in matrices[degrees])
    )
    zero = bytes(4)
    data[at : at + 36] = one + two + zero + three + four + zero + zero + zero + (1 << 30).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def write_animation(path: Path, frames: Sequence[Any], durations: Sequence[int], loop: int | None = 0) -> Path:
    """Write arrays, RGB or RGBA, as an animated GIF, PNG or WebP by Pillow; durations in milliseconds."""
    pictures = [Image.fromarray(frame) for frame in frames]
    more = {} if loop is None else {"loop": loop}
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=list(durations), **more)
    return path
