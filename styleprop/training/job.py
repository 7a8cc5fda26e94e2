"""What a fine-tune is to do. No Keras: the page knows it before TensorFlow is there."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from styleprop import images
from styleprop.config import FINE_TUNES, OPTIMIZERS
from styleprop.errors import ImageError, Sentence, SettingsError, TrainingError

LOSSES = ("mse", "perceptual")
MAX_PICTURES, MAX_BYTES = 64, 64 * 1024 * 1024
MAX_SECONDS, MAX_STEPS = 3600.0, 20_000
LEARNING_RATES = {"adam": 1e-3, "momentum": 4e-3, "sgd": 4e-2}
LeftOut = Callable[[Path, ImageError], None]
NAMES = {"autoencoder": "autoencoder job", "style": "style job", "cyclegan": "cyclegan job"}  # in sentences


@dataclass(frozen=True)
class FineTuning:
    """What a fine-tune is to do.

    Attributes:
        job: "autoencoder" (reconstruct this kind of picture), "style" (the decoder learns these styles) or "cyclegan"
            (a domain of these paintings).
        pictures: files to learn from; at most 64 files of 64 MB together.
        content: photos for "style" and "cyclegan".
        seconds: time limit, without the time to load; at most an hour.
        steps: step limit.
        loss: of "autoencoder": "mse", or "perceptual" for a distance of features beside it.
        optimizer: "adam", "momentum" (0.9) or "sgd".
        learning_rate: None for the optimizer's usual one.
        start: name or folder of the checkpoint to start from; "" for the embedded autoencoder, or for a CycleGAN the
            embedded domain whose style is nearest to the paintings'.
        seed: of every random choice.
    """

    job: str
    pictures: tuple[Path, ...]
    content: tuple[Path, ...] = ()
    seconds: float = 60.0
    steps: int = 5000
    loss: str = "mse"
    optimizer: str = "adam"
    learning_rate: float | None = None
    start: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (("job", tuple(FINE_TUNES)), ("loss", LOSSES), ("optimizer", OPTIMIZERS)):
            if getattr(self, name) not in known:
                raise SettingsError(f"{name} must be one of {', '.join(known)}, not {getattr(self, name)!r}.")
        if not 1 <= self.seconds <= MAX_SECONDS or not 1 <= self.steps <= MAX_STEPS:
            raise SettingsError(f"A fine-tune takes 1 to {MAX_SECONDS:g} seconds and 1 to {MAX_STEPS} steps.")
        if self.learning_rate is not None and not 0 < self.learning_rate <= 1:
            raise SettingsError("learning_rate must lie above 0 and at most at 1.")
        if self.job != "autoencoder" and not self.content:
            raise SettingsError("There are no photos to paint: give some as content.")

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        values = asdict(self)
        return {**values, **{name: [str(path) for path in values[name]] for name in ("pictures", "content")}}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from what `to_dict` gave."""
        return cls(**{**values, **{name: tuple(map(Path, values[name])) for name in ("pictures", "content")}})

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.learning_rate or LEARNING_RATES[self.optimizer] * FINE_TUNES[self.job].rate_share


def check_amount(pictures: Sequence[Path]) -> None:
    """Raise TrainingError where there are too many files, or too large ones."""
    if len(pictures) > MAX_PICTURES:
        raise TrainingError(
            "A fine-tune takes at most {most} pictures; these are {count}.", most=MAX_PICTURES, count=len(pictures)
        )
    if sum(path.stat().st_size for path in pictures) > MAX_BYTES:
        raise TrainingError("A fine-tune takes at most {most} MB of pictures; these are more.", most=MAX_BYTES >> 20)


def choose_pictures(job: str, pictures: Sequence[Path], tell: LeftOut) -> tuple[Path, ...]:
    """The files that a job can learn from; `tell(path, error)` is called for each that is left out.

    Raises:
        TrainingError: there are too many files, too large ones, or too few that can be read.
    """
    check_amount(pictures)
    found = choose_readable(pictures, tell)
    if pictures and not found:
        raise TrainingError("None of the training pictures can be read.")
    fewest = FINE_TUNES[job].fewest
    if not found:
        raise TrainingError("Add at least one picture first.")
    if len(found) < fewest:
        raise TrainingError(
            "The {job} needs at least {least} pictures, not {count}.",
            job=Sentence(NAMES[job]),
            least=fewest,
            count=len(found),
        )
    return found


def choose_readable(pictures: Sequence[Path], tell: LeftOut) -> tuple[Path, ...]:
    """The files that can be read; of more than 64 the others are left for the training to find out."""
    found = []
    for path in pictures[:MAX_PICTURES]:
        try:
            images.load(path)
            found.append(path)
        except ImageError as error:
            tell(path, error)
    return (*found, *pictures[MAX_PICTURES:])
