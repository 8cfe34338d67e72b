"""The display of the LSST stack's users, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import AsinhNorm, Normalize, PowerNorm, SymLogNorm

from imaging import Axes, Box, Exposure, Extent2I, Image, Point2I, Quadrupole
from imaging.errors import DisplayError, ParameterValueError
from imaging.figures.gen2_names import Display
from imaging.gen2_modules import afw_display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes as Plane

BOX = Box(Point2I(10, 20), Extent2I(60, 40))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    mpl.use("agg")
    yield
    afw_display.delAllDisplays()
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


@pytest.fixture
def exposure() -> Exposure:
    exposure = Exposure(BOX, dtype=np.float32)
    exposure.image.array[:] = np.random.default_rng(3).normal(200, 5, BOX.shape)
    exposure.mask.array[5, 7] = exposure.mask.get_bit_mask("CR")
    return exposure


def plane(display: Display) -> Plane:
    assert display._axes is not None
    return display._axes


def test_an_image_is_shown_with_its_mask(exposure: Exposure) -> None:
    display = afw_display.getDisplay(1)
    display.setMaskPlaneColor({"CR": afw_display.ORANGE, "DETECTED": afw_display.IGNORE})
    display.setMaskTransparency(25)
    display.setImageColormap("viridis")
    display.mtv(exposure, title="calexp")
    images = plane(display).images
    assert len(images) == len(exposure.mask.planes)  # the image, and all planes but DETECTED
    assert plane(display).get_title() == "calexp"
    assert images[0].get_cmap().name == "viridis"
    assert images[0].get_extent() == [9.5, 69.5, 19.5, 59.5]
    orange = (255, 165, 0, 191)
    assert any(tuple(image.get_array()[5, 7]) == orange for image in images[1:])
    assert (display.getMaskPlaneColor("CR"), display.getMaskTransparency()) == ("orange", 25)


def test_another_image_takes_the_place_of_the_first(exposure: Exposure) -> None:
    display = afw_display.Display(frame=2)
    display.mtv(exposure)
    display.dot("+", 30, 40)
    display.mtv(exposure.image)
    assert len(plane(display).images) == 1
    assert len(plane(display).lines) == 0
    assert afw_display.getDisplay(2) is display


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("linear", Normalize), ("asinh", AsinhNorm), ("sqrt", PowerNorm), ("log", SymLogNorm)],
)
def test_a_scale_is_set_before_or_after(
    exposure: Exposure, algorithm: str, kind: type[Normalize]
) -> None:
    before, after = Display(1), Display(2)
    before.scale(algorithm, 150, 250)
    before.mtv(exposure)
    after.mtv(exposure)
    after.scale(algorithm, min=150, max=250, unit="Absolute")
    for display in (before, after):
        norm = plane(display).images[0].norm
        assert type(norm) is kind
        assert (norm.vmin, norm.vmax) == (150, 250)
    after.scale(algorithm, "minmax")
    low, high = exposure.image.array.min(), exposure.image.array.max()
    assert (plane(after).images[0].norm.vmin, plane(after).images[0].norm.vmax) == (low, high)


def test_a_part_is_shown(exposure: Exposure) -> None:
    display = Display()
    display.mtv(exposure)
    display.zoom(4, 30, 40)
    assert plane(display).get_xlim() == pytest.approx((22.5, 37.5))
    assert plane(display).get_ylim() == pytest.approx((35, 45))
    display.pan(50, 45)
    assert plane(display).get_xlim() == pytest.approx((42.5, 57.5))
    display.pan(0, 0, origin="local")
    assert plane(display).get_xlim() == pytest.approx((2.5, 17.5))
    display.zoom()
    assert plane(display).get_xlim() == pytest.approx((-5, 25))


def test_marks_are_drawn_and_erased(exposure: Exposure) -> None:
    display = Display()
    display.mtv(exposure)
    with display.Buffering():
        display.dot("+", 30, 40, size=3, ctype=afw_display.RED)
        display.dot("x", 30, 40)
        display.dot("o", 5, 6, size=4, origin="local")
        display.dot(Axes(5.0, 2.0, 0.0), 30, 40)
        display.dot(Quadrupole(25.0, 4.0, 0.0), 30, 40)
        display.dot("@:25,0,4", 30, 40)
        display.dot("name", 30, 40)
    lines = plane(display).lines
    assert [line.get_color() for line in lines[:3]] == ["red", "red", "lime"]
    assert sorted(lines[0].get_xdata()) == [27, 33]
    circle, *ellipses = lines[4:]
    assert np.hypot(circle.get_xdata() - np.float64(15), circle.get_ydata() - np.float64(26)) == (
        pytest.approx(np.full(65, 4.0))
    )
    for ellipse in ellipses:
        assert np.max(ellipse.get_xdata()) == pytest.approx(35)
        assert np.max(ellipse.get_ydata()) == pytest.approx(42)
    assert [text.get_text() for text in plane(display).texts] == ["name"]
    display.line([(20, 30), Point2I(40, 50)], ctype="blue")
    assert list(plane(display).lines[-1].get_xdata()) == [20, 40]
    display.line([(20, 30), (40, 50)], symbs="+o", size=1)
    display.flush()
    display.erase()
    assert (len(plane(display).lines), len(plane(display).texts)) == (0, 0)
    assert len(plane(display).images) > 0


def test_what_cannot_be_done_is_said(exposure: Exposure) -> None:
    with pytest.raises(DisplayError, match=r"call mtv\(\) first"):
        Display().dot("+", 1, 2)
    with pytest.raises(DisplayError, match="ds9 takes no marks"):
        Display(backend="ds9").zoom(2)
    with pytest.raises(ParameterValueError, match="choose one of matplotlib, ds9"):
        afw_display.setDefaultBackend("xpa")
    with pytest.raises(ParameterValueError, match="unit='sigma'"):
        Display().scale("linear", 1, 2, "sigma")
    with pytest.raises(ParameterValueError, match="algorithm='asinh'"):
        Display(backend="ginga").scale("asinh", "zscale")
    with pytest.raises(ParameterValueError, match="a min and a max"):
        Display().scale("linear", 1)
    display = Display()
    display.mtv(exposure)
    with pytest.raises(ParameterValueError, match="both the column and the row"):
        display.zoom(2, colc=30)


def test_displays_are_closed() -> None:
    assert afw_display.getDefaultBackend() == "matplotlib"
    afw_display.setDefaultBackend("matplotlib")
    with Display(5) as display:
        display.mtv(Image(BOX))
        assert str(display) == "Display[5]"
        display.show()
    assert afw_display.getDisplay(5) is not display
