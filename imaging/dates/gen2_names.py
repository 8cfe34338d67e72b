"""The names that users of the LSST stack's second generation know: instants.

Each class is a mixin of one-line delegations to the PEP 8 name, so that an override changes both.
What a mixin needs of its class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from astropy.time import Time

__all__ = ["DateTimeNames"]

_Scale = TypeVar("_Scale")
_Scale_contra = TypeVar("_Scale_contra", contravariant=True)


class _Instant(Protocol):
    @property
    def is_valid(self) -> bool: ...
    def to_astropy(self) -> Time: ...


class _Scaled(Protocol[_Scale_contra]):
    def to_datetime(self, scale: _Scale_contra | None = None) -> datetime: ...
    def to_text(self, scale: _Scale_contra | None = None) -> str: ...
    def nanoseconds_in(self, scale: _Scale_contra | None = None) -> int: ...


class DateTimeNames:
    """Gen2 spellings of `imaging.dates.date_time.DateTime`."""

    __slots__ = ()

    def isValid(self: _Instant) -> bool:
        return self.is_valid

    def toAstropy(self: _Instant) -> Time:
        return self.to_astropy()

    def toPython(self: _Scaled[_Scale], timescale: _Scale | None = None) -> datetime:
        return self.to_datetime(timescale)

    def toString(self: _Scaled[_Scale], scale: _Scale | None = None) -> str:
        return self.to_text(scale)

    def nsecs(self: _Scaled[_Scale], scale: _Scale | None = None) -> int:
        return self.nanoseconds_in(scale)
