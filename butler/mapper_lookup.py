"""Finding a camera by its name, among what is installed.

Cameras are entry points of the group ``skybutler.mappers``; the dotted class
names by which Gen2's repositories call them are entry points of the group
``skybutler.mapper_aliases`` that name the same object. A name that stands in a
file is only ever looked up among these: nothing is imported because a file
says so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from butler.errors import PolicyError, UnknownMapperError
from butler.mapper import Mapper

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

__all__ = ["canonical_name", "find_mapper", "mapper_names"]

_MAPPERS = "skybutler.mappers"
_ALIASES = "skybutler.mapper_aliases"


def _installed(group: str) -> EntryPoints:
    from importlib.metadata import entry_points

    return entry_points(group=group)


def mapper_names() -> tuple[str, ...]:
    """Return the short names of the installed cameras, sorted."""
    return tuple(sorted(_installed(_MAPPERS).names))


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
    return _short_name(name, _installed(_MAPPERS))


def _short_name(name: str, mappers: EntryPoints) -> str:
    if name in mappers.names:
        return name
    values = {alias.value for alias in _installed(_ALIASES).select(name=name)}
    for mapper in mappers:
        if mapper.value in values:
            return mapper.name
    raise UnknownMapperError(name, mappers.names)


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
    mappers = _installed(_MAPPERS)
    short = _short_name(name, mappers)
    if short != name:
        return _load(short)
    (point, *_) = mappers.select(name=short)
    try:
        made = point.load()()
    except (ImportError, AttributeError) as error:
        message = f"The camera {short!r} cannot be loaded from {point.value!r}: {error}"
        raise PolicyError(message) from error
    if not isinstance(made, Mapper):
        message = f"The camera {short!r} is {point.value!r}, which is no Mapper."
        raise PolicyError(message)
    return made
