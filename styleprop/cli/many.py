"""Batches by Ray: a picture at a time in each of many processes, and a manifest from which they go on."""

import argparse
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from styleprop import __version__, images
from styleprop.checkpoints import EMBEDDED
from styleprop.cli.batch import Batch, load_model, make_record
from styleprop.cli.options import UsageError
from styleprop.cli.paths import STREAM, Job, plan_jobs
from styleprop.cli.recipes import Make, Recipe
from styleprop.cli.terminal import describe, one_line
from styleprop.errors import ImageError, StyleError
from styleprop.own_styles import is_style_file, load_style
from styleprop.scale import files
from styleprop.scale.cluster import connected
from styleprop.scale.manifest import Manifest
from styleprop.scale.pool import spread

LINE = ("input", "output", "hash", "settings", "size", "seconds", "notes", "error")  # of the manifest
KILLED = "The process that painted it was killed three times; it may need more memory: try fewer --workers."


@dataclass(frozen=True)
class Task:
    """A picture for a worker; `known` is the hash that an output which is there was made of, or None."""

    job: Job
    known: str | None


@dataclass
class Painter:
    """Paints in a process of its own; the model is loaded when there is something to paint.

    Attributes:
        recipe: what to make.
        settings: all that decides on an output beside its input, as text.
    """

    recipe: Recipe
    settings: str

    @cached_property
    def make(self) -> Make:
        """How. Raises StylepropError, which ends the whole batch: no picture could be painted."""
        return self.recipe.made_by(load_model(self.recipe.arguments.checkpoint))

    def __call__(self, task: Task) -> dict[str, Any]:
        """A line of the manifest; only what is neither made yet nor known to be made of the same is painted."""
        job, digest = task.job, None
        line: dict[str, Any] = {"input": job.source, "output": Path(job.target).name}
        try:
            data = files.read(job.source)
            digest = hashlib.sha256(self.settings.encode() + data).hexdigest()
            if digest == task.known and files.exists(job.target):
                return {**line, "hash": digest, "skipped": True}
            picture = images.load(data)
        except ImageError as error:
            return {**line, "hash": digest, "error": str(error)}
        make = self.make
        try:
            result, numbers = make(picture, None)
            files.write(job.target, result.save)
        except Exception as error:
            return {**line, "hash": digest, "error": one_line(describe(error))}
        return {**make_record(job, result, numbers), **line, "hash": digest, "settings": result.settings}


def run_many(recipe: Recipe) -> int:
    """Make every input by a recipe in the processes of Ray; 0 where all went well, 1 where any failed.

    Raises:
        StylepropError: Ray, the weights, a style or the folder of the results cannot be used.
    """
    arguments = recipe.arguments
    if STREAM in (*arguments.sources, *recipe.files, arguments.output):
        raise UsageError("--engine ray reads files and folders and writes into a folder; - is neither.")
    recipe.check()
    jobs = _plan(recipe)
    recipe = _opened(recipe)
    _fix_folders(arguments)
    settings = json.dumps(_settings(recipe), sort_keys=True)
    with connected(arguments.address) as cores:
        workers = min(arguments.workers or cores, len(jobs))
        manifest = Manifest(_absolute(arguments.output))
        tasks = (Task(job, manifest.hash_of(Path(job.target).name)) for job in jobs)
        made = spread(tasks, Painter(recipe, settings), workers, max(1, cores // workers))
        try:
            return Batch(jobs, arguments.json, arguments.debug).show(_kept(made, manifest))
        finally:
            manifest.close()


def _plan(recipe: Recipe) -> list[Job]:
    """The jobs, with whole paths or addresses, as workers may have another folder than this process."""
    arguments = recipe.arguments
    folder = _absolute(arguments.output)
    if Path(folder).suffix.lower() in images.OUTPUT_FORMATS and not os.path.isdir(folder):
        raise UsageError("--engine ray writes into a folder; give one for -o.")
    sources = [name for source in arguments.sources for name in _found(source)]
    jobs = plan_jobs(sources, f"{folder}/", recipe.verb, f".{arguments.format}", recipe.files)
    return [Job(_absolute(job.source), files.join(folder, Path(job.target).name)) for job in jobs]


def _found(source: str) -> list[str]:
    return files.list_pictures(source) if files.is_remote(source) else [source]


def _absolute(name: str) -> str:
    return name.rstrip("/") if files.is_remote(name) else os.path.abspath(name)


def _opened(recipe: Recipe) -> Recipe:
    """The recipe with its pictures and styles, which may not be where the workers are."""
    opened: dict[str, Any] = {}
    for name in recipe.files:
        if files.is_remote(name) or os.path.isfile(name):
            load = load_style if is_style_file(name) else images.load
            try:
                opened[name] = load(files.read(name))
            except (ImageError, StyleError) as error:
                raise type(error)(f"{name}: {error}") from error
    return replace(recipe, opened=opened).opened_first()


def _fix_folders(arguments: argparse.Namespace) -> None:
    """Make relative folders of weights absolute."""
    for option in ("checkpoint", "domain"):
        name = getattr(arguments, option, None)
        if name and not (EMBEDDED / name).exists() and os.path.isdir(name):
            setattr(arguments, option, os.path.abspath(name))


def _settings(recipe: Recipe) -> dict[str, Any]:
    """What an output is made of beside its input."""
    from styleprop.hub import open_checkpoint

    arguments = recipe.arguments
    checkpoint = open_checkpoint(arguments.checkpoint).sha256
    made_by = {"job": recipe.verb, "version": __version__, "checkpoint": checkpoint, "format": arguments.format}
    return {**made_by, **recipe.settings()}


def _kept(made: Iterator[tuple[Task, dict[str, Any] | None]], manifest: Manifest) -> Iterator[dict[str, Any]]:
    """The records, each in the manifest before it is told."""
    for task, record in made:
        source, target = task.job.source, task.job.target
        record = record or {"input": source, "output": Path(target).name, "hash": None, "error": KILLED}
        if not record.get("skipped"):
            manifest.add({name: value for name, value in record.items() if name in LINE})
        yield {**record, "output": target}
