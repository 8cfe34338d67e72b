"""The options of commands that run a task, and how their words are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from cli.arguments import format_option, id_option, user_calib_option, where_option
from cli.command import Verb, Words, split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TaskOptions", "TaskVerb", "gather_overrides", "log_levels_of", "task_options"]

_JOINT = "\0"
_FIELD = re.compile(r"[A-Za-z_][\w.\[\]'\"]*\s*=")
_FIELD_NAMES = ("-c", "--config")
_FILE_NAMES = ("-C", "--config-file", "--configfile")
_LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "FATAL": 50}

_Function = TypeVar("_Function", bound="Callable[..., object]")


class TaskOptions(TypedDict):
    """What `task_options` gives to a command."""

    rerun: str | None
    output: str | None
    ids: tuple[str, ...]
    where: str | None
    user_calibs: tuple[str, ...]
    overrides: tuple[str, ...]
    shows: tuple[str, ...]
    processes: int
    engine: str
    timeout_s: float | None
    levels: tuple[str, ...]
    dry_run: bool
    resume: bool
    redo: bool
    reuse_from: str
    profile: str
    debug: bool
    doraise: bool
    clobber_config: bool
    clobber_versions: bool
    no_backup_config: bool
    form: str


class TaskVerb(Verb):
    """A command whose ``-c`` and ``-C`` keep the order in which they were typed."""

    takes_files = False
    """Whether ``-C`` takes all words up to the next option, as Gen2 did."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments of the command."""
        return super().parse_args(ctx, gather_overrides(args, several_files=self.takes_files))


class _AnyWords(Words):
    takes_pairs = False


def gather_overrides(arguments: Sequence[str], *, several_files: bool = False) -> list[str]:
    """Return arguments in which ``-c`` and ``-C`` have become uses of one option.

    Parameters
    ----------
    arguments
        As the user gave them.
    several_files
        Whether ``-C`` takes all words up to the next option.
    """
    gathered: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "--":
            return [*gathered, word, *reversed(waiting)]
        kind, first = _override(word)
        if kind is None:
            gathered.append(word)
            continue
        words = [first] if first is not None else []
        if not words and waiting:
            words.append(waiting.pop())
        while waiting and _goes_on(waiting[-1], kind, several_files=several_files):
            words.append(waiting.pop())
        gathered += [f"--override={kind}{_JOINT}{one}" for one in words]
        if not words:
            gathered.append(word)  # click says what is missing
    return gathered


def _override(word: str) -> tuple[str | None, str | None]:
    """Return whether a word is ``-c`` or ``-C``, and what is glued to it."""
    name, equals, rest = word.partition("=")
    for kind, names in (("field", _FIELD_NAMES), ("file", _FILE_NAMES)):
        if word in names:
            return kind, None
        if equals and name in names:
            return kind, rest
        short = names[0]
        if word.startswith(short) and not word.startswith("--") and len(word) > len(short):
            return kind, word[len(short) :]
    return None, None


def _goes_on(word: str, kind: str, *, several_files: bool) -> bool:
    if word.startswith("-"):
        return False
    return _FIELD.match(word) is not None if kind == "field" else several_files


def task_options(function: _Function) -> _Function:
    """Add the options that every command has which runs a task."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


_OPTIONS = (
    click.option("--rerun", metavar="[IN:]OUT", help="Write to REPO/rerun/OUT, read from IN."),
    click.option("--output", type=click.Path(), metavar="DIR", help="Write to DIR instead."),
    id_option,
    where_option,
    user_calib_option,
    click.option(
        "-c",
        "--config",
        "shown_fields",
        multiple=True,
        metavar="FIELD=VALUE",
        expose_value=False,
        help="Set a field of the configuration; may be repeated.",
    ),
    click.option(
        "-C",
        "--config-file",
        "--configfile",
        "shown_files",
        multiple=True,
        metavar="FILE",
        expose_value=False,
        help="Execute a file that changes the configuration, in the order of the options.",
    ),
    click.option("--override", "overrides", multiple=True, hidden=True),
    click.option(
        "--show",
        "shows",
        cls=_AnyWords,
        multiple=True,
        metavar="WHAT...",
        help="config, config=PATTERN, history=PATTERN, tasks or data: show it and do nothing, "
        "unless run is among the words.",
    ),
    click.option(
        "-j", "--processes", type=click.IntRange(1), default=1, help="How many data IDs at once."
    ),
    click.option(
        "--executor",
        "engine",
        default="processes",
        metavar="WHO",
        show_default=True,
        help="Who runs: processes of this computer, dask for its workers here, or dask=ADDRESS "
        "for those of a scheduler, given by its address or its file.",
    ),
    click.option(
        "-t",
        "--timeout",
        "timeout_s",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Give up a data ID that takes longer.",
    ),
    click.option(
        "-L",
        "--loglevel",
        "levels",
        cls=_AnyWords,
        multiple=True,
        metavar="[NAME=]LEVEL...",
        help="What the logs hold: DEBUG, INFO (the default), WARN; of one task: isr=DEBUG.",
    ),
    click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done."),
    click.option(
        "--resume",
        is_flag=True,
        help="Go on with a run, which must have begun; without --id with what it was asked for.",
    ),
    click.option("--redo", is_flag=True, help="Do finished data IDs again, replacing outputs."),
    click.option(
        "--reuse-outputs-from",
        "reuse_from",
        default="",
        metavar="STEP",
        help="Of data IDs that are not finished, take what STEP and the steps before it have left: "
        "isr, charImage, calibrate or all of processCcd.",
    ),
    click.option(
        "--profile",
        default="",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Write where the time goes, for pstats; several data IDs get a file each.",
    ),
    click.option(
        "--debug", is_flag=True, help="Import your module debug first, which says what is shown."
    ),
    click.option("--doraise", is_flag=True, help="End at the first failure, with its traceback."),
    click.option(
        "--clobber-config",
        is_flag=True,
        help="Take another configuration than that of the output, and do everything again.",
    ),
    click.option(
        "--clobber-versions", is_flag=True, help="Go on with other versions of the software."
    ),
    click.option("--no-backup-config", is_flag=True, help="Keep no copy of what these replace."),
    format_option,
)


def log_levels_of(words: Sequence[str]) -> dict[str, int]:
    """Return the levels that ``-L`` asks for, by the names of loggers.

    Parameters
    ----------
    words
        The values of the option.
    """
    levels = {"": _LEVELS["INFO"]}
    for word in (part for one in words for part in split_words(one)):
        name, _, level = word.rpartition("=")
        if level.upper() not in _LEVELS:
            raise click.UsageError(
                f"-L takes a level or NAME=LEVEL, and {level!r} is none of {', '.join(_LEVELS)}."
            )
        levels[name] = _LEVELS[level.upper()]
    return levels
