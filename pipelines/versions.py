"""Which versions of what software make an output."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata

__all__ = ["software_versions", "version_differences"]

_ALWAYS = (
    "skybutler",
    "astropy",
    "fitsio",
    "lsst-pex-config",
    "lsst-sphgeom",
    "numba",
    "numpy",
    "scipy",
)


@lru_cache(maxsize=32)
def _versions(module: str) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(_ALWAYS)
    package = module.partition(".")[0]
    names.update(dict.fromkeys(metadata.packages_distributions().get(package, ())))
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return tuple(sorted(found.items()))


def software_versions(module: str) -> dict[str, str]:
    """Return the versions of Python, of what computes, and of what brings a module.

    Parameters
    ----------
    module
        Of a task.
    """
    return dict(_versions(module))


def version_differences(old: object, new: dict[str, str]) -> list[str]:
    """Return one line for each package that is there in two versions.

    Parameters
    ----------
    old
        As a repository holds them; what is no mapping has nothing to differ.
    new
        From `software_versions`.
    """
    if not isinstance(old, dict):
        return []
    return [
        f"{name}: {old[name]} -> {new[name]}"
        for name in sorted(new)
        if name in old and str(old[name]) != new[name]
    ]
