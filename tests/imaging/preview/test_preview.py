"""Small pictures of arrays."""

from __future__ import annotations

import sys
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image as PillowImage

from imaging.errors import MissingLibraryError, ParameterValueError
from imaging.preview.blocks import block_any, block_mean, block_size
from imaging.preview.colors import PLANE_COLORS, plane_color
from imaging.preview.limits import find_limits
from imaging.preview.pictures import make_picture, png_bytes, thumbnail_html

SHAPES = st.tuples(st.integers(1, 20), st.integers(1, 20))


def by_hand(array: np.ndarray, size: int) -> np.ndarray:
    rows, columns = (range(0, length, size) for length in array.shape)
    blocks = [[array[y : y + size, x : x + size] for x in columns] for y in rows]
    finite = [[block[np.isfinite(block)] for block in row] for row in blocks]
    return np.array([[b.mean() if b.size else np.nan for b in row] for row in finite])


@given(st.data(), st.integers(1, 7))
def test_a_block_is_the_mean_of_its_finite_pixels(data: st.DataObject, size: int) -> None:
    values = st.one_of(st.integers(-1000, 1000).map(float), st.just(np.nan), st.just(np.inf))
    array = data.draw(npst.arrays(np.float32, SHAPES, elements=values))
    expected = by_hand(array.astype(float), size)
    # sums of at most 49 integers below 1000 are exact; the division rounds to float32
    np.testing.assert_allclose(block_mean(array, size), expected, rtol=1e-6)


def test_integers_do_not_overflow() -> None:
    array = np.full((9, 10), 65535, np.uint16)
    assert np.all(block_mean(array, 4) == 65535)


@given(npst.arrays(bool, SHAPES), st.integers(1, 7))
def test_a_block_is_set_where_any_pixel_is(flags: np.ndarray, size: int) -> None:
    expected = by_hand(flags.astype(float), size) > 0
    assert np.array_equal(block_any(flags, size), expected)


@pytest.mark.parametrize(("shape", "longest", "size"), [((4176, 2048), 512, 9), ((10, 3), 10, 1)])
def test_the_longer_side_fits(shape: tuple[int, int], longest: int, size: int) -> None:
    assert block_size(shape, longest) == size
    assert max(block_mean(np.zeros(shape), size).shape) <= longest


def test_the_first_row_is_at_the_bottom() -> None:
    picture = make_picture(np.array([[0.0, 1.0], [2.0, 3.0]]), limits="minmax")
    assert np.asarray(picture).tolist() == [[170, 255], [0, 85]]


def test_masks_are_coloured_and_the_rest_stays_grey() -> None:
    flags = np.array([[True, False], [False, False]])
    picture = make_picture(np.zeros((2, 2)), limits=(0, 1), overlays={"red": flags}, alpha=1.0)
    assert np.asarray(picture).tolist() == [[[0, 0, 0]] * 2, [[255, 0, 0], [0, 0, 0]]]


def test_limits_of_a_sky_with_stars_are_those_of_the_sky() -> None:
    rng = np.random.default_rng(5)
    sky = rng.normal(200, 5, (200, 200))
    sky[::20, ::20] = 50_000
    low, high = find_limits(sky)
    assert 170 < low < 200 < high < 260  # some sigma, far from the stars


@pytest.mark.parametrize("value", [0.0, np.nan, -7.0])
def test_a_constant_array_has_limits_and_a_picture(value: float) -> None:
    array = np.full((5, 4), value)
    low, high = find_limits(array)
    assert low < high
    assert make_picture(array).size == (4, 5)


@pytest.mark.parametrize("limits", [(3, 3), (4, 3), "best", (np.nan, 1)])
def test_limits_that_cannot_be_used_are_refused(limits: object) -> None:
    with pytest.raises(ParameterValueError, match="limits="):
        find_limits(np.zeros((2, 2)), limits)  # type: ignore[arg-type]


def test_other_parameters_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ParameterValueError, match="one pixel at least"):
        make_picture(np.zeros((2, 2)), longest=0)
    with pytest.raises(ParameterValueError, match="'reddish' is no colour"):
        make_picture(np.zeros((2, 2)), overlays={"reddish": np.ones((2, 2), bool)})


def test_every_plane_has_a_colour_that_pillow_knows() -> None:
    colors = [plane_color(name, bit) for bit, name in enumerate([*PLANE_COLORS, "INJECTED"])]
    for color in colors:
        make_picture(np.zeros((2, 2)), overlays={color: np.ones((2, 2), bool)})
    assert len(set(colors)) == len(colors)


def test_a_thumbnail_is_a_small_png_within_html() -> None:
    html = thumbnail_html(np.random.default_rng(1).normal(size=(1000, 500)))
    content = b64decode(html.partition("base64,")[2].partition('"')[0])
    with PillowImage.open(BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.size == (72, 143)
    assert len(content) < 20_000


def test_png_bytes_hold_the_picture() -> None:
    picture = make_picture(np.arange(12.0).reshape(3, 4))
    with PillowImage.open(BytesIO(png_bytes(picture))) as again:
        assert np.array_equal(np.asarray(again), np.asarray(picture))


def test_without_pillow_there_is_an_error_and_no_thumbnail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingLibraryError, match=r"skybutler\[plot\]"):
        make_picture(np.zeros((2, 2)))
    assert thumbnail_html(np.zeros((2, 2))) == ""
