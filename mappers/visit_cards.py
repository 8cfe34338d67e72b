"""Where the headers of a camera's raw files say what about an observation, as a table."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.mapper import Header
    from imaging.exposure.visit_info import RotationType, VisitInfo

__all__ = ["CardNumber", "VisitCards", "earth_rotation_angle", "tai_from_utc"]

_SEXAGESIMAL = re.compile(r"([+-]?)(\d{1,3}):(\d{1,2}):(\d{1,2}(?:\.\d*)?)")
_BILLION = 1_000_000_000
_DAY_NS = 86_400 * _BILLION
_DAYS_TO_J2000 = 10_957.5  # from 1970-01-01 to 2000-01-01T12


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A number in a header and how it becomes what we mean: ``scale * value + offset``.

    Parameters
    ----------
    card
        A number, a text that is one, or sexagesimal as ``-12:34:56.7``.
    scale, offset
        How the unit is changed.
    is_angle
        Whether the result is reduced to 0 to 360.
    """

    card: str
    scale: float = 1.0
    offset: float = 0.0
    is_angle: bool = False

    def find(self, header: Header) -> float:
        """Return the number, NaN if the header does not have it."""
        value = _number(header.get(self.card)) * self.scale + self.offset
        return value % 360.0 if self.is_angle else value


def _number(value: object) -> float:
    if isinstance(value, str):
        match = _SEXAGESIMAL.fullmatch(value.strip())
        if match:
            sign, whole, minutes, seconds = match.groups()
            size = int(whole) + int(minutes) / 60 + float(seconds) / 3600
            return -size if sign == "-" else size
        try:
            return float(value)
        except ValueError:
            return math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return math.nan


@dataclass(frozen=True, slots=True)
class VisitCards:
    """What a camera's headers tell, by the attributes of `imaging.VisitInfo`.

    Parameters
    ----------
    numbers, texts
        Attribute to card.
    rotation_type
        What ``boresight_rotation_deg`` is measured from.
    instrument_label
        Short name of the instrument.
    longitude_deg, latitude_deg, elevation_m
        Where the telescope stands, which headers seldom say.
    """

    numbers: Mapping[str, CardNumber]
    texts: Mapping[str, str] = field(default_factory=dict)
    rotation_type: RotationType = "UNKNOWN"
    instrument_label: str = ""
    longitude_deg: float = math.nan
    latitude_deg: float = math.nan
    elevation_m: float = math.nan

    def read(
        self, header: Header, begin_ns: int | None, *, visit: int | None, exposure_id: int | None
    ) -> VisitInfo:
        """Return what a header tells; what it does not tell is not known.

        Parameters
        ----------
        header
            Of a raw file.
        begin_ns
            When the exposure began: nanoseconds of TAI since 1970.
        visit, exposure_id
            Identifiers of the exposure of all detectors and of this one.
        """
        from imaging.exposure.visit_info import Observatory, VisitInfo, Weather

        found = {name: number.find(header) for name, number in self.numbers.items()}
        air = {name: found.pop(name) for name in Weather.__annotations__ if name in found}
        words = {name: header.get(card) for name, card in self.texts.items()}
        exposed = found.get("exposure_time_s", math.nan)
        middle = None
        if begin_ns is not None and math.isfinite(exposed):
            middle = begin_ns + round(exposed * _BILLION / 2)
        return VisitInfo(
            **found,  # type: ignore[arg-type]  # by name
            **{name: word for name, word in words.items() if isinstance(word, str)},  # type: ignore[arg-type]
            id=visit,
            exposure_id=exposure_id,
            date_avg_ns=middle,
            era_deg=math.nan if middle is None else earth_rotation_angle(middle),
            rotation_type=self.rotation_type,
            observatory=Observatory(self.longitude_deg, self.latitude_deg, self.elevation_m),
            weather=Weather(**air),
            instrument_label=self.instrument_label,
        )


def tai_from_utc(date: object, time: object) -> int | None:
    """Return an instant of UTC as nanoseconds of TAI since 1970, None if it is none.

    Parameters
    ----------
    date
        As ``2013-11-02``.
    time
        As ``06:15:55.908``.

    Notes
    -----
    The leap seconds are those of ERFA, which is imported twenty times faster
    than the times of astropy.
    """
    from imaging.dates.times import nanoseconds_from_text

    text = f"{str(date).strip()}T{str(time).strip()}"
    passed = nanoseconds_from_text(text, "TAI")
    if passed is None:
        return None
    import erfa

    year, month, day = map(int, text[:10].split("-"))
    leap_s = float(erfa.dat(year, month, day, passed % _DAY_NS / _DAY_NS))
    return passed + round(leap_s * _BILLION)


def earth_rotation_angle(tai_ns: int) -> float:
    """Return the Earth rotation angle in degrees; UT1 is taken as UTC, which is good to 0.004.

    Parameters
    ----------
    tai_ns
        Nanoseconds of TAI since 1970.
    """
    import erfa

    days = tai_ns / _DAY_NS
    year, month, day, fraction = erfa.jd2cal(2_440_587.5, days)
    leap_s = float(erfa.dat(int(year), int(month), int(day), float(fraction)))
    since = days - leap_s / 86_400 - _DAYS_TO_J2000
    turns = 0.7790572732640 + 0.00273781191135448 * since + since % 1.0  # IAU 2000
    return turns % 1.0 * 360.0
