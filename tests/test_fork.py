"""A process that was forked from one with networks is refused in a sentence: TensorFlow would wait in it for ever."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, os, sys
import numpy as np
from styleprop.engine import Styleprop
from styleprop.errors import StylepropError
from styleprop.weights import load_autoencoder

def in_a_fork(act):
    coming, going = os.pipe()
    if not os.fork():
        try:
            answer = str(act())
        except StylepropError as error:
            answer = str(error)
        os.write(going, answer.encode())
        os._exit(0)
    os.close(going)
    with open(coming) as stream:
        return stream.read()

source, cyclegan = sys.argv[1:]
picture, other = np.full((64, 64, 3), 90, np.uint8), np.full((64, 64, 3), 60, np.uint8)
said = [in_a_fork(lambda: Styleprop.from_pretrained(source).reconstruct(picture).array.shape)]
model = Styleprop.from_pretrained(source)
model.reconstruct(picture)
said += map(in_a_fork, [
    lambda: model.reconstruct(picture),
    lambda: model.stylize(picture, other),
    lambda: model.translate(picture, cyclegan),
    lambda: model.warm_up(),
    lambda: Styleprop.from_pretrained(source),
    lambda: load_autoencoder(model.checkpoint),
])
said += [str(model.reconstruct(other).array.shape)]
print(json.dumps(said))
"""


@pytest.mark.slow
def test_a_fork_is_told_to_spawn_and_the_rest_goes_on(tiny_checkpoint, tiny_cyclegan):
    command = [sys.executable, "-c", PROGRAM, str(tiny_checkpoint), str(tiny_cyclegan)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    before, *forked, after = json.loads(done.stdout)
    assert before == after == "(64, 64, 3)"
    assert len(forked) == 6
    assert all("'spawn'" in sentence and sentence.endswith(".") for sentence in forked), forked
