"""Checkpoint folders: `config.json`, `*.weights.h5`, `README.md` (the model card), `SHA256SUMS` and extras.

An autoencoder's weights are `model.weights.h5`; a CycleGAN has a file of each of its networks.

Here folders are found, verified and written; `weights.py` reads the networks.
"""

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import h5py
import numpy as np

from styleprop.config import (
    MODELS,
    AutoencoderConfig,
    Config,
    CycleGANConfig,
    EnlargerConfig,
    FeaturesConfig,
    SoundConfig,
)
from styleprop.errors import CheckpointError, Sentence, SettingsError

if TYPE_CHECKING:
    import keras

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "checkpoints_data"  # where a wheel has what the repository has at its top
EMBEDDED = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "checkpoints"
PALETTE_FILE = "palette.cube"  # the colours of what a CycleGAN paints
HELD_OUT_FILE = "held_out.txt"  # names of the pictures that a CycleGAN has not learnt from
CONFIG_FILE, WEIGHTS_FILE, CARD_FILE, SUMS_FILE = "config.json", "model.weights.h5", "README.md", "SHA256SUMS"
DOMAIN_PREFIX = "cyclegan-photo-"
WEIGHTS_SUFFIX = ".weights.h5"
TITLES: dict[type[Config], str] = {
    AutoencoderConfig: "an autoencoder",
    CycleGANConfig: "a CycleGAN",
    EnlargerConfig: "an enlarger",
    FeaturesConfig: "a feature network",
    SoundConfig: "an autoencoder of sounds",
}
ConfigT = TypeVar("ConfigT", bound=Config)
MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint folder.

    Attributes:
        name: the folder's name.
        folder: where it lies.
        kind: of the network that `config.json` describes, one of `config.MODELS`.
        config: of that network.
        sha256: hash of the weights, 64 hexadecimal digits; of the list of hashes where there are several files.
    """

    name: str
    folder: Path
    kind: str
    config: Config
    sha256: str

    def config_as(self, config_class: type[ConfigT]) -> ConfigT:
        """The config, where it is of a class. Raises CheckpointError where the network is of another kind."""
        if not isinstance(self.config, config_class):
            raise CheckpointError(
                "Checkpoint {name} is not {kind}.", name=repr(self.name), kind=Sentence(TITLES[config_class])
            )
        return self.config


def list_domains(root: Path = EMBEDDED) -> list[str]:
    """Names of the embedded CycleGANs' domains: "monet" for `cyclegan-photo-monet`."""
    return sorted(path.parent.name.removeprefix(DOMAIN_PREFIX) for path in root.glob(f"{DOMAIN_PREFIX}*/{CONFIG_FILE}"))


def find_checkpoint(source: str | Path | None = None, default: str = "autoencoder") -> Checkpoint:
    """Resolve None (the embedded default), an embedded name or a folder to a verified checkpoint.

    Raises:
        CheckpointError: it is not there, or damaged; the sentence names what was tried.
    """
    name = str(source or default)
    embedded = EMBEDDED / name
    if embedded.parent == EMBEDDED and (embedded / CONFIG_FILE).is_file():
        return verify_checkpoint(embedded)
    if (Path(name) / CONFIG_FILE).is_file():
        return verify_checkpoint(Path(name))
    raise CheckpointError(
        "There is no checkpoint {name}: neither an embedded name nor a folder with a {file}. "
        "Run `python -m styleprop checkpoints list` to see the embedded ones.",
        name=repr(Path(name).name),
        file=CONFIG_FILE,
    )


def verify_checkpoint(folder: Path) -> Checkpoint:
    """Check every file against SHA256SUMS, before any is opened for use, and read the config.

    Raises:
        CheckpointError: a file is missing, too large, not as listed, or the config is not JSON.
    """
    folder = Path(folder)
    sums = _read_sums(folder)
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            raise CheckpointError(
                "Checkpoint {name} is damaged: {file} is missing or too large.", name=repr(folder.name), file=name
            )
        if hash_file(path) != expected:
            raise CheckpointError(
                "Checkpoint {name} is damaged: {file} does not match its SHA-256.", name=repr(folder.name), file=name
            )
    kind, config = _read_config(folder)
    digest = sums.get(WEIGHTS_FILE) or hash_file(folder / SUMS_FILE)
    return Checkpoint(folder.name, folder, kind, config, digest)


def _read_config(folder: Path) -> tuple[str, Config]:
    try:
        values = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            "Checkpoint {name} is damaged: {file} is not JSON.", name=repr(folder.name), file=CONFIG_FILE
        ) from error
    if not isinstance(values, dict):
        raise CheckpointError(
            "Checkpoint {name} is damaged: {file} is not a JSON object.", name=repr(folder.name), file=CONFIG_FILE
        )
    kind = str(values.pop("model", None))
    if kind not in MODELS:
        raise CheckpointError("Checkpoint {name} is of a kind that is not known here.", name=repr(folder.name))
    try:
        return kind, MODELS[kind].from_dict(values)
    except SettingsError as error:
        raise CheckpointError("Checkpoint {name}: {reason}", name=repr(folder.name), reason=error) from error


