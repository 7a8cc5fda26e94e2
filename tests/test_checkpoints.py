import json
import shutil

import numpy as np
import pytest

from styleprop import checkpoints, weights
from styleprop.errors import CheckpointError


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "mine")


def rewrite_config(folder, **changes):
    path = folder / checkpoints.CONFIG_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    checkpoints.write_sums(folder)


def test_what_is_saved_is_loaded(folder, tmp_path):
    network = weights.load_autoencoder(checkpoints.verify_checkpoint(folder))
    again = checkpoints.save_checkpoint(tmp_path / "again", network, card="# Again\n", extra={"styles.json": "[]"})
    loaded = weights.load_autoencoder(again)
    assert loaded.config == network.config
    for a, b in zip(network.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert sorted(path.name for path in again.folder.iterdir()) == [
        "README.md",
        "SHA256SUMS",
        "config.json",
        "model.weights.h5",
        "styles.json",
    ]


def test_saving_replaces_the_folder_whole_and_leaves_nothing_else(folder):
    network = weights.load_autoencoder(checkpoints.verify_checkpoint(folder))
    (folder / "stale.txt").write_text("of the old one")
    checkpoints.save_checkpoint(folder, network)
    assert not (folder / "stale.txt").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_folder_that_is_no_checkpoint_is_not_replaced(folder):
    network = weights.load_autoencoder(checkpoints.verify_checkpoint(folder))
    (folder / checkpoints.CONFIG_FILE).unlink()
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        checkpoints.save_checkpoint(folder, network)
    assert (folder / checkpoints.WEIGHTS_FILE).exists()


def flip_a_byte(folder):
    path = folder / checkpoints.WEIGHTS_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "a flipped bit": flip_a_byte,
    "half the weights": lambda folder: (folder / "model.weights.h5").write_bytes(b"\x89HDF\r\n"),
    "a page in place of weights": lambda folder: (folder / "model.weights.h5").write_text("<html>404</html>"),
    "no weights": lambda folder: (folder / "model.weights.h5").unlink(),
    "no sums": lambda folder: (folder / "SHA256SUMS").unlink(),
    "empty sums": lambda folder: (folder / "SHA256SUMS").write_text(""),
    "sums that leave the folder": lambda folder: (folder / "SHA256SUMS").write_text(
        (folder / "SHA256SUMS").read_text() + "0" * 64 + "  ../secret\n"
    ),
    "a changed config": lambda folder: (folder / "config.json").write_text("{}"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_before_anything_is_opened(folder, damage):
    damage(folder)
    with pytest.raises(CheckpointError, match="mine"):
        checkpoints.verify_checkpoint(folder)


MISFITS = {
    "weights of another shape": lambda folder: rewrite_config(folder, filters=[4, 6, 10]),
    "another kind of model": lambda folder: rewrite_config(folder, model="diffusion"),
    "an unknown setting": lambda folder: rewrite_config(folder, colour="red"),
    "weights that are a page": lambda folder: (
        (folder / "model.weights.h5").write_text("<html>"),
        checkpoints.write_sums(folder),
    ),
    "weights with a NaN": lambda folder: spoil(folder),
}


def spoil(folder):
    network = weights.load_autoencoder(checkpoints.verify_checkpoint(folder))
    values = network.get_weights()
    values[3].flat[0] = np.nan
    network.set_weights(values)
    network.save_weights(folder / checkpoints.WEIGHTS_FILE)
    checkpoints.write_sums(folder)


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS.keys())
def test_a_misfit_with_right_hashes_is_refused_in_a_sentence(folder, misfit):
    misfit(folder)
    with pytest.raises(CheckpointError, match="mine") as caught:
        weights.load_autoencoder(checkpoints.verify_checkpoint(folder))
    assert str(folder.parent) not in str(caught.value)


def test_a_missing_checkpoint_says_how_to_see_what_there_is():
    with pytest.raises(CheckpointError, match="checkpoints list"):
        checkpoints.find_checkpoint("no-such-model")
    with pytest.raises(CheckpointError, match="checkpoints list"):
        checkpoints.find_checkpoint("../checkpoints")
