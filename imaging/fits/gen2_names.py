"""The names that users of the LSST stack's second generation know: headers.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Protocol, TypeVar

from imaging.fits.cards import require_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.fits.cards import CardValue

__all__ = ["MetadataNames"]

_Copy = TypeVar("_Copy")
_Copy_co = TypeVar("_Copy_co", covariant=True)


class _Cards(Protocol):
    def __getitem__(self, name: str, /) -> CardValue: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def get_all(self, name: str) -> list[CardValue]: ...
    def get_comment(self, name: str) -> str: ...
    def to_dict(self) -> dict[str, CardValue | list[CardValue]]: ...


class _Scalars(Protocol):
    def getScalar(self, name: str) -> CardValue: ...


class _Settable(Protocol):
    def set(self, name: str, value: CardValue, comment: str | None = None) -> None: ...


class _Copyable(Protocol[_Copy_co]):
    def copy(self) -> _Copy_co: ...


class MetadataNames:
    """Gen2 spellings of `imaging.fits.metadata.Metadata`."""

    __slots__ = ()

    def getScalar(self: _Cards, name: str) -> CardValue:
        """Return the value that was added last."""
        return (self.get_all(name) or [self[name]])[-1]

    def getAsBool(self: _Scalars, name: str) -> bool:
        """Return the value that was added last, which is a boolean."""
        return require_kind(name, self.getScalar(name), bool)

    def getAsInt(self: _Scalars, name: str) -> int:
        """Return the value that was added last, which is a whole number."""
        return int(require_kind(name, self.getScalar(name), int))

    def getAsInt64(self: _Scalars, name: str) -> int:
        """Return the value that was added last, which is a whole number."""
        return int(require_kind(name, self.getScalar(name), int))

    def getAsDouble(self: _Scalars, name: str) -> float:
        """Return the value that was added last, which is a number."""
        return float(require_kind(name, self.getScalar(name), float))

    def getAsString(self: _Scalars, name: str) -> str:
        """Return the value that was added last, which is a text."""
        return require_kind(name, self.getScalar(name), str)

    def setBool(self: _Settable, name: str, value: bool, comment: str | None = None) -> None:  # noqa: FBT001 - as Gen2 has it
        """Call ``set`` with a boolean."""
        self.set(name, bool(value), comment)

    def setInt(self: _Settable, name: str, value: int, comment: str | None = None) -> None:
        """Call ``set`` with a whole number."""
        self.set(name, index(value), comment)

    def setDouble(self: _Settable, name: str, value: float, comment: str | None = None) -> None:
        """Call ``set`` with a floating-point number."""
        self.set(name, float(value), comment)

    def setString(self: _Settable, name: str, value: str, comment: str | None = None) -> None:
        """Call ``set`` with a text."""
        self.set(name, str(value), comment)

    def deepCopy(self: _Copyable[_Copy]) -> _Copy:
        """Call ``copy``."""
        return self.copy()

    def toString(self, topLevelOnly: bool = False, indent: str = "") -> str:  # noqa: FBT001, FBT002, ARG002 - as Gen2 has it, where sets lie in sets
        """Return ``str(self)``, with something before each line."""
        return "".join(f"{indent}{line}\n" for line in str(self).splitlines())

    def paramNames(self: _Cards, topLevelOnly: bool = True) -> list[str]:  # noqa: FBT001, FBT002, ARG002 - as above
        """Return ``list(self)``."""
        return list(self)

    def getArray(self: _Cards, name: str) -> list[CardValue]:
        """Call ``get_all``."""
        return self.get_all(name)

    def getComment(self: _Cards, name: str) -> str:
        """Call ``get_comment``."""
        return self.get_comment(name)

    def exists(self: _Cards, name: str) -> bool:
        """Return ``name in self``."""
        return name in self

    def names(self: _Cards) -> list[str]:
        """Return ``list(self)``."""
        return list(self)

    def getOrderedNames(self: _Cards) -> list[str]:
        """Return ``list(self)``."""
        return list(self)

    def nameCount(self: _Cards) -> int:
        """Return ``len(self)``."""
        return len(self)

    def valueCount(self: _Cards, name: str) -> int:
        """Return the length of ``get_all``."""
        return len(self.get_all(name))

    def toDict(self: _Cards) -> dict[str, CardValue | list[CardValue]]:
        """Call ``to_dict``."""
        return self.to_dict()
