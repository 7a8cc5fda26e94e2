"""A stranger's sound, decoded in a process of its own with limits of memory and time.

`python -m styleprop.sound.apart PATH LIMITS` answers on standard output: a line of JSON, and the samples after it.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from typing import BinaryIO

import numpy as np

from styleprop.confined import limit_process, package_environment
from styleprop.errors import Sentence, SoundError
from styleprop.sound.files import Sound, load
from styleprop.sound.limits import DAMAGED, VISITORS, Limits

MEMORY_BYTES = 2 * 2**30  # address space
CPU_SECONDS = 20
WAIT_SECONDS = 40
TOO_SLOW = "The sound takes too long to read; save it again as an ordinary WAV."


def load_apart(path: str | os.PathLike[str], limits: Limits = VISITORS) -> Sound:
    """As `files.load`, but what goes wrong in a decoder cannot harm this process. Raises SoundError."""
    command = [sys.executable, "-m", "styleprop.sound.apart", os.fspath(path), json.dumps(asdict(limits))]
    try:
        done = subprocess.run(
            command,
            env=package_environment(OPENBLAS_NUM_THREADS="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SoundError(TOO_SLOW) from error
    line, _, data = done.stdout.partition(b"\n")
    if not line:
        raise SoundError(DAMAGED)
    message = json.loads(line)
    if "error" in message:
        raise SoundError(Sentence.from_parts(message["error"]))
    samples = np.frombuffer(data, "float32")
    if done.returncode or len(samples) != np.prod(message["shape"]):
        raise SoundError(DAMAGED)
    return Sound(samples.reshape(message["shape"]), message["rate"])


def main(path: str, limits: Limits, out: BinaryIO) -> None:
    """Answer as the module says; an error is a line too."""
    try:
        sound = load(path, limits)
    except SoundError as error:
        out.write(json.dumps({"error": error.sentence.parts()}).encode() + b"\n")
        return
    out.write(json.dumps({"shape": sound.samples.shape, "rate": sound.rate}).encode() + b"\n")
    out.write(np.ascontiguousarray(sound.samples).data)
    out.flush()


if __name__ == "__main__":
    limit_process(MEMORY_BYTES, CPU_SECONDS)
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])), sys.stdout.buffer)
