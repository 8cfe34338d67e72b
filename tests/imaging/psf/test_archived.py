"""PSFs in the archives of the LSST stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.polynomial import chebyshev, polynomial

from imaging.errors import FitsFileError, UndecodableError
from imaging.fits.archive import read_archive
from imaging.fits.metadata import Metadata
from imaging.fits.rows import Rows
from imaging.fits.writer import RowsPart, write_parts
from imaging.geometry.points import Point2D
from imaging.psf.archived import psf_from_archive
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.psfex import PsfexPsf

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.psf.psf import Psf

REAL = "hsc_pixels/modelfit_calexp_101.fits"
Table = dict[str, object]


def written(path: Path, entries: list[tuple[str, list[Table]]]) -> str:
    """Write objects 1, 2, ... of the given classes, each table into an HDU of its own."""
    links, parts = [], []
    for number, (name, tables) in enumerate(entries, 1):
        if not tables:
            links.append((number, -1, -1, 0, 0, name.encode(), b"lsst.some.module"))
        for place, table in enumerate(tables):
            arrays = {key: np.asarray(value) for key, value in table.items()}
            dtype = [(key, value.dtype, value.shape) for key, value in arrays.items()]
            row = np.zeros(1, dtype)
            for key, value in arrays.items():
                row[key][0] = value
            catalog = len(parts) + 1
            cards = Metadata({"EXTTYPE": "ARCHIVE_DATA", "AR_CATN": catalog, "AR_NAME": name})
            parts.append(RowsPart(Rows(row, cards), ""))
            links.append((number, catalog, place, 0, 1, name.encode(), b"lsst.some.module"))
    kinds = [(key, "i4") for key in ("id", "cat.archive", "cat.persistable", "row0", "nrows")]
    index = np.array(links, [*kinds, ("name", "S64"), ("module", "S64")])
    cards = Metadata({"EXTTYPE": "ARCHIVE_INDEX", "AR_CATN": 0, "AR_NCAT": len(parts) + 1})
    write_parts(str(path), Metadata({"AR_HDU": 2}), [RowsPart(Rows(index, cards), ""), *parts])
    return str(path)


def read(path: Path, entries: list[tuple[str, list[Table]]], id: int = 1) -> Psf:  # noqa: A002
    return psf_from_archive(read_archive(written(path / "archive.fits", entries), 1), id)


def fixed(pixels: np.ndarray, center: tuple[int, int] | None = None) -> tuple[str, list[Table]]:
    height, width = pixels.shape
    middle = center or ((width - 1) // 2, (height - 1) // 2)
    table = {"dimensions": np.int32([width, height]), "center": np.int32(middle)}
    return "FixedKernel", [table | {"image": pixels.ravel()}]


PIXELS = np.random.default_rng(8).random((5, 6)) + 0.1
POSITION = np.array([100.5, 200.25])


def test_real_pca_psf_is_the_sum_of_its_components(shared_data: Path) -> None:
    """Evaluated here from the bare tables: astropy for the bytes, numpy for Chebyshev's."""
    from astropy.io import fits

    path = shared_data / REAL
    psf = psf_from_archive(read_archive(str(path), 4), 1)
    assert isinstance(psf, PolynomialPsf)
    assert psf.average_position == Point2D(2014.1805652542112, 1948.2010570067748)
    with fits.open(path) as file:
        functions, kernels = file[7].data, file[8].data
        for x, y in [(1900.25, 2150.75), (10.0, 4000.0), (3999.0, 3.0)]:
            total = np.zeros((25, 25))
            for function, kernel in zip(functions, kernels, strict=True):
                a = function["coefficients"]
                matrix = np.array([[a[0], a[2], a[5]], [a[1], a[4], 0], [a[3], 0, 0]])
                weight = chebyshev.chebval2d(x / 2000 - 1, y / 2036 - 1, matrix)
                total += weight * kernel["image"].reshape(25, 25)
            kernel_image = psf.compute_kernel_image(Point2D(x, y))
            np.testing.assert_allclose(kernel_image.array, total / total.sum(), atol=1e-14)
    assert psf.compute_shape().determinant_radius == pytest.approx(1.48, abs=0.02)


def test_single_gaussian_is_decoded_under_both_its_names(tmp_path: Path) -> None:
    for name in ("SingleGaussianPsf", "GaussianPsf"):
        entry = (name, [{"dimensions": np.int32([11, 13]), "sigma": 1.5}])
        assert read(tmp_path, [entry]) == SingleGaussianPsf(11, 13, 1.5)


def test_double_gaussian_is_decoded(tmp_path: Path) -> None:
    table = {"dimensions_x": np.int32(11), "dimensions_y": np.int32(13)}
    entry = ("DoubleGaussianPsf", [table | {"sigma1": 1.5, "sigma2": 3.0, "b": 0.1}])
    assert read(tmp_path, [entry]) == DoubleGaussianPsf(11, 13, 1.5, 3.0, 0.1)


def test_kernel_psf_of_fixed_pixels_is_decoded(tmp_path: Path) -> None:
    table = {"kernel": np.int32(2), "averagePosition": POSITION}
    psf = read(tmp_path, [("KernelPsf", [table]), fixed(PIXELS)])
    assert isinstance(psf, KernelPsf)
    np.testing.assert_array_equal(psf.kernel.array, PIXELS)
    assert psf.average_position == Point2D(*POSITION)


