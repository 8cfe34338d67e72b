"""What a run was asked for, as it was typed, kept so that it can be resumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, UnknownDatasetTypeError
from pipelines.errors import RunError

if TYPE_CHECKING:
    from pipelines.execution.places import RunPlaces
    from pipelines.task.cmd_line_task import CmdLineTask

__all__ = ["SelectionWords", "read_selection", "record_selection"]


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
    if places.is_new:
        raise RunError(
            f"There is nothing to resume: {places.output} is not there. Leave --resume out."
        )
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
