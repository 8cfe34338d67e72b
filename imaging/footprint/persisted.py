"""The tables of a file in which footprints are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import UndecodableError
from imaging.fits.persisted import check_kind, describe
from imaging.fits.rows import Rows
from imaging.footprint.arrays import FootprintArrays
from imaging.footprint.peaks import PEAK_DTYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLES", "from_rows", "to_rows"]

_ROWS: Final = "FOOTPRINTS"
_SPANS: Final = "FOOTPRINT_SPANS"
_PEAKS: Final = "FOOTPRINT_PEAKS"
_PIXELS: Final = "FOOTPRINT_PIXELS"

TABLES: Final = (_ROWS, _SPANS, _PEAKS, _PIXELS)
"""The EXTNAMEs of the tables, in their order."""

_KINDS = {
    _ROWS: "Footprints",
    _SPANS: "FootprintSpans",
    _PEAKS: "FootprintPeaks",
    _PIXELS: "FootprintPixels",
}
_VERSION = 1
_ROW_DTYPE = np.dtype(
    [("kind", "u1"), ("n_spans", "i4"), ("n_peaks", "i4"), ("n_pixels", "i4"), ("region", "i4", 4)]
)
_SPAN_DTYPE = np.dtype([("y", "i4"), ("x0", "i4"), ("x1", "i4")])
_DESCRIPTIONS = {
    "kind": "0 for no footprint, 1 for one, 2 for one with pixel values",
    "n_spans": "number of rows of FOOTPRINT_SPANS that belong to it",
    "n_peaks": "number of rows of FOOTPRINT_PEAKS that belong to it",
    "n_pixels": "number of rows of FOOTPRINT_PIXELS that belong to it",
    "region": "image it was found in: min x, min y, width, height",
    "y": "row of the span",
    "x0": "first column of the span",
    "x1": "last column of the span, inclusive",
    "f_x": "column of the peak",
    "f_y": "row of the peak",
    "i_x": "column of the highest pixel",
    "i_y": "row of the highest pixel",
    "peak_value": "value of the image at the peak",
    "image": "value of the pixel",
    "mask": "flags of the pixel",
    "variance": "variance of the pixel",
}


def to_rows(arrays: FootprintArrays) -> dict[str, Rows]:
    """Return the tables in which a file keeps footprints, by their EXTNAME."""
    rows = np.zeros(arrays.kinds.size, _ROW_DTYPE)
    rows["kind"], rows["region"] = arrays.kinds, arrays.regions
    for name in ("n_spans", "n_peaks", "n_pixels"):
        rows[name] = getattr(arrays, name)
    spans = np.zeros(len(arrays.spans), _SPAN_DTYPE)
    for number, name in enumerate(("y", "x0", "x1")):
        spans[name] = arrays.spans[:, number]
    planes = [(name, getattr(arrays, name)) for name in ("image", "mask", "variance")]
    pixels = np.zeros(arrays.image.size, [(name, plane.dtype) for name, plane in planes])
    for name, plane in planes:
        pixels[name] = plane
    tables = {_ROWS: rows, _SPANS: spans, _PEAKS: arrays.peaks, _PIXELS: pixels}
    return {name: _described(name, array) for name, array in tables.items()}


def _described(name: str, array: np.ndarray[tuple[int], np.dtype[np.void]]) -> Rows:
    words = {column: _DESCRIPTIONS[column] for column in array.dtype.names or () if column != "id"}
    return describe(Rows(array, descriptions=words), _KINDS[name], _VERSION)


def from_rows(tables: Mapping[str, Rows], path: str) -> FootprintArrays:
    """Return the arrays that `to_rows` has written.

    Parameters
    ----------
    tables
        The tables by their EXTNAME.
    path
        The file, for messages.

    Raises
    ------
    FormatVersionError
        If a table is of a newer version.
    UndecodableError
        If a table or a column is missing, or a column is of another type.
    """
    for name in TABLES:
        if name not in tables:
            raise UndecodableError(path, f"it has no table {name!r}, without which no footprint is")
        check_kind(tables[name], {_KINDS[name]: _VERSION}, path)
    rows, spans, peaks, pixels = (tables[name].array for name in TABLES)
    _require(_ROWS, rows.dtype, _ROW_DTYPE, path)
    _require(_SPANS, spans.dtype, _SPAN_DTYPE, path)
    _require(_PEAKS, peaks.dtype, PEAK_DTYPE, path)
    kinds = {name: pixels.dtype[name].kind for name in pixels.dtype.names or ()}
    if set(kinds) != {"image", "mask", "variance"} or kinds["mask"] not in "iu":
        raise UndecodableError(path, f"table {_PIXELS!r} has other columns than it should")
    return FootprintArrays(
        kinds=rows["kind"].copy(),
        n_spans=rows["n_spans"].astype(np.int64),
        n_peaks=rows["n_peaks"].astype(np.int64),
        n_pixels=rows["n_pixels"].astype(np.int64),
        regions=rows["region"].copy(),
        spans=np.column_stack([spans["y"], spans["x0"], spans["x1"]]),
        peaks=peaks.astype(PEAK_DTYPE),
        image=pixels["image"].copy(),
        mask=pixels["mask"].copy(),
        variance=pixels["variance"].copy(),
    )


def _require(name: str, found: np.dtype[np.void], wanted: np.dtype[np.void], path: str) -> None:
    if found != wanted:
        reason = f"table {name!r} has other columns than it should: {found.names}"
        raise UndecodableError(path, reason)
