"""Many footprints in flat arrays."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imaging.errors import FootprintError
from imaging.footprint.arrays import ABSENT, HEAVY, PLAIN
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.footprint.span_set import SpanSet
from imaging.footprint.store import FootprintStore
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I

REGION = Box(Point2I(-10, -10), Extent2I(50, 60))


@st.composite
def footprints(draw: st.DrawFn) -> Footprint | None:
    kind = draw(st.sampled_from([ABSENT, PLAIN, HEAVY]))
    if kind == ABSENT:
        return None
    selected = draw(hnp.arrays(bool, (3, 5)))
    spans = SpanSet.from_array(selected, (draw(st.integers(-9, 9)), draw(st.integers(-9, 9))))
    position = st.floats(-99, 99, width=32)
    peaks = draw(st.lists(st.tuples(position, position, position), max_size=3))
    footprint = Footprint(spans, peaks, draw(st.sampled_from([None, REGION])))
    if kind == PLAIN:
        return footprint
    planes = (
        draw(hnp.arrays(dtype, spans.area, elements=hnp.from_dtype(np.dtype(dtype))))
        for dtype in (np.float32, np.int32, np.float32)
    )
    return HeavyFootprint.from_arrays(footprint, *planes)


def blobs() -> list[Footprint | None]:
    box = Box(Point2I(1, 2), Extent2I(3, 2))
    heavy = HeavyFootprint.from_arrays(
        Footprint(box), np.arange(6, dtype=np.float32), np.arange(6), np.ones(6, np.float32)
    )
    return [Footprint(box, [(2, 3, 10)], REGION), None, heavy, Footprint()]


@given(st.lists(footprints(), max_size=5))
def test_footprints_come_back_as_they_were(rows: list[Footprint | None]) -> None:
    store = FootprintStore.from_footprints(rows)
    assert len(store) == len(rows)
    assert [store.get(number) for number in range(len(rows))] == rows
    assert list(store) == rows
    assert store.areas.tolist() == [0 if row is None else row.area for row in rows]


@given(st.lists(footprints(), min_size=1, max_size=5), st.data())
def test_rows_are_taken_in_any_order(rows: list[Footprint | None], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(-len(rows), len(rows) - 1), max_size=6))
    taken = FootprintStore.from_footprints(rows).take(chosen)
    assert list(taken) == [rows[number] for number in chosen]


@given(st.lists(footprints(), max_size=3), st.lists(footprints(), max_size=3))
def test_stores_are_joined(first: list[Footprint | None], second: list[Footprint | None]) -> None:
    one, two = (FootprintStore.from_footprints(rows) for rows in (first, second))
    assert list(FootprintStore.concatenate([one, two])) == first + second
    assert FootprintStore.concatenate([one]) == one


def test_rows_are_chosen_by_booleans_and_slices() -> None:
    rows = blobs()
    store = FootprintStore.from_footprints(rows)
    assert list(store.take(np.array([True, False, True, False]))) == [rows[0], rows[2]]
    assert list(store[::-2]) == rows[::-2]
    assert store[-4] == rows[0]
    assert len(FootprintStore.concatenate([])) == 0


def test_row_that_is_not_there_is_an_error() -> None:
    store = FootprintStore.from_footprints(blobs())
    for act in (lambda: store.get(4), lambda: store.get(-5), lambda: store.take([4])):
        with pytest.raises(IndexError):
            act()


def test_what_a_store_gives_can_be_changed_without_changing_the_store() -> None:
    store = FootprintStore.from_footprints(blobs())
    heavy = store.get(2)
    assert isinstance(heavy, HeavyFootprint)
    heavy.image[0] = 99
    first = store.get(0)
    assert first is not None
    first.peaks["f_x"][0] = 99
    first.region.grow(1)
    first.dilate(2)
    assert list(store) == blobs()
    with pytest.raises(ValueError, match="read-only"):
        store.arrays.spans[0, 0] = 5


def test_store_survives_pickling_and_still_cannot_be_changed() -> None:
    store = FootprintStore.from_footprints(blobs())
    again = pickle.loads(pickle.dumps(store))
    assert again == store
    assert not again.arrays.peaks.flags.writeable


def test_many_footprints_are_kept_and_taken_as_arrays() -> None:
    box = SpanSet(Box(Point2I(0, 0), Extent2I(3, 2)))
    moved = (Footprint(box.shifted_by(number % 1000, number)) for number in range(10_000))
    store = FootprintStore.from_footprints(moved)
    turned = store.take(np.arange(10_000)[::-1])
    assert turned.arrays.spans[:4].tolist() == [
        [9999, 999, 1001],
        [10_000, 999, 1001],
        [9998, 998, 1000],
        [9999, 998, 1000],
    ]


def test_spans_that_are_not_in_order_are_put_in_order() -> None:
    arrays = FootprintStore.from_footprints(blobs()).arrays
    spans = np.array([[3, 1, 3], [2, 2, 3], *arrays.spans[2:].tolist(), [2, 1, 2]], np.int32)
    mixed = replace(arrays, spans=spans, n_spans=np.array([2, 0, 2, 1]))
    store = FootprintStore(mixed)
    first = store.get(0)
    assert first is not None
    assert first.spans == SpanSet(spans[:2])
    assert list(store)[2] == blobs()[2]
    assert store.arrays.n_spans.tolist() == [2, 0, 2, 1]


def test_spans_that_touch_are_joined_also_where_there_are_pixels() -> None:
    arrays = FootprintStore.from_footprints(blobs()).arrays
    spans = np.array([*arrays.spans[:2].tolist(), [2, 1, 1], [2, 2, 3], [3, 1, 3]], np.int32)
    store = FootprintStore(replace(arrays, spans=spans, n_spans=np.array([2, 0, 3, 0])))
    assert list(store) == blobs()


def test_pixels_of_spans_that_are_not_in_order_are_refused() -> None:
    arrays = FootprintStore.from_footprints(blobs()).arrays
    spans = arrays.spans.copy()
    spans[2:] = spans[3:1:-1]
    with pytest.raises(FootprintError, match="row 2 overlap or are not sorted"):
        FootprintStore(replace(arrays, spans=spans))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": np.array([1, 0, 9, 1], np.uint8)}, "kinds that are not known"),
        ({"n_spans": np.array([2, 0, 2])}, "not one number for each row"),
        ({"n_spans": np.array([2, 0, 3, 0])}, "do not add up"),
        ({"n_spans": np.array([3, 0, 2, -1])}, "negative"),
        ({"n_spans": np.array([1, 1, 2, 0])}, "a part but no footprint"),
        ({"n_pixels": np.array([6, 0, 0, 0])}, "not heavy"),
        ({"n_spans": np.array([3, 0, 1, 0])}, "row 2 has 3 pixels but 6 values"),
        ({"regions": np.zeros((4, 3), np.int32)}, "region for each row"),
        ({"regions": np.full((4, 4), -1, np.int32)}, "negative size"),
        ({"spans": np.zeros((4, 2), np.int32)}, "shape"),
        ({"spans": np.full((4, 3), [1, 5, 4], np.int32)}, "from x=5 to x=4"),
        ({"peaks": np.zeros(1)}, "PEAK_DTYPE"),
        ({"mask": np.zeros(5, np.int32)}, "planes of pixels differ"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    change: dict[str, np.ndarray], message: str
) -> None:
    arrays = FootprintStore.from_footprints(blobs()).arrays
    with pytest.raises(FootprintError, match=message):
        FootprintStore(replace(arrays, **change))


def test_repr_tells_what_is_inside() -> None:
    store = FootprintStore.from_footprints(blobs())
    assert repr(store) == "<FootprintStore: 4 rows, 4 spans, 1 peaks, 1 heavy footprints>"
