"""`sound`: a sound in the texture of another."""

import argparse
import os
from typing import Any

from styleprop.cli.options import Commands, UsageError, add_debug, add_json, number
from styleprop.cli.paths import check_output
from styleprop.cli.terminal import json_line, one_line, peak_memory_mb, progress_bar, quiet
from styleprop.config.sound import METHODS, TEXTURES
from styleprop.errors import SoundError

DESCRIPTION = f"""Put a sound into the texture of another: its loudness over time stays, what it sounds like changes.

Read are WAV, FLAC, OGG and MP3, mono or stereo, of 8 to 192 kHz; written are .wav, .flac, .ogg and .mp3, of the
content's rate, channels and length. Built-in textures: {", ".join(TEXTURES)}.

  python -m styleprop sound voice.wav --style rain -o out.wav
  python -m styleprop sound voice.wav --style stream.flac --strength 0.7 -o out.wav
"""


def add_commands(commands: Commands) -> None:
    """Add the command to the parser's."""
    parser = commands.add_parser("sound", description=DESCRIPTION, help="put a sound into the texture of another")
    parser.add_argument("source", metavar="CONTENT", help="a sound")
    parser.add_argument(
        "--style", required=True, metavar="FILE|NAME", help="a sound or a built-in texture's name (required)"
    )
    parser.add_argument(
        "--strength", type=number(0, 1), default=1.0, metavar="S", help="0, the samples, to 1 (default: 1)"
    )
    parser.add_argument(
        "--method",
        choices=METHODS,
        default=METHODS[0],
        help=f"optimize is slow and needs no trained network (default: {METHODS[0]})",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a sound's file (required)")
    parser.add_argument(
        "--checkpoint", metavar="NAME|DIR", help="an autoencoder of sounds, embedded or in a folder (default: sound)"
    )
    add_json(parser, "what was done")
    add_debug(parser)
    parser.set_defaults(run=run_sound)


def run_sound(arguments: argparse.Namespace) -> int:
    """Restyle a sound."""
    from styleprop.sound.files import check_ending, load, save

    try:
        check_ending(arguments.output)
    except SoundError as error:
        raise UsageError(str(error)) from error
    check_output(arguments.output, (arguments.source, arguments.style))
    content = load(arguments.source)
    style = arguments.style if arguments.style in TEXTURES else _own(arguments.style)
    with quiet(arguments.debug):
        from styleprop.sound.model import SoundModel

        model = SoundModel.from_pretrained(arguments.checkpoint)
    with progress_bar() as bar:

        def watch(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        made = model.restyle(content, style, arguments.strength, arguments.method, watch)
    save(made.sound, arguments.output)
    _tell(arguments, made)
    return 0


def _own(name: str) -> Any:
    from styleprop.sound.files import load

    if not os.path.exists(name):
        raise UsageError(f"There is no texture and no file {name!r}; the textures are {', '.join(TEXTURES)}.")
    return load(name)


def _tell(arguments: argparse.Namespace, made: Any) -> None:
    if arguments.json:
        record = {
            "input": arguments.source,
            "output": arguments.output,
            "seconds_of_sound": round(made.sound.seconds, 3),
            "rate": made.sound.rate,
            "channels": made.sound.samples.shape[1],
            "seconds": round(made.seconds, 3),
            "likeness": round(made.likeness, 3),
            "peak_memory_mb": peak_memory_mb(),
            **made.settings,
        }
        print(json_line(record))
        return
    numbers = f"{made.sound.seconds:.2f} s of sound in {made.seconds:.2f} s, loudness alike by {made.likeness:.2f}"
    print(one_line(f"{arguments.source} -> {arguments.output} ({numbers})"))
