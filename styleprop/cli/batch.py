"""One job for each of many pictures: progress on a terminal, errors one by one, the rest goes on."""

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from styleprop.cli.paths import STREAM, Job
from styleprop.cli.terminal import describe, json_line, one_line, peak_memory_mb, progress_bar, quiet
from styleprop.errors import ImageError, StylepropError

if TYPE_CHECKING:
    from styleprop.engine import Styleprop
    from styleprop.engine.results import Result
    from styleprop.images import Picture

Make = Callable[..., tuple[Any, dict[str, Any]]]


def load_model(checkpoint: str | None, debug: bool = False) -> "Styleprop":
    """The engine on a checkpoint, warmed up, without the chatter of TensorFlow. Raises CheckpointError."""
    with quiet(debug):
        _choose_backend()
        from styleprop.engine import Styleprop

        model = Styleprop.from_pretrained(checkpoint)
        model.warm_up()
    return model


def _choose_backend() -> None:
    """Pictures are made with TensorFlow, whatever Keras is set to."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    elif sys.modules["keras"].config.backend() != "tensorflow":
        raise StylepropError("Pictures are made with TensorFlow: set KERAS_BACKEND=tensorflow.")


def open_source(name: str) -> "Picture":
    """Load a picture from a path or, for "-", from standard input. Raises ImageError."""
    from styleprop import images

    if os.path.isdir(name):
        raise ImageError("There are no pictures in this folder.")
    if name != STREAM:
        return images.load(name)
    if sys.stdin.isatty():
        raise ImageError("Standard input is the keyboard; send a picture to it with a pipe.")
    return images.load(sys.stdin.buffer)


class Batch:
    """Runs `make(picture, watch) -> (result, numbers)` over jobs and tells what came of each.

    Args:
        jobs: what to read and write.
        as_json: print a JSON object for each input instead of a line of text.
        debug: print tracebacks of unexpected errors.
    """

    def __init__(self, jobs: Sequence[Job], as_json: bool = False, debug: bool = False):
        self.jobs = jobs
        self.as_json = as_json
        self.debug = debug
        # The picture has standard output for itself where it goes there.
        self.out = sys.stderr if any(job.target == STREAM for job in jobs) else sys.stdout

    def run(self, make: Make) -> int:
        """Work through the jobs; 0 where all went well, 1 where any failed."""
        failed = 0
        with progress_bar(total=len(self.jobs), unit="picture") as bar:
            for job in self.jobs:
                bar.set_postfix_str(one_line(job.source)[-40:])
                failed += not self._attempt(job, make, bar)
                bar.update()
        return 1 if failed else 0

    def show(self, records: Iterable[dict[str, Any]]) -> int:
        """Tell what became of each picture as it comes from elsewhere; 0 where all went well, 1 where any failed."""
        failed = 0
        with progress_bar(total=len(self.jobs), unit="picture") as bar:
            for record in records:
                if "error" in record:
                    failed += 1
                    self._tell_failure({name: record[name] for name in ("input", "error")}, bar)
                elif not record.get("skipped"):
                    self._tell(record, bar)
                bar.update()
        return 1 if failed else 0

    def _attempt(self, job: Job, make: Make, bar: Any) -> bool:
        try:
            record = make_record(job, *self._make(job, make, bar))
        except BrokenPipeError:
            raise
        except Exception as error:
            self._tell_error(job, error, bar)
            return False
        self._tell(record, bar)
        return True

    def _make(self, job: Job, make: Make, bar: Any) -> tuple["Result", dict[str, Any]]:
        def watch(done: int, total: int) -> None:
            if total > 1:
                bar.set_postfix_str(f"{one_line(job.source)[-40:]}, part {done} of {total}")

        result, numbers = make(open_source(job.source), watch)
        if job.target == STREAM:
            _write_stream(result)
        else:
            result.save(job.target)
        return result, numbers

    def _tell(self, record: dict[str, Any], bar: Any) -> None:
        for note in record["notes"]:
            if not self.as_json:
                _write_line(bar, one_line(f"{record['input']}: {note}"), sys.stderr)
        if self.as_json:
            _write_line(bar, json_line(record), self.out)
        elif self.out is sys.stdout:
            _write_line(bar, one_line(_text(record)), self.out)

    def _tell_error(self, job: Job, error: Exception, bar: Any) -> None:
        if self.debug:
            traceback.print_exception(error)
        self._tell_failure({"input": job.source, "error": one_line(describe(error))}, bar)

    def _tell_failure(self, record: dict[str, Any], bar: Any) -> None:
        if self.as_json:
            _write_line(bar, json_line(record), self.out)
        else:
            _write_line(bar, f"styleprop: {one_line(record['input'])}: {record['error']}", sys.stderr)


def make_record(job: Job, result: Any, numbers: dict[str, Any]) -> dict[str, Any]:
    """What is told of a picture that was made."""
    height, width = result.array.shape[:2]
    return {
        "input": job.source,
        "output": job.target,
        "size": [width, height],
        "seconds": round(result.seconds, 3),
        "peak_memory_mb": peak_memory_mb(),
        "checkpoint": result.settings["checkpoint"],
        **numbers,
        "notes": list(result.notes),
    }


def _write_line(bar: Any, line: str, file: TextIO) -> None:
    bar.write(line, file=file)
    file.flush()


def _write_stream(result: "Result") -> None:
    from styleprop import images

    if sys.stdout.isatty():
        raise ImageError("Standard output is the screen; send the picture to a file or a pipe.")
    sys.stdout.buffer.write(images.encode_png(result.array, result.alpha, result.settings))
    sys.stdout.buffer.flush()


def _text(record: dict[str, Any]) -> str:
    width, height = record["size"]
    parts = [f"{width} x {height}", f"{record['seconds']:.2f} s"]
    if "psnr_db" in record:
        parts += [f"PSNR {record['psnr_db']:.2f} dB", f"SSIM {record['ssim']:.3f}"]
    return f"{record['input']} -> {record['output']} ({', '.join(parts)})"
