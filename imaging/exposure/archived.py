"""Parts of exposures in the archives that the LSST stack wrote.

Which columns its classes have was read from its public sources and files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from imaging.errors import FitsFileError, UndecodableError
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import BoundedField, ChebyshevField, ProductField
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.photo_calib import PhotoCalib
from imaging.fits.archive import making, pair_of
from imaging.geometry.box import Box
from imaging.geometry.points import Point2I
from imaging.geometry.polygon import Polygon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imaging.fits.archive import Archive, ArchiveEntry

__all__ = [
    "aperture_corrections_from_archive",
    "field_from_archive",
    "filter_from_archive",
    "photo_calib_from_archive",
    "polygon_from_archive",
]

_MAGGIES = 0  # the version in which calibrations were in maggies, not in nanojansky
_DEEPEST = 20  # a product of products of ... that is deeper refers to itself
_Decoded = TypeVar("_Decoded")


def photo_calib_from_archive(archive: Archive, id: int) -> PhotoCalib:  # noqa: A002 - its name there
    """Return a photometric calibration; see `aperture_corrections_from_archive`."""

    def decode(entry: ArchiveEntry) -> PhotoCalib:
        row = _rows(entry)[0]
        version = int(row["version"]) if "version" in (row.dtype.names or ()) else _MAGGIES
        if version == _MAGGIES:
            reason = f"its PhotoCalib (object {id}) is in maggies, which is not read here"
            raise UndecodableError(archive.path, reason)
        field_id = int(row["field"])
        is_constant = bool(np.ravel(row["flags"])[0] & 0x80) or not field_id
        field = None if is_constant else field_from_archive(archive, field_id)
        return PhotoCalib(float(row["calibrationMean"]), float(row["calibrationErr"]), field)

    return _decoded(archive, id, {"PhotoCalib": decode})


def aperture_corrections_from_archive(
    archive: Archive,
    id: int,  # noqa: A002 - its name there
) -> ApertureCorrections:
    """Return aperture corrections that the LSST stack wrote.

    Parameters
    ----------
    archive
        The archive of the file.
    id
        Number of the object in it.

    Raises
    ------
    FitsFileError
        If its tables are damaged.
    UndecodableError
        If it, or what it refers to, is of a class that is not known here, or
        not in the archive.
    """

    def decode(entry: ArchiveEntry) -> ApertureCorrections:
        return ApertureCorrections(
            (_text(row["name"]), field_from_archive(archive, int(row["field"])))
            for row in _rows(entry)
        )

    return _decoded(archive, id, {"ApCorrMap": decode})


def field_from_archive(archive: Archive, id: int, depth: int = 0) -> BoundedField:  # noqa: A002 - its name there
    """Return a function of the position; see `aperture_corrections_from_archive`.

    Parameters
    ----------
    archive, id
        The object.
    depth
        How many products it is part of.
    """

    def chebyshev(entry: ArchiveEntry) -> BoundedField:
        row = _rows(entry)[0]
        low, high = (Point2I(*map(int, pair_of(row, name))) for name in ("bbox_min", "bbox_max"))
        coefficients = np.ravel(row["coefficients"])
        return ChebyshevField(Box(low, high), coefficients.reshape(-1, int(row["order_x"]) + 1))

    def product(entry: ArchiveEntry) -> BoundedField:
        if depth > _DEEPEST:
            raise FitsFileError(archive.path, f"object {id} of its archive is part of itself")
        ids = _rows(entry)["id"].tolist()
        return ProductField(field_from_archive(archive, factor, depth + 1) for factor in ids)

    decoders = {"ChebyshevBoundedField": chebyshev, "ProductBoundedField": product}
    return _decoded(archive, id, decoders)


def filter_from_archive(archive: Archive, id: int) -> FilterLabel:  # noqa: A002 - its name there
    """Return a filter; see `aperture_corrections_from_archive`."""

    def decode(entry: ArchiveEntry) -> FilterLabel:
        return FilterLabel(_word(entry, "band") or None, _word(entry, "physical") or None)

    return _decoded(archive, id, {"FilterLabel": decode})


def polygon_from_archive(archive: Archive, id: int) -> Polygon:  # noqa: A002 - its name there
    """Return a polygon; see `aperture_corrections_from_archive`."""

    def decode(entry: ArchiveEntry) -> Polygon:
        corners = [pair_of(row, "vertices") for row in _rows(entry)]
        return Polygon(np.array(corners, np.float64))

    return _decoded(archive, id, {"Polygon": decode})


def _decoded(
    archive: Archive,
    id: int,  # noqa: A002 - its name there
    decoders: Mapping[str, Callable[[ArchiveEntry], _Decoded]],
) -> _Decoded:
    entry = archive.require(id)
    if entry.name not in decoders:
        reason = (
            f"object {id} of its archive is a {entry.name} of {entry.module or 'no module'}, "
            f"which is not read here; known is {' or '.join(sorted(decoders))}"
        )
        raise UndecodableError(archive.path, reason)
    with making(archive, entry):
        return decoders[entry.name](entry)


def _rows(entry: ArchiveEntry) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
    return entry.tables[0].array


def _word(entry: ArchiveEntry, name: str) -> str:
    """Return a text of the first row, which may be in a column of variable length."""
    table = entry.tables[0]
    if name not in table.variable:
        return _text(table.array[name][0])
    column = table.variable[name]
    begin, end = column.offsets[:2].tolist()
    return _text(column.values[begin:end].tobytes())


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")
