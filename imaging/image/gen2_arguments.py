"""Arguments of constructors as the second generation has them.

There one name has many forms, ``ImageF(width, height)``, ``ImageF(box, value)``,
``ImageF(path)`` and so on, which are told apart by the types of what is given.
"""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeVar, cast

from imaging.errors import ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imaging.geometry.origin import Origin

__all__ = ["Gen2Arguments"]

_Kind = TypeVar("_Kind")


class Gen2Arguments:
    """What a constructor was given, to be taken from the first to the last.

    Parameters
    ----------
    made
        The name that was called, for errors.
    positional, keywords
        The arguments.
    """

    __slots__ = ("_made", "_named", "_rest")

    def __init__(
        self, made: str, positional: Sequence[object], keywords: Mapping[str, object]
    ) -> None:
        self._made, self._rest, self._named = made, list(positional), dict(keywords)

    def take(self, kind: type[_Kind], name: str = "") -> _Kind | None:
        """Take an argument of a type by its name, or if it is the next; None if it is not there.

        Raises
        ------
        ParameterTypeError
            If the argument of this name is of another type.
        """
        is_named = name in self._named
        if not (is_named or self._rest):
            return None
        value = self._named[name] if is_named else self._rest[0]
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if is_named and not fits and value is not None:
            raise ParameterTypeError(f"{self._made}: {name}={value!r} is no {kind.__name__}.")
        if is_named:
            del self._named[name]
        elif fits:
            del self._rest[0]
        return cast("_Kind", value) if fits else None

    def take_next(self, name: str = "") -> object:
        """Take an argument by its name, or what comes next; None if there is nothing."""
        if name in self._named or not self._rest:
            return self._named.pop(name, None)
        return self._rest.pop(0)

    def take_size(self) -> Box | None:
        """Take the pixels that are to be made: width and height, an extent or a box."""
        pair = self._rest[:2]
        if not self._rest and "width" in self._named:
            pair = [self._named.pop("width"), self._named.pop("height", None)]
            self._rest[:0] = pair
        whole = [
            int(number)
            for number in pair
            if isinstance(number, Integral) and not isinstance(number, bool)
        ]
        if len(whole) == 2:  # noqa: PLR2004 - width and height
            del self._rest[:2]
            return Box(Point2I(0, 0), Extent2I(*whole))
        size = self.take(Extent2I, "dimensions")
        if size is not None:
            return Box(Point2I(0, 0), size)
        is_first = not (self._rest and "bbox" in self._named)  # or it is a part of the first
        return self.take(Box, "bbox") if is_first else None

    def take_path(self) -> str | None:
        """Take the name of a file."""
        path = self.take(str, "fileName")
        if path is None and self._rest and isinstance(self._rest[0], os.PathLike):
            return str(os.fspath(self._rest.pop(0)))  # type: ignore[call-overload]  # it is one
        return path

    def take_number(self, name: str) -> float | None:
        """Take a number."""
        return cast("float | None", self.take(cast("type", Real), name))

    def take_part(self) -> tuple[Box | None, Origin, bool]:
        """Take box, kind of coordinates and depth of a part; an empty box stands for all."""
        box = self.take(Box, "bbox")
        origin = self.take(str, "origin") or "parent"
        deep = self.take(bool, "deep") or False
        return None if box is None or box.is_empty else box, cast("Origin", origin), deep

    def take_named(self, name: str) -> object:
        """Take an argument by its name, whatever it is; None if it is not there."""
        return self._named.pop(name, None)

    def take_keywords(self) -> dict[str, object]:
        """Take everything that is left with a name."""
        named, self._named = self._named, {}
        return named

    def finish(self) -> None:
        """Raise ParameterTypeError if something is left."""
        left = [*map(repr, self._rest), *(f"{name}={v!r}" for name, v in self._named.items())]
        if left:
            message = (
                f"{self._made}: {', '.join(left)} cannot be understood in this place. It is "
                "called with (width, height), (extent), (box), (path, box, origin), or with an "
                "object of its kind and perhaps (box, origin, deep)."
            )
            raise ParameterTypeError(message)
