from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from imaging import Box, Extent2I, Image, Metadata, Point2D, Point2I
from imaging.errors import BoxError, ParameterTypeError, ParameterValueError, WcsError
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.image.masked_image import MaskedImage
from imaging.psf.gaussian import SingleGaussianPsf

PART = Box(Point2I(103, 52), Extent2I(5, 4))


def test_view_shows_changes_of_the_pixels(example: Exposure) -> None:
    for sub in (
        Exposure(example, bbox=PART, dtype=example.dtype, deep=False),
        example[PART],
        example.subset(PART.shifted_by(Extent2I(-100, -50)), "local"),
    ):
        assert sub.bbox == PART
        example.image.array -= 200.0
        assert np.shares_memory(sub.image.array, example.image.array)
        assert sub.image.array[0, 0] == example.image.array[2, 3]
        example.mask.add_plane("NEW")
        assert "NEW" in sub.mask.planes
        example.mask.remove_plane("NEW")


def test_pixels_can_be_changed_through_the_masked_image(example: Exposure) -> None:
    sub = example[PART]
    before = sub.image.array.copy()
    example.masked_image -= 2.0
    assert np.array_equal(sub.image.array, before - 2.0)
    example.image = Image(example.bbox)
    assert not sub.image.array.any()
    example.variance = Image(example.bbox)
    assert not sub.variance.array.any()
    example.mask = example.mask & 0
    assert not sub.mask.array.any()


def test_view_begins_with_the_same_parts_and_gets_no_later_ones(example: Exposure) -> None:
    sub = example[PART]
    assert sub.wcs is example.wcs
    assert sub.metadata is example.metadata
    example.psf = SingleGaussianPsf(5, 5, 1.0)
    assert sub.psf is not example.psf
    sub.filter = FilterLabel("g")
    assert example.filter == FilterLabel("r", "HSC-R2")


def test_positions_on_the_sky_are_the_same_in_a_view(example: Exposure) -> None:
    sub = example[PART]
    assert sub.wcs is not None
    assert example.wcs is not None
    assert sub.wcs.pixel_to_sky(104, 53) == example.wcs.pixel_to_sky(104, 53)


def test_copy_shares_nothing_that_can_be_changed(example: Exposure) -> None:
    other = example.copy()
    other.image.array[...] = 0
    other.mask.add_plane("NEW")
    other.metadata["EXPTIME"] = 1.0
    assert other.aperture_corrections is not None
    del other.aperture_corrections["psf"]
    assert example.image.array.any()
    assert "NEW" not in example.mask.planes
    assert example.metadata["EXPTIME"] == 31.0
    assert example.aperture_corrections is not None
    assert "psf" in example.aperture_corrections
    shallow = example.copy(deep=False)
    assert np.shares_memory(shallow.image.array, example.image.array)


def test_exposure_is_made_of_pixels_and_parts(example: Exposure) -> None:
    pixels = MaskedImage(Box(Point2I(1, 2), Extent2I(4, 3)))
    exposure = Exposure(pixels, wcs=example.wcs, filter=FilterLabel("i"))
    assert exposure.masked_image.image is not None
    assert np.shares_memory(exposure.image.array, pixels.image.array)
    assert exposure.wcs is example.wcs
    assert exposure.filter == FilterLabel("i")
    assert exposure.psf is None
    other = Exposure(exposure, filter=None)
    assert other.filter is None
    assert other.wcs is example.wcs


def test_exposure_of_a_box_is_zero() -> None:
    exposure = Exposure(Box(Point2I(1, 2), Extent2I(4, 3)), dtype=np.float64)
    assert exposure.dtype == np.float64
    assert (exposure.x0, exposure.y0, exposure.width, exposure.height) == (1, 2, 4, 3)
    assert exposure.dimensions == Extent2I(4, 3)
    assert exposure.get_bbox("local") == Box.from_string("0:4,0:3")
    assert not exposure.image.array.any()


def test_exposure_of_an_image_has_no_flags_and_no_variance() -> None:
    image = Image(np.ones((3, 4)), (5, 6))
    exposure = Exposure(image)
    assert exposure.image.array is image.array
    assert exposure.bbox == image.bbox
    assert not exposure.mask.array.any()
    assert not exposure.variance.array.any()


def test_box_of_an_exposure_is_a_copy(example: Exposure) -> None:
    example.bbox.grow(3)
    assert example.bbox == Box(Point2I(100, 50), Extent2I(20, 12))


def test_origin_can_be_moved(example: Exposure) -> None:
    example.set_origin((0, 0))
    assert example.mask.xy0 == example.variance.xy0 == example.xy0 == Point2I(0, 0)


def test_other_pixels_need_the_same_box(example: Exposure) -> None:
    pixels = MaskedImage(example.bbox)
    example.masked_image = pixels
    assert example.masked_image is pixels
    with pytest.raises(BoxError, match="do not fit"):
        example.masked_image = MaskedImage(PART)


def test_wrong_sources_and_parts_are_refused(example: Exposure) -> None:
    with pytest.raises(ParameterTypeError, match="pixels or a box"):
        Exposure(np.zeros((3, 4)))  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match="no part 'pfs'"):
        Exposure(example, pfs=None)  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="pfs"):
        example.pfs = None  # type: ignore[attr-defined]
    with pytest.raises(ParameterValueError, match="deep=True"):
        Exposure(example, dtype=np.float64)
    assert Exposure(example, dtype=np.float64, deep=True).dtype == np.float64
    with pytest.raises(BoxError, match="not inside"):
        example[PART.grown(100)]


