"""The sound of a clip: its packets as they are, or encoded again where the new container has no place for them."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from styleprop.errors import VideoError
from styleprop.video.decoding import decoded, packets_of

KEPT = {
    "mp4": {"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"},
    "webm": {"opus", "vorbis"},
}
ENCODERS = {"mp4": "aac", "webm": "libopus"}
RATE, LAYOUT = 48_000, "stereo"
NO_SOUND = "The clip has no sound that can be read."


class SoundFile(NamedTuple):
    """A file with nothing but sound, and when its first packet sounds, seconds."""

    path: Path
    first: Fraction


def copy_sound(container: Any, target: str, kind: str, base: Fraction, is_cut: bool) -> Fraction:
    """Write the sound of PyAV's input to a file of its own.

    Args:
        container, kind, base, is_cut: see `Sound`.
        target: the file to write.

    Returns:
        When the first packet sounds; the file may have another time for it.

    Raises:
        VideoError: there is none.
    """
    import av

    with av.open(target, "w", format=kind) as output:
        sound = Sound(container, output, kind, base, is_cut)
        first = sound.begins
        if first is None:
            raise VideoError(NO_SOUND)
        sound.follow()
    return first


def first_time(container: Any) -> Fraction:
    """When the first packet of sound sounds in PyAV's input, which is read for it and of no use afterwards, seconds."""
    stream = container.streams.audio[0]
    return next(Fraction(packet.dts * packet.time_base) for packet in container.demux(stream) if packet.dts is not None)


class Sound:
    """Follows the pictures into a container, packet by packet.

    Args:
        container: PyAV's input; it is read once, for this alone.
        output: PyAV's output, before anything is in it.
        kind: "mp4" or "webm".
        base: the time in the input that is to be 0, seconds.
        is_cut: whether to leave out what comes before that.
    """

    def __init__(self, container: Any, output: Any, kind: str, base: Fraction, is_cut: bool):
        self._container, self._output, self._base, self._is_cut = container, output, base, is_cut
        self._stream = container.streams.audio[0]
        if self._stream.codec_context.codec.canonical_name in KEPT[kind]:
            self._new = output.add_stream_from_template(self._stream)
            self._packets = self._copied()
        else:
            self._new = output.add_stream(ENCODERS[kind], rate=RATE, layout=LAYOUT)
            self._packets = self._encoded()
        self._waiting: tuple[Fraction, Any] | None = next(self._packets, None)

    @property
    def begins(self) -> Fraction | None:
        """When the next packet sounds, seconds; None where there is none."""
        return None if self._waiting is None else self._waiting[0]

    def follow(self, time: Fraction | None = None) -> None:
        """Write what sounds before a time, seconds; all that is left where it is None."""
        while self._waiting is not None and (time is None or self._waiting[0] < time):
            self._output.mux(self._waiting[1])
            self._waiting = next(self._packets, None)

    def _copied(self) -> Iterator[tuple[Fraction, Any]]:
        last = None
        for packet in packets_of(self._container, self._stream):
            if packet is None or packet.dts is None or (last is not None and packet.dts <= last):
                continue
            last = packet.dts
            time = Fraction(last * packet.time_base) - self._base
            if time >= 0 or not self._is_cut:
                shift = round(self._base / packet.time_base)
                packet.pts, packet.dts = (packet.pts or last) - shift, last - shift
                packet.stream = self._new
                yield time, packet

    def _encoded(self) -> Iterator[tuple[Fraction, Any]]:
        import av

        resampler = av.AudioResampler(format=self._new.codec_context.format, layout=LAYOUT, rate=RATE)
        for frame in decoded(self._container, self._stream):
            time = Fraction((frame.pts or 0) * frame.time_base) - self._base
            if time >= 0 or not self._is_cut:
                frame.pts = round(time / frame.time_base)
                yield from self._packed(resampler.resample(frame))
        yield from self._packed([*resampler.resample(None), None])

    def _packed(self, frames: list) -> Iterator[tuple[Fraction, Any]]:
        for frame in frames:
            for packet in self._new.encode(frame):
                yield Fraction(packet.dts * packet.time_base), packet
