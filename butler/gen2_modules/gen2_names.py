"""The functions of the LSST stack's second generation that know no repository."""

from __future__ import annotations

import os

from butler.errors import PackageFolderError

__all__ = ["getPackageDir"]


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
