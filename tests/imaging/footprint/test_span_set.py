"""Sets of pixels give what arrays of booleans give."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from imaging.errors import FootprintError, ParameterTypeError, ParameterValueError
from imaging.footprint.runs import check_coordinates
from imaging.footprint.span import Span
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.geometry.box import Box
from imaging.geometry.ellipses import Quadrupole
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.image.mask import Mask

ORIGIN = Point2I(-3, 7)  # negative and positive, so that no sign is lost
SHAPE = (9, 11)
FIELD = Box.from_shape(SHAPE, ORIGIN)
WIDE = FIELD.grown(6)

arrays = hnp.arrays(bool, SHAPE)
brushes = st.tuples(st.integers(0, 4), st.sampled_from(Stencil))


def as_set(array: np.ndarray) -> SpanSet:
    return SpanSet.from_array(array, ORIGIN)


def is_normal(spans: SpanSet) -> bool:
    """Whether spans are sorted, do not overlap, and do not touch in a row."""
    line = spans.line
    return bool((line.begins < line.ends).all() and (line.begins[1:] > line.ends[:-1]).all())


@given(arrays)
def test_array_comes_back_as_it_was(array: np.ndarray) -> None:
    spans = as_set(array)
    assert is_normal(spans)
    assert np.array_equal(spans.to_array(FIELD), array)
    assert (spans.y.dtype, spans.x0.dtype, spans.x1.dtype) == (np.int32,) * 3


@given(arrays, arrays)
def test_set_operations_are_those_of_arrays(first: np.ndarray, second: np.ndarray) -> None:
    one, two = as_set(first), as_set(second)
    for made, expected in (
        (one | two, first | second),
        (one & two, first & second),
        (one - two, first & ~second),
    ):
        assert is_normal(made)
        assert np.array_equal(made.to_array(FIELD), expected)
    assert one.intersects(two) == (first & second).any()
    assert one.contains(two) == (~second | first).all()
    assert (one <= two) == (~first | second).all()
    assert (one == two) == np.array_equal(first, second)


@given(arrays, brushes)
def test_dilation_is_that_of_scipy(array: np.ndarray, brush: tuple[int, Stencil]) -> None:
    structure = SpanSet.from_shape(*brush).to_array()
    padded = np.pad(array, 6)
    grown = as_set(array).dilated(*brush)
    assert is_normal(grown)
    assert np.array_equal(grown.to_array(WIDE), ndimage.binary_dilation(padded, structure))


@given(arrays, brushes)
def test_erosion_is_that_of_scipy(array: np.ndarray, brush: tuple[int, Stencil]) -> None:
    structure = SpanSet.from_shape(*brush).to_array()
    shrunk = as_set(array).eroded(*brush)
    assert is_normal(shrunk)
    assert np.array_equal(shrunk.to_array(FIELD), ndimage.binary_erosion(array, structure))


@given(arrays, hnp.arrays(bool, (3, 4)))
def test_dilation_by_a_lopsided_set_adds_every_pair(array: np.ndarray, brush: np.ndarray) -> None:
    other = SpanSet.from_array(brush, (-1, 0))
    pairs = {
        (y + dy, x + dx)
        for y, x in zip(*as_set(array).indices(), strict=True)
        for dy, dx in zip(*other.indices(), strict=True)
    }
    made = as_set(array).dilated(other)
    assert set(zip(*made.indices(), strict=True)) == pairs


@given(arrays, hnp.arrays(bool, (3, 4)).filter(np.any))
def test_erosion_by_a_lopsided_set_needs_every_neighbour(
    array: np.ndarray, brush: np.ndarray
) -> None:
    spans, other = as_set(array), SpanSet.from_array(brush, (-1, 0))
    pixels = set(zip(*spans.indices(), strict=True))
    steps = list(zip(*other.indices(), strict=True))
    kept = {
        (y, x)
        for y in range(WIDE.min_y, WIDE.end_y)
        for x in range(WIDE.min_x, WIDE.end_x)
        if all((y + dy, x + dx) in pixels for dy, dx in steps)
    }
    assert set(zip(*spans.eroded(other).indices(), strict=True)) == kept


@given(arrays, st.booleans())
def test_pieces_are_those_of_scipy(array: np.ndarray, diagonal: bool) -> None:
    labels, count = ndimage.label(array, ndimage.generate_binary_structure(2, 1 + diagonal))
    pieces = as_set(array).split(diagonal=diagonal)
    assert len(pieces) == count
    assert diagonal or as_set(array).is_contiguous == (count <= 1)
    for number, piece in enumerate(pieces, 1):  # scipy counts by first pixel, too
        assert is_normal(piece)
        assert np.array_equal(piece.to_array(FIELD), labels == number)


@given(arrays)
def test_edges_are_the_pixels_with_a_neighbour_outside(array: np.ndarray) -> None:
    inner = ndimage.binary_erosion(array)
    assert np.array_equal(as_set(array).find_edges().to_array(FIELD), array & ~inner)


@given(arrays.filter(np.any))
def test_moments_are_those_of_the_pixels(array: np.ndarray) -> None:
    spans = as_set(array)
    ys, xs = np.nonzero(array)
    x, y = xs + ORIGIN.x, ys + ORIGIN.y
    close = pytest.approx  # 1e-12: a few roundings of numbers below 100
    assert spans.area == array.sum()
    assert (spans.centroid.x, spans.centroid.y) == (close(x.mean()), close(y.mean()))
    assert spans.shape.ixx == close(x.var(), abs=1e-12)
    assert spans.shape.iyy == close(y.var(), abs=1e-12)
    assert spans.shape.ixy == close(np.mean((x - x.mean()) * (y - y.mean())), abs=1e-12)
    assert spans.bbox == Box(Point2I(x.min(), y.min()), Point2I(x.max(), y.max()))


@given(arrays, st.integers(-9, 9), st.integers(-9, 9))
def test_moved_set_has_moved_indices(array: np.ndarray, dx: int, dy: int) -> None:
    spans = as_set(array)
    ys, xs = spans.indices()
    moved_ys, moved_xs = spans.shifted_by(dx, dy).indices()
    assert np.array_equal(moved_ys, ys + dy)
    assert np.array_equal(moved_xs, xs + dx)
    assert spans.shifted_by(Extent2I(dx, dy)) == spans.shifted_by(dx, dy)


@given(arrays, st.integers(-6, 10), st.integers(4, 18), st.integers(1, 12), st.integers(1, 12))
def test_clipping_is_intersection_with_the_box(
    array: np.ndarray, x: int, y: int, width: int, height: int
) -> None:
    box = Box(Point2I(x, y), Extent2I(width, height))
    assert as_set(array).clipped_to(box) == as_set(array) & SpanSet.from_box(box)


def test_clipping_to_nothing_leaves_nothing() -> None:
    assert SpanSet(FIELD).clipped_to(Box()) == SpanSet()


@given(arrays)
def test_set_holds_its_pixels_and_no_others(array: np.ndarray) -> None:
    ys, xs = np.indices(SHAPE)
    found = as_set(array).contains_each(xs.ravel() + ORIGIN.x, ys.ravel() + ORIGIN.y)
    assert np.array_equal(found.reshape(SHAPE), array)
    pixel = Point2I(ORIGIN.x + 4, ORIGIN.y + 5)
    assert (pixel in as_set(array)) == array[5, 4]


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-9, 9), st.integers(0, 9))))
def test_spans_in_any_order_and_overlapping_are_put_in_order(
    runs: list[tuple[int, int, int]],
) -> None:
    given_spans = [Span(y, x0, x0 + more) for y, x0, more in runs]
    spans = SpanSet(given_spans)
    assert is_normal(spans)
    pixels = {(run.y, x) for run in given_spans for x in range(run.x0, run.x1 + 1)}
    assert set(zip(*spans.indices(), strict=True)) == pixels
    rows = [(run.y, run.x0, run.x1) for run in given_spans]
    assert SpanSet(np.array(rows, np.int32).reshape(-1, 3)) == spans


@given(arrays)
def test_set_survives_pickling_and_its_hash_is_that_of_an_equal_one(array: np.ndarray) -> None:
    spans = as_set(array)
    again = pickle.loads(pickle.dumps(spans))
    assert again == spans
    assert hash(again) == hash(spans)
    assert not again.x0.flags.writeable


def test_iteration_gives_spans_in_order() -> None:
    spans = SpanSet([Span(2, 5, 6), Span(1, 3, 4), Span(1, 5, 5)])
    assert list(spans) == [Span(1, 3, 5), Span(2, 5, 6)]
    assert len(spans) == 2
    assert [span.width for span in spans] == [3, 2]


def test_empty_set_has_an_empty_box_and_no_centroid() -> None:
    empty = SpanSet()
    assert (empty.area, len(empty), empty.bbox) == (0, 0, Box())
    assert empty.split() == []
    assert empty.dilated(3) == empty.eroded(3) == empty
    with pytest.raises(FootprintError, match="no centroid"):
        _ = empty.centroid


def test_arrays_of_a_set_cannot_be_changed() -> None:
    spans = SpanSet(FIELD)
    with pytest.raises(ValueError, match="read-only"):
        spans.x0[0] = 5


@pytest.mark.parametrize(
    ("stencil", "area"), [(Stencil.CIRCLE, 29), (Stencil.BOX, 49), (Stencil.MANHATTAN, 25)]
)
def test_shapes_have_the_pixels_within_their_distance(stencil: Stencil, area: int) -> None:
    spans = SpanSet.from_shape(3, stencil, Point2I(10, -20))
    assert spans.area == area  # counted by hand
    assert spans.bbox == Box(Point2I(7, -23), Point2I(13, -17))
    assert spans.centroid == Point2D(10, -20)


@given(
    st.floats(0.3, 40),
    st.floats(0.3, 40),
    st.floats(-0.95, 0.95),
    st.floats(-5, 5),
    st.floats(0, 5),
)
def test_ellipse_has_the_pixels_whose_centres_are_inside(
    xx: float, yy: float, correlation: float, x: float, y: float
) -> None:
    xy = correlation * np.sqrt(xx * yy)
    spans = SpanSet.from_ellipse(Quadrupole(xx, yy, xy), Point2D(x, y))
    rows, columns = np.indices((41, 41)) - 20
    dx, dy = columns - x, rows - y
    radius = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / (xx * yy - xy**2)
    found = spans.to_array(Box.from_shape((41, 41), (-20, -20)))
    clear = abs(radius - 1) > 1e-9  # on the very border, rounding decides
    assert np.array_equal(found[clear], radius[clear] < 1)


def test_large_set_is_split_without_recursion() -> None:
    comb = np.zeros((400, 4000), bool)
    comb[:, ::2] = True  # 2,000 separate columns of 400 spans
    comb[-1] = True  # which hang together in the last row only
    assert SpanSet.from_array(comb).is_contiguous
    assert len(SpanSet.from_array(comb[:-1]).split()) == 2000


def test_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(FootprintError, match="from x=5 to x=4 at y=1"):
        SpanSet([Span(1, 5, 4)])


def test_coordinates_that_no_image_has_are_refused() -> None:
    with pytest.raises(FootprintError, match="below 1073741824"):
        SpanSet([Span(1 << 30, 0, 1)])
    with pytest.raises(FootprintError, match="cannot be moved"):
        SpanSet(FIELD).shifted_by(1 << 31)
    with pytest.raises(FootprintError, match="below"):
        SpanSet([Span(0, 0, (1 << 30) - 2)]).shifted_by(5)


def test_lowest_number_of_32_bits_is_no_row() -> None:
    lowest = np.iinfo(np.int32).min
    with pytest.raises(FootprintError, match="below"):
        SpanSet(np.array([[lowest, 0, 1]], np.int32))
    with pytest.raises(FootprintError, match="below"):
        check_coordinates(*np.array([[lowest], [0], [1]], np.int32))


@given(arrays, hnp.arrays(np.int32, SHAPE, elements=st.integers(0, 7)))
def test_masks_take_part_with_the_bits_that_are_named(
    array: np.ndarray, pixels: np.ndarray
) -> None:
    spans, mask = as_set(array), Mask(pixels, ORIGIN)
    other = as_set((pixels & 6) != 0)
    assert spans.union(mask, 6) == spans | other
    assert spans.intersect(mask, 6) == spans & other
    assert spans.subtract(mask, 6) == spans - other
    assert spans.intersects(mask) == spans.intersects(as_set(pixels != 0))


def test_what_is_no_set_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="neither"):
        SpanSet(FIELD).union((1, 2))  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match=r"\(1, 2\)"):
        SpanSet(FIELD).contains((1, 2))  # type: ignore[arg-type]


def test_spans_of_another_form_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="shape"):
        SpanSet(np.zeros((4, 2), int))
    with pytest.raises(ParameterTypeError, match="whole pixels"):
        SpanSet(np.zeros((4, 3)))


def test_radius_that_is_no_distance_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="not -1"):
        SpanSet.from_shape(-1)
    with pytest.raises(ParameterTypeError, match=r"1\.5"):
        SpanSet.from_shape(1.5)  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="Stencil"):
        SpanSet.from_shape(1, "circle")  # type: ignore[arg-type]


def test_erosion_by_nothing_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="empty"):
        SpanSet(FIELD).eroded(SpanSet())


def test_moments_of_no_ellipse_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="ellipse"):
        SpanSet.from_ellipse(Quadrupole(1.0, 1.0, 1.0), Point2D())


def test_repr_tells_size_and_place() -> None:
    assert repr(SpanSet(FIELD)) == "<SpanSet: 99 pixels in 9 spans, box -3:8,7:16>"
