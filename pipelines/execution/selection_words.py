"""What a run was asked for, as it was typed, kept so that it can be resumed."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, UnknownDatasetTypeError
from butler.id_syntax import expand_id, parse_id
from pipelines.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import DataId
    from pipelines.execution.places import RunPlaces
    from pipelines.task.cmd_line_task import CmdLineTask

__all__ = ["SelectionWords", "missing_warnings", "read_selection", "record_selection"]

_MOST_NAMED = 10_000
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SelectionWords:
    """What data IDs a run was asked for.

    Parameters
    ----------
    ids
        The words of each ``--id``.
    where
        The expression, empty if there was none.
    """

    ids: tuple[tuple[str, ...], ...] = ()
    where: str = ""


def missing_warnings(
    words: SelectionWords, data_ids: Sequence[DataId], types: Mapping[str, type]
) -> list[str]:
    """Return a warning for each ``--id`` that names data IDs of which some are not there.

    Parameters
    ----------
    words
        What was typed. Where an expression had to hold too, or more than ten
        thousand are named, nobody is told.
    data_ids
        What was found.
    types
        Of the values, by their keys.
    """
    return [
        warning
        for one in (() if words.where else words.ids)
        if (warning := _missing_warning(one, data_ids, types))
    ]


def _missing_warning(
    words: Sequence[str], data_ids: Sequence[DataId], types: Mapping[str, type]
) -> str:
    parsed = parse_id(words)
    count = prod(map(len, parsed.values()))
    if not parsed or not 1 < count <= _MOST_NAMED or not parsed.keys() <= types.keys():
        return ""
    asked = {tuple(types[key](one[key]) for key in parsed): one for one in expand_id(parsed)}
    there = {tuple(one.get(key) for key in parsed) for one in data_ids}
    missing = [str(one) for values, one in asked.items() if values not in there]
    if not missing or len(missing) == len(asked):  # all of them is told elsewhere
        return ""
    more = f" and {len(missing) - _MOST_SHOWN} more" if len(missing) > _MOST_SHOWN else ""
    return (
        f"{len(missing)} of {len(asked)} data IDs of --id {' '.join(words)} are not there: "
        f"{'; '.join(missing[:_MOST_SHOWN])}{more}"
    )


def record_selection(butler: Butler, task: type[CmdLineTask], words: SelectionWords | None) -> None:
    """Write down what a run is asked for, in place of what the one before was.

    Parameters
    ----------
    butler
        Of the output.
    task
        What will run.
    words
        None if it was not typed.
    """
    kind = task.selection_type()
    asked = (
        None if words is None else {"ids": [list(one) for one in words.ids], "where": words.where}
    )
    if butler.dataset_exists(kind, write=True) and butler.get(kind) == asked:
        return
    butler.put(asked, kind, replace=True)


def read_selection(task: type[CmdLineTask], places: RunPlaces) -> SelectionWords:
    """Return what the last run of a task in an output was asked for.

    Parameters
    ----------
    task
        Which one.
    places
        Where it ran.

    Raises
    ------
    RunError
        If there was no such run, or it was begun from Python.
    """
    places.require_output()
    with Butler(inputs=places.output) as butler:
        try:
            asked = butler.get(task.selection_type())
        except (DatasetNotFoundError, UnknownDatasetTypeError):
            asked = None
    if not isinstance(asked, dict):
        raise RunError(
            f"{places.output} does not say which data IDs {task.default_name()} was run for. Say "
            f"it, --id or --where: what is finished is skipped."
        )
    return SelectionWords(tuple(map(tuple, asked["ids"])), str(asked["where"]))