def test_similar_exposure_has_type_and_planes(example: Exposure) -> None:
    made = example.make_similar(PART)
    assert made.bbox == PART
    assert "CROSSTALK" in made.mask.planes
    assert made.wcs is None
    assert np.shares_memory(example.make_similar(example, PART).image.array, example.image.array)


def test_exposures_can_be_copied_by_the_copy_module(example: Exposure) -> None:
    other = copy.copy(example)
    assert other.masked_image == example.masked_image


@pytest.mark.parametrize(
    ("size", "first", "last"),
    [(5, Point2I(107, 54), Point2I(111, 58)), (4, Point2I(108, 55), Point2I(111, 58))],
)
def test_cutout_is_centred(example: Exposure, size: int, first: Point2I, last: Point2I) -> None:
    cutout = example.get_cutout(Point2I(109, 56), size)
    assert (cutout.bbox.min, cutout.bbox.max) == (first, last)
    assert cutout.masked_image == example.masked_image[cutout.bbox]
    assert not np.shares_memory(cutout.image.array, example.image.array)
    assert cutout.wcs == example.wcs
    assert cutout.metadata is not example.metadata


def test_cutout_at_the_edge_is_filled_up(example: Exposure) -> None:
    cutout = example.get_cutout(Point2D(100.2, 50.4), Extent2I(7, 5))
    assert cutout.dimensions == Extent2I(7, 5)
    outside = np.ones((5, 7), bool)
    outside[2:, 3:] = False
    assert np.isnan(cutout.image.array[outside]).all()
    assert np.isnan(cutout.variance.array[outside]).all()
    assert np.array_equal(cutout.mask.get_plane("NO_DATA"), outside)
    common = cutout.bbox.clipped_to(example.bbox)
    assert cutout.masked_image[common] == example.masked_image[common]


def test_cutout_of_integers_is_filled_with_zeros() -> None:
    exposure = Exposure(Image(np.ones((4, 4), np.uint16)))
    cutout = exposure.get_cutout(Point2I(0, 0), 3)
    assert cutout.image.array.tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_cutout_is_found_on_the_sky(example: Exposure) -> None:
    assert example.wcs is not None
    sky = example.wcs.pixel_to_skycoord(109.0, 56.0)
    assert isinstance(sky, SkyCoord)
    assert example.get_cutout(sky, 5).bbox == example.get_cutout(Point2I(109, 56), 5).bbox
    example.wcs = None
    with pytest.raises(WcsError, match="needs a WCS"):
        example.get_cutout(sky, 5)


def test_cutouts_that_are_not_possible_are_refused(example: Exposure) -> None:
    with pytest.raises(BoxError, match="one pixel"):
        example.get_cutout(Point2I(109, 56), 0)
    for center in (Point2I(10, 56), Point2D(np.nan, 56.0)):
        with pytest.raises(BoxError, match="not in the exposure"):
            example.get_cutout(center, 5)


def test_ccddata_has_pixels_wcs_and_cards(example: Exposure) -> None:
    example.metadata = Metadata({"OBSERVER": "Rubin"})
    ccd = example.to_ccddata()
    assert np.shares_memory(ccd.data, example.image.array)
    assert ccd.unit.to_string() == "adu"
    assert ccd.meta["OBSERVER"] == "Rubin"
    assert example.wcs is not None
    sky = ccd.wcs.pixel_to_world_values(4.0, 3.0)
    # 1e-9 degrees are 4 microarcseconds: rounding of two ways to compute the same
    assert np.allclose(sky, example.wcs.pixel_to_sky(104.0, 53.0), rtol=0, atol=1e-9)
    found = Exposure.from_ccddata(ccd)
    assert np.shares_memory(found.image.array, ccd.data)
    assert found.bbox == example.bbox
    assert found.mask == example.mask
    assert found.metadata["OBSERVER"] == "Rubin"
    assert found.wcs is not None
    # 1e-6 pixels: the header that astropy writes has fewer digits
    assert np.allclose(found.wcs.sky_to_pixel(*sky), (104.0, 53.0), rtol=0, atol=1e-6)


def test_exposure_without_a_wcs_becomes_ccddata_without_one(example: Exposure) -> None:
    example.wcs = None
    assert example.to_ccddata().wcs is None
    assert Exposure.from_ccddata(example.to_ccddata()).wcs is None


def test_representation_names_what_is_there(example: Exposure) -> None:
    assert "20 x 12 pixels, float32" in repr(example)
    assert "psf" in repr(example)
    assert repr(Exposure(PART).info) == "<ExposureInfo: nothing>"


def test_exposure_goes_to_another_process_whole(example: Exposure) -> None:
    other = pickle.loads(pickle.dumps(example))
    assert other.masked_image == example.masked_image
    assert other.wcs == example.wcs
    assert other.psf == example.psf
    assert other.visit_info == example.visit_info
    assert other.aperture_corrections == example.aperture_corrections
    assert other.photo_calib == example.photo_calib
    assert other.valid_polygon == example.valid_polygon
    assert other.detector == example.detector
    assert (other.filter, other.id) == (example.filter, example.id)
    assert other.metadata == example.metadata


def test_notebook_shows_a_small_picture_and_names_the_parts(example: Exposure) -> None:
    pytest.importorskip("PIL")
    html = example._repr_html_()
    assert html.startswith("<b>Exposure</b> of")
    assert html.index("ExposureInfo: ") < html.index("<img")
    assert f"{len(example.metadata)} header cards" in html
