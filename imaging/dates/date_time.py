"""One instant, as users of the LSST stack have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from imaging.dates.gen2_names import DateTimeNames
from imaging.dates.times import nanoseconds_from_text, text_from_nanoseconds, time_from_nanoseconds
from imaging.errors import ParameterTypeError, ParameterValueError

if TYPE_CHECKING:
    from astropy.time import Time

__all__ = ["DateSystem", "DateTime", "Timescale"]

_BILLION = 1_000_000_000
_DAY_S = 86_400


class Timescale(Enum):
    """How time is counted."""

    TAI = "tai"
    UTC = "utc"
    TT = "tt"


class DateSystem(Enum):
    """A date as one number: Julian date, modified Julian date, Julian epoch."""

    JD = "jd"
    MJD = "mjd"
    EPOCH = "jyear"


@dataclass(frozen=True, slots=True, init=False)
class DateTime(DateTimeNames):
    """One instant, to the nanosecond, or none.

    Parameters
    ----------
    date
        An integer of nanoseconds since 1970, a number of days or years as
        ``system`` says, a text as ``2025-05-21T01:31:20.647836617``, or None.
    system
        `MJD` by default; of integers and texts it can be left out.
    scale
        `TAI` by default.

    Raises
    ------
    ParameterTypeError
        If the date is something else.
    ParameterValueError
        If the text is not a date.
    """

    TAI: ClassVar[Timescale] = Timescale.TAI
    UTC: ClassVar[Timescale] = Timescale.UTC
    TT: ClassVar[Timescale] = Timescale.TT
    JD: ClassVar[DateSystem] = DateSystem.JD
    MJD: ClassVar[DateSystem] = DateSystem.MJD
    EPOCH: ClassVar[DateSystem] = DateSystem.EPOCH

    nanoseconds: int | None
    """Of TAI since 1970."""

    def __init__(
        self,
        date: float | str | None = None,
        system: DateSystem | Timescale | None = None,
        scale: Timescale | None = None,
    ) -> None:
        if isinstance(system, Timescale):
            system, scale = None, system
        found = _nanoseconds(date, system or DateSystem.MJD, scale or Timescale.TAI)
        object.__setattr__(self, "nanoseconds", found)

    @classmethod
    def now(cls) -> DateTime:
        """Return this instant."""
        from astropy.time import Time

        return cls(_from_time(Time.now()))

    @property
    def is_valid(self) -> bool:
        """Whether it is an instant at all."""
        return self.nanoseconds is not None

    def get(self, system: DateSystem = DateSystem.MJD, scale: Timescale = Timescale.TAI) -> float:
        """Return it as one number, of days or years."""
        return float(getattr(getattr(self.to_astropy(), scale.value), system.value))

    def nanoseconds_in(self, scale: Timescale | None = None) -> int:
        """Return the nanoseconds since 1970 began in a scale, TAI by default."""
        nanoseconds = self._require()
        if scale in {None, Timescale.TAI}:
            return nanoseconds
        tai = self.to_astropy()
        there = getattr(tai, Timescale(scale).value)
        ahead = (there.jd1 - tai.jd1 + (there.jd2 - tai.jd2)) * _DAY_S
        microseconds: int = round(ahead * 1e6)  # since 1972 no scales differ by less
        return nanoseconds + 1000 * microseconds

    def to_astropy(self) -> Time:
        """Return it as astropy's Time, in TAI."""
        return time_from_nanoseconds(self._require())

    def to_datetime(self, scale: Timescale | None = None) -> datetime:
        """Return it as Python's datetime without a time zone, in TAI by default."""
        microseconds = self.nanoseconds_in(scale) // 1000
        return datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001 - TAI is none

    def to_text(self, scale: Timescale | None = None) -> str:
        """Return it in ISO form with nine decimals; a Z stands after UTC."""
        end = "Z" if scale is Timescale.UTC else ""
        return text_from_nanoseconds(self.nanoseconds_in(scale)) + end

    def _require(self) -> int:
        if self.nanoseconds is None:
            raise ParameterValueError("The date is not known: ask is_valid first.")
        return self.nanoseconds

    def __repr__(self) -> str:
        return f'DateTime("{self.to_text()}", TAI)' if self.is_valid else "DateTime()"


def _nanoseconds(date: float | str | None, system: DateSystem, scale: Timescale) -> int | None:
    if date is None:
        return None
    if isinstance(date, str):
        found = nanoseconds_from_text(date, scale.name)
        if found is None:
            raise ParameterValueError(f"{date!r} is not a date like 2025-05-21T01:31:20.5.")
        return found
    if isinstance(date, bool) or not isinstance(date, int | float):
        raise ParameterTypeError(f"A date is a number or a text, not {date!r}.")
    if isinstance(date, int) and scale is Timescale.TAI:
        return date
    from astropy.time import Time

    if isinstance(date, int):
        days, rest = divmod(date, _DAY_S * _BILLION)
        return _from_time(
            Time(40_587 + days, rest / (_DAY_S * _BILLION), format="mjd", scale=scale.value)
        )
    return _from_time(Time(date, format=system.value, scale=scale.value))


def _from_time(time: Time) -> int:
    tai = time.tai
    days = round(float(tai.jd1) - 2_440_587.5)
    rest = float(tai.jd1) - 2_440_587.5 - days + float(tai.jd2)
    return (days * _DAY_S) * _BILLION + round(rest * _DAY_S * _BILLION)
