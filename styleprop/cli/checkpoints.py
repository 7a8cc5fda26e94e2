"""`checkpoints list` and `checkpoints verify`."""

import argparse
from pathlib import Path
from typing import Any

from styleprop.cli.options import add_debug, add_json
from styleprop.cli.terminal import complain, json_line, one_line
from styleprop.errors import CheckpointError, SettingsError


def add_commands(commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("checkpoints", description="The trained networks.", help="list or verify checkpoints")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, sentence in (("list", "list the embedded checkpoints"), ("verify", "check files against their SHA-256")):
        action = actions.add_parser(name, description=f"{sentence.capitalize()}.", help=sentence)
        if name == "verify":
            action.add_argument(
                "checkpoint", nargs="?", metavar="NAME|DIR", help="an embedded name or a folder (default: all embedded)"
            )
        add_json(action, "what was found")
        add_debug(action)
        action.set_defaults(run=run_checkpoints, checkpoint=None, action=name)


def run_checkpoints(arguments: argparse.Namespace) -> int:
    """Verify one or all; 1 where any is damaged, or where there is none to verify."""
    folders = [None] if arguments.checkpoint else _embedded()
    if not folders:
        complain("There are no embedded checkpoints.")
        return int(arguments.action == "verify")
    records = [_examine(folder or arguments.checkpoint) for folder in folders]
    for record in records:
        _tell(record, arguments.json)
    return int(any("error" in record for record in records))


def _embedded() -> list[Path]:
    from styleprop import checkpoints

    return sorted(path.parent for path in checkpoints.EMBEDDED.glob(f"*/{checkpoints.CONFIG_FILE}"))


def _examine(source: str | Path) -> dict[str, Any]:
    from styleprop import checkpoints

    try:
        if isinstance(source, Path):
            found = checkpoints.verify_checkpoint(source)
        else:
            found = checkpoints.find_checkpoint(source)
        styles = _style_names(found)
    except (CheckpointError, SettingsError) as error:
        return {"checkpoint": Path(source).name, "error": one_line(error)}
    weights = found.folder.glob(f"*{checkpoints.WEIGHTS_SUFFIX}")
    return {
        "checkpoint": found.name,
        "model": found.config.get("model"),
        "architecture": found.config.get("architecture"),
        "megabytes": round(sum(path.stat().st_size for path in weights) / 1e6, 1),
        "sha256": found.sha256,
        "styles": styles,
    }


def _style_names(checkpoint) -> list[str]:
    from styleprop.config import AutoencoderConfig, CycleGANConfig, FeaturesConfig
    from styleprop.styles import load_styles

    config = dict(checkpoint.config)
    model = config.pop("model", None)
    if model in ("cyclegan", "features"):
        (CycleGANConfig if model == "cyclegan" else FeaturesConfig).from_dict(config)
        return []
    return list(load_styles(checkpoint.folder, AutoencoderConfig.from_dict(config).code_size))


def _tell(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json_line(record))
    elif "error" in record:
        complain(record["error"])
    else:
        kind = " ".join(word for word in (record["architecture"], record["model"]) if word)
        styles = f", styles: {', '.join(record['styles'])}" if record["styles"] else ""
        print(
            one_line(f"{record['checkpoint']}: ok, {kind}, {record['megabytes']} MB, {record['sha256'][:12]}{styles}")
        )
