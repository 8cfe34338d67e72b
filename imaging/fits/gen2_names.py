"""The names that users of the LSST stack's second generation know: headers.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.fits.cards import CardValue

__all__ = ["MetadataNames"]


class _Cards(Protocol):
    def __getitem__(self, name: str, /) -> CardValue: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def get_all(self, name: str) -> list[CardValue]: ...
    def get_comment(self, name: str) -> str: ...
    def to_dict(self) -> dict[str, CardValue | list[CardValue]]: ...


class MetadataNames:
    """Gen2 spellings of `imaging.fits.metadata.Metadata`."""

    __slots__ = ()

    def getScalar(self: _Cards, name: str) -> CardValue:
        """Return ``self[name]``."""
        return self[name]

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
