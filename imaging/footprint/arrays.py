"""What rows of footprints consist of, as a few flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import FootprintError
from imaging.footprint import runs
from imaging.footprint.peaks import PEAK_DTYPE
from imaging.footprint.span_set import SpanSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ABSENT", "HEAVY", "PLAIN", "FootprintArrays", "areas", "check_arrays", "in_order"]

ABSENT: Final = 0
"""The row has no footprint."""

PLAIN: Final = 1
"""The row has a footprint without pixel values."""

HEAVY: Final = 2
"""The row has a footprint with pixel values."""


@dataclass(frozen=True, slots=True)
class FootprintArrays:
    """Rows of footprints as arrays: what belongs to one row follows what belongs to that before.

    Parameters
    ----------
    kinds
        `ABSENT`, `PLAIN` or `HEAVY` of each row, unsigned 8-bit integers.
    n_spans, n_peaks, n_pixels
        How many spans, peaks and pixel values each row has.
    regions
        Shape (n, 4): min_x, min_y, width and height of each row's region.
    spans
        Shape (n, 3): y, x0, x1 with inclusive columns.
    peaks
        Of type `PEAK_DTYPE`.
    image, mask, variance
        Values of the pixels of heavy footprints in span order.
    """

    kinds: NDArray[np.uint8]
    n_spans: NDArray[np.int64]
    n_peaks: NDArray[np.int64]
    n_pixels: NDArray[np.int64]
    regions: NDArray[np.int32]
    spans: NDArray[np.int32]
    peaks: NDArray[np.void]
    image: NDArray[np.number]
    mask: NDArray[np.integer]
    variance: NDArray[np.number]

    def __post_init__(self) -> None:
        for field in fields(self):
            view = getattr(self, field.name).view()
            view.flags.writeable = False
            object.__setattr__(self, field.name, view)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))


def areas(arrays: FootprintArrays) -> NDArray[np.int64]:
    """Return the number of pixels of each row; 0 where there is no footprint."""
    widths = arrays.spans[:, 2].astype(np.int64) - arrays.spans[:, 1] + 1
    sums = np.concatenate([[0], np.cumsum(widths)])
    ends = np.cumsum(arrays.n_spans)
    totals: NDArray[np.int64] = sums[ends] - sums[ends - arrays.n_spans]
    return totals


def check_arrays(arrays: FootprintArrays) -> None:
    """Check that arrays fit together.

    Raises
    ------
    FootprintError
        If they do not: ``message`` says what is wrong.
    """
    kinds, size = arrays.kinds, arrays.kinds.size
    heavy = kinds == HEAVY
    counts = (arrays.n_spans, arrays.n_peaks, arrays.n_pixels)
    lengths = (len(arrays.spans), len(arrays.peaks), len(arrays.image))
    found = {
        "there are kinds that are not known": not np.isin(kinds, (ABSENT, PLAIN, HEAVY)).all(),
        "there is not one number for each row": any(count.shape != (size,) for count in counts),
        "there is not one region for each row": arrays.regions.shape != (size, 4),
        "spans are not of shape (n, 3)": arrays.spans.shape[1:] != (3,),
        "peaks are not of PEAK_DTYPE": arrays.peaks.dtype != PEAK_DTYPE,
        "the planes of pixels differ": not (
            arrays.image.shape == arrays.mask.shape == arrays.variance.shape
        ),
    }
    _refuse(found)
    found = {
        "a number is negative": any((count < 0).any() for count in counts),
        "numbers of spans, peaks or pixels do not add up": any(
            int(count.sum()) != length for count, length in zip(counts, lengths, strict=True)
        ),
        "a row has a part but no footprint": any(count[kinds == ABSENT].any() for count in counts),
        "a row has pixels but is not heavy": bool(arrays.n_pixels[~heavy].any()),
        "a region has a negative size": bool((arrays.regions[:, 2:] < 0).any()),
    }
    _refuse(found)
    runs.check_coordinates(arrays.spans[:, 0], arrays.spans[:, 1], arrays.spans[:, 2])


def _refuse(found: dict[str, bool]) -> None:
    wrong = [what for what, is_so in found.items() if is_so]
    if wrong:
        raise FootprintError(f"The arrays are not those of footprints: {'; '.join(wrong)}.")


def in_order(arrays: FootprintArrays) -> FootprintArrays:
    """Return arrays in which the spans of each row are sorted, disjoint and do not touch.

    Parameters
    ----------
    arrays
        Some that fit together.

    Raises
    ------
    FootprintError
        If a row with pixel values has spans of which it is not clear which
        values belong to them.

    Notes
    -----
    The loop is over the rows that are not in order; in nearly every file there are none.
    """
    ends = np.cumsum(arrays.n_spans)
    line = runs.to_line(arrays.spans[:, 0], arrays.spans[:, 1], arrays.spans[:, 2])
    gaps = line.begins[1:] - line.ends[:-1]
    owners = np.repeat(np.arange(ends.size), arrays.n_spans)
    inner = owners[1:] == owners[:-1]
    unclear = owners[1:][inner & (gaps < 0)]
    unclear = unclear[arrays.kinds[unclear] == HEAVY]
    if unclear.size:
        message = f"The spans of row {unclear[0]} overlap or are not sorted, but it has pixels."
        raise FootprintError(message)
    rows = np.unique(owners[1:][inner & (gaps <= 0)])
    if not rows.size:
        return arrays
    parts = np.split(arrays.spans, ends[:-1])
    n_spans = arrays.n_spans.copy()
    for row in rows.tolist():
        spans = SpanSet(parts[row])
        parts[row] = np.column_stack([spans.y, spans.x0, spans.x1])
        n_spans[row] = len(spans)
    return replace(arrays, n_spans=n_spans, spans=np.concatenate(parts))
