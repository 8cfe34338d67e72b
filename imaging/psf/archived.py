"""Point-spread functions in the archives that the LSST stack wrote.

Which columns its classes have was read from its public sources and from its
files; each class of the stack has one function here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import UndecodableError
from imaging.fits.archive import making, pair_of
from imaging.geometry.points import Point2D
from imaging.image.image import Image
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.psfex import PsfexPsf, psfex_powers
from imaging.psf.resampling import center_index
from imaging.psf.varying_pixels import SpatialBasis, triangle

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imaging.fits.archive import Archive, ArchiveEntry
    from imaging.psf.psf import Psf

__all__ = ["psf_from_archive"]


def psf_from_archive(archive: Archive, id: int) -> Psf:  # noqa: A002 - the archive's name for it
    """Return a PSF that the LSST stack wrote.

    Parameters
    ----------
    archive
        The archive of the file.
    id
        Number of the PSF in it.

    Raises
    ------
    FitsFileError
        If its tables are damaged.
    UndecodableError
        If it is of a class that is not known here, or not in the archive.
    """
    entry = archive.require(id)
    decode = _DECODERS.get(entry.name)
    if decode is None:
        raise _unknown(archive, entry, "PSF")
    with making(archive, entry):
        return decode(archive, entry)


def _unknown(archive: Archive, entry: ArchiveEntry, what: str) -> UndecodableError:
    reason = (
        f"its {what} is a {entry.name} of {entry.module or 'an unnamed module'}, which is not "
        f"read here; known PSFs are {', '.join(sorted(_DECODERS))}"
    )
    return UndecodableError(archive.path, reason)


def _row(entry: ArchiveEntry, table: int = 0) -> np.void:
    row: np.void = entry.tables[table].array[0]
    return row


def _size(row: np.void) -> tuple[int, int]:
    width, height = pair_of(row, "dimensions")
    return int(width), int(height)


def _single_gaussian(_: Archive, entry: ArchiveEntry) -> Psf:
    row = _row(entry)
    return SingleGaussianPsf(*_size(row), float(row["sigma"]))


def _double_gaussian(_: Archive, entry: ArchiveEntry) -> Psf:
    row = _row(entry)
    return DoubleGaussianPsf(*_size(row), *(float(row[name]) for name in ("sigma1", "sigma2", "b")))


def _kernel_psf(archive: Archive, entry: ArchiveEntry) -> Psf:
    """Decode a KernelPsf, and a PcaPsf, which is one with another name."""
    row = _row(entry)
    position = Point2D(*pair_of(row, "averagePosition"))
    kernel = archive.require(int(row["kernel"]))
    if kernel.name == "FixedKernel":
        return KernelPsf(Image(_fixed_kernel(archive, kernel)), position)
    if kernel.name != "LinearCombinationKernel":
        raise _unknown(archive, kernel, "PSF's kernel")
    parts = _row(kernel)
    _check_center(archive, kernel)
    images = np.array(
        [_fixed_kernel(archive, archive.require(int(part))) for part in parts["components"]]
    )
    if "amplitudes" in (parts.dtype.names or ()):
        return KernelPsf(Image(np.tensordot(parts["amplitudes"], images, 1)), position)
    functions = [archive.require(int(part)) for part in parts["spatialfunctions"]]
    weights, basis = _spatial_functions(archive, functions)
    return PolynomialPsf.from_components(images, weights, basis, position)


def _fixed_kernel(archive: Archive, entry: ArchiveEntry) -> NDArray[np.float64]:
    if entry.name != "FixedKernel":
        raise _unknown(archive, entry, "PSF's kernel")
    row = _row(entry)
    width, height = _size(row)
    _check_center(archive, entry)
    pixels: NDArray[np.float64] = row["image"].astype(np.float64)
    return pixels.reshape(height, width)


def _check_center(archive: Archive, entry: ArchiveEntry) -> None:
    row = _row(entry)
    middle = tuple(map(center_index, _size(row)))
    if pair_of(row, "center") != middle:
        reason = (
            f"its {entry.name} (object {entry.id}) has its centre at {pair_of(row, 'center')}, "
            f"not at {middle}, which is not read here"
        )
        raise UndecodableError(archive.path, reason)


def _spatial_functions(
    archive: Archive, functions: list[ArchiveEntry]
) -> tuple[NDArray[np.float64], SpatialBasis]:
    """Return the coefficients of polynomials, shape (n_functions, n_terms), and their basis."""
    decoded = [_polynomial(archive, function) for function in functions]
    n_terms = max(len(coefficients) for coefficients, _ in decoded)
    bases = {(basis.center, basis.scale, basis.kind) for _, basis in decoded}
    if len(bases) > 1:
        reason = "the components of its PSF vary over different domains, which is not read here"
        raise UndecodableError(archive.path, reason)
    weights = np.zeros((len(decoded), n_terms))
    for row, (coefficients, _) in zip(weights, decoded, strict=True):
        row[: len(coefficients)] = coefficients
    return weights, next(basis for terms, basis in decoded if len(terms) == n_terms)


def _polynomial(archive: Archive, entry: ArchiveEntry) -> tuple[NDArray[np.float64], SpatialBasis]:
    """Decode one polynomial: its terms are 1, x, y, x^2, x y, y^2, ..."""
    if entry.name not in {"Chebyshev1Function2D", "PolynomialFunction2D"}:
        raise _unknown(archive, entry, "PSF's spatial function")
    row = _row(entry)
    coefficients = np.atleast_1d(row["coefficients"])
    order = int((np.sqrt(8 * len(coefficients) + 1) - 3) / 2)  # n = (order + 1) (order + 2) / 2
    if entry.name == "PolynomialFunction2D":
        return coefficients, SpatialBasis(triangle(order), kind="power")
    low, high = np.array(pair_of(row, "min")), np.array(pair_of(row, "max"))
    center_x, center_y = ((low + high) / 2).tolist()
    scale_x, scale_y = ((high - low) / 2).tolist()
    return coefficients, SpatialBasis(triangle(order), (center_x, center_y), (scale_x, scale_y))


def _psfex(archive: Archive, entry: ArchiveEntry) -> Psf:
    """Decode a PSFEx model: two tables, the second of which has the arrays."""
    about, arrays = _row(entry, 0), _row(entry, 1)
    if int(about["ndim"]) != 2 or int(about["ngroup"]) != 1:  # noqa: PLR2004 - x and y
        raise UndecodableError(archive.path, "its PsfexPsf depends on more than x and y")
    sizes = np.atleast_1d(arrays["_size"]).tolist()
    width, height = sizes[:2]
    planes = arrays["_comp"].astype(np.float64).reshape(-1, height, width)
    center_x, center_y = arrays["_context_first"].tolist()
    scale_x, scale_y = arrays["_context_second"].tolist()
    powers = psfex_powers(int(np.atleast_1d(arrays["degree"])[0]))
    basis = SpatialBasis(powers, (center_x, center_y), (scale_x, scale_y), "power")
    position = Point2D(*pair_of(about, "averagePosition"))
    return PsfexPsf(planes, basis, float(about["_pixstep"]), position)


_DECODERS: dict[str, Callable[[Archive, ArchiveEntry], Psf]] = {
    "DoubleGaussianPsf": _double_gaussian,
    "GaussianPsf": _single_gaussian,
    "KernelPsf": _kernel_psf,
    "PcaPsf": _kernel_psf,
    "PsfexPsf": _psfex,
    "SingleGaussianPsf": _single_gaussian,
}
