"""Finding a camera by its name, among what is installed.

Cameras are entry points of the group ``skybutler.mappers``; the dotted class
names by which Gen2's repositories call them are entry points of the group
``skybutler.mapper_aliases`` that name the same object. A name that stands in a
file is only ever looked up among these: nothing is imported because a file
says so.
"""

from __future__ import annotations

from functools import lru_cache

from butler.entry_points import all_entry_points, load_entry_point, quick_entry_points
from butler.errors import PolicyError, UnknownMapperError
from butler.mapper import Mapper

__all__ = ["canonical_name", "find_mapper", "mapper_names"]

_MAPPERS = "skybutler.mappers"
_ALIASES = "skybutler.mapper_aliases"


def mapper_names() -> tuple[str, ...]:
    """Return the short names of the installed cameras, sorted."""
    return tuple(sorted(all_entry_points(_MAPPERS)))


def canonical_name(name: str) -> str:
    """Return the short name of a camera.

    Parameters
    ----------
    name
        A short name as ``hsc``, or a Gen2 class name as
        ``lsst.obs.hsc.HscMapper``.

    Raises
    ------
    UnknownMapperError
        If no installed camera is called so.
    """
    return _resolve(name)[0]


def _resolve(name: str) -> tuple[str, str]:
    """Return the short name of a camera and the value of its entry point."""
    mappers: dict[str, str] = {}
    for entry_points in (quick_entry_points, all_entry_points):
        mappers = entry_points(_MAPPERS)
        if name in mappers:
            return name, mappers[name]
        target = entry_points(_ALIASES).get(name)
        for short, value in mappers.items():
            if value == target:
                return short, value
    raise UnknownMapperError(name, mappers)


def find_mapper(name: str) -> Mapper:
    """Return the mapper of a camera.

    Parameters
    ----------
    name
        A short name as ``hsc``, or a Gen2 class name as
        ``lsst.obs.hsc.HscMapper``.

    Raises
    ------
    UnknownMapperError
        If no installed camera is called so.
    PolicyError
        If the installed camera is broken.
    """
    return _load(name)


@lru_cache(maxsize=64)
def _load(name: str) -> Mapper:
    short, value = _resolve(name)
    if short != name:
        return _load(short)
    try:
        camera = load_entry_point(value)
        made = camera() if callable(camera) else None
    except (ImportError, AttributeError) as error:
        message = f"The camera {short!r} cannot be loaded from {value!r}: {error}"
        raise PolicyError(message) from error
    if not isinstance(made, Mapper):
        message = f"The camera {short!r} is {value!r}, which is no Mapper."
        raise PolicyError(message)
    return made
