"""Values of columns in the units of reference catalogs: radians, nJy, MJD in TAI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import ReferenceCatalogError
from imaging.reference.epochs import mjd_of_epoch, mjd_of_julian_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "epoch_format",
    "epochs_in_mjd",
    "fluxes_of_magnitudes",
    "numbers",
    "require_magnitudes",
    "unit_factor",
]

_AB_ZERO_POINT_NJY: Final = 31.4  # of the magnitude in nJy: Oke & Gunn 1983, -48.6 in erg/s/cm2/Hz
_MAGNITUDES: Final = frozenset({"", "mag", "abmag", "mag(ab)", "mag_ab"})
_EPOCH_FORMATS: Final = {
    "mjd": "mjd",
    "d": "mjd",
    "day": "mjd",
    "jd": "jd",
    "jyear": "jyear",
    "yr": "jyear",
    "a": "jyear",
    "year": "jyear",
    "iso": "iso",
    "isot": "iso",
    "unix": "unix",
}
# Numbers of years, modified Julian days and Julian days of the years 1900 to 2100 do not overlap.
_YEARS, _MJD, _JD = (1900.0, 2100.0), (15020.0, 88070.0), (2415020.0, 2488070.0)
_MJD_OF_JD, _MJD_OF_UNIX = 2400000.5, 40587.0
_SECONDS_A_DAY: Final = 86400.0
_TAI_MINUS_UTC_S: Final = 37.0  # since 2017; before, up to 27 less, which nothing moves in


def unit_factor(unit: str, target: str, where: str) -> float:
    """Return by what values in a unit are to be multiplied.

    Parameters
    ----------
    unit
        As astropy spells it: ``mas/yr``, ``deg``, ``uJy``, ``12.5 nJy``.
    target
        The unit that is wanted.
    where
        The column, for the message.

    Raises
    ------
    ReferenceCatalogError
        If it is no unit, or one of something else.
    """
    from astropy import units as u

    try:
        return float(u.Unit(unit, parse_strict="raise").to(target))
    except (ValueError, TypeError, u.UnitConversionError) as error:
        raise ReferenceCatalogError(
            f"{where}: {unit!r} is no unit that becomes {target}. Write the right one behind the "
            f"column, as in {where}[{_example(target)}]."
        ) from error


def _example(target: str) -> str:
    return {"rad": "deg", "rad/yr": "mas/yr", "nJy": "uJy"}.get(target, target)


def require_magnitudes(unit: str, where: str) -> None:
    """Refuse magnitudes of another system than AB.

    Raises
    ------
    ReferenceCatalogError
        With the unit.
    """
    if unit.replace(" ", "").casefold() not in _MAGNITUDES:
        raise ReferenceCatalogError(
            f"{where}: its unit is {unit!r}, and only AB magnitudes become fluxes. If they are, "
            f"write {where}[mag]; otherwise convert them first."
        )


def numbers(values: NDArray[np.generic], where: str, missing: float | None) -> NDArray[np.float64]:
    """Return values as numbers, NaN where there is none.

    Parameters
    ----------
    values
        Of a column, masked where there is none.
    where
        The column, for the message.
    missing
        The number that stands for none.

    Raises
    ------
    ReferenceCatalogError
        If they are no numbers.
    """
    try:
        found = np.array(np.ma.getdata(values), np.float64)
    except (TypeError, ValueError) as error:
        raise ReferenceCatalogError(f"{where} holds no numbers: {error}") from error
    found[np.ma.getmaskarray(values)] = np.nan
    if missing is not None:
        found[found == missing] = np.nan
    return found


def fluxes_of_magnitudes(magnitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return fluxes in nJy of AB magnitudes."""
    return np.asarray(10 ** (0.4 * (_AB_ZERO_POINT_NJY - magnitudes)))


def epoch_format(unit: str, sample: object, where: str) -> tuple[str, str]:
    """Return in which form epochs are, and a sentence that says so if it was not said.

    Parameters
    ----------
    unit
        What the user or the file says, empty for nothing.
    sample
        One of them.
    where
        The column, for the message.

    Raises
    ------
    ReferenceCatalogError
        If it is not beyond doubt.
    """
    known = _EPOCH_FORMATS.get(unit.casefold())
    if known is not None:
        return known, ""
    if unit:
        raise ReferenceCatalogError(
            f"{where}: {unit!r} is no form of epochs. There are: mjd, jd, jyear, iso, unix."
        )
    if isinstance(sample, str):
        return "iso", f"{where} holds text: it is read as dates, in UTC unless they begin with J."
    number = float(sample)  # type: ignore[arg-type]  # numbers are all that is left
    for name, (begin, end) in (("jyear", _YEARS), ("mjd", _MJD), ("jd", _JD)):
        if begin <= number <= end:
            return name, f"{where} has no unit: {number:.10g} is taken as {name}."
    raise ReferenceCatalogError(
        f"{where} has no unit, and {number:.10g} is no date that one would know. Write which it "
        f"is: {where}[mjd], [jd], [jyear], [iso] or [unix]."
    )


def epochs_in_mjd(
    values: NDArray[np.generic], form: str, where: str, missing: float | None
) -> NDArray[np.float64]:
    """Return epochs as MJD in TAI.

    Parameters
    ----------
    values
        Of a column.
    form
        From `epoch_format`. Numbers are taken to be in TAI, whose difference
        to other scales moves no star; seconds of ``unix`` are in UTC.
    where, missing
        As for `numbers`.
    """
    if form == "iso":
        return _of_texts(values)
    found = numbers(values, where, missing)
    if form == "jyear":
        return np.asarray(mjd_of_julian_year(found))  # type: ignore[arg-type]  # of many at once
    if form == "jd":
        return found - _MJD_OF_JD
    if form == "unix":
        return (found + _TAI_MINUS_UTC_S) / _SECONDS_A_DAY + _MJD_OF_UNIX
    return found


def _of_texts(values: NDArray[np.generic]) -> NDArray[np.float64]:
    data = np.ma.getdata(values)
    texts = np.char.decode(data, "utf-8") if data.dtype.kind == "S" else data.astype(str)
    is_there = ~np.ma.getmaskarray(values) & (np.char.strip(texts) != "")
    found = np.full(len(texts), np.nan)
    if is_there.any():
        unique, places = np.unique(texts[is_there], return_inverse=True)
        found[is_there] = np.array([mjd_of_epoch(str(text)) for text in unique])[places]
    return found
