"""Karhunen-Loeve PSFs of SDSS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging.errors import FitsFileError, ParameterValueError
from imaging.geometry.points import Point2D
from imaging.image.image import Image
from imaging.psf.kernel import PolynomialPsf
from imaging.psf.kl import read_psfield
from imaging.psf.varying_pixels import SpatialBasis

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.psf.psf import Psf

FIELD = "input/4192/40/objcs/4/psField-004192-4-0300.fit"
GAIN = 4.885  # e-/DN in i, from the tsField file of the same field
N_ROWS = 1361  # the rest of an fpC frame belongs to the next field


@pytest.fixture(scope="module")
def path(shared_data: Path) -> str:
    return str(shared_data / "sdss_demo" / FIELD)


@pytest.mark.parametrize(("filter_name", "hdu"), list(zip("ugriz", range(1, 6), strict=True)))
def test_psf_is_the_published_sum(path: str, filter_name: str, hdu: int) -> None:
    """https://www.sdss.org/dr16/algorithms/read_psf, written out, from astropy's table."""
    from astropy.io import fits

    row, column = 731.5, 1209.25
    with fits.open(path) as file:
        components = file[hdu].data
        total = np.zeros(51 * 51)
        for component in components:
            weight = sum(
                component["c"][i, j] * (0.001 * row) ** i * (0.001 * column) ** j
                for i in range(component["nrow_b"])
                for j in range(component["ncol_b"])
            )
            total += weight * component["RROWS"]
    kernel = read_psfield(path, filter_name).compute_kernel_image(Point2D(column, row))
    expected = total.reshape(51, 51) / total.sum()
    np.testing.assert_allclose(kernel.array, expected, atol=1e-7)  # 32-bit sums in the oracle


def test_psf_has_the_size_that_the_field_records(path: str) -> None:
    """HDU 6 has the effective FWHM in arcsec; pixels are 0.396 arcsec."""
    from astropy.io import fits

    with fits.open(path) as file:
        recorded = file[6].data["psf_width"][0]
    for filter_name, fwhm in zip("ugriz", recorded, strict=True):
        kernel = read_psfield(path, filter_name).compute_kernel_image(Point2D(1024, 744))
        area = 1 / (kernel.array**2).sum()  # 4 pi sigma^2 for a Gaussian
        width = 2 * np.sqrt(2 * np.log(2)) * np.sqrt(area / (4 * np.pi)) * 0.396
        assert width == pytest.approx(fwhm, rel=0.05)


def test_rows_are_y(shared_data: Path, path: str) -> None:
    """Signal-to-noise ratios of PSF fluxes against those of the LSST stack, in i.

    With x and y exchanged in the polynomials the scatter is three times as large.
    """
    stars = _expected_stars(shared_data)
    frame = shared_data / "sdss_demo/input/4192/40/corr/4/fpC-004192-i4-0300.fit.gz"
    pixels = Image.read_fits(str(frame)).array[:N_ROWS].astype(float) - 1000
    psf = read_psfield(path, "i")
    basis = psf.basis
    powers = tuple((y, x) for x, y in basis.powers)
    exchanged = PolynomialPsf(
        psf.coefficients, SpatialBasis(powers, basis.center, basis.scale, basis.kind)
    )
    scatter, wrong = (np.std(_ratios(pixels, stars, model)) for model in (psf, exchanged))
    assert scatter < 0.004
    assert wrong > 2 * scatter


def _expected_stars(shared_data: Path) -> np.ndarray:
    """Return x, y and S/N of bright, isolated, clean stars in i."""
    catalog = shared_data / "sdss_demo/expected/Linux64/detected-sources_4192.txt"
    header, *lines = (line.split() for line in catalog.read_text().splitlines())
    columns = {name.lstrip("#"): number for number, name in enumerate(header)}
    in_i = [line for line in lines if (int(line[0]) >> 26) // 100_000 % 10 == 3]

    def numbers(name: str) -> np.ndarray:
        return np.array([float(line[columns[name]]) for line in in_i])

    x, y = numbers("base_SdssCentroid_x"), numbers("base_SdssCentroid_y")
    ratio = numbers("base_PsfFlux_instFlux") / numbers("base_PsfFlux_instFluxErr")
    distance = np.hypot(x - x[:, None], y - y[:, None])
    np.fill_diagonal(distance, np.inf)
    flagged = [
        any(line[n] == "True" for name, n in columns.items() if "flag" in name) for line in in_i
    ]
    star = numbers("base_ClassificationExtendedness_value") == 0
    inside = (x > 30) & (x < 2018) & (y > 30) & (y < N_ROWS - 31)
    chosen = star & inside & (ratio > 100) & (distance.min(axis=1) > 20) & ~np.array(flagged)
    return np.stack([x, y, ratio], axis=1)[chosen]


def _ratios(pixels: np.ndarray, stars: np.ndarray, psf: Psf) -> list[float]:
    ratios = []
    for x, y, expected in stars:
        model = psf.compute_image(Point2D(x, y))
        weights, data = model.array, pixels[model.bbox.slices()]
        core = np.s_[17:34, 17:34]
        design = np.stack([weights[core].ravel(), np.ones(17 * 17)], axis=1)
        sky = np.linalg.lstsq(design, data[core].ravel(), rcond=None)[0][1]
        flux = (weights * (data - sky)).sum()
        ratios.append(flux / np.sqrt((weights**2 * data / GAIN).sum()) / expected)
    assert len(ratios) > 20
    return ratios


def test_unknown_filter_is_an_error(path: str) -> None:
    with pytest.raises(ParameterValueError, match="none 'y'"):
        read_psfield(path, "y")
    with pytest.raises(ParameterValueError, match="none 'gr'"):
        read_psfield(path, "gr")


def test_other_table_is_an_error(shared_data: Path) -> None:
    other = shared_data / "sdss_demo/input/4192/40/calibChunks/4/tsField-004192-4-40-0300.fit"
    with pytest.raises(FitsFileError, match="no psField file"):
        read_psfield(str(other), "u")
