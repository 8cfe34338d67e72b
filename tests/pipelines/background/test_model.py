"""Models of backgrounds: surfaces through the levels of cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from pipelines.background.model import Background, BackgroundList, Surface, cell_edges
from pipelines.errors import BackgroundError

BOX = Box(Point2I(10, 20), Extent2I(300, 200))
STYLES = ["LINEAR", "NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE", "CHEBYSHEV"]


def middles(size: int, count: int) -> np.ndarray:
    edges = cell_edges(size, count)
    return (edges[1:] + edges[:-1] - 1) / 2


def make(function: object, style: str, shape: tuple[int, int] = (8, 9)) -> Background:
    y, x = np.meshgrid(middles(200, shape[0]), middles(300, shape[1]), indexing="ij")
    levels = function(x, y)  # type: ignore[operator]
    return Background(BOX, levels, np.ones(shape), Surface(style, 3, 3))


def truth(function: object) -> np.ndarray:
    y, x = np.mgrid[:200, :300]
    return function(x, y)  # type: ignore[operator, no-any-return]


def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 100 + 0.1 * x - 0.05 * y


def bowl(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 100 + 0.1 * x + ((x - 150) ** 2 + (y - 100) ** 2) / 2000


@pytest.mark.parametrize("style", STYLES)
def test_a_plane_is_a_plane(style: str) -> None:
    image = make(plane, style).image()
    assert image.bbox == BOX
    np.testing.assert_allclose(image.array, truth(plane), atol=1e-4)  # 32 bits of 100


@pytest.mark.parametrize(("style", "error"), [("CHEBYSHEV", 1e-4), ("CUBIC_SPLINE", 0.3)])
def test_a_bowl_is_a_bowl(style: str, error: float) -> None:
    # Beyond the middles of the outer cells splines are straight: 17 pixels of a curvature of 1/1000
    np.testing.assert_allclose(make(bowl, style).image().array, truth(bowl), atol=error)


@pytest.mark.parametrize("style", ["LINEAR", "NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE"])
def test_curves_go_through_the_levels(style: str) -> None:
    rng = np.random.default_rng(1)
    levels = rng.normal(100, 10, (5, 5))  # cells of 40 x 60 pixels
    model = Background(BOX, levels, np.ones((5, 5)), Surface(style))
    array = model.image().array
    # The middle of a cell lies between two pixels
    at = (array[19:200:40] + array[20:200:40]) / 2
    at = (at[:, 29:300:60] + at[:, 30:300:60]) / 2
    np.testing.assert_allclose(at, levels, atol=0.3)  # half a pixel beside a peak, slopes of 0.5


def test_constants_are_the_levels_of_their_cells() -> None:
    levels = np.arange(6.0).reshape(2, 3)
    array = Background(BOX, levels, levels, Surface("CONSTANT")).image().array
    np.testing.assert_array_equal(array, np.repeat(np.repeat(levels, 100, 0), 100, 1))


@given(
    st.sampled_from([*STYLES, "CONSTANT"]),
    st.integers(0, 299),
    st.integers(0, 199),
    st.integers(1, 300),
    st.integers(1, 200),
)
def test_a_part_is_a_part_of_the_whole(style: str, x: int, y: int, width: int, height: int) -> None:
    part = Box(Point2I(10 + x, 20 + y), Extent2I(min(width, 300 - x), min(height, 200 - y)))
    model = make(bowl, style)
    rows, columns = part.slices(BOX.min)
    image = model.image(part)
    assert image.bbox == part
    # Products of matrices of 32 bits depend a little on their sizes
    np.testing.assert_allclose(image.array, model.image().array[rows, columns], rtol=1e-6)


@pytest.mark.parametrize("style", [*STYLES, "CONSTANT"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 2), (3, 1)])
def test_few_cells_give_a_simpler_surface(style: str, shape: tuple[int, int]) -> None:
    array = make(lambda x, y: 100 + 0 * x * y, style, shape).image().array
    np.testing.assert_allclose(array, 100, rtol=1e-6)


@pytest.mark.parametrize("style", STYLES)
def test_gaps_are_bridged(style: str) -> None:
    model = make(plane, style)
    model.levels[0, 0] = model.levels[3, 4] = model.levels[3, 5] = np.nan
    off = np.abs(model.image().array - truth(plane))
    assert off.max() < 8  # the corner is extrapolated, from the mean of its neighbours
    assert np.median(off) < 0.2


def test_only_one_level_is_enough() -> None:
    levels = np.full((4, 5), np.nan)
    levels[3, 0] = 7
    for style in ("AKIMA_SPLINE", "CHEBYSHEV"):
        assert Background(BOX, levels, levels, Surface(style)).image().array == pytest.approx(7)


def test_uncertain_cells_count_less_in_a_fit() -> None:
    y, x = np.meshgrid(middles(200, 8), middles(300, 9), indexing="ij")
    levels, variance = plane(x, y), np.ones((8, 9))
    levels[4, 4] += 50
    variance[4, 4] = 1e4
    weighted = Background(BOX, levels, variance, Surface("CHEBYSHEV", 2, 2)).image().array
    equal = Background(BOX, levels, variance, Surface("CHEBYSHEV", 2, 2, is_weighted=False)).image()
    assert np.abs(weighted - truth(plane)).max() < 0.1
    assert np.abs(equal.array - truth(plane)).max() > 1


def test_a_list_is_the_sum_of_its_models() -> None:
    models = BackgroundList([make(plane, "CHEBYSHEV")])
    models.append(make(bowl, "AKIMA_SPLINE"))
    expected = models[0].image().array + models[1].image().array
    np.testing.assert_array_equal(models.image().array, expected)
    assert len(models) == 2


def test_models_of_two_images_do_not_go_together() -> None:
    other = Background(
        Box(Point2I(0, 0), Extent2I(5, 5)), np.ones((1, 1)), np.ones((1, 1)), Surface()
    )
    with pytest.raises(BackgroundError, match="cannot be added"):
        BackgroundList([make(plane, "LINEAR")]).append(other)


def test_an_empty_list_has_no_image() -> None:
    with pytest.raises(BackgroundError, match="no background in the list"):
        BackgroundList().image()


def test_a_part_outside_is_refused() -> None:
    with pytest.raises(BackgroundError, match="is not inside"):
        make(plane, "LINEAR").image(Box(Point2I(0, 0), Extent2I(5, 5)))


def test_a_model_without_a_level_is_refused() -> None:
    nothing = np.full((2, 2), np.nan)
    with pytest.raises(BackgroundError, match="No cell of the background has a good pixel"):
        Background(BOX, nothing, nothing, Surface())


def test_levels_are_a_grid_and_styles_are_known() -> None:
    with pytest.raises(BackgroundError, match="are a grid"):
        Background(BOX, np.ones(3), np.ones(3), Surface())
    with pytest.raises(BackgroundError, match=r"is one of CONSTANT, .* not 'WAVY'"):
        Surface("WAVY")


def test_gen2_spellings_give_the_same() -> None:
    model = make(plane, "LINEAR")
    assert model.getImageF() == model.image()
    assert model.getImageBBox() == BOX
    assert BackgroundList([model]).getImage() == model.image()
