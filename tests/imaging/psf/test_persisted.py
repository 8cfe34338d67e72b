"""PSFs in tables and files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from imaging.errors import FitsFileError, FormatVersionError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.geometry.points import Point2D
from imaging.image.image import Image
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.persisted import psf_from_rows, read_psf
from imaging.psf.psfex import PsfexPsf
from imaging.psf.varying_pixels import SpatialBasis

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.fits.rows import Rows
    from imaging.psf.psf import Psf

SIZES = st.integers(1, 12)
WIDTHS = st.floats(1e-3, 1e3)
NUMBERS = st.floats(-1e6, 1e6)
PLACES = st.builds(Point2D, NUMBERS, NUMBERS)
PAIRS = st.tuples(NUMBERS, NUMBERS)
SCALES = st.tuples(st.floats(0.1, 1e5), st.floats(0.1, 1e5))
BASES = st.builds(
    SpatialBasis,
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6).map(tuple),
    PAIRS,
    SCALES,
    st.sampled_from(["chebyshev", "power"]),
)


@st.composite
def planes_and_basis(draw: st.DrawFn) -> tuple[np.ndarray, SpatialBasis]:
    basis = draw(BASES)
    shape = (len(basis), draw(SIZES), draw(SIZES))
    return draw(npst.arrays(np.float64, shape, elements=NUMBERS)), basis


def kernels() -> st.SearchStrategy[Psf]:
    shapes = st.tuples(SIZES, SIZES)
    pixels = npst.arrays(np.float64, shapes, elements=st.floats(1e-3, 1e3))
    return st.builds(lambda array, place: KernelPsf(Image(array), place), pixels, PLACES)


PSFS = st.one_of(
    st.builds(SingleGaussianPsf, SIZES, SIZES, WIDTHS),
    st.builds(DoubleGaussianPsf, SIZES, SIZES, WIDTHS, WIDTHS, NUMBERS),
    kernels(),
    st.builds(lambda model, place: PolynomialPsf(*model, place), planes_and_basis(), PLACES),
    st.builds(
        lambda model, sampling, place, size: PsfexPsf(
            *model, sampling, place, width=size[0], height=size[1]
        ),
        planes_and_basis(),
        st.floats(0.1, 2),
        PLACES,
        st.tuples(SIZES, SIZES),
    ),
)
EXAMPLE = SingleGaussianPsf(11, 13, 2.0)


@given(psf=PSFS)
def test_every_psf_comes_back_from_its_row_bit_for_bit(psf: Psf) -> None:
    again = psf_from_rows(psf.to_rows(), "x.fits")
    assert type(again) is type(psf)
    assert again == psf
    assert again.average_position == psf.average_position
    assert again.dimensions == psf.dimensions


@given(psf=PSFS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_every_psf_comes_back_from_its_file_bit_for_bit(tmp_path: Path, psf: Psf) -> None:
    path = str(tmp_path / "psf.fits")
    psf.write_fits(path)
    assert read_psf(path) == psf
    assert read_psf(path, "PSF") == psf


def test_images_are_the_same_after_a_file(tmp_path: Path) -> None:
    planes = np.random.default_rng(1).random((3, 9, 8))
    psf = PolynomialPsf(planes, SpatialBasis(((0, 0), (1, 0), (0, 1)), scale=(1e3, 1e3)))
    psf.write_fits(str(tmp_path / "psf.fits"))
    again = read_psf(str(tmp_path / "psf.fits"))
    place = Point2D(77.7, 88.8)
    assert again.compute_image(place) == psf.compute_image(place)


def test_file_passes_astropy(tmp_path: Path) -> None:
    from astropy.io import fits

    path = tmp_path / "psf.fits"
    EXAMPLE.write_fits(str(path))
    with fits.open(path) as file:
        file.verify("exception")
        assert file["PSF"].header["SBTYPE"] == "SingleGaussianPsf"
        assert file["PSF"].header["SBVERS"] == 1
        assert file["PSF"].data["sigma"][0] == 2.0


def test_newer_version_is_an_error() -> None:
    rows = EXAMPLE.to_rows()
    rows.header.set("SBVERS", 2)
    with pytest.raises(FormatVersionError, match="version 2"):
        psf_from_rows(rows, "x.fits")


@pytest.mark.parametrize("kind", ["PiffPsf", None])
def test_other_kind_is_an_error(kind: str | None) -> None:
    rows = EXAMPLE.to_rows()
    rows.header.remove("SBTYPE")
    if kind:
        rows.header.set("SBTYPE", kind)
    with pytest.raises(UndecodableError, match=kind or "SBTYPE"):
        psf_from_rows(rows, "x.fits")


def damaged(name: str, value: object) -> Rows:
    rows = PsfexPsf(np.ones((1, 5, 5)), SpatialBasis(((0, 0),)), 0.5).to_rows()
    array = rows.array.copy()
    array[name] = value
    return replace(rows, array=array)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dimensions", -3),
        ("dimensions", 2**31 - 1),
        ("sampling", 0),
        ("scale", 0),
        ("powers", 1000),
        ("coefficients", np.nan),
        ("polynomials", b"legendre"),
        ("polynomials", b"\xff"),
    ],
)
def test_damaged_row_is_an_error_that_names_the_file(name: str, value: object) -> None:
    with pytest.raises(FitsFileError, match=r"^x\.fits: its PsfexPsf cannot be made"):
        psf_from_rows(damaged(name, value), "x.fits")


def test_missing_column_and_missing_row_are_errors() -> None:
    rows = EXAMPLE.to_rows()
    lacking = replace(rows, array=rows.array[["dimensions"]])
    with pytest.raises(FitsFileError, match="no column 'sigma'"):
        psf_from_rows(lacking, "x.fits")
    with pytest.raises(FitsFileError, match="one row, not 0"):
        psf_from_rows(rows.between(0, 0), "x.fits")


def test_other_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    Image(np.zeros((3, 3)), metadata=Metadata()).write_fits(str(path))
    with pytest.raises(FitsFileError, match="no table"):
        read_psf(str(path))
