"""The functions of the LSST stack's second generation that know no repository."""

from __future__ import annotations

import os
from typing import ClassVar

from butler.errors import PackageFolderError

__all__ = ["Info", "getDebugFrame", "getInfo", "getPackageDir"]


class Info:
    """What shall be shown while a module of tasks runs, as ``lsstDebug`` has it.

    Parameters
    ----------
    modname
        Name of the module. Attributes that are set stay for this name; those
        that nobody has set are False.
    """

    _known: ClassVar[dict[str, dict[str, object]]] = {}

    def __init__(self, modname: str) -> None:
        self.__dict__ = Info._known.setdefault(modname, {})

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return False


def getInfo(modname: str) -> Info:
    """Return the settings of a module, also where ``lsstDebug.Info`` was replaced."""
    return Info(modname)


def getDebugFrame(debugDisplay: object, name: str) -> object:
    """Return the value of an item of ``display``, None if it is no dictionary or lacks it."""
    return debugDisplay.get(name) if isinstance(debugDisplay, dict) else None


def getPackageDir(package_name: str) -> str:
    """Return the folder of a package of the stack, which the environment names.

    Parameters
    ----------
    package_name
        As ``obs_subaru``, whose folder is in ``OBS_SUBARU_DIR``.

    Raises
    ------
    PackageFolderError
        If the variable is not set.
    """
    variable = f"{package_name.upper()}_DIR"
    folder = os.environ.get(variable)
    if folder is None:
        raise PackageFolderError(package_name, variable)
    return folder