def _read_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise CheckpointError(
            "Checkpoint {name} has no readable {file}.", name=repr(folder.name), file=SUMS_FILE
        ) from error
    sums = {name.strip(): digest for digest, _, name in (line.partition("  ") for line in lines if line.strip())}
    if CONFIG_FILE not in sums or not any(name.endswith(WEIGHTS_SUFFIX) for name in sums):
        raise CheckpointError(
            "Checkpoint {name}: {file} must list {other} and the weights.",
            name=repr(folder.name),
            file=SUMS_FILE,
            other=CONFIG_FILE,
        )
    if any(Path(name).name != name for name in sums):
        raise CheckpointError(
            "Checkpoint {name}: {file} lists a file outside the folder.", name=repr(folder.name), file=SUMS_FILE
        )
    return sums


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save_checkpoint(
    folder: Path, network: "keras.Model", card: str = "", extra: dict[str, str] | None = None
) -> Checkpoint:
    """Write a checkpoint folder; an existing one is replaced whole, and only once the new one is complete.

    Args:
        folder: where to.
        network: an `Autoencoder`; or in half precision an `Enlarger`, a `FeatureStudent`, a `SoundAutoencoder`, or a
            `CycleGAN`, whose networks become files of their own.
        card: text of the model card.
        extra: further text files by name, listed in SHA256SUMS too.

    Raises:
        CheckpointError: the folder cannot be written, or holds something that is no checkpoint.
    """
    folder = Path(folder)
    check_replaceable(folder)
    config = {"model": network.name, **network.config.to_dict()}
    texts = {CONFIG_FILE: json.dumps(config, indent=2) + "\n", CARD_FILE: card or f"# {folder.name}\n", **(extra or {})}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            _write(Path(temporary) / folder.name, network, texts)
            _replace(Path(temporary), folder)
    except OSError as error:
        raise CheckpointError(
            "Checkpoint {name} cannot be written there: {reason}.", name=repr(folder.name), reason=error.strerror
        ) from error
    return verify_checkpoint(folder)


def copy_checkpoint(checkpoint: Checkpoint, folder: Path) -> Checkpoint:
    """Copy a checkpoint's folder; one that is there is replaced whole. Raises CheckpointError."""
    folder = Path(folder)
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            shutil.copytree(checkpoint.folder, Path(temporary) / folder.name)
            _replace(Path(temporary), folder)
    except OSError as error:
        raise CheckpointError(
            "Checkpoint {name} cannot be written there: {reason}.", name=repr(folder.name), reason=error.strerror
        ) from error
    return verify_checkpoint(folder)


def check_replaceable(folder: Path) -> None:
    """Raise CheckpointError where writing a checkpoint would take the place of something that is none."""
    if folder.exists() and not (folder / CONFIG_FILE).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CheckpointError(f"{folder.name!r} exists and is not a checkpoint; choose a new folder for the result.")


def _write(folder: Path, network: "keras.Model", texts: dict[str, str]) -> None:
    folder.mkdir()
    parts = getattr(network, "parts", None)
    for name, part in (parts or {"model": network}).items():
        part.save_weights(folder / f"{name}{WEIGHTS_SUFFIX}")
        if network.name != "autoencoder":
            _halve_precision(folder / f"{name}{WEIGHTS_SUFFIX}")
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_sums(folder)


def _halve_precision(path: Path) -> None:
    """Rewrite a weights file with float16 values, which Keras reads back as float32."""
    with h5py.File(path, "r") as source, h5py.File(path.with_suffix(".half"), "w") as target:

        def copy(name: str, item: h5py.Dataset | h5py.Group) -> None:
            if isinstance(item, h5py.Dataset):
                target.create_dataset(name, data=item[()].astype(np.float16))
            else:
                target.require_group(name)
            target[name].attrs.update(item.attrs)

        source.visititems(copy)
        target.attrs.update(source.attrs)
    os.replace(path.with_suffix(".half"), path)


def _replace(temporary: Path, folder: Path) -> None:
    if folder.exists():
        os.replace(folder, temporary / "old")
    os.replace(temporary / folder.name, folder)
    shutil.rmtree(temporary / "old", ignore_errors=True)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over the files of a checkpoint folder, but for itself and the card, which people edit."""
    names = sorted(path.name for path in folder.iterdir() if path.name not in (SUMS_FILE, CARD_FILE))
    (folder / SUMS_FILE).write_text("".join(f"{hash_file(folder / name)}  {name}\n" for name in names))
