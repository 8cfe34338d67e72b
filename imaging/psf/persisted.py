"""Read PSFs of every kind from tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.fits.persisted import blaming_file, check_kind
from imaging.fits.rows import read_rows_of
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf, PolynomialPsf
from imaging.psf.psfex import PsfexPsf

if TYPE_CHECKING:
    from imaging.fits.rows import Rows
    from imaging.psf.psf import Psf

__all__ = ["psf_from_rows", "read_psf"]

_CLASSES: dict[str, type[Psf]] = {
    kind.KIND: kind
    for kind in (SingleGaussianPsf, DoubleGaussianPsf, KernelPsf, PolynomialPsf, PsfexPsf)
}
_VERSIONS = dict.fromkeys(_CLASSES, 1)


def psf_from_rows(rows: Rows, path: str) -> Psf:
    """Return the PSF that a table describes.

    Parameters
    ----------
    rows
        What ``to_rows`` of a PSF gave.
    path
        The file, for messages.

    Raises
    ------
    FitsFileError
        If the table is damaged.
    FormatVersionError
        If it was written by a newer version.
    UndecodableError
        If it holds something else.
    """
    kind, _ = check_kind(rows, _VERSIONS, path)
    with blaming_file(path, f"its {kind} cannot be made"):
        return _CLASSES[kind].from_rows(rows)


def read_psf(path: str, hdu: int | str | None = None) -> Psf:
    """Read a PSF that ``write_fits`` wrote.

    Parameters
    ----------
    path
        The file.
    hdu
        Number or EXTNAME; by default the first table.

    Raises
    ------
    FitsFileError
        If the file cannot be read, or does not hold a PSF; see `psf_from_rows`.
    """
    return psf_from_rows(read_rows_of(path, hdu), path)
