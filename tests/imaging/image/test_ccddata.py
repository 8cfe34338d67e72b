"""Masked images as CCDData of astropy, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.nddata import (
    CCDData,
    InverseVariance,
    StdDevUncertainty,
    UnknownUncertainty,
    VarianceUncertainty,
)

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import ImagingError, MaskPlaneError, ParameterTypeError, ParameterValueError
from imaging.image.ccddata import from_ccddata, to_ccddata
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def masked() -> MaskedImage:
    image = Image(
        np.arange(12, dtype=np.float32).reshape(3, 4),
        (100, 200),
        Metadata({"BUNIT": "electron", "OBJECT": "M31"}),
    )
    mask = Mask(image.bbox)
    mask.add_plane("STREAK")
    mask.array[0] = [1, 2, 32, 512]
    return MaskedImage(image, mask, Image(np.full((3, 4), 4.0, np.float32), (100, 200)))


def test_there_and_back_is_equal_and_shares_memory(masked: MaskedImage) -> None:
    ccd = to_ccddata(masked)
    again = from_ccddata(ccd)
    assert again == masked
    assert again.metadata == masked.metadata
    for array, other in zip(again.arrays, masked.arrays, strict=True):
        assert np.shares_memory(array, other)
    assert again.mask.planes["STREAK"] == 9


def test_ccddata_has_mask_flags_variance_and_unit(masked: MaskedImage) -> None:
    ccd = to_ccddata(masked)
    assert ccd.unit == units.electron
    np.testing.assert_array_equal(ccd.mask[0], [True, True, False, False])
    np.testing.assert_array_equal(ccd.flags, masked.mask.array)
    assert isinstance(ccd.uncertainty, VarianceUncertainty)
    assert (ccd.uncertainty.array == 4).all()
    assert (ccd.meta["OBJECT"], ccd.meta["CRVAL1A"], ccd.meta["CRVAL2A"]) == ("M31", 100, 200)
    # BAD, SAT, INTRP, CR, EDGE, SUSPECT and NO_DATA
    assert (ccd.meta["MP_STREAK"], ccd.meta["MASKBITS"]) == (9, 0b1_1001_1111)


def test_planes_that_mask_can_be_chosen(masked: MaskedImage) -> None:
    ccd = to_ccddata(masked, bad_planes=["STREAK"], unit="adu")
    np.testing.assert_array_equal(ccd.mask[0], [False, False, False, True])
    assert ccd.unit == units.adu
    assert from_ccddata(ccd).mask == masked.mask
    with pytest.raises(MaskPlaneError, match="NOPE"):
        to_ccddata(masked, bad_planes=["NOPE"])


def test_unit_is_checked_and_optional(masked: MaskedImage) -> None:
    with pytest.raises(ParameterValueError, match="'counts per fortnight' is not a unit"):
        to_ccddata(masked, unit="counts per fortnight")
    del masked.metadata["BUNIT"]
    assert to_ccddata(masked).unit == units.dimensionless_unscaled
    assert from_ccddata(to_ccddata(masked, unit="adu")).metadata["BUNIT"] == "adu"


def test_wcs_counts_from_the_first_pixel(masked: MaskedImage) -> None:
    header = Metadata(
        {
            "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN",
            "CRPIX1": 1.0, "CRPIX2": 1.0, "CRVAL1": 10.0, "CRVAL2": 20.0,
            "CD1_1": -1e-4, "CD2_2": 1e-4, "CD1_2": 0.0, "CD2_1": 0.0,
        }
    )  # fmt: skip
    ccd = to_ccddata(masked, wcs_header=header)
    sky = ccd.wcs.pixel_to_world(0, 0)
    # the reference pixel is exact but for roundings of angles in radians
    assert (sky.ra.deg, sky.dec.deg) == pytest.approx((10, 20), abs=1e-12)
    assert to_ccddata(masked).wcs is None


@pytest.mark.parametrize(
    ("uncertainty", "variance"),
    [
        (VarianceUncertainty(np.full((3, 4), 4.0)), 4),
        (StdDevUncertainty(np.full((3, 4), 2.0)), 4),
        (InverseVariance(np.full((3, 4), 0.25)), 4),
        (InverseVariance(np.zeros((3, 4))), np.inf),
        (StdDevUncertainty(np.full((3, 4), 2)), 4),
        (StdDevUncertainty(np.full((3, 4), 2000.0), unit="mJy"), 4),
        (None, 0),
    ],
)
def test_uncertainties_become_variances(uncertainty: object, variance: float) -> None:
    ccd = CCDData(np.ones((3, 4)), unit="Jy", uncertainty=uncertainty)
    result = from_ccddata(ccd)
    # one square and one product of units
    np.testing.assert_allclose(result.variance.array, variance, rtol=1e-14)


def test_uncertainty_of_unknown_kind_is_an_error() -> None:
    uncertainty = UnknownUncertainty(np.ones((3, 4)))
    ccd = CCDData(np.ones((3, 4)), unit="Jy", uncertainty=uncertainty)
    with pytest.raises(ParameterTypeError, match="'unknown' is no variance"):
        from_ccddata(ccd)


def test_boolean_mask_becomes_a_plane() -> None:
    bad = np.zeros((3, 4), bool)
    bad[1, 2] = True
    ccd = CCDData(np.ones((3, 4)), unit="adu", mask=bad)
    np.testing.assert_array_equal(from_ccddata(ccd).mask.get_plane("BAD"), bad)
    result = from_ccddata(ccd, mask_plane="VIGNETTED", origin=(7, 8))
    np.testing.assert_array_equal(result.mask.get_plane("VIGNETTED"), bad)
    assert result.bbox == Box(Point2I(7, 8), Extent2I(4, 3))


def test_flags_are_bits() -> None:
    bits = np.arange(12).reshape(3, 4)
    ccd = CCDData(np.ones((3, 4)), unit="adu", flags=bits)
    result = from_ccddata(ccd, planes={"A": 3})
    np.testing.assert_array_equal(result.mask.array, bits)
    assert dict(result.mask.planes) == {"A": 3}


def test_pixels_that_are_masked_later_are_bad(masked: MaskedImage) -> None:
    ccd = to_ccddata(masked)
    ccd.mask[0] = True
    ccd.mask[2, 3] = True
    result = from_ccddata(ccd)
    # BAD and SAT explain the first two; DETECTED and STREAK do not mask a pixel
    assert result.mask.array[0].tolist() == [1, 2, 33, 513]
    assert result.mask.array[2, 3] == 1
    assert masked.mask.array[2, 3] == 0


def test_file_of_ccddata_is_converted_to_native_pixels(masked: MaskedImage, tmp_path: Path) -> None:
    path = tmp_path / "ccd.fits"
    to_ccddata(masked).write(path)
    again = from_ccddata(CCDData.read(path))
    assert again.xy0 == masked.xy0
    assert all(array.dtype.isnative for array in again.arrays)
    np.testing.assert_array_equal(again.image.array, masked.image.array)
    np.testing.assert_array_equal(again.variance.array, masked.variance.array)
    np.testing.assert_array_equal(again.mask.get_plane("BAD"), masked.mask.get_plane("BAD", "SAT"))


def test_meta_that_is_a_dictionary_keeps_what_a_header_can_hold() -> None:
    ccd = CCDData(np.ones((3, 4)), unit="adu", meta={"object": "M31", "list": object()})
    assert from_ccddata(ccd).metadata.to_dict() == {"OBJECT": "M31", "BUNIT": "adu"}


def test_cubes_are_refused() -> None:
    with pytest.raises(ImagingError, match="two dimensions"):
        from_ccddata(CCDData(np.ones((2, 3, 4)), unit="adu"))
