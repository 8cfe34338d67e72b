"""What ``inputs=`` and ``outputs=`` may be, made uniform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike, fspath, path
from typing import TypeAlias

from butler.errors import ParameterError, RepositoryError, RepositoryNotFoundError, suggest
from butler.mapper import Mapper
from butler.repository.locations import absolute_location

__all__ = [
    "RepositoryArgument",
    "RepositoryArguments",
    "RepositoryPlace",
    "calib_root_at",
    "inputs_from",
    "mapper_name",
    "outputs_from",
]

RepositoryArgument: TypeAlias = str | PathLike[str] | Mapping[str, object]
RepositoryArguments: TypeAlias = RepositoryArgument | Iterable[RepositoryArgument]

_KNOWN = {"root", "cfgRoot", "mapper", "mode", "tags", "policy", "mapperArgs"}
_CALIB_ROOT = "calibRoot"


@dataclass(frozen=True, slots=True)
class RepositoryPlace:
    """One repository that a user named.

    Parameters
    ----------
    root
        Absolute location.
    mapper
        Camera, where the user gave one.
    dataset_types
        Dataset types to add to a new repository, as in a policy.
    tags
        Words by which `Butler.get` can be told to look only here (and in the
        parents).
    calib_root
        Absolute path of the folder with Gen2's ``calibRegistry.sqlite3``, where
        that is not ``CALIB``.
    """

    root: str
    mapper: str | None = None
    dataset_types: tuple[tuple[str, object], ...] = ()
    tags: frozenset[str] = frozenset()
    calib_root: str | None = None

    def as_argument(self) -> dict[str, object]:
        """Return the mapping that names the same place from any directory."""
        return {
            "root": self.root,
            "mapper": self.mapper,
            "policy": dict(self.dataset_types),
            "tags": sorted(self.tags),
            **({"mapperArgs": {_CALIB_ROOT: self.calib_root}} if self.calib_root else {}),
        }


def inputs_from(arguments: RepositoryArguments | None) -> tuple[RepositoryPlace, ...]:
    """Return the repositories to read from.

    Parameters
    ----------
    arguments
        A path or URL, a mapping with ``root`` and optionally ``mapper``,
        ``mode`` and ``tags``, or several of these.

    Raises
    ------
    ParameterError
        If an argument has another form.
    RepositoryError
        If a mode says that an input be written.
    """
    places = []
    for argument in _as_list(arguments):
        place, mode = _place(argument)
        if mode == "w":
            raise RepositoryError(
                f"{place.root} is an input, which is only read: mode 'w' cannot be."
            )
        places.append(place)
    return tuple(places)


def outputs_from(arguments: RepositoryArguments | None) -> tuple[RepositoryPlace, ...]:
    """Return the repositories to write to, which are read too.

    Parameters
    ----------
    arguments
        As for `inputs_from`.

    Raises
    ------
    ParameterError
        If an argument has another form.
    RepositoryError
        If a mode says that an output be read only.
    """
    places = []
    for argument in _as_list(arguments):
        place, mode = _place(argument)
        if mode == "r":
            raise RepositoryError(
                f"{place.root} is an output, which is written: mode 'r' cannot be."
            )
        if place.calib_root is not None:
            raise RepositoryError(f"{_CALIB_ROOT} belongs to an input, and {place.root} is none.")
        places.append(place)
    return tuple(places)


def _as_list(arguments: RepositoryArguments | None) -> list[RepositoryArgument]:
    if arguments is None:
        return []
    if isinstance(arguments, str | PathLike | Mapping):
        return [arguments]
    if isinstance(arguments, Iterable):
        return list(arguments)
    raise ParameterError(
        f"A repository is named by a path, a URL or a mapping with 'root', not {arguments!r}."
    )


def _place(argument: RepositoryArgument) -> tuple[RepositoryPlace, str]:
    if isinstance(argument, str | PathLike):
        return RepositoryPlace(absolute_location(argument)), ""
    if not isinstance(argument, Mapping):
        raise ParameterError(
            f"A repository is named by a path, a URL or a mapping with 'root', not {argument!r}."
        )
    for name in argument:
        if name not in _KNOWN:
            raise ParameterError(
                f"{name!r} says nothing about a repository.{suggest(str(name), _KNOWN)} "
                f"Known are: {', '.join(sorted(_KNOWN))}."
            )
    mode = argument.get("mode") or ""
    if mode not in ("", "r", "w", "rw"):
        raise ParameterError(f"mode is 'r', 'w' or 'rw', not {mode!r}.")
    policy = argument.get("policy") or {}
    if not isinstance(policy, Mapping):
        raise ParameterError(f"policy is a mapping of dataset types, not {policy!r}.")
    mapper = argument.get("mapper")
    place = RepositoryPlace(
        absolute_location(_root(argument)),
        None if mapper is None else mapper_name(mapper),
        tuple(policy.items()),
        _tags(argument.get("tags")),
    )
    return replace(place, calib_root=_calib_root(argument, place.root)), str(mode)


def _calib_root(argument: Mapping[str, object], root: str) -> str | None:
    """Return where calibrations are looked for, if a mapping says so; relative to the root."""
    arguments = argument.get("mapperArgs") or {}
    if not isinstance(arguments, Mapping) or set(arguments) - {_CALIB_ROOT}:
        raise ParameterError(f"mapperArgs are not supported, but for {_CALIB_ROOT}: {arguments!r}.")
    place = arguments.get(_CALIB_ROOT)
    if place is None:
        return None
    if not isinstance(place, str | PathLike):
        raise ParameterError(f"{_CALIB_ROOT} is a directory, not {place!r}.")
    return calib_root_at(root, place)


def calib_root_at(root: str, place: str | PathLike[str]) -> str:
    """Return the absolute path of a folder of calibrations.

    Parameters
    ----------
    root
        Of the repository.
    place
        Absolute, or relative to that.

    Raises
    ------
    RepositoryNotFoundError
        If there is no such directory.
    """
    found = path.join(root, fspath(place))
    if not path.isdir(found):
        raise RepositoryNotFoundError(
            f"There is no directory {found} with calibrations. It was named as {_CALIB_ROOT}, "
            f"which is absolute or relative to the repository."
        )
    return found


def _root(argument: Mapping[str, object]) -> str:
    """Return the directory that a mapping names."""
    root = argument.get("root") or argument.get("cfgRoot")
    if root != (argument.get("cfgRoot") or root):
        raise ParameterError(
            f"A repository and its configuration lie in one directory, not in {root!r} and "
            f"{argument['cfgRoot']!r}. Leave cfgRoot out."
        )
    if not isinstance(root, str | PathLike):
        raise ParameterError(f"A repository needs a 'root': {dict(argument)!r}.")
    return fspath(root)


def mapper_name(mapper: object) -> str:
    """Return the name of a camera given by its name, its class or an instance.

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    if isinstance(mapper, str):
        return mapper
    if isinstance(mapper, type) and issubclass(mapper, Mapper):
        mapper = mapper()
    name = getattr(mapper, "name", None)
    if isinstance(name, str):
        return name
    raise ParameterError(f"A camera is named by its name or its mapper, not {mapper!r}.")


def _tags(tags: object) -> frozenset[str]:
    if tags is None:
        return frozenset()
    if isinstance(tags, str):
        return frozenset({tags})
    if isinstance(tags, Iterable):
        return frozenset(map(str, tags))
    return frozenset({str(tags)})
