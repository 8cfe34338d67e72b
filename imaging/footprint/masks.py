"""Footprints from a plane of a mask, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.footprint import runs, shapes
from imaging.footprint.arrays import PLAIN, FootprintArrays
from imaging.footprint.peaks import PEAK_DTYPE
from imaging.footprint.span_set import SpanSet
from imaging.footprint.store import FootprintStore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imaging.footprint.footprint import Footprint
    from imaging.image.mask import Mask

__all__ = ["footprints_from_mask", "footprints_to_mask"]


def footprints_from_mask(mask: Mask, plane: str) -> FootprintStore:
    """Return the connected regions of a mask in which a plane is set.

    Parameters
    ----------
    mask
        The mask; its box becomes the region of the footprints.
    plane
        Name of the plane.

    Returns
    -------
    FootprintStore
        A footprint without peaks for each region, by first pixel. Pixels
        that touch at a corner are of one region, as they are where the LSST
        stack detects sources; `Footprint.split` takes them apart.

    Raises
    ------
    MaskPlaneError
        If the mask has no such plane.
    """
    selected = (mask.array & mask.get_bit_mask(plane)) != 0
    box = mask.bbox
    y, x0, x1 = shapes.array_spans(selected, box.min_x, box.min_y)
    root = runs.components(runs.to_line(y, x0, x1), diagonal=True)
    order = np.argsort(root, kind="stable")
    _, n_spans = np.unique(root, return_counts=True)
    none = np.zeros(n_spans.size, np.int64)
    region = np.array([box.min_x, box.min_y, box.width, box.height], np.int32)
    return FootprintStore(
        FootprintArrays(
            kinds=np.full(n_spans.size, PLAIN, np.uint8),
            n_spans=n_spans.astype(np.int64),
            n_peaks=none,
            n_pixels=none,
            regions=np.tile(region, (n_spans.size, 1)),
            spans=np.column_stack([y, x0, x1])[order],
            peaks=np.empty(0, PEAK_DTYPE),
            image=np.empty(0, np.float32),
            mask=np.empty(0, np.int32),
            variance=np.empty(0, np.float32),
        )
    )


def footprints_to_mask(
    footprints: FootprintStore | Iterable[Footprint | None], mask: Mask, plane: str
) -> None:
    """Set a plane of a mask, in place, where there are footprints.

    Parameters
    ----------
    footprints
        The footprints; those pixels of theirs that the mask does not have are left out.
    mask
        What is changed; what is set already stays.
    plane
        Name of the plane.

    Raises
    ------
    MaskPlaneError
        If the mask has no such plane.
    """
    bits = mask.get_bit_mask(plane)
    store = (
        footprints
        if isinstance(footprints, FootprintStore)
        else FootprintStore.from_footprints(footprints)
    )
    SpanSet(store.arrays.spans).clipped_to(mask.bbox).set_mask(mask, bits)
