"""Loops over pixels that find sources; see `pipelines.kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "clipped_deviation",
    "grown_spans",
    "label_spans",
    "peaks_in_spans",
    "set_bits",
    "smoothed",
    "spans_above",
]

_LARGEST = float(np.finfo(np.float32).max)


@kernel("void(const f4[::1], f4[::1], i8)")
def _copy_finite(row: NDArray[np.float32], target: NDArray[np.float32], begin: int) -> None:
    """Copy a row, with zero in place of what is no number."""
    for x in range(row.size):
        value = row[x]
        target[begin + x] = value if np.isfinite(value) else np.float32(0)


@kernel("void(f4[::1], const f4[::1], f4[::1])", reorders=True)
def _along_row(
    padded: NDArray[np.float32], weights: NDArray[np.float32], target: NDArray[np.float32]
) -> None:
    """Convolve one row, which has half a kernel of zeros on either side."""
    half, width = weights.size // 2, target.size
    for x in range(width):
        target[x] = weights[half] * padded[x + half]
    for tap in range(half):
        weight, far = weights[tap], weights.size - 1 - tap
        for x in range(width):
            target[x] += weight * (padded[x + tap] + padded[x + far])


@kernel("void(f4[:, ::1], const f4[::1], i8, f4[::1])", reorders=True)
def _across_rows(
    ring: NDArray[np.float32], weights: NDArray[np.float32], row: int, target: NDArray[np.float32]
) -> None:
    """Combine the rows around one, which a ring buffer holds by their number."""
    half, size = weights.size // 2, weights.size
    for x in range(target.size):
        target[x] = weights[half] * ring[row % size, x]
    for step in range(1, half + 1):
        weight = weights[half - step]
        above, below = (row + step) % size, (row - step) % size
        for x in range(target.size):
            target[x] += weight * (ring[above, x] + ring[below, x])


@kernel("f4[:, ::1](const f4[:, ::1], const f4[::1])")
def smoothed(image: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an image convolved with the same symmetric kernel along rows and columns.

    Parameters
    ----------
    image
        Shape (ny, nx). What lies outside, and pixels that are no finite
        numbers, count as zero.
    weights
        The kernel, of odd length. Squared ones give the variance of the
        smoothed image from that of the pixels.
    """
    height, width = image.shape
    size, half = weights.size, weights.size // 2
    ring = np.zeros((size, width), np.float32)
    padded = np.zeros(width + 2 * half, np.float32)
    result = np.empty((height, width), np.float32)
    for y in range(height + half):
        if y < height:
            _copy_finite(image[y], padded, half)
            _along_row(padded, weights, ring[y % size])
        else:
            ring[y % size] = 0
        if y >= half:
            _across_rows(ring, weights, y - half, result[y - half])
    return result


@kernel("UniTuple(f8, 3)(const f4[:, ::1], const b1[:, ::1], f8, f8)")
def _moments_between(
    image: NDArray[np.float32], excluded: NDArray[np.bool_], low: float, high: float
) -> tuple[float, float, float]:
    """Return number, mean and standard deviation of the pixels between two values."""
    count, total, squares = 0, 0.0, 0.0
    shift = 0.0 if not np.isfinite(low + high) else 0.5 * (low + high)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            value = image[y, x]
            if not excluded[y, x] and low <= value <= high:
                count += 1
                total += value - shift
                squares += (value - shift) ** 2
    if count == 0:
        return 0.0, np.nan, np.nan
    mean = total / count
    return float(count), mean + shift, np.sqrt(max(squares / count - mean * mean, 0.0))


@kernel("UniTuple(f8, 2)(const f4[:, ::1], const b1[:, ::1], f8, i8)")
def clipped_deviation(
    image: NDArray[np.float32], excluded: NDArray[np.bool_], n_sigma: float, n_iterations: int
) -> tuple[float, float]:
    """Return mean and standard deviation of pixels without those far from the mean.

    Parameters
    ----------
    image
        Shape (ny, nx).
    excluded
        Pixels that do not count.
    n_sigma
        How far a pixel may lie from the mean, in standard deviations. One that is no
        finite number never counts.
    n_iterations
        How often those farther away are left out.

    Returns
    -------
    tuple
        NaN if there are no pixels.
    """
    _, mean, deviation = _moments_between(image, excluded, -_LARGEST, _LARGEST)
    for _ in range(n_iterations):
        low, high = mean - n_sigma * deviation, mean + n_sigma * deviation
        _, mean, deviation = _moments_between(image, excluded, low, high)
    return mean, deviation


@kernel("void(const f4[::1], const f4[::1], f4, f4, f4, b1[::1])", reorders=True)
def _mark_above(
    row: NDArray[np.float32],
    variance: NDArray[np.float32],
    sign: float,
    constant: float,
    factor: float,
    above: NDArray[np.bool_],
) -> None:
    """Note which pixels of a row are above the threshold, or below its negative."""
    for x in range(row.size):
        value = sign * row[x]
        above[x] = (value > 0) & (value * value > constant + factor * variance[x])


