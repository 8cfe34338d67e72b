"""The pixels of all sources of a catalog, ready to be measured one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from imaging.footprint.footprint import Footprint
from imaging.footprint.store import FootprintStore
from pipelines.measurement.noise import noise_for
from pipelines.measurement.stamp_kernels import (
    covered_pixels,
    cut_stamps,
    pixels_in_spans,
    write_spans,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.footprint.arrays import FootprintArrays
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.measurement.noise import NoiseReplacerConfig

__all__ = ["SourcePixels"]


@dataclass(frozen=True, slots=True)
class SourcePixels:
    """Footprints and pixels of sources, and the image that is left without them.

    Parameters
    ----------
    image
        The image in which sources are noise, shape (ny, nx).
    original
        The image itself.
    spans, span_begins
        Row, first and last column of the spans of all sources, as indices,
        and where those of each begin, shape (n + 1,).
    values, value_begins
        The pixels of the sources in span order, and where those of each begin.
    peak_x, peak_y
        The brightest peak of each, as indices; NaN without a footprint.
    """

    image: NDArray[np.float32]
    original: NDArray[np.float32]
    spans: NDArray[np.int32]
    span_begins: NDArray[np.int64]
    values: NDArray[np.float32]
    value_begins: NDArray[np.int64]
    peak_x: NDArray[np.float64]
    peak_y: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        catalog: SourceCatalog,
        exposure: Exposure,
        replacer: NoiseReplacerConfig | None,
        exposure_id: int = 0,
    ) -> Self:
        """Collect the pixels of the sources of a catalog.

        Parameters
        ----------
        catalog
            Sources with footprints; heavy ones have pixels of their own.
        exposure
            The image, which is not changed.
        replacer
            What stands in place of the sources; None to leave them.
        exposure_id
            See `pipelines.measurement.noise.noise_for`.
        """
        footprints = [record.footprint for record in catalog]
        arrays = FootprintStore.from_footprints(
            Footprint() if footprint is None else footprint for footprint in footprints
        ).arrays
        corner, original = exposure.bbox.min, _finite(exposure.image.array)
        spans = arrays.spans - np.array([corner.y, corner.x, corner.x], np.int32)
        span_begins = _begins(arrays.n_spans)
        widths = spans[:, 2] - spans[:, 1] + 1
        value_begins = np.concatenate([[0], np.cumsum(widths)])[span_begins].astype(np.int64)
        values = pixels_in_spans(original, spans)
        _take_heavy(values, value_begins, arrays)
        image = original
        if replacer is not None and len(spans):
            image = original.copy()
            covered = covered_pixels(spans, *image.shape)
            noise = noise_for(exposure, spans, covered, replacer, exposure_id)
            write_spans(image, spans, noise)
        x, y = _first_peaks(arrays, span_begins)
        x, y = x - corner.x, y - corner.y
        return cls(image, original, spans, span_begins, values, value_begins, x, y)

    def __len__(self) -> int:
        return int(self.peak_x.size)

    @property
    def areas(self) -> NDArray[np.int64]:
        """Number of pixels of each source."""
        return np.diff(self.value_begins)

    def stamps(self, part: slice, size: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return stamps of some sources, in which all others are noise, and their corners.

        Parameters
        ----------
        part
            Which sources, without a step.
        size
            Rows and columns of a stamp, odd; its middle is the source's peak.

        Returns
        -------
        tuple
            Pixels, shape (n, size, size), and first columns and rows, shape (n, 2).
        """
        x, y = (np.nan_to_num(peak[part]) for peak in (self.peak_x, self.peak_y))
        corners = np.column_stack([np.rint(x), np.rint(y)]).astype(np.int64) - size // 2
        begin, end = part.start, part.stop
        pixels = cut_stamps(
            self.image,
            self.spans,
            self.span_begins[begin : end + 1],
            self.values,
            self.value_begins[begin : end + 1],
            corners,
            size,
        )
        return pixels, corners


def _finite(array: NDArray[np.number]) -> NDArray[np.float32]:
    """Return an image with zero in place of what is no number: a copy if there is any."""
    image = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(image.sum()):
        image = np.nan_to_num(image, posinf=0, neginf=0)
    return image


def _begins(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _take_heavy(
    values: NDArray[np.float32], begins: NDArray[np.int64], arrays: FootprintArrays
) -> None:
    """Write the pixels that heavy footprints have into the flat array of all pixels."""
    light = np.nan_to_num(arrays.image.astype(np.float32), posinf=0, neginf=0)
    place = 0
    for row in np.flatnonzero(arrays.n_pixels).tolist():
        begin, end = int(begins[row]), int(begins[row + 1])
        values[begin:end] = light[place : place + end - begin]
        place += end - begin


def _first_peaks(
    arrays: FootprintArrays, span_begins: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first peak of each footprint; without one, its first pixel; or NaN."""
    count = arrays.n_peaks.size
    x, y = np.full(count, np.nan), np.full(count, np.nan)
    filled = np.diff(span_begins) > 0
    x[filled], y[filled] = (arrays.spans[span_begins[:-1][filled], axis] for axis in (1, 0))
    peaked = arrays.n_peaks > 0
    first = _begins(arrays.n_peaks)[:-1][peaked]
    x[peaked], y[peaked] = arrays.peaks["f_x"][first], arrays.peaks["f_y"][first]
    return x, y
