"""From a smoothed image to footprints with peaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.footprint.arrays import PLAIN, FootprintArrays
from imaging.footprint.peaks import PEAK_DTYPE
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.footprint.store import FootprintStore
from pipelines.detection.kernels import grown_spans, label_spans, peaks_in_spans, spans_above

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from pipelines.detection.smoothing import SmoothedImage
    from pipelines.detection.threshold import Threshold

__all__ = ["Regions", "find_regions", "to_footprints"]


@dataclass(frozen=True, slots=True)
class Regions:
    """Connected regions of pixels, with their peaks.

    Parameters
    ----------
    spans
        Row, first and last column (inclusive) of runs of pixels, as array
        indices, shape (n, 3), in order.
    labels
        The region of each run, shape (n,).
    peaks
        Region, row and column of each peak, shape (m, 3).
    """

    spans: NDArray[np.int32]
    labels: NDArray[np.int32]
    peaks: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.labels.max()) + 1 if self.labels.size else 0

    def keep(self, kept: NDArray[np.bool_]) -> Regions:
        """Return some of the regions, numbered anew.

        Parameters
        ----------
        kept
            Which of them, shape (number of regions,).
        """
        numbers = (np.cumsum(kept) - 1).astype(np.int32)
        of_spans, of_peaks = kept[self.labels], kept[self.peaks[:, 0]]
        peaks = self.peaks[of_peaks]
        peaks[:, 0] = numbers[peaks[:, 0]]
        return Regions(self.spans[of_spans], numbers[self.labels[of_spans]], peaks)

    def grown(self, radius: float, shape: tuple[int, int], *, is_round: bool) -> Regions:
        """Return the regions enlarged on all sides; those that then touch are one.

        Parameters
        ----------
        radius
            By how many pixels.
        shape
            Of the image.
        is_round
            Whether by a circle or by a diamond.
        """
        spans = grown_spans(self.spans, _half_widths(radius, is_round=is_round), *shape)
        labels = label_spans(spans)
        places = _holders(spans, self.peaks[:, 1], self.peaks[:, 2])
        return Regions(spans, labels, np.column_stack([labels[places], self.peaks[:, 1:]]))

    def grown_apart(self, radius: float, shape: tuple[int, int], *, is_round: bool) -> Regions:
        """Return the regions enlarged on all sides, each by itself: they may overlap.

        Parameters
        ----------
        radius, shape, is_round
            As for `grown`.

        Returns
        -------
        Regions
            Of the same numbers and peaks, the spans of each in order.
        """
        half_widths = _half_widths(radius, is_round=is_round)
        order = np.argsort(self.labels, kind="stable")
        ends = np.cumsum(np.bincount(self.labels, minlength=len(self)))
        parts = [
            grown_spans(own, half_widths, *shape)
            for own in np.split(self.spans[order], ends[:-1].tolist())
        ]
        labels = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
        return Regions(np.concatenate(parts), labels, self.peaks)


def find_regions(
    smooth: SmoothedImage, threshold: Threshold, *, sign: float, min_pixels: int, multiplier: float
) -> Regions:
    """Return the regions above a threshold, with their peaks.

    Parameters
    ----------
    smooth
        The image.
    threshold
        What a pixel has to exceed.
    sign
        -1.0 to look for what is darker than the background.
    min_pixels
        Regions with fewer pixels are left out.
    multiplier
        Regions of which no pixel exceeds so many times the threshold are too.
    """
    spans = spans_above(smooth.image, smooth.variance, threshold.limits(sign), smooth.good)
    labels = label_spans(spans)
    found = Regions(spans, labels, peaks_in_spans(smooth.image, spans, labels, sign))
    areas = np.bincount(labels, spans[:, 2] - spans[:, 1] + 1.0, len(found))
    kept = areas >= min_pixels
    if multiplier > 1:
        label, y, x = found.peaks.T
        highest = np.zeros(len(found))
        values = threshold.significance(smooth.image[y, x], smooth.variance[y, x])
        np.maximum.at(highest, label, values)
        kept &= highest > multiplier
    return found if kept.all() else found.keep(kept)


def to_footprints(regions: Regions, image: NDArray[np.float32], box: Box) -> FootprintStore:
    """Return the footprints of regions.

    Parameters
    ----------
    regions
        The regions, in array indices.
    image
        The smoothed image, which gives the values of peaks.
    box
        Of the image, in parent coordinates; it becomes the footprints' region.

    Returns
    -------
    FootprintStore
        In the order of the regions, the peaks of each by falling absolute value.
    """
    order = np.argsort(regions.labels, kind="stable")
    spans = regions.spans[order] + np.array([box.min_y, box.min_x, box.min_x], np.int32)
    peaks, n_peaks = _peak_rows(regions, image, box)
    none = np.zeros(len(regions), np.int64)
    corner = np.array([box.min_x, box.min_y, box.width, box.height], np.int32)
    return FootprintStore(
        FootprintArrays(
            kinds=np.full(len(regions), PLAIN, np.uint8),
            n_spans=np.bincount(regions.labels, minlength=len(regions)).astype(np.int64),
            n_peaks=n_peaks,
            n_pixels=none,
            regions=np.tile(corner, (len(regions), 1)),
            spans=spans,
            peaks=peaks,
            image=np.empty(0, np.float32),
            mask=np.empty(0, np.int32),
            variance=np.empty(0, np.float32),
        )
    )


def _peak_rows(
    regions: Regions, image: NDArray[np.float32], box: Box
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the peaks of all regions, the highest of each first, and how many each has."""
    label, y, x = regions.peaks.T
    order = np.lexsort([-np.abs(image[y, x]), label])
    label, y, x = label[order], y[order], x[order]
    rows = np.zeros(len(order), PEAK_DTYPE)
    rows["id"] = np.arange(1, len(order) + 1)
    rows["i_x"], rows["i_y"] = x + box.min_x, y + box.min_y
    rows["f_x"], rows["f_y"], rows["peak_value"] = rows["i_x"], rows["i_y"], image[y, x]
    return rows, np.bincount(label, minlength=len(regions)).astype(np.int64)


def _half_widths(radius: float, *, is_round: bool) -> NDArray[np.int32]:
    """Return how far each row of a circle or diamond reaches to either side."""
    stencil = Stencil.CIRCLE if is_round else Stencil.MANHATTAN
    return SpanSet.from_shape(int(radius + 0.5), stencil).x1.copy()


def _holders(
    spans: NDArray[np.int32], y: NDArray[np.int32], x: NDArray[np.int32]
) -> NDArray[np.intp]:
    """Return for each pixel which span it is in."""
    width = np.int64(max(int(spans[:, 2].max(initial=0)), int(x.max(initial=0))) + 1)
    begins = spans[:, 0] * width + spans[:, 1]
    return np.searchsorted(begins, y * width + x, "right") - 1
