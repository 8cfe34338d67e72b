from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, Extent2I, Image, Point2I, SingleGaussianPsf
from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.exposure.info import ExposureInfo
from imaging.exposure.pixel_types import (
    ExposureD,
    ExposureF,
    ExposureI,
    ExposureL,
    ExposureU,
    make_exposure,
)
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from pathlib import Path

BOX = Box(Point2I(100, 50), Extent2I(4, 3))
PART = Box(Point2I(101, 51), Extent2I(2, 2))
LOCAL = Box(Point2I(1, 1), Extent2I(2, 2))
TYPES = {
    ExposureD: np.float64,
    ExposureF: np.float32,
    ExposureI: np.int32,
    ExposureL: np.int64,
    ExposureU: np.uint16,
}


@pytest.mark.parametrize(("name", "dtype"), TYPES.items())
def test_name_says_what_pixels_a_size_gets(name: type[Exposure], dtype: type) -> None:
    for made in (name(BOX), name(4, 3), name(Extent2I(4, 3)), name(bbox=BOX)):
        assert (made.dtype, made.dimensions) == (dtype, Extent2I(4, 3))
        assert type(made) is Exposure
        assert isinstance(made, name)
    assert not isinstance(name(BOX), ExposureF if name is ExposureD else ExposureD)
    assert isinstance(Exposure(BOX, dtype=dtype), name)
    assert name(BOX).xy0 == Point2I(100, 50)


def test_wcs_stands_second_behind_pixels_and_sizes(example: Exposure) -> None:
    wcs, pixels = example.wcs, MaskedImage(BOX)
    assert wcs is not None
    for made in (
        ExposureF(BOX, wcs),
        ExposureF(4, 3, wcs),
        ExposureF(Extent2I(4, 3), wcs),
        ExposureF(pixels, wcs),
        ExposureF(pixels, wcs=wcs),
        ExposureF(pixels, ExposureInfo(wcs=wcs)),
        make_exposure(pixels, wcs),
    ):
        assert made.wcs is wcs
        assert made.dtype == np.float32
    assert ExposureF(pixels, None).wcs is ExposureF(pixels).wcs is None
    assert ExposureF(pixels).masked_image.image.array is not None
    assert np.shares_memory(ExposureF(pixels).image.array, pixels.image.array)
    psf = SingleGaussianPsf(5, 5, sigma=1)
    assert ExposureF(BOX, psf=psf).psf is psf
    assert ExposureF(Image(BOX), id=5).id == 5


def test_exposures_make_views_and_copies(example: Exposure) -> None:
    name = {np.dtype(dtype): name for name, dtype in TYPES.items()}[example.dtype]
    box = Box(example.xy0 + Extent2I(1, 1), Extent2I(2, 2))
    for view in (
        name(example, box),
        name(example, LOCAL, "local"),
        name(example, bbox=box, deep=False),
        example.Factory(example, box),
        example.Factory(example, LOCAL, "local", False),
    ):
        assert view.bbox == box
        assert view.wcs is example.wcs
        assert np.shares_memory(view.image.array, example.image.array)
    for copy in (
        name(example, True),
        name(example, deep=True),
        example.Factory(example, True),
        name(example, box, "parent", True),
    ):
        assert not np.shares_memory(copy.image.array, example.image.array)
        assert copy.psf is example.psf
    assert example.Factory(3, 2).dimensions == Extent2I(3, 2)
    assert example.Factory(example.masked_image).wcs is None


def test_pixels_of_files_become_those_of_the_name(tmp_path: Path) -> None:
    path = str(tmp_path / "e.fits")
    half = ExposureD(BOX, id=7)
    half.image.fill(0.5)
    half.write_fits(path)
    for made in (ExposureF.readFits(path), ExposureF(path), ExposureF.read_fits(path)):
        assert (made.dtype, made.bbox, made.id) == (np.float32, BOX, 7)
        assert type(made) is Exposure
    assert ExposureF(path, PART).bbox == ExposureF(path, LOCAL, "local").bbox == PART
    assert ExposureD.readFits(path).dtype == Exposure.readFits(path).dtype == np.float64
    with pytest.raises(ParameterTypeError):
        ExposureI.readFits(path)


def test_pixels_are_converted_with_all_parts(example: Exposure) -> None:
    wide = example.convertD()
    assert wide.dtype == np.float64
    assert wide.convertF().dtype == np.float32
    assert (wide.wcs, wide.psf, wide.id) == (example.wcs, example.psf, example.id)
    assert wide.mask == example.mask
    with pytest.raises(ParameterValueError, match="deep=True"):
        ExposureF(wide)
    assert ExposureF(wide, deep=True).dtype == np.float32


def test_what_is_no_form_of_the_name_is_refused(example: Exposure) -> None:
    for arguments in (
        (),
        (3,),
        (BOX, 3),
        (BOX, BOX),
        (MaskedImage(BOX), 3),
        (example, True, BOX),
        ("e.fits", 3),
    ):
        with pytest.raises(ParameterTypeError):
            ExposureF(*arguments)  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="colour=3"):
        ExposureF(BOX, colour=3)  # type: ignore[call-arg]