@kernel("i4[:, ::1](i4[:, ::1], i8)")
def _with_room(spans: NDArray[np.int32], needed: int) -> NDArray[np.int32]:
    """Return an array that has room for so many spans: the same if it has already."""
    if needed <= len(spans):
        return spans
    larger = np.empty((max(needed, 2 * len(spans)), 3), np.int32)
    larger[: len(spans)] = spans
    return larger


@kernel("i8(b1[::1], i8, i4[:, ::1], i8)")
def _add_runs(chosen: NDArray[np.bool_], y: int, spans: NDArray[np.int32], count: int) -> int:
    """Add the runs of chosen pixels of a row, whose last element is not chosen, to spans."""
    before = False
    for x in range(chosen.size):
        if chosen[x] != before:
            before = chosen[x]
            if before:
                spans[count, 0], spans[count, 1] = y, x
            else:
                spans[count, 2] = x - 1
                count += 1
    return count


@kernel("i4[:, ::1](const f4[:, ::1], const f4[:, ::1], UniTuple(f8, 3), UniTuple(i8, 4))")
def spans_above(
    image: NDArray[np.float32],
    variance: NDArray[np.float32],
    limits: tuple[float, float, float],
    box: tuple[int, int, int, int],
) -> NDArray[np.int32]:
    """Return the runs of pixels in rows that stand out of the noise.

    Parameters
    ----------
    image, variance
        Shape (ny, nx).
    limits
        1.0 for bright pixels or -1.0 for dark ones, and two numbers: the
        square of a pixel is more than the first plus the second times its
        variance.
    box
        First and last column, first and last row, that count; inclusive.

    Returns
    -------
    numpy.ndarray
        Row, first and last column (inclusive), shape (n, 3), in order.
    """
    spans = np.empty((1024, 3), np.int32)
    above = np.zeros(image.shape[1] + 1, np.bool_)
    count = 0
    sign, constant, factor = limits
    for y in range(box[2], box[3] + 1):
        _mark_above(image[y], variance[y], sign, constant, factor, above[:-1])
        above[: box[0]] = False
        above[box[1] + 1 :] = False
        spans = _with_room(spans, count + above.size)
        count = _add_runs(above, y, spans, count)
    return spans[:count].copy()


@kernel("i4(i4[::1], i4)")
def _root_of(parents: NDArray[np.int32], place: int) -> int:
    """Return the first span of the group that a span belongs to so far."""
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


@kernel("void(i4[:, ::1], i4[::1], i8, i8, i8)")
def _join_rows(
    spans: NDArray[np.int32], parents: NDArray[np.int32], below: int, row: int, end: int
) -> None:
    """Join the spans of one row, ``row`` to ``end``, to those from ``below`` on that they touch."""
    lower, upper = below, row
    while lower < row and upper < end:
        if spans[lower, 2] + 1 < spans[upper, 1]:
            lower += 1
        elif spans[upper, 2] + 1 < spans[lower, 1]:
            upper += 1
        else:
            first, second = _root_of(parents, lower), _root_of(parents, upper)
            parents[max(first, second)] = min(first, second)
            if spans[lower, 2] < spans[upper, 2]:
                lower += 1
            else:
                upper += 1


