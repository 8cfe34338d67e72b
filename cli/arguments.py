"""Arguments and options that several verbs have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from cli.command import Words, split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.data_id import DataId
    from butler.registry.condition import Condition

__all__ = [
    "FORMATS",
    "condition_of",
    "data_ids_of",
    "dataset_type_argument",
    "dry_run_option",
    "format_option",
    "id_option",
    "mode_option",
    "processes_option",
    "repository_argument",
    "user_calib_option",
    "user_calibs_of",
    "where_option",
]

_MODES = ("auto", "link", "hardlink", "relsymlink", "copy", "move", "direct", "skip")
FORMATS = ("table", "json", "jsonl", "csv")
_MOST_DATA_IDS = 1_000_000

_Function = TypeVar("_Function", bound="Callable[..., object]")


def repository_argument(function: _Function) -> _Function:
    """Add REPO: the directory or URL of a repository."""
    return click.argument("repo", type=click.Path(), metavar="REPO")(function)


def dataset_type_argument(*, required: bool = True) -> Callable[[_Function], _Function]:
    """Return what adds TYPE: the name of a dataset type."""
    return click.argument(
        "dataset_type",
        metavar="TYPE" if required else "[TYPE]",
        required=required,
        shell_complete=_complete_dataset_type,
    )


def _complete_dataset_type(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from butler.errors import ButlerError
    from butler.repository.locations import absolute_location
    from butler.repository.opening import open_repository

    try:
        repository = open_repository(absolute_location(ctx.params.get("repo") or "."))
    except (ButlerError, OSError):
        return []
    return [name for name in repository.policy.dataset_types if name.startswith(incomplete)]


def format_option(function: _Function) -> _Function:
    """Add ``--format``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How rows are written to stdout.",
    )(function)


def mode_option(
    default: str = "auto", *, without: Sequence[str] = ()
) -> Callable[[_Function], _Function]:
    """Return what adds ``--mode``: how files get into a repository.

    Parameters
    ----------
    default
        What is taken unasked.
    without
        Modes that have no meaning here.
    """
    return click.option(
        "--mode",
        type=click.Choice([mode for mode in _MODES if mode not in without]),
        default=default,
        show_default=True,
        help="How files get there: link is a symbolic link, direct registers a file where it "
        "lies, skip one that lies in its place already, move takes the source away; auto is the "
        "cheapest that works.",
    )


def processes_option(function: _Function) -> _Function:
    """Add ``-j``, in how many processes headers are read."""
    return click.option(
        "-j", "--processes", type=click.IntRange(1), default=1, help="How many read headers."
    )(function)


def dry_run_option(function: _Function) -> _Function:
    """Add ``--dry-run``."""
    return click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")(
        function
    )


def user_calib_option(function: _Function) -> _Function:
    """Add ``--user-calib``, which may be repeated."""
    return click.option(
        "--user-calib",
        "user_calibs",
        multiple=True,
        metavar="TYPE:FILE",
        help="Take FILE for every calibration of that TYPE, whatever is registered. It may hold "
        "keys: flat:mine/flat-{ccd:03d}.fits",
    )(function)


def user_calibs_of(words: Sequence[str]) -> dict[str, str]:
    """Return the files that ``--user-calib`` names, by dataset type.

    Parameters
    ----------
    words
        The values of the option.
    """
    found: dict[str, str] = {}
    for word in words:
        name, colon, path = word.partition(":")
        if not (name and colon and path):
            raise click.UsageError(f"--user-calib is like flat:my-flat.fits, not {word!r}.")
        if name in found:
            raise click.UsageError(f"--user-calib names {name!r} twice.")
        found[name] = path
    return found


def id_option(function: _Function) -> _Function:
    """Add ``--id``, which takes one or more words and may be repeated."""
    return click.option(
        "--id",
        "ids",
        cls=Words,
        multiple=True,
        metavar="KEY=VALUE...",
        help="Data ID: visit=903334^903336 ccd=0..8:2. Several --id are united; one without "
        "words means everything.",
    )(function)


def where_option(function: _Function) -> _Function:
    """Add ``--where``."""
    return click.option(
        "--where", metavar="EXPRESSION", help="Such as: ccd < 50 and expTime > 30."
    )(function)


def condition_of(ids: Sequence[str], where: str | None = None) -> Condition:
    """Return what ``--id`` and ``--where`` ask for together.

    Parameters
    ----------
    ids
        The values of a `Words` option.
    where
        An expression that must hold too.

    Raises
    ------
    ExpressionError
        If one cannot be understood.
    """
    from butler.id_syntax import parse_id
    from butler.registry.condition import Everything, all_of, any_of, from_id
    from butler.registry.where import parse_where

    parsed = [from_id(parse_id(split_words(one))) for one in ids]
    wanted = any_of(*parsed) if parsed else Everything()
    return all_of(wanted, parse_where(where)) if where else wanted


def data_ids_of(ids: Sequence[str]) -> list[DataId]:
    """Return the data IDs that all ``--id`` stand for; without any, one empty data ID.

    Parameters
    ----------
    ids
        The values of a `Words` option.

    Raises
    ------
    ExpressionError
        If one cannot be understood, or they stand for too many.
    """
    from butler.errors import ExpressionError
    from butler.id_syntax import expand_id, parse_id

    found: dict[DataId, None] = {}
    for one in ids or ("",):
        for data_id in expand_id(parse_id(split_words(one))):
            found[data_id] = None
            if len(found) > _MOST_DATA_IDS:
                raise ExpressionError(
                    f"These are more than {_MOST_DATA_IDS:,} data IDs; say less at a time."
                )
    return list(found)
