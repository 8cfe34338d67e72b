"""WCS that the LSST stack wrote into its archives.

A TanWcs is a row of crval, crpix (parent pixels counted from 0), cd by columns
(CD1_1, CD2_1, CD1_2, CD2_2), ctype, equinox, radesys and cunit; where it has
distortions, a second row has the SIP coefficients A, B, Ap and Bp, each a
square matrix by columns. A SkyWcs is a text of the AST library, which is not
read: the header of the image has the WCS too, exactly or as an approximation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import UndecodableError, WcsError
from imaging.wcs.header import read_parameters
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from imaging.fits.archive import Archive, ArchiveEntry
    from imaging.fits.cards import CardValue

__all__ = ["wcs_from_archive"]

_CD = ("CD1_1", "CD2_1", "CD1_2", "CD2_2")


def wcs_from_archive(archive: Archive, id: int) -> Wcs:  # noqa: A002 - as archives call it
    """Return a WCS of an archive.

    Parameters
    ----------
    archive
        Of the file.
    id
        Number of the object.

    Raises
    ------
    UndecodableError
        If it is of a class that is not read here (SkyWcs), or damaged: then
        `Wcs.from_metadata` may find one in the header of the image.
    """
    entry = archive.require(id)
    if entry.name not in {"TanWcs", "Wcs"}:
        reason = (
            f"object {id} of its archive is a {entry.name} of {entry.module or 'no module'}, "
            "which is not read: take the WCS of the image's header"
        )
        raise UndecodableError(archive.path, reason)
    try:
        return Wcs(read_parameters(_cards(entry), (0, 0)))
    except (LookupError, ValueError) as error:  # a WcsError is a ValueError
        reason = f"object {id} of its archive is not a {entry.name} as expected: {error}"
        raise UndecodableError(archive.path, reason.rstrip(".")) from error


def _cards(entry: ArchiveEntry) -> dict[str, CardValue]:
    """Return what a header would say, so that it is checked and read in one way only."""
    if not entry.tables or any(len(rows) != 1 for rows in entry.tables):
        raise WcsError("it is not made of tables of one row each")
    row = entry.tables[0].array[0]
    texts = {name: row[name].decode("latin-1").strip() for name in ("ctype1", "ctype2", "radesys")}
    cards: dict[str, CardValue] = {name.upper(): text for name, text in texts.items()}
    for axis in (1, 2):
        cards[f"CUNIT{axis}"] = row[f"cunit{axis}"].decode("latin-1").strip()
        cards[f"CRVAL{axis}"] = float(row["crval"][axis - 1])
        cards[f"CRPIX{axis}"] = float(row["crpix"][axis - 1]) + 1.0
    cards |= {name: float(value) for name, value in zip(_CD, row["cd"], strict=True)}
    if math.isfinite(row["equinox"]):
        cards["EQUINOX"] = float(row["equinox"])
    if len(entry.tables) > 1:
        sip = entry.tables[1].array
        for name in ("A", "B", "Ap", "Bp"):
            cards |= _coefficients(name.upper(), np.atleast_1d(sip[name][0]))
    return cards


def _coefficients(
    name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> dict[str, CardValue]:
    size = math.isqrt(values.size)
    matrix = values.reshape(size, size).T  # by columns
    if not np.any(matrix):
        return {}
    cards: dict[str, CardValue] = {f"{name}_ORDER": size - 1}
    for i, j in zip(*np.nonzero(matrix), strict=True):
        cards[f"{name}_{i}_{j}"] = float(matrix[i, j])
    return cards
