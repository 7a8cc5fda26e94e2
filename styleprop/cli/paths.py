"""Which pictures a command reads, and where each result goes."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from styleprop.cli.options import UsageError
from styleprop.config.files import ENDINGS, OUTPUT_FORMATS

STREAM = "-"


@dataclass(frozen=True)
class Job:
    """One picture to work on: a path or "-" to read, a path or "-" to write."""

    source: str
    target: str


def plan_jobs(sources: Sequence[str], output: str, job: str, ending: str, others: Sequence[str] = ()) -> list[Job]:
    """Pair every input with its output, whatever becomes of the others.

    In a folder `a.jpg` becomes `a.png`; beside an `a.webp` it becomes `a.jpg.png`. Inputs of one name, from several
    folders, are numbered in the order they are given.

    Args:
        sources: files, folders (the pictures right inside them) and at most one "-".
        output: a file, "-", or a folder: one that exists, ends in a slash, or is given for several inputs.
        job: what is done, for the name of an output that would otherwise be an input's.
        ending: of the outputs in a folder, such as ".png".
        others: further files that are read, and so must not be written.

    Raises:
        UsageError: the inputs and the output do not go together.
    """
    found = [name for source in sources for name in _expand(source)]
    if [*sources, *others].count(STREAM) > 1:
        raise UsageError("Standard input (-) can be read only once.")
    inputs = {_key(name) for name in (*found, *others) if name != STREAM}
    if _is_folder(sources, output):
        return _into_folder(found, Path(output), job, ending, inputs)
    _check_single(output, inputs)
    return [Job(found[0], output)]


def _expand(source: str) -> list[str]:
    """The pictures in a folder; where there are none, the folder itself, for `open_source` to complain of."""
    if source == STREAM or not os.path.isdir(source):
        return [source]
    try:
        names = sorted(os.listdir(source))
    except OSError:
        return [source]
    names = [name for name in names if not name.startswith(".") and _ending(name) in ENDINGS]
    return [os.path.join(source, name) for name in names] or [source]


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _is_folder(sources: Sequence[str], output: str) -> bool:
    if output == STREAM:
        if len(sources) > 1 or os.path.isdir(sources[0]):
            raise UsageError("Standard output (-) takes one picture; give a folder for several.")
        return False
    if os.path.isdir(output) or output.endswith(("/", os.sep)):
        return True
    if len(sources) == 1 and not os.path.isdir(sources[0]):
        return False
    if os.path.exists(output) or _ending(output) in OUTPUT_FORMATS:
        raise UsageError(f"Several pictures need a folder for -o, and {Path(output).name!r} is a file's name.")
    return True


def _check_single(output: str, inputs: set[str]) -> None:
    if output == STREAM:
        return
    if _ending(output) not in OUTPUT_FORMATS:
        raise UsageError(
            f"The output {Path(output).name!r} must end in .png, .jpg, .webp, .tif or .avif, "
            "or be a folder (end it with a slash)."
        )
    _refuse(output, inputs)


def check_output(output: str, inputs: Iterable[str]) -> None:
    """Raise UsageError where an output is one of the inputs."""
    _refuse(output, set(map(_key, inputs)))


def _refuse(output: str, inputs: set[str]) -> None:
    if _key(output) in inputs:
        raise UsageError(f"The output {Path(output).name!r} is one of the inputs; choose another name.")


def _into_folder(sources: list[str], folder: Path, job: str, ending: str, inputs: set[str]) -> list[Job]:
    taken: set[str] = set()
    jobs = []
    for source, stem in zip(sources, _stems(sources), strict=True):
        if _key(folder / (stem + ending)) in inputs:
            stem = f"{stem}-{job}"
        target = _free(folder, stem, ending, taken | inputs)
        taken.add(_key(target))
        jobs.append(Job(source, str(target)))
    return jobs


def _stems(sources: Sequence[str]) -> list[str]:
    """The inputs' names without their endings; those that differ in nothing else keep them."""
    paths = [Path("stdin") if source == STREAM else Path(source) for source in sources]
    names: dict[str, set[str]] = {}
    for path in paths:
        names.setdefault(path.stem.casefold(), set()).add(path.name.casefold())
    return [path.name if len(names[path.stem.casefold()]) > 1 else path.stem for path in paths]


def _free(folder: Path, stem: str, ending: str, taken: set[str]) -> Path:
    target, number = folder / (stem + ending), 2
    while _key(target) in taken:
        target, number = folder / f"{stem}-{number}{ending}", number + 1
    return target


def _key(path: str | Path) -> str:
    """The same for two names of one file, also where the file system does not tell capitals from small letters."""
    try:
        return os.path.realpath(path).casefold()
    except (OSError, ValueError):  # no file can have that name
        return str(path).casefold()
