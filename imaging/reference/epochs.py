"""Points in time as one names them, and as reference catalogs keep them: MJD in TAI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias, Union

from imaging.errors import ParameterTypeError, ParameterValueError

if TYPE_CHECKING:
    from astropy.time import Time

__all__ = ["DAYS_PER_YEAR", "Epoch", "mjd_of_epoch", "mjd_of_julian_year"]

Epoch: TypeAlias = Union["Time", str, float]
"""A time of astropy, a date in ISO form or as ``J2016.0``, or an MJD in TAI."""

DAYS_PER_YEAR = 365.25
"""Of the Julian year, by which proper motions count."""

_J2000_MJD = 51544.5


def mjd_of_epoch(epoch: Epoch) -> float:
    """Return an epoch as MJD in TAI.

    Parameters
    ----------
    epoch
        A time of astropy; a text such as ``2013-11-02``, ``2013-11-02T06:15:56``
        (in UTC) or ``J2016.0``; or a number, the MJD in TAI.

    Raises
    ------
    ParameterTypeError
        If it is something else.
    ParameterValueError
        If the text is no date, or the number none that is finite.
    """
    if isinstance(epoch, str):
        return _of_text(epoch)
    tai = getattr(epoch, "tai", None)
    if tai is not None:
        number = tai.mjd
    elif isinstance(epoch, bool) or not hasattr(epoch, "__float__"):
        raise ParameterTypeError(
            f"epoch={epoch!r}: give a time of astropy, a date in ISO form, J2016.0, or an MJD."
        )
    else:
        number = epoch
    try:
        mjd = float(number)
    except TypeError as error:
        raise ParameterTypeError(f"epoch={epoch!r} is not one time.") from error
    if not math.isfinite(mjd):
        raise ParameterValueError(f"epoch={epoch!r} is no time.")
    return mjd


def mjd_of_julian_year(year: float) -> float:
    """Return a Julian year, such as 2016.0, as MJD; scales of time are not told apart."""
    return _J2000_MJD + (year - 2000.0) * DAYS_PER_YEAR


def _of_text(text: str) -> float:
    from astropy.time import Time

    bare = text.strip()
    try:
        if bare[:1] in {"J", "j"}:
            return mjd_of_julian_year(float(bare[1:]))
        return float(Time(bare, scale="utc").tai.mjd)
    except ValueError as error:
        raise ParameterValueError(
            f"epoch={text!r} is no date: write 2013-11-02, 2013-11-02T06:15:56 or J2016.0."
        ) from error