def combination(more: Table) -> list[tuple[str, list[Table]]]:
    table = {"kernel": np.int32(2), "averagePosition_x": 1.0, "averagePosition_y": 2.0}
    shape = {"dimensions": np.int32([6, 5]), "center": np.int32([2, 2])}
    kernel = shape | {"components": np.int32([3, 4])} | more
    return [
        ("KernelPsf", [table]),
        ("LinearCombinationKernel", [kernel]),
        fixed(PIXELS),
        fixed(PIXELS[::-1]),
    ]


def test_combination_of_kernels_with_fixed_amplitudes_is_decoded(tmp_path: Path) -> None:
    psf = read(tmp_path, combination({"amplitudes": np.array([0.7, -0.1])}))
    assert isinstance(psf, KernelPsf)
    np.testing.assert_allclose(psf.kernel.array, 0.7 * PIXELS - 0.1 * PIXELS[::-1], rtol=1e-14)


def test_polynomials_of_different_orders_are_decoded(tmp_path: Path) -> None:
    entries = [
        *combination({"spatialfunctions": np.int32([5, 6])}),
        ("PolynomialFunction2D", [{"coefficients": np.array([1.0, 2e-4, 3e-4])}]),
        ("PolynomialFunction2D", [{"coefficients": 0.1 * np.arange(6) / 1e3}]),
    ]
    psf = read(tmp_path, entries)
    matrix = 0.1 * np.array([[0, 2, 5], [1, 4, 0], [3, 0, 0]]) / 1e3
    x, y = 20.0, 30.0
    first, second = 1 + 2e-4 * x + 3e-4 * y, polynomial.polyval2d(x, y, matrix)
    expected = first * PIXELS + second * PIXELS[::-1]
    kernel = psf.compute_kernel_image(Point2D(x, y))
    np.testing.assert_allclose(kernel.array, expected / expected.sum(), rtol=1e-12)


def test_functions_of_different_domains_are_an_error(tmp_path: Path) -> None:
    domain = {"min": np.array([0.0, 0.0]), "coefficients": np.ones(3)}
    entries = [
        *combination({"spatialfunctions": np.int32([5, 6])}),
        ("Chebyshev1Function2D", [domain | {"max": np.array([9.0, 9.0])}]),
        ("Chebyshev1Function2D", [domain | {"max": np.array([8.0, 9.0])}]),
    ]
    with pytest.raises(UndecodableError, match="different domains"):
        read(tmp_path, entries)


def psfex_tables(**changes: object) -> list[Table]:
    about = {name: np.int32(2) for name in ("ndim", "_context_size")}
    about |= {"ngroup": np.int32(1), "averagePosition": POSITION, "_pixstep": np.float32(0.5)}
    planes = np.stack([PIXELS, PIXELS[::-1], PIXELS[:, ::-1]])
    arrays = {
        "degree": np.int32([1]),
        "_size": np.int32([6, 5, 3]),
        "_comp": planes.ravel().astype(np.float32),
        "_context_first": np.array([10.0, 20.0]),
        "_context_second": np.array([1000.0, 2000.0]),
    }
    return [about | changes, arrays]


def test_psfex_model_is_decoded(tmp_path: Path) -> None:
    psf = read(tmp_path, [("PsfexPsf", psfex_tables())])
    assert isinstance(psf, PsfexPsf)
    assert psf.basis.powers == ((0, 0), (1, 0), (0, 1))
    assert (psf.basis.center, psf.basis.scale) == ((10.0, 20.0), (1000.0, 2000.0))
    assert psf.sampling == 0.5
    np.testing.assert_allclose(psf.coefficients[1], PIXELS[::-1], rtol=1e-6)
    assert psf.average_position == Point2D(*POSITION)


def test_psfex_model_of_more_than_x_and_y_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndecodableError, match="more than x and y"):
        read(tmp_path, [("PsfexPsf", psfex_tables(ndim=np.int32(3)))])


def test_unknown_class_is_named_with_its_module(tmp_path: Path) -> None:
    with pytest.raises(UndecodableError, match=r"PiffPsf of lsst\.some\.module.*PcaPsf"):
        read(tmp_path, [("PiffPsf", [{"x": 1.0}])])


def test_unknown_kernel_and_function_are_named(tmp_path: Path) -> None:
    table = {"kernel": np.int32(2), "averagePosition": POSITION}
    with pytest.raises(UndecodableError, match="kernel is a DeltaFunctionKernel"):
        read(tmp_path, [("KernelPsf", [table]), ("DeltaFunctionKernel", [{"x": 1.0}])])
    functions = combination({"spatialfunctions": np.int32([5, 5])})
    with pytest.raises(UndecodableError, match="spatial function is a SplineFunction2D"):
        read(tmp_path, [*functions, ("SplineFunction2D", [{"x": 1.0}])])


def test_kernel_with_another_centre_is_an_error(tmp_path: Path) -> None:
    table = {"kernel": np.int32(2), "averagePosition": POSITION}
    with pytest.raises(UndecodableError, match=r"centre at \(0\.0, 0\.0\)"):
        read(tmp_path, [("KernelPsf", [table]), fixed(PIXELS, (0, 0))])


def test_object_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndecodableError, match="no object 7"):
        read(tmp_path, [fixed(PIXELS)], 7)


def test_damaged_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match=r"SingleGaussianPsf \(object 1\) cannot be made"):
        read(tmp_path, [("SingleGaussianPsf", [{"dimensions": np.int32([11, 13])}])])
    table = {"dimensions": np.int32([11, 13]), "sigma": -1.0}
    with pytest.raises(FitsFileError, match="positive number"):
        read(tmp_path, [("SingleGaussianPsf", [table])])


def test_object_without_a_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FitsFileError, match="cannot be made"):
        read(tmp_path, [("SingleGaussianPsf", [])])
