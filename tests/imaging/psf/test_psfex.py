"""PSFs that PSFEx has fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging.errors import FitsFileError, PsfError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.fits.rows import Rows
from imaging.fits.writer import RowsPart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.psf.psfex import PsfexPsf, psfex_powers, read_psfex
from imaging.psf.varying_pixels import SpatialBasis

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "decam_testcase5/calib/decam/psfex/00431/00431608/decam-00431608-N10.fits"

# galsim 2.8.5: galsim.des.DES_PSFEx.getPSFArray(PositionD(x + 1, y + 1)), divided by its sum, at
# [31, 31], [33, 30] and [25, 40]; then FindAdaptiveMom of it: sigma, e1, e2
GALSIM_KERNELS = {
    (0.0, 0.0): (
        (0.0368822297, 0.0168115963, 0.000116498834),
        (1.955188274383545, 0.03515779599547386, -0.03132468834519386),
    ),
    (1000.25, 200.5): (
        (0.0360242479, 0.0168656892, 0.000169095167),
        (1.9887174367904663, 0.0371180921792984, -0.01746872253715992),
    ),
    (150.7, -300.1): (
        (0.0365956567, 0.0168253127, 0.000137110909),
        (1.9648793935775757, 0.03536445274949074, -0.03187136842177843),
    ),
    (500.0, 777.0): (
        (0.0364469469, 0.0169098479, 0.000156328676),
        (1.9790679216384888, 0.035485610365867615, -0.01607980579137802),
    ),
}
# galsim 2.8.5: the same array as InterpolatedImage(flux=1, x_interpolant=Lanczos(15)), drawn with
# method="no_pixel" and the sub-pixel part of the position as offset, at the same pixels
GALSIM_IMAGES = {
    (1000.25, 200.5): (0.0342779125, 0.0113854208, 0.000162969065),
    (150.7, -300.1): (0.0355546824, 0.0168624552, 0.000115629416),
    (911.4, -456.6): (0.0346190076, 0.0184814193, 0.000235348865),
}


@pytest.fixture(scope="module")
def psf(shared_data: Path) -> PsfexPsf:
    return read_psfex(str(shared_data / MODEL))


def probes(pixels: np.ndarray) -> list[float]:
    return [pixels[31, 31], pixels[33, 30], pixels[25, 40]]


@pytest.mark.parametrize("place", list(GALSIM_KERNELS))
def test_kernel_image_and_its_shape_are_those_of_galsim(
    psf: PsfexPsf, place: tuple[float, float]
) -> None:
    """Galsim sums in 32 bits, and reports moments to 1e-6."""
    expected, (sigma, e1, e2) = GALSIM_KERNELS[place]
    kernel = psf.compute_kernel_image(Point2D(*place))
    assert probes(kernel.array) == pytest.approx(expected, rel=1e-6)
    assert kernel.bbox == Box(Point2I(-31, -31), Extent2I(63, 63))
    shape = psf.compute_shape(Point2D(*place))
    total = shape.ixx + shape.iyy
    assert shape.determinant_radius == pytest.approx(sigma, rel=1e-6)
    assert ((shape.ixx - shape.iyy) / total, 2 * shape.ixy / total) == pytest.approx(
        (e1, e2), abs=1e-6
    )


@pytest.mark.parametrize("place", list(GALSIM_IMAGES))
def test_image_between_pixels_is_that_of_galsim(psf: PsfexPsf, place: tuple[float, float]) -> None:
    """To 0.3 % of the peak: in this noisy model interpolants of galsim differ by 0.5 %."""
    image = psf.compute_image(Point2D(*place))
    assert probes(image.array) == pytest.approx(GALSIM_IMAGES[place], abs=1e-4)


def test_terms_are_in_the_order_of_psfex() -> None:
    assert psfex_powers(2) == ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2))


def test_model_of_the_file_has_its_sampling_and_zero_based_centre(psf: PsfexPsf) -> None:
    assert psf.sampling == 1
    assert psf.basis.center == pytest.approx((911.268535614, -456.106323242))
    assert psf.average_position == Point2D(*psf.basis.center)
    assert psf.coefficients.shape == (6, 63, 63)


@pytest.mark.parametrize("sampling", [0.4, 0.5, 0.7, 1.0, 1.25])
@pytest.mark.parametrize("place", [(10.0, 20.0), (10.3, 19.5)])
def test_finely_sampled_model_is_the_same_star(sampling: float, place: tuple[float, float]) -> None:
    """A Gaussian of 2 pixels on a grid of its own; interpolated to 0.1 % of the peak (0.04)."""
    model = SingleGaussianPsf(101, 101, 2.0 / sampling).compute_kernel_image().array
    psf = PsfexPsf(model[None], SpatialBasis(((0, 0),)), sampling, width=25, height=21)
    expected = SingleGaussianPsf(25, 21, 2.0).compute_image(Point2D(*place))
    image = psf.compute_image(Point2D(*place))
    assert image.bbox == expected.bbox
    np.testing.assert_allclose(image.array, expected.array, atol=4e-5)


@pytest.mark.parametrize(("sampling", "size"), [(1.0, 25), (0.5, 13), (0.66, 17), (1.3, 33)])
def test_images_are_odd_and_about_as_large_as_the_model(sampling: float, size: int) -> None:
    psf = PsfexPsf(np.ones((1, 25, 25)), SpatialBasis(((0, 0),)), sampling)
    assert psf.dimensions == Extent2I(size, size)


@pytest.mark.parametrize("sampling", [0.0, -1.0, np.nan])
def test_impossible_sampling_is_an_error(sampling: float) -> None:
    with pytest.raises(PsfError, match="sampling step"):
        PsfexPsf(np.ones((1, 5, 5)), SpatialBasis(((0, 0),)), sampling)


def gaussian(sigma: float) -> np.ndarray:
    return SingleGaussianPsf(25, 25, sigma).compute_kernel_image().array


def write_merged(path: str) -> None:
    """Two CCDs in one table, as the Legacy Surveys write them; the second of a lower degree."""
    dtype = [("ccdname", "S4"), ("psf_mask", "f4", (3, 25, 25)), ("poldeg1", "i4")]
    scalars = ("polzero1", "polzero2", "polscal1", "polscal2", "psf_samp")
    array = np.zeros(2, [*dtype, *((name, "f8") for name in scalars)])
    array["ccdname"] = [b"N10", b"S31"]
    array["psf_mask"][0] = np.multiply.outer([1, 0.1, 0], gaussian(2.0))
    array["psf_mask"][1, 0] = gaussian(3.0)
    array["poldeg1"] = [1, 0]
    for name, values in zip(scalars, [(1, 2), (3, 4), (1000, 1), (2000, 1), (1, 0.5)], strict=True):
        array[name] = values
    write_parts(path, Metadata(), [RowsPart(Rows(array), "PSF_DATA")])


def test_row_of_a_merged_table_is_chosen_by_ccd(tmp_path: Path) -> None:
    path = str(tmp_path / "merged.fits")
    write_merged(path)
    first, second = (read_psfex(path, ccd_name=name) for name in ("N10", "S31"))
    assert first.basis == SpatialBasis(psfex_powers(1), (0.0, 2.0), (1000.0, 2000.0), "power")
    assert first.compute_shape().ixx == pytest.approx(4, rel=1e-4)
    assert len(second.basis) == 1
    assert second.sampling == 0.5
    # on a grid of half pixels, 3 steps
    assert second.compute_shape().ixx == pytest.approx(1.5**2, rel=1e-3)


def test_merged_table_needs_the_name_of_a_ccd(tmp_path: Path) -> None:
    path = str(tmp_path / "merged.fits")
    write_merged(path)
    with pytest.raises(FitsFileError, match="2 models: say which with ccd_name="):
        read_psfex(path)
    with pytest.raises(FitsFileError, match="'N11'; it has N10, S31"):
        read_psfex(path, ccd_name="N11")


def write_model(path: str, cards: dict[str, object], column: str = "PSF_MASK") -> None:
    array = np.zeros(1, [(column, "f4", (1, 25, 25))])
    array[column][0, 0] = gaussian(2.0)
    write_parts(path, Metadata(), [RowsPart(Rows(array, Metadata(cards)), "PSF_DATA")])


def test_model_that_does_not_vary_needs_no_polynomial(tmp_path: Path) -> None:
    path = str(tmp_path / "constant.fits")
    write_model(path, {"POLNAXIS": 0, "PSF_SAMP": 1.0})
    assert read_psfex(path).compute_shape(Point2D(1e3, 2e3)).iyy == pytest.approx(4, rel=1e-4)


@pytest.mark.parametrize(
    "cards",
    [
        {"POLNAME1": "MAG_AUTO", "POLDEG1": 0},
        {"POLNAME1": "Y_IMAGE", "POLNAME2": "X_IMAGE"},
        {"POLNAME1": "X_IMAGE", "POLNAME2": "Y_IMAGE", "POLNGRP": 2},
        {"POLNAME1": "X_IMAGE", "POLNAME2": "Y_IMAGE", "POLNAME3": "MAG_AUTO"},
    ],
)
def test_model_of_something_else_than_x_and_y_is_an_error(
    tmp_path: Path, cards: dict[str, object]
) -> None:
    path = str(tmp_path / "other.fits")
    write_model(path, cards)
    with pytest.raises(UndecodableError, match="depends on"):
        read_psfex(path)


def test_other_table_is_an_error(tmp_path: Path) -> None:
    path = str(tmp_path / "other.fits")
    write_model(path, {}, column="FLUX")
    with pytest.raises(FitsFileError, match="no PSF_MASK"):
        read_psfex(path)


def test_model_with_too_few_images_is_an_error(tmp_path: Path) -> None:
    path = str(tmp_path / "few.fits")
    write_model(path, {"POLNAME1": "X_IMAGE", "POLNAME2": "Y_IMAGE", "POLDEG1": 2})
    with pytest.raises(FitsFileError, match="do not fit 6 polynomials"):
        read_psfex(path)
