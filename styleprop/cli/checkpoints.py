"""`checkpoints list`, `verify`, `pull` and `push`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styleprop.cli.options import Commands, add_debug, add_json
from styleprop.cli.terminal import complain, json_line, one_line, quiet
from styleprop.errors import CheckpointError

if TYPE_CHECKING:
    from styleprop.checkpoints import Checkpoint


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser(
        "checkpoints", description="The trained networks.", help="list, verify, pull or push checkpoints"
    )
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
    _add_pull(actions)
    _add_push(actions)


def _add_pull(actions: Commands) -> None:
    sentence = "fetch a checkpoint from the Hub and verify it"
    action = actions.add_parser("pull", description=f"{sentence.capitalize()}.", help=sentence)
    action.add_argument("source", metavar="REPO[@REVISION]", help="OWNER/NAME, and a branch, a tag or a commit")
    _add_token(action, "may read a private or gated one")
    add_json(action, "what came")
    add_debug(action)
    action.set_defaults(run=run_pull)


def _add_push(actions: Commands) -> None:
    sentence = "upload a checkpoint to the Hub, with your login"
    action = actions.add_parser("push", description=f"{sentence.capitalize()}.", help=sentence)
    action.add_argument("checkpoint", metavar="NAME|DIR", help="an embedded name or a folder")
    action.add_argument("repo", metavar="REPO", help="OWNER/NAME; made where there is none")
    action.add_argument("--public", action="store_true", help="make it for everyone to read (default: private)")
    action.add_argument("--tag", metavar="V", help="a name for this version (default: none)")
    _add_token(action, "may write there")
    add_json(action, "where it is")
    add_debug(action)
    action.set_defaults(run=run_push)


def _add_token(action: argparse.ArgumentParser, what: str) -> None:
    action.add_argument(
        "--token", metavar="T", help=f"a token that {what} (default: that of HF_TOKEN, or of `hf auth login`)"
    )


def run_pull(arguments: argparse.Namespace) -> int:
    """Fetch and verify one checkpoint, and print where it is."""
    with quiet(arguments.debug):
        from styleprop import hub

        folder = hub.pull(*hub.parse_source(arguments.source), token=arguments.token)
    if arguments.json:
        print(json_line({"folder": str(folder), "commit": hub.commit_of(folder), **_examine(folder)}))
    else:
        print(one_line(f"{hub.title_of(folder)}: verified, in {folder}"))
    return 0


def run_push(arguments: argparse.Namespace) -> int:
    """Verify and upload one checkpoint, and print its address."""
    with quiet(arguments.debug):
        from styleprop import hub
        from styleprop.checkpoints import find_checkpoint

        folder = find_checkpoint(arguments.checkpoint).folder
        token = (arguments.token or "").strip() or hub.find_token()
        if token is None:
            raise CheckpointError(
                "A push needs a login that may write: run `hf auth login`, set HF_TOKEN, or give --token."
            )
        answer = hub.push(folder, arguments.repo, token, not arguments.public, arguments.tag)
    print(json_line(answer) if arguments.json else one_line(f"{answer['url']} at {answer['commit'][:7]}"))
    return 0


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
    except CheckpointError as error:
        return {"checkpoint": Path(source).name, "error": one_line(error)}
    weights = found.folder.glob(f"*{checkpoints.WEIGHTS_SUFFIX}")
    return {
        "checkpoint": found.name,
        "model": found.kind,
        "architecture": getattr(found.config, "architecture", None),
        "megabytes": round(sum(path.stat().st_size for path in weights) / 1e6, 1),
        "sha256": found.sha256,
        "styles": styles,
    }


def _style_names(checkpoint: "Checkpoint") -> list[str]:
    from styleprop.config import AutoencoderConfig
    from styleprop.styles import load_styles

    config = checkpoint.config
    return list(load_styles(checkpoint.folder, config.code_size)) if isinstance(config, AutoencoderConfig) else []


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
