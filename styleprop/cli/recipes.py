"""What `reconstruct`, `stylize` and `translate` make of each picture, in this process or in others."""

import argparse
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from styleprop.cli.options import UsageError
from styleprop.cli.paths import STREAM
from styleprop.config import StyleOptions
from styleprop.errors import ImageError, StyleError

MAX_STYLES = 4
Make = Callable[..., tuple[Any, dict[str, Any]]]
RecipeT = TypeVar("RecipeT", bound="Recipe")


@dataclass(frozen=True)
class Recipe:
    """What a command does to every picture; it can be sent to another process.

    Attributes:
        arguments: the command's.
        opened: the pictures and styles that it needs beside the inputs, by name, where they are opened already.
    """

    arguments: argparse.Namespace
    opened: Mapping[str, Any] = field(default_factory=dict)
    verb = ""

    @property
    def files(self) -> list[str]:
        """Names of what is read beside the inputs; some may be those of built-in styles."""
        return []

    def check(self) -> None:
        """Raise UsageError where the arguments do not go together."""

    def opened_first(self: RecipeT) -> RecipeT:
        """The same with what must be in order before a model is loaded. Raises ImageError."""
        return self

    def settings(self) -> dict[str, Any]:
        """What else than the input and the weights of `--checkpoint` decides on the output. Raises StylepropError."""
        return {}

    def made_by(self, model: Any) -> Make:
        """How a `Styleprop` makes it: make(picture, watch) -> (result, numbers of the job). Raises StylepropError."""
        raise NotImplementedError


class Reconstruct(Recipe):
    """The numbers of the job are PSNR, SSIM and the latent's shape."""

    verb = "reconstructed"

    def made_by(self, model: Any) -> Make:
        """See `Recipe`."""

        def make(picture: Any, watch: Any) -> tuple[Any, dict[str, Any]]:
            result = model.reconstruct(picture, watch)
            numbers = {"psnr_db": round(result.psnr_db, 3), "ssim": round(result.ssim, 5)}
            return result, {**numbers, "latent_shape": list(result.latent.shape)}

        return make


class Masked(Recipe):
    """One that may work on a part of each picture."""

    @property
    def files(self) -> list[str]:
        """See `Recipe`."""
        return [self.arguments.mask] if self.arguments.mask else []

    def check(self) -> None:
        """See `Recipe`."""
        if self.arguments.mask is None and self.arguments.invert_mask:
            raise UsageError("--invert-mask needs --mask FILE.")

    def opened_first(self: RecipeT) -> RecipeT:
        """See `Recipe`."""
        name = self.arguments.mask
        return self if name is None or name in self.opened else replace(self, opened={name: _open_named(name)})

    def mask(self) -> Any:
        """Where to work, uint8 (H, W) of any size, or None for everywhere."""
        from styleprop import images

        if not self.arguments.mask:
            return None
        mask = images.to_mask(self.opened[self.arguments.mask])
        return 255 - mask if self.arguments.invert_mask else mask

    def shown_options(self) -> dict[str, Any]:
        """The options as settings, and those of the mask where there is one."""
        has_mask = self.arguments.mask is not None
        part = {name: getattr(self.arguments, name) for name in ("mask", "invert_mask")} if has_mask else {}
        return {**StyleOptions.of(self.arguments).to_settings(has_mask), **part}

    def hashes(self) -> dict[str, str]:
        """What was opened, by its content."""
        return {name: getattr(source, "name", "") or source.key[1].hex() for name, source in self.opened.items()}


