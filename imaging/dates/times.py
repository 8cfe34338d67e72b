"""Instants in nanoseconds of International Atomic Time (TAI) since 1970, without loss."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astropy.time import Time

__all__ = ["nanoseconds_from_text", "text_from_nanoseconds", "time_from_nanoseconds"]

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.(\d{1,9})\d*)?Z?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000
_DAY = 86_400 * _BILLION
_MJD_OF_EPOCH = 40_587
_JD_OF_EPOCH = 2_440_587.5


def nanoseconds_from_text(text: str, scale: str) -> int | None:
    """Return the instant that a date in ISO form means, None if it means none.

    Parameters
    ----------
    text
        ``2025-05-21T01:31:20.647836617``, with or without a Z at the end.
    scale
        ``TAI``, ``UTC`` or another of astropy's time scales, which is
        imported for all but the first.
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    minutes, seconds, fraction = match.groups()
    if scale.upper() != "TAI":
        return _converted(text.strip().removesuffix("Z"), scale.lower())
    try:
        passed = datetime.fromisoformat(f"{minutes}:00+00:00") - _EPOCH
    except ValueError:
        return None
    whole = passed.days * 86_400 + passed.seconds + int(seconds)
    return whole * _BILLION + int(f"{fraction or '':0<9}")


def _converted(text: str, scale: str) -> int | None:
    from astropy.time import Time

    if scale not in Time.SCALES or scale == "local":
        return None
    try:
        tai = Time(text, format="isot", scale=scale).tai
    except ValueError:
        return None
    since, rest = float(tai.jd1) - _JD_OF_EPOCH, float(tai.jd2)
    days = round(since)
    return days * _DAY + round((since - days + rest) * _DAY)


def text_from_nanoseconds(nanoseconds: int) -> str:
    """Return an instant as a date in ISO form with nine decimals, in TAI."""
    whole, fraction = divmod(nanoseconds, _BILLION)
    moment = _EPOCH + timedelta(seconds=whole)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:09d}"


def time_from_nanoseconds(nanoseconds: int) -> Time:
    """Return an instant as astropy has it, in the scale TAI."""
    from astropy.time import Time

    days, rest = divmod(nanoseconds, _DAY)
    return Time(_MJD_OF_EPOCH + days, rest / _DAY, format="mjd", scale="tai")
