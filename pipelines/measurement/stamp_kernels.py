"""Loops that replace sources by noise and cut out stamps; see `pipelines.kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["covered_pixels", "cut_stamps", "pixels_in_spans", "write_spans"]


@kernel("f4[::1](const f4[:, ::1], i4[:, ::1])")
def pixels_in_spans(image: NDArray[np.float32], spans: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the pixels of spans, one span after the other; zero outside of the image.

    Parameters
    ----------
    image
        Shape (ny, nx).
    spans
        Row, first and last column (inclusive), as indices, shape (n, 3).
    """
    count = 0
    for number in range(len(spans)):
        count += spans[number, 2] - spans[number, 1] + 1
    values = np.zeros(count, np.float32)
    place = 0
    for number in range(len(spans)):
        y = spans[number, 0]
        for x in range(spans[number, 1], spans[number, 2] + 1):
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                values[place] = image[y, x]
            place += 1
    return values


@kernel("void(f4[:, ::1], i4[:, ::1], const f4[::1])")
def write_spans(
    image: NDArray[np.float32], spans: NDArray[np.int32], values: NDArray[np.float32]
) -> None:
    """Write values into the pixels of spans, in place; see `pixels_in_spans`."""
    place = 0
    for number in range(len(spans)):
        y = spans[number, 0]
        for x in range(spans[number, 1], spans[number, 2] + 1):
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                image[y, x] = values[place]
            place += 1


@kernel("b1[:, ::1](i4[:, ::1], i8, i8)")
def covered_pixels(spans: NDArray[np.int32], height: int, width: int) -> NDArray[np.bool_]:
    """Return which pixels of an image of a given size are in spans; see `pixels_in_spans`."""
    covered = np.zeros((height, width), np.bool_)
    for number in range(len(spans)):
        y = spans[number, 0]
        if 0 <= y < height:
            for x in range(max(spans[number, 1], 0), min(spans[number, 2], width - 1) + 1):
                covered[y, x] = True
    return covered


@kernel("void(f4[:, ::1], const f4[:, ::1], i8, i8)")
def _cut(stamp: NDArray[np.float32], image: NDArray[np.float32], y0: int, x0: int) -> None:
    """Copy the part of an image that begins at a row and a column, which may be outside."""
    height, width = image.shape
    first, last = max(0, -x0), min(stamp.shape[1], width - x0)
    for row in range(stamp.shape[0]):
        y = y0 + row
        stamp[row] = 0
        if 0 <= y < height and first < last:
            stamp[row, first:last] = image[y, x0 + first : x0 + last]


@kernel("void(f4[:, ::1], i4[:, ::1], const f4[::1], i8, i8)")
def _paste(
    stamp: NDArray[np.float32],
    spans: NDArray[np.int32],
    values: NDArray[np.float32],
    y0: int,
    x0: int,
) -> None:
    """Write the pixels of a source into its stamp."""
    place = 0
    for number in range(len(spans)):
        row, left = spans[number, 0] - y0, spans[number, 1] - x0
        size = spans[number, 2] - spans[number, 1] + 1
        if 0 <= row < stamp.shape[0]:
            for step in range(max(0, -left), min(size, stamp.shape[1] - left)):
                stamp[row, left + step] = values[place + step]
        place += size


@kernel(
    "f4[:, :, ::1](const f4[:, ::1], i4[:, ::1], i8[::1], const f4[::1], i8[::1], i8[:, ::1], i8)"
)
def cut_stamps(
    image: NDArray[np.float32],
    spans: NDArray[np.int32],
    span_begins: NDArray[np.int64],
    values: NDArray[np.float32],
    value_begins: NDArray[np.int64],
    corners: NDArray[np.int64],
    size: int,
) -> NDArray[np.float32]:
    """Return a stamp for each source: its own pixels, and around them those of an image.

    Parameters
    ----------
    image
        Shape (ny, nx); zero is taken for what lies outside.
    spans, span_begins
        The spans of the sources, as indices, and where those of each begin;
        with the end of the last one, shape (n + 1,).
    values, value_begins
        The pixels of the sources, one span after the other, and where those
        of each begin, shape (n + 1,).
    corners
        First column and row of each stamp, shape (n, 2).
    size
        Rows and columns of a stamp.
    """
    stamps = np.empty((len(corners), size, size), np.float32)
    for number in range(len(corners)):
        x0, y0 = corners[number]
        _cut(stamps[number], image, y0, x0)
        own = spans[span_begins[number] : span_begins[number + 1]]
        light = values[value_begins[number] : value_begins[number + 1]]
        _paste(stamps[number], own, light, y0, x0)
    return stamps
