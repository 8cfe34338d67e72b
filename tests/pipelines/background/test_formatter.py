"""Background models in files, and in a butler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from butler import Butler
from butler.repository.create import create_repository
from imaging.errors import FitsFileError, ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from pipelines.background.formatter import BackgroundFormatter
from pipelines.background.model import Background, BackgroundList, Surface
from pipelines.interpolation.curve import CURVES

if TYPE_CHECKING:
    from pathlib import Path

BOX = Box(Point2I(-5, 7), Extent2I(60, 40))
numbers = st.floats(-1e4, 1e4, width=32)
surfaces = st.builds(
    Surface,
    st.sampled_from([*CURVES, "CHEBYSHEV"]),
    st.integers(0, 9),
    st.integers(0, 9),
    st.booleans(),
)


@st.composite
def backgrounds(draw: st.DrawFn) -> Background:
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    levels = draw(st_numpy.arrays(np.float32, shape, elements=numbers))
    variance = draw(st_numpy.arrays(np.float32, shape, elements=st.floats(0, 100, width=32)))
    if levels.size > 1 and draw(st.booleans()):
        levels[-1, -1] = variance[-1, -1] = np.nan
    return Background(BOX, levels, variance, draw(surfaces))


@given(st.lists(backgrounds(), min_size=1, max_size=3))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_models_come_back_as_they_were(tmp_path: Path, models: list[Background]) -> None:
    path = str(tmp_path / "background.fits")
    BackgroundFormatter().write(BackgroundList(models), path)
    assert BackgroundFormatter().read(path) == BackgroundList(models)


def one(level: float = 5.0, style: str = "AKIMA_SPLINE") -> Background:
    return Background(BOX, np.full((2, 3), level), np.ones((2, 3)), Surface(style))


def test_a_single_model_is_a_list_of_one(tmp_path: Path) -> None:
    path = str(tmp_path / "background.fits")
    BackgroundFormatter().write(one(), path)
    assert BackgroundFormatter().read(path) == BackgroundList([one()])


def test_the_image_of_the_sum_is_a_component(tmp_path: Path) -> None:
    path = str(tmp_path / "background.fits")
    BackgroundFormatter().write(BackgroundList([one(5.0), one(2.0)]), path)
    image = BackgroundFormatter().read(path, "image")
    assert image.bbox == BOX
    assert (image.array == 7).all()


def test_others_can_read_the_levels(tmp_path: Path) -> None:
    path = str(tmp_path / "background.fits")
    BackgroundFormatter().write(BackgroundList([one(5.0), one(2.0, "CHEBYSHEV")]), path)
    with fits.open(path) as file:
        assert [hdu.name for hdu in file[1:]] == ["IMAGE", "MASK", "VARIANCE"] * 2
        assert (file[4].data == 2).all()
        assert file[1].header["INTERPSTYLE"] == 5
        assert [file[number].header["APPROXSTYLE"] for number in (1, 4)] == [-1, 0]
        assert (file[1].header["BKGD_X0"], file[1].header["BKGD_WIDTH"]) == (-5, 60)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "image.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.ones((3, 3)))]).writeto(path)
    with pytest.raises(FitsFileError, match="1 images are no list of backgrounds"):
        BackgroundFormatter().read(path)
    three = [fits.ImageHDU(np.ones((3, 3), np.float32)) for _ in range(3)]
    fits.HDUList([fits.PrimaryHDU(), *three]).writeto(path, overwrite=True)
    with pytest.raises(FitsFileError, match="HDU 1 is no background"):
        BackgroundFormatter().read(path)


def test_something_else_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ParameterTypeError, match="BackgroundList is needed, not int"):
        BackgroundFormatter().write(5, str(tmp_path / "background.fits"))
    with pytest.raises(FitsFileError, match="without a background"):
        BackgroundFormatter().write(BackgroundList(), str(tmp_path / "background.fits"))


def test_a_butler_keeps_the_background_of_a_calexp(tmp_path: Path) -> None:
    create_repository(str(tmp_path / "DATA"), "hsc")
    butler = Butler(outputs=str(tmp_path / "DATA"))
    keys = {"visit": 1, "ccd": 2, "pointing": 3, "filter": "HSC-R"}
    butler.put(BackgroundList([one()]), "calexpBackground", keys)
    assert butler.get("calexpBackground", keys) == BackgroundList([one()])