class Translate(Masked):
    """The numbers of the job are the cycle's errors."""

    verb = "translated"

    def settings(self) -> dict[str, Any]:
        """See `Recipe`."""
        from styleprop.checkpoints import DOMAIN_PREFIX, list_domains
        from styleprop.hub import open_checkpoint

        domain = self.arguments.domain
        found = open_checkpoint(DOMAIN_PREFIX + domain if domain in list_domains() else domain)
        return {
            "domain": found.sha256,
            "to_photo": self.arguments.to_photo,
            **self.shown_options(),
            **({"pictures": self.hashes()} if self.opened else {}),
        }

    def made_by(self, model: Any) -> Make:
        """See `Recipe`."""
        domain, to_photo, whole = self.arguments.domain, self.arguments.to_photo, self.arguments.json
        options = {**StyleOptions.of(self.arguments).to_dict(), "mask": self.mask()}
        model.translators.open(domain, to_photo)

        def make(picture: Any, watch: Any) -> tuple[Any, dict[str, Any]]:
            result = model.translate(picture, domain, to_photo=to_photo, round_trip=whole, watch=watch, **options)
            numbers: dict[str, Any] = {"domain": result.settings["domain"], "to_photo": to_photo}
            if result.cycled is not None:
                numbers |= {"cycle_l1": round(result.cycle_l1, 3), "cycle_psnr_db": round(result.cycle_psnr_db, 3)}
            return result, numbers

        return make


class Stylize(Masked):
    """The numbers of the job are the settings."""

    verb = "stylized"

    @property
    def files(self) -> list[str]:
        """See `Recipe`."""
        return [*(name for name, _ in (*self.arguments.style, *self.arguments.outside)), *super().files]

    def check(self) -> None:
        """See `Recipe`."""
        check_styles(self.arguments.style, self.arguments.outside)
        super().check()
        if self.arguments.mask is None and self.arguments.outside:
            raise UsageError("--outside needs --mask FILE.")

    def settings(self) -> dict[str, Any]:
        """See `Recipe`."""
        return {**self._shown(), "pictures": self.hashes()}

    def made_by(self, model: Any) -> Make:
        """See `Recipe`."""
        arguments = self.arguments
        styles, outside = (
            [(open_style(name, model.styles, self.opened), weight) for name, weight in pairs]
            for pairs in (arguments.style, arguments.outside)
        )
        options, shown = StyleOptions.of(arguments), self._shown()
        region = {"mask": self.mask(), "outside": outside or None}

        def make(picture: Any, watch: Any) -> tuple[Any, dict[str, Any]]:
            return model.stylize(picture, styles, **options.to_dict(), **region, watch=watch), shown

        return make

    def _shown(self) -> dict[str, Any]:
        shown = {**self.shown_options(), "styles": _pairs(self.arguments.style)}
        return shown | ({"outside": _pairs(self.arguments.outside)} if self.arguments.mask is not None else {})


def _pairs(styles: list[tuple[str, float]]) -> list[list[Any]]:
    return [list(style) for style in styles]


def check_styles(*groups: list[tuple[str, float]]) -> None:
    """Raise UsageError where there are too many styles, or none with a weight."""
    for pairs in groups:
        if len(pairs) > MAX_STYLES:
            raise UsageError(f"Give one to {MAX_STYLES} styles, not {len(pairs)}.")
        if pairs and not any(weight for _, weight in pairs):
            raise UsageError("At least one style needs a weight above 0.")


def _open_named(name: str) -> Any:
    from styleprop.cli.batch import open_source

    try:
        return open_source(name)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error


def open_style(name: str, built_in: dict, opened: Mapping[str, Any] | None = None) -> Any:
    """The built-in style, own style or picture that a name stands for; `opened` has some already.

    Raises:
        ImageError: there is none, or the picture cannot be read.
        StyleError: the style file cannot be read.
    """
    from styleprop.cli.batch import open_source
    from styleprop.own_styles import is_style_file, load_style

    if name in built_in:
        return built_in[name]
    if opened and name in opened:
        return opened[name]
    try:
        return load_style(name) if is_style_file(name) else open_source(name)
    except (ImageError, StyleError) as error:
        if name == STREAM or "does not exist" not in str(error):
            raise type(error)(f"{name}: {error}") from error
        raise ImageError(
            f"{name}: There is neither a file nor a built-in style of that name.{_hint(name, built_in)}"
        ) from error


def _hint(name: str, built_in: dict) -> str:
    near = difflib.get_close_matches(name, built_in, n=3, cutoff=0.4) or sorted(built_in)
    return f" Built-in styles: {', '.join(near)}." if near else ""