@kernel("i4[::1](i4[:, ::1])")
def label_spans(spans: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return for each span the number of the connected region it belongs to.

    Parameters
    ----------
    spans
        Row, first and last column, shape (n, 3), in order. Pixels that touch
        at a corner are of one region.

    Returns
    -------
    numpy.ndarray
        Shape (n,); regions are numbered from 0 by their first span.
    """
    count = len(spans)
    parents = np.arange(count).astype(np.int32)
    below, row = 0, 0
    while row < count:
        end = row
        while end < count and spans[end, 0] == spans[row, 0]:
            end += 1
        if row > 0 and spans[row, 0] == spans[below, 0] + 1:
            _join_rows(spans, parents, below, row, end)
        below, row = row, end
    labels = np.empty(count, np.int32)
    n_regions = 0
    for place in range(count):
        root = _root_of(parents, place)
        if root == place:
            labels[place] = n_regions
            n_regions += 1
        else:
            labels[place] = labels[root]
    return labels


@kernel("void(i4[:, ::1], i8, i8, i8, i4[::1])")
def _note_changes(
    spans: NDArray[np.int32], begin: int, end: int, more: int, changes: NDArray[np.int32]
) -> None:
    """Note where some spans, longer by some columns at either end, begin and end: +1 and -1."""
    width = changes.size - 1
    for number in range(begin, end):
        changes[max(spans[number, 1] - more, 0)] += 1
        changes[min(spans[number, 2] + more + 1, width)] -= 1


@kernel("i8[::1](i4[:, ::1], i8)")
def _row_begins(spans: NDArray[np.int32], height: int) -> NDArray[np.int64]:
    """Return which span is the first of each row, and the number of spans at the end."""
    begins = np.empty(height + 1, np.int64)
    number = 0
    for y in range(height + 1):
        while number < len(spans) and spans[number, 0] < y:
            number += 1
        begins[y] = number
    return begins


@kernel("i4[:, ::1](i4[:, ::1], const i4[::1], i8, i8)")
def grown_spans(
    spans: NDArray[np.int32], half_widths: NDArray[np.int32], height: int, width: int
) -> NDArray[np.int32]:
    """Return spans enlarged on all sides, those that then overlap or touch being one.

    Parameters
    ----------
    spans
        Row, first and last column, shape (n, 3), in order.
    half_widths
        What one pixel becomes: from the lowest row up, by how many columns it
        reaches to either side.
    height, width
        Dimensions of the image, at whose edges spans end.
    """
    reach = half_widths.size // 2
    begins = _row_begins(spans, height)
    changes, chosen = np.zeros(width + 1, np.int32), np.zeros(width + 1, np.bool_)
    grown = np.empty((1024, 3), np.int32)
    count = 0
    lowest, highest = (spans[0, 0], spans[-1, 0]) if len(spans) else (0, -1)
    for y in range(max(lowest - reach, 0), min(highest + reach + 1, height)):
        first, last = max(y - reach, 0), min(y + reach, height - 1)
        if begins[first] == begins[last + 1]:
            continue
        changes[:] = 0
        for row in range(first, last + 1):
            more = half_widths[y - row + reach]
            _note_changes(spans, begins[row], begins[row + 1], more, changes)
        depth = 0
        for x in range(width):
            depth += changes[x]
            chosen[x] = depth > 0
        grown = _with_room(grown, count + chosen.size)
        count = _add_runs(chosen, y, grown, count)
    return grown[:count].copy()


@kernel("b1(const f4[:, ::1], i8, i8, f8)")
def _is_peak(image: NDArray[np.float32], y: int, x: int, sign: float) -> bool:
    """Return whether no neighbour is higher; of equal ones the first in order is the peak."""
    height, width = image.shape
    value = sign * image[y, x]
    for row in range(max(y - 1, 0), min(y + 2, height)):
        for column in range(max(x - 1, 0), min(x + 2, width)):
            other = sign * image[row, column]
            earlier = row < y or (row == y and column < x)
            if other > value or (earlier and other == value):
                return False
    return True


@kernel("i8[::1](const f4[:, ::1], i4[:, ::1], i4[::1], f8)")
def _highest_places(
    image: NDArray[np.float32],
    spans: NDArray[np.int32],
    labels: NDArray[np.int32],
    sign: float,
) -> NDArray[np.int64]:
    """Return where the highest pixel of each region stands in the flat image."""
    n_regions = labels.max() + 1 if labels.size else 0
    places = np.zeros(n_regions, np.int64)
    values = np.full(n_regions, -np.inf)
    for number in range(len(spans)):
        y, label = spans[number, 0], labels[number]
        for x in range(spans[number, 1], spans[number, 2] + 1):
            value = sign * image[y, x]
            if value > values[label]:
                values[label] = value
                places[label] = np.int64(y) * image.shape[1] + x
    return places


@kernel("i4[:, ::1](const f4[:, ::1], i4[:, ::1], i4[::1], f8)")
def peaks_in_spans(
    image: NDArray[np.float32],
    spans: NDArray[np.int32],
    labels: NDArray[np.int32],
    sign: float,
) -> NDArray[np.int32]:
    """Return the local maxima of regions.

    Parameters
    ----------
    image
        Shape (ny, nx).
    spans, labels
        The pixels, and the region of each span.
    sign
        -1.0 for minima.

    Returns
    -------
    numpy.ndarray
        Region, row and column, shape (n, 3), in the order of the spans. A
        region whose highest pixel has a higher neighbour outside of it has
        that pixel for a peak if there is no other.
    """
    width = image.shape[1]
    highest = _highest_places(image, spans, labels, sign)
    has_peak = np.zeros(highest.size, np.bool_)
    peaks = np.empty((1024, 3), np.int32)
    count = 0
    for number in range(len(spans)):
        y, label = spans[number, 0], labels[number]
        for x in range(spans[number, 1], spans[number, 2] + 1):
            if _is_peak(image, y, x, sign):
                peaks = _with_room(peaks, count + 1)
                peaks[count, 0], peaks[count, 1], peaks[count, 2] = label, y, x
                has_peak[label] = True
                count += 1
    for label in range(highest.size):
        if not has_peak[label]:
            peaks = _with_room(peaks, count + 1)
            peaks[count, 0] = label
            peaks[count, 1], peaks[count, 2] = divmod(highest[label], width)
            count += 1
    return peaks[:count].copy()


@kernel("void(i4[:, :], i4[:, ::1], i8)")
def set_bits(mask: NDArray[np.int32], spans: NDArray[np.int32], bits: int) -> None:
    """Set bits of a mask in spans, in place.

    Parameters
    ----------
    mask
        Shape (ny, nx).
    spans
        Row, first and last column, shape (n, 3), as indices of the mask.
    bits
        What is set.
    """
    for number in range(len(spans)):
        y = spans[number, 0]
        for x in range(spans[number, 1], spans[number, 2] + 1):
            mask[y, x] |= np.int32(bits)
