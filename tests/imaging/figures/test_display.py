"""Images on a screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import EllipseCollection

from imaging import Box, Exposure, Extent2I, Point2I, SourceCatalog, SourceTable, display
from imaging.errors import (
    BoxError,
    MaskPlaneError,
    MissingLibraryError,
    ParameterTypeError,
    ParameterValueError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

BOX = Box(Point2I(10, 20), Extent2I(60, 40))


@pytest.fixture
def axes() -> Iterator[Axes]:
    mpl.use("agg")
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    yield axes
    plt.close("all")


@pytest.fixture
def exposure() -> Exposure:
    exposure = Exposure(BOX, dtype=np.float32)
    exposure.image.array[:] = np.random.default_rng(3).normal(200, 5, BOX.shape)
    exposure.mask.array[5, 7] = exposure.mask.get_bit_mask("CR")
    exposure.mask.array[6, 7] = exposure.mask.get_bit_mask("SAT", "CR")
    return exposure


def make_sources(*, shapes: bool = True) -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    names = [f"base_SdssCentroid_{axis}" for axis in "xy"]
    names += [f"base_SdssShape_{moment}" for moment in ("xx", "yy", "xy")] if shapes else []
    for name in names:
        schema.add_field(name, type="D", doc="measured")
    schema.define_centroid("base_SdssCentroid")
    if shapes:
        schema.define_shape("base_SdssShape")
    catalog = SourceCatalog(schema)
    for x, y in [(30.0, 40.0), (50.0, 45.0), (np.nan, 50.0)]:
        record = catalog.add_new()
        values = (x, y, 9.0, 4.0, 0.0)
        for name, value in zip(names, values, strict=False):
            record.set(name, value)
    return catalog


def test_an_exposure_is_shown_in_parent_coordinates_with_the_limits_of_its_sky(
    axes: Axes, exposure: Exposure
) -> None:
    exposure.image.array[::9, ::9] = 60_000
    assert display(exposure, axes=axes, title="calexp") is axes
    (picture,) = axes.get_images()
    assert tuple(picture.get_extent()) == (9.5, 69.5, 19.5, 59.5)
    low, high = picture.get_clim()
    assert 170 < low < 200 < high < 300
    assert axes.get_title() == "calexp"
    assert axes.get_xlim() == (9.5, 69.5)


def test_planes_are_coloured_where_their_bits_are_set(axes: Axes, exposure: Exposure) -> None:
    display(exposure, axes=axes, planes={"CR": "red", "SAT": "#00ff00"}, alpha=0.5)
    _, rays, saturated = (np.asarray(picture.get_array()) for picture in axes.get_images())
    assert np.argwhere(rays.any(axis=2)).tolist() == [[5, 7], [6, 7]]
    assert rays[5, 7].tolist() == [255, 0, 0, 128]
    assert np.argwhere(saturated.any(axis=2)).tolist() == [[6, 7]]


@pytest.mark.parametrize(
    ("planes", "count"), [("CR", 1), (["CR", "SAT"], 2), ("all", 9), (None, 0)]
)
def test_planes_have_usual_colours(
    axes: Axes, exposure: Exposure, planes: object, count: int
) -> None:
    display(exposure, axes=axes, planes=planes)  # type: ignore[arg-type]
    assert len(axes.get_images()) == 1 + count


def test_sources_are_ellipses_of_two_sigma(axes: Axes, exposure: Exposure) -> None:
    display(exposure, axes=axes, sources=make_sources())
    (drawn,) = [c for c in axes.collections if isinstance(c, EllipseCollection)]
    assert drawn.get_offsets().tolist() == [[30, 40], [50, 45]]  # the one without place is not
    assert drawn.get_widths().tolist() == [12, 12]  # diameters: 2 x 2 x 3
    assert drawn.get_heights().tolist() == [8, 8]


def test_sources_without_shapes_are_circles(axes: Axes, exposure: Exposure) -> None:
    display(exposure.image, axes=axes, sources=make_sources(shapes=False), radius_factor=1)
    (drawn,) = [c for c in axes.collections if isinstance(c, EllipseCollection)]
    assert drawn.get_widths().tolist() == drawn.get_heights().tolist() == [6, 6]


def test_a_part_is_shown(axes: Axes, exposure: Exposure) -> None:
    box = Box(Point2I(20, 30), Extent2I(10, 5))
    display(exposure, axes=axes, bbox=box, limits=(0, 1), planes="CR")
    assert [picture.get_array().shape[:2] for picture in axes.get_images()] == [(5, 10)] * 2
    assert axes.get_images()[0].get_clim() == (0, 1)
    with pytest.raises(BoxError):
        display(exposure, axes=axes, bbox=Box(Point2I(0, 0), Extent2I(5, 5)))


@pytest.mark.parametrize("part", ["image", "variance", "mask", "masked_image"])
def test_every_plane_can_be_shown(axes: Axes, exposure: Exposure, part: str) -> None:
    display(getattr(exposure, part), axes=axes)
    assert axes.get_images()[0].get_array().shape == BOX.shape


def test_what_cannot_be_shown_is_refused(axes: Axes, exposure: Exposure) -> None:
    with pytest.raises(ParameterTypeError, match="can be displayed, not ndarray"):
        display(np.zeros((3, 3)), axes=axes)  # type: ignore[arg-type]
    with pytest.raises(MaskPlaneError, match="no mask to show"):
        display(exposure.image, axes=axes, planes="CR")
    with pytest.raises(MaskPlaneError, match="CRR"):
        display(exposure, axes=axes, planes="CRR")
    with pytest.raises(ParameterValueError, match="choose one of matplotlib, ds9"):
        display(exposure, viewer="iraf")
    with pytest.raises(ParameterTypeError, match="takes a SourceCatalog, not list"):
        display(exposure, axes=axes, sources=[1])  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="takes axes of matplotlib, not str"):
        display(exposure, axes="left")
    assert not axes.get_images()


def test_without_matplotlib_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, exposure: Exposure
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingLibraryError, match=r"skybutler\[plot\]"):
        display(exposure)


def test_colour_that_is_none_is_named_before_anything_is_drawn(
    axes: Axes, exposure: Exposure
) -> None:
    with pytest.raises(ParameterValueError, match="CR: 'notacolor' is no colour"):
        display(exposure, axes=axes, planes={"SAT": "red", "CR": "notacolor"})
    assert not axes.get_images()
