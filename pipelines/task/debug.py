"""Images shown while tasks run, where the user's module ``debug`` asks for them.

Gen2's way: ``--debug`` imports a module ``debug``, which replaces
``lsstDebug.Info`` by a function that says for the name of a module what shall
be displayed.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from butler.entry_points import all_entry_points

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.task.task import Task

__all__ = ["display_for_debugging", "import_debug"]

logger = logging.getLogger(__name__)

_MODULE = "debug"
_GEN2_GROUP = "skybutler.gen2_modules"


def import_debug() -> bool:
    """Import the user's module ``debug``, and tell whether there is one.

    Notes
    -----
    It may import what the LSST stack's second generation had, ``lsstDebug``
    above all. Without the module a warning is logged, as in Gen2.
    """
    from butler.gen2 import install

    install()
    try:
        import_module(_MODULE)
    except ModuleNotFoundError as error:
        if error.name != _MODULE:
            raise
        logger.warning(
            "There is no module 'debug' to import: put the folder of your debug.py into PYTHONPATH."
        )
        return False
    return True


def display_for_debugging(
    task: Task, item: str, exposure: Exposure, sources: SourceCatalog | None = None
) -> bool:
    """Show an exposure if the user asks for this item of a task, and tell whether it was.

    Parameters
    ----------
    task
        Whose ``display`` is looked up, by Gen2's name of its module and by
        the name of ours.
    item
        The key in it. A value that is true, such as the number of a frame,
        asks for a picture in a window of its own.
    exposure
        Shown by the default viewer of ``lsst.afw.display``.
    sources
        Drawn over it, as ellipses.
    """
    switches = sys.modules.get("lsstDebug")
    if switches is None:
        return False
    for name in _module_names(type(task)):
        if switches.getDebugFrame(switches.Info(name).display, item):
            _show(f"{task.full_name}: {item}", exposure, sources)
            return True
    return False


def _module_names(task: type[Task]) -> list[str]:
    """Return what the modules of a task and of those it derives from are called."""
    names = []
    for kind in task.__mro__:
        place = f"{kind.__module__}:{kind.__qualname__}"
        known = all_entry_points(_GEN2_GROUP).items()
        names += [name.rpartition(".")[0] for name, value in known if value == place]
        names.append(kind.__module__)
    return names


def _show(title: str, exposure: Exposure, sources: SourceCatalog | None) -> None:
    from imaging.figures.display import display
    from imaging.figures.gen2_names import getDefaultBackend

    display(exposure, sources=sources, title=title, viewer=getDefaultBackend())
