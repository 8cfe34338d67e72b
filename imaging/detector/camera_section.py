"""Mappings of a camera's YAML file; every error names the file and the key."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from imaging.errors import BoxError, CameraError, closest_words
from imaging.geometry.box import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Never

    import yaml

__all__ = ["Section", "read_sections"]

_T = TypeVar("_T")
_MISSING: Final = object()


class Section:
    """A mapping of the file.

    Parameters
    ----------
    path
        The file.
    place
        The keys that lead to it, joined by dots.
    values
        What it holds.
    """

    __slots__ = ("_path", "_place", "_values")

    def __init__(self, path: str, place: str, values: object) -> None:
        self._path, self._place = path, place
        if not isinstance(values, dict):
            message = f"{path}: {place or 'the file'} must be a mapping of keys to values."
            raise CameraError(message)
        self._values: dict[object, object] = values

    def fail(self, key: object, problem: str) -> Never:
        """Raise an error that names the file and the key.

        Raises
        ------
        CameraError
            Always.
        """
        place = f"{self._place}.{key}" if self._place else str(key)
        message = f"{self._path}: {place} {problem}"
        raise CameraError(message)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Put the file and the keys before the message of an error that lacks them."""
        try:
            yield
        except CameraError as error:
            if str(error).startswith(self._path):
                raise
            place = f"{self._place}: " if self._place else ""
            message = f"{self._path}: {place}{error}"
            raise CameraError(message) from None

    def allow(self, *known: str) -> None:
        """Refuse keys that mean nothing."""
        for key in self._values:
            if key not in known:
                self.fail(key, f"is no key.{closest_words(str(key), known)}")

    def has(self, key: str) -> bool:
        """Return whether a key is there."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, which is required where there is no default."""
        value = self._get(key, default)
        if not isinstance(value, str):
            self.fail(key, f"must be a text, not {value!r}. Put it in quotes.")
        return value

    def flag(self, key: str) -> bool:
        """Return whether a key says ``true``."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            self.fail(key, f"must be true or false, not {value!r}.")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number, which is required where there is no default."""
        return self._number(key, self._get(key, default))

    def numbers(self, key: str, count: int | None = None) -> tuple[float, ...]:
        """Return a list of numbers, of a certain length if one is given."""
        value = self._get(key)
        if not isinstance(value, list) or len(value) != (len(value) if count is None else count):
            self.fail(key, f"must be a list of {count or 'some'} numbers, not {value!r}.")
        return tuple([self._number(key, number) for number in value])

    def number_for_each(self, key: str, count: int) -> tuple[float, ...]:
        """Return a number for each of several amplifiers; one number is good for all."""
        if isinstance(self._get(key), list):
            return self.numbers(key, count)
        return (self.number(key),) * count

    def rows(self, key: str) -> list[tuple[float, ...]]:
        """Return a list of lists of numbers."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
            self.fail(key, f"must be a list of lists of numbers, not {value!r}.")
        return [tuple([self._number(key, number) for number in row]) for row in value]

    def box(self, key: str) -> Box:
        """Return a box written as ``x0:x1,y0:y1``; an empty one if the key is absent."""
        if key not in self._values:
            return Box()
        try:
            return Box.from_string(self.text(key))
        except BoxError as error:
            self.fail(key, f"is wrong: {error}")

    def choice(self, key: str, known: Mapping[str, _T], default: str | None = None) -> _T:
        """Return what one of the known words stands for."""
        word = self.text(key, default)
        if word not in known:
            self.fail(key, f"must be one of {', '.join(known)}, not {word!r}.")
        return known[word]

    def section(self, key: str) -> Section:
        """Return the mapping of a key; an empty one if it is absent."""
        return Section(self._path, self._below(key), self._values.get(key, {}))

    def sections(self) -> Iterator[tuple[object, Section]]:
        """Iterate over keys and their mappings."""
        for key, value in self._values.items():
            yield key, Section(self._path, self._below(key), value)

    def listed_sections(self, key: str) -> list[Section]:
        """Return the mappings in the list of a key."""
        value = self._get(key)
        if not isinstance(value, list) or not value:
            self.fail(key, "must be a list of mappings.")
        return [
            Section(self._path, f"{self._below(key)}[{place}]", one)
            for place, one in enumerate(value)
        ]

    def _below(self, key: object) -> str:
        return f"{self._place}.{key}" if self._place else str(key)

    def _get(self, key: str, default: object = None) -> object:
        value = self._values.get(key, _MISSING)
        if value is not _MISSING:
            return value
        if default is None:
            self.fail(key, "is missing.")
        return default

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(key, f"must be a number, not {value!r}.")
        if not math.isfinite(value):
            self.fail(key, f"must be a finite number, not {value!r}.")
        return float(value)


def read_sections(path: str) -> Section:
    """Read the YAML file of a camera.

    Raises
    ------
    CameraError
        If it cannot be read, is no YAML, or has a key twice.
    """
    import yaml

    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast
    try:
        with open(path, encoding="utf-8") as stream:
            loader = loader_class(stream)
            try:
                root = loader.get_single_node()
                if root is not None:
                    _refuse_duplicates(path, root)
                values = None if root is None else loader.construct_document(root)
            finally:
                loader.dispose()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        message = f"{path}: the description of a camera cannot be read: {reason}"
        raise CameraError(message) from None
    return Section(path, "", values)


def _refuse_duplicates(path: str, node: yaml.Node) -> None:
    """Refuse a mapping with one key twice, of which YAML would take the last silently."""
    from yaml import MappingNode, SequenceNode

    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, MappingNode):
            seen: set[str] = set()
            for key, value in one.value:
                if key.value in seen:
                    message = f"{path}: line {key.start_mark.line + 1}: {key.value!r} stands twice."
                    raise CameraError(message)
                seen.add(key.value)
                pending.append(value)
        elif isinstance(one, SequenceNode) and not one.flow_style:  # no mappings in [1, 2]
            pending.extend(one.value)
