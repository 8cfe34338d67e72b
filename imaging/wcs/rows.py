"""A WCS as a table of one row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import WcsError
from imaging.fits.persisted import describe, single_row
from imaging.fits.rows import Rows
from imaging.wcs.parameters import Coefficients, Sip, WcsParameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KIND", "VERSION", "parameters_from_rows", "rows_of_parameters"]

KIND = "Wcs"
VERSION = 1

_DESCRIPTIONS = {
    "crval": "[deg] right ascension and declination of the reference position",
    "crpix": "its parent pixel, counted from 0",
    "cd": "[deg/pixel] CD1_1, CD1_2, CD2_1, CD2_2",
    "projection": "projection",
    "lonpole": "[deg] NaN: default",
    "latpole": "[deg] NaN: default",
    "radesys": "system of coordinates",
    "equinox": "[yr] NaN: none",
}
_SIP = ("sip_a", "sip_b", "sip_ap", "sip_bp")


def rows_of_parameters(parameters: WcsParameters) -> Rows:
    """Return the numbers of a WCS as a table of one row."""
    values: dict[str, NDArray[np.generic]] = {
        "crval": np.array(parameters.crval, np.float64),
        "crpix": np.array(parameters.crpix, np.float64),
        "cd": np.array(parameters.cd, np.float64),
        "projection": np.array(parameters.projection.encode("ascii")),
        "lonpole": _or_nan(parameters.lonpole),
        "latpole": _or_nan(parameters.latpole),
        "radesys": np.array(parameters.radesys.encode("ascii")),
        "equinox": _or_nan(parameters.equinox),
    }
    sip = parameters.sip
    if sip is not None:
        matrices = (sip.a, sip.b, sip.ap, sip.bp)
        values |= {
            name: np.array(matrix, np.float64).ravel()
            for name, matrix in zip(_SIP, matrices, strict=True)
            if matrix
        }
    if parameters.pv:
        axes, numbers, coefficients = zip(*parameters.pv, strict=True)
        values["pv_axis"] = np.array(axes, np.int16)
        values["pv_number"] = np.array(numbers, np.int16)
        values["pv_value"] = np.array(coefficients, np.float64)
    array = single_row(values)
    return describe(Rows(array, descriptions=_DESCRIPTIONS), KIND, VERSION)


def _or_nan(value: float | None) -> NDArray[np.float64]:
    return np.array(math.nan if value is None else value, np.float64)


def parameters_from_rows(rows: Rows) -> WcsParameters:
    """Return the numbers of a WCS from a table of one row.

    Raises
    ------
    WcsError
        If it is another table.
    """
    names = set(rows.array.dtype.names or ())
    missing = sorted(set(_DESCRIPTIONS) - names)
    if len(rows) != 1 or missing:
        lacks = f" and lacks {', '.join(missing)}" if missing else ""
        raise WcsError(f"A WCS is a table of one row; this one has {len(rows)}{lacks}.")
    row = rows.array[0]
    crval, crpix, cd = (tuple(row[name].tolist()) for name in ("crval", "crpix", "cd"))
    sip = None
    if names & set(_SIP):
        sip = Sip(*(_matrix(row[name]) if name in names else () for name in _SIP))
    pv: tuple[tuple[int, int, float], ...] = ()
    if "pv_axis" in names:
        columns = (
            np.atleast_1d(row[f"pv_{name}"]).tolist() for name in ("axis", "number", "value")
        )
        pv = tuple(zip(*columns, strict=True))
    return WcsParameters(
        crval=crval,
        crpix=crpix,
        cd=cd,
        projection=_text(row["projection"]),
        lonpole=_or_none(row["lonpole"]),
        latpole=_or_none(row["latpole"]),
        radesys=_text(row["radesys"]),
        equinox=_or_none(row["equinox"]),
        sip=sip,
        pv=pv,
    )


def _or_none(value: np.float64) -> float | None:
    return None if math.isnan(value) else float(value)


def _text(value: bytes) -> str:
    return value.decode("ascii").rstrip()


def _matrix(values: NDArray[np.float64]) -> Coefficients:
    flat = np.atleast_1d(values)
    size = math.isqrt(flat.size)
    return tuple(map(tuple, flat.reshape(size, size).tolist()))
