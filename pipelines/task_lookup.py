"""Finding a task by its name, among what is installed or what the user names."""

from __future__ import annotations

from butler.entry_points import all_entry_points, load_entry_point
from butler.errors import suggest
from pipelines.errors import UnknownTaskError
from pipelines.task.cmd_line_task import CmdLineTask

__all__ = ["find_task", "task_module", "task_names"]

_GROUP = "skybutler.tasks"


def task_names() -> dict[str, str]:
    """Return the names of the installed tasks, sorted, with the classes that they mean."""
    return dict(sorted(all_entry_points(_GROUP).items()))


def task_module(name: str) -> str:
    """Return the module of an installed task without importing it, empty for all others."""
    return task_names().get(name, "").partition(":")[0]


def find_task(name: str) -> type[CmdLineTask]:
    """Return a task that can be run over data IDs.

    Parameters
    ----------
    name
        Of an entry point in the group ``skybutler.tasks``, or
        ``module:Class`` of any module that can be imported.

    Raises
    ------
    UnknownTaskError
        If there is none, or it is no `CmdLineTask`.
    """
    known = task_names()
    value = known.get(name, name)
    if ":" not in value:
        raise UnknownTaskError(
            f"No task is called {name!r}.{suggest(name, known)} "
            f"Installed are: {', '.join(known) or 'none'}. One of your own is named by its module "
            f"and class, as in my_package.tasks:MyTask."
        )
    try:
        found = load_entry_point(value)
    except ModuleNotFoundError as error:
        raise UnknownTaskError(
            f"The task {name!r} cannot be imported: {error}. A module of yours is found where it "
            "is installed, or its folder stands in PYTHONPATH."
        ) from error
    except (ImportError, AttributeError) as error:
        raise UnknownTaskError(f"The task {name!r} cannot be imported: {error}.") from error
    if not (isinstance(found, type) and issubclass(found, CmdLineTask)):
        raise UnknownTaskError(
            f"{value} is no CmdLineTask: it cannot be run over data IDs. Derive one that has "
            f"run_data_ref."
        )
    return found
