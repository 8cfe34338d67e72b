"""A WCS in the cards of a FITS header.

Read are CD, PC with CDELT, and CDELT with CROTA2; SIP coefficients, whether or
not CTYPE says -SIP; and PV. Coefficients that SCAMP wrote beside TAN make it a
TPV projection, and are ignored where there is SIP, as astropy does it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from imaging.errors import WcsError
from imaging.fits.cards import Card
from imaging.fits.metadata import Metadata
from imaging.wcs.parameters import Coefficients, Sip, WcsParameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imaging.fits.cards import CardValue
    from imaging.geometry.points import Point2I

__all__ = ["has_sky", "read_parameters", "wcs_cards"]

_CTYPE = re.compile(r"([A-Z]{1,4})-+([A-Z]{3})(-SIP)?")
_LATITUDES = {"RA": "DEC", "GLON": "GLAT", "ELON": "ELAT", "SLON": "SLAT", "HLON": "HLAT"}
_CELESTIAL = frozenset(_LATITUDES) | frozenset(_LATITUDES.values())
_PROJECTIONS = frozenset(
    {"AZP", "SZP", "TAN", "STG", "SIN", "ARC", "ZPN", "ZEA", "AIR", "CYP", "CEA", "CAR", "MER"}
    | {"SFL", "PAR", "MOL", "AIT", "COP", "COE", "COD", "BON", "PCO", "TSC", "CSC", "QSC", "HPX"}
    | {"XPH", "TPV", "COO"}  # codespell:ignore coo
)
_DEGREES = {
    "": 1.0,
    "DEG": 1.0,
    "DEGREE": 1.0,
    "DEGREES": 1.0,
    "ARCMIN": 1 / 60,
    "ARCSEC": 1 / 3600,
    "MAS": 1 / 3_600_000,
    "RAD": 180 / math.pi,
}
_PV = re.compile(r"PV([12])_(\d{1,2})")
_FK4_UNTIL = 1984.0  # FITS standard 4.0, table 24
_MAX_ORDER = 9  # of SIP, Shupe et al. 2005
_LATITUDE = 2
_OF_TAN = frozenset({1, 2, 3, 4})  # PV1_1 to PV1_4 belong to every projection but TPV
_POLE_NUMBERS = {"LONPOLE": 3, "LATPOLE": 4}  # of the PV1 that say the same


def has_sky(header: Mapping[str, CardValue]) -> bool:
    """Return whether a header speaks of the sky at all, on one of its first two axes."""
    return any(_name(header, axis) in _CELESTIAL for axis in (1, 2))


def read_parameters(
    header: Mapping[str, CardValue], origin: Point2I | tuple[int, int]
) -> WcsParameters:
    """Return the WCS of a header.

    Parameters
    ----------
    header
        That of the HDU with the pixels.
    origin
        Parent coordinates of the first pixel of the array: CRPIX counts from it.

    Raises
    ------
    WcsError
        If there is none, or it cannot be used.
    """
    swapped, projection, has_suffix = _axes(header)
    _check_tables(header)
    numbers = _numbers(header, [f"{name}{axis}" for name in ("CRVAL", "CRPIX") for axis in (1, 2)])
    units = [_unit(header, axis) for axis in (1, 2)]
    crval = [value * unit for value, unit in zip(numbers[:2], units, strict=True)]
    xx, xy, yx, yy = _matrix(header)
    rows = [(xx * units[0], xy * units[0]), (yx * units[1], yy * units[1])]
    if swapped:
        crval.reverse()
        rows.reverse()
    if not abs(rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]) > 0:
        raise WcsError(f"The matrix of the WCS, {[xx, xy, yx, yy]}, has no inverse.")
    radesys, equinox = _system(header)
    sip = _sip(header) if projection == "TAN" or has_suffix else None
    pv = () if sip else tuple(_projection_parameters(header, swapped=swapped))
    if projection == "TAN" and any(axis == _LATITUDE or n not in _OF_TAN for axis, n, _ in pv):
        projection = "TPV"
    poles = [
        _pole(header, name, () if projection == "TPV" else pv) for name in ("LONPOLE", "LATPOLE")
    ]
    return WcsParameters(
        crval=(crval[0] % 360.0, crval[1]),
        crpix=(numbers[2] - 1.0 + origin[0], numbers[3] - 1.0 + origin[1]),
        cd=(*rows[0], *rows[1]),
        projection=projection,
        radesys=radesys,
        equinox=equinox,
        sip=sip,
        pv=() if projection == "TAN" else pv,
        lonpole=poles[0],
        latpole=poles[1],
    )


def _name(header: Mapping[str, CardValue], axis: int) -> str:
    match = _CTYPE.fullmatch(str(header.get(f"CTYPE{axis}", "")).strip().upper())
    return match[1] if match else ""


def _axes(header: Mapping[str, CardValue]) -> tuple[bool, str, bool]:
    """Return whether declination comes first, the projection, and whether CTYPE says -SIP."""
    texts = [str(header.get(f"CTYPE{axis}", "")).strip().upper() for axis in (1, 2)]
    matches = [_CTYPE.fullmatch(text) for text in texts]
    shown = f"CTYPE1 and CTYPE2 are {texts[0]!r} and {texts[1]!r}"
    if not all(texts):
        raise WcsError("The header has no WCS: CTYPE1 or CTYPE2 is missing.")
    if None in matches or {match[1] for match in matches if match} != {"RA", "DEC"}:
        raise WcsError(f"The header has no WCS with right ascension and declination: {shown}.")
    first, second = (match for match in matches if match)
    if (first[2], bool(first[3])) != (second[2], bool(second[3])):
        raise WcsError(f"The axes of the WCS have different projections: {shown}.")
    if first[2] not in _PROJECTIONS:
        raise WcsError(
            f"The projection {first[2]} is not known here: {shown}. "
            "Fit one of the FITS standard, or TPV, or TAN with SIP."
        )
    return first[1] == "DEC", first[2], bool(first[3])


def _check_tables(header: Mapping[str, CardValue]) -> None:
    names = [
        name for axis in (1, 2) for name in (f"CPDIS{axis}", f"D2IMDIS{axis}") if name in header
    ]
    if names:
        raise WcsError(f"Distortions in tables are not read: the header has {', '.join(names)}.")


def _numbers(header: Mapping[str, CardValue], names: Iterable[str]) -> list[float]:
    values = {name: header.get(name) for name in names}
    missing = [name for name in values if name not in header]
    if missing:
        raise WcsError(f"The WCS is not complete: {', '.join(missing)} missing.")
    wrong = [f"{name} = {value!r}" for name, value in values.items() if not _is_number(value)]
    if wrong:
        raise WcsError(f"The WCS has cards that are not numbers: {', '.join(wrong)}.")
    return [float(value) for value in values.values() if isinstance(value, int | float)]


def _is_number(value: CardValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _pole(
    header: Mapping[str, CardValue], name: str, pv: Iterable[tuple[int, int, float]]
) -> float | None:
    if name in header:
        return _numbers(header, [name])[0]
    place = (1, _POLE_NUMBERS[name])
    return next((value for axis, number, value in pv if (axis, number) == place), None)


def _or(header: Mapping[str, CardValue], name: str, default: float) -> float:
    return _numbers(header, [name])[0] if name in header else default


def _unit(header: Mapping[str, CardValue], axis: int) -> float:
    text = str(header.get(f"CUNIT{axis}") or "").strip().upper()
    if text not in _DEGREES:
        raise WcsError(f"CUNIT{axis} = {text!r} is not a unit of angles that is known here.")
    return _DEGREES[text]


def _matrix(header: Mapping[str, CardValue]) -> list[float]:
    """Return the four elements in the units of the header, by row."""
    elements = ("1_1", "1_2", "2_1", "2_2")
    if any(f"CD{element}" in header for element in elements):
        return [_or(header, f"CD{element}", 0.0) for element in elements]
    steps = _numbers(header, ["CDELT1", "CDELT2"])
    if any(f"PC{element}" in header for element in elements):
        units = (1.0, 0.0, 0.0, 1.0)
        pc = [_or(header, f"PC{name}", unit) for name, unit in zip(elements, units, strict=True)]
        return [steps[index // 2] * value for index, value in enumerate(pc)]
    angle = math.radians(_or(header, "CROTA2", 0.0))
    cos, sin = math.cos(angle), math.sin(angle)
    return [steps[0] * cos, -steps[1] * sin, steps[0] * sin, steps[1] * cos]


def _system(header: Mapping[str, CardValue]) -> tuple[str, float | None]:
    equinox = header.get("EQUINOX", header.get("EPOCH"))
    year = float(equinox) if _is_number(equinox) and isinstance(equinox, int | float) else None
    radesys = str(header.get("RADESYS") or header.get("RADECSYS") or "").strip().upper()
    if not radesys:
        radesys = "ICRS" if year is None else "FK4" if year < _FK4_UNTIL else "FK5"
    return radesys, None if radesys == "ICRS" else year


def _sip(header: Mapping[str, CardValue]) -> Sip | None:
    a, b, ap, bp = (_coefficients(header, name) for name in ("A", "B", "AP", "BP"))
    return Sip(a, b, ap, bp) if a or b else None


def _coefficients(header: Mapping[str, CardValue], name: str) -> Coefficients:
    if f"{name}_ORDER" not in header:
        return ()
    order = int(_numbers(header, [f"{name}_ORDER"])[0])
    if not 0 <= order <= _MAX_ORDER:
        raise WcsError(f"{name}_ORDER = {order} is not the order of a SIP polynomial, 0 to 9.")
    places = range(order + 1)
    return tuple(tuple(_or(header, f"{name}_{i}_{j}", 0.0) for j in places) for i in places)


def _projection_parameters(
    header: Mapping[str, CardValue], *, swapped: bool
) -> Iterator[tuple[int, int, float]]:
    for name in header:
        match = _PV.fullmatch(name)
        if match:
            axis = 3 - int(match[1]) if swapped else int(match[1])
            yield axis, int(match[2]), _numbers(header, [name])[0]


def wcs_cards(parameters: WcsParameters, origin: Point2I | tuple[int, int]) -> Metadata:
    """Return a WCS as cards.

    Parameters
    ----------
    parameters
        The WCS.
    origin
        Parent coordinates of the first pixel of the array that has the header.
    """
    return Metadata(_cards(parameters, origin))


def _cards(parameters: WcsParameters, origin: Point2I | tuple[int, int]) -> Iterator[Card]:
    suffix = "-SIP" if parameters.sip else ""
    yield Card("WCSAXES", 2, "number of axes")
    yield Card("CTYPE1", f"RA---{parameters.projection}{suffix}", "right ascension")
    yield Card("CTYPE2", f"DEC--{parameters.projection}{suffix}", "declination")
    for axis in (1, 2):
        yield Card(f"CUNIT{axis}", "deg", "")
        yield Card(f"CRVAL{axis}", parameters.crval[axis - 1], "[deg] reference position")
        crpix = parameters.crpix[axis - 1] - origin[axis - 1] + 1.0
        yield Card(f"CRPIX{axis}", crpix, "its pixel, the first being 1")
    for element, value in zip(("1_1", "1_2", "2_1", "2_2"), parameters.cd, strict=True):
        yield Card(f"CD{element}", value, "[deg/pixel]")
    for name, pole in (("LONPOLE", parameters.lonpole), ("LATPOLE", parameters.latpole)):
        if pole is not None:
            yield Card(name, pole, "[deg]")
    yield Card("RADESYS", parameters.radesys, "system of coordinates")
    if parameters.equinox is not None:
        yield Card("EQUINOX", parameters.equinox, "[yr]")
    for axis, number, value in parameters.pv:
        yield Card(f"PV{axis}_{number}", value, "")
    if parameters.sip:
        yield from _sip_cards(parameters.sip)


def _sip_cards(sip: Sip) -> Iterator[Card]:
    for name, rows in (("A", sip.a), ("B", sip.b), ("AP", sip.ap), ("BP", sip.bp)):
        if rows or name in {"A", "B"}:  # either needs the other
            yield Card(f"{name}_ORDER", max(len(rows) - 1, 0), "order of the distortion")
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if value:
                    yield Card(f"{name}_{i}_{j}", value, "")
