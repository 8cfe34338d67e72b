"""Point-spread functions of SDSS: Karhunen-Loeve components in psField files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError, ParameterValueError, PsfError
from imaging.fits.rows import read_rows_of
from imaging.psf.kernel import PolynomialPsf
from imaging.psf.varying_pixels import SpatialBasis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.rows import Rows

__all__ = ["read_psfield"]

_FILTERS = "ugriz"  # HDU 1 to 5
_COLUMNS = ("nrow_b", "ncol_b", "c", "RNROW", "RNCOL", "RROWS")
_UNIT = 1000.0  # pixels; the polynomials are in rows and columns divided by this


def read_psfield(path: str, filter_name: str) -> PolynomialPsf:
    """Read the PSF of one filter from a psField file of SDSS.

    Parameters
    ----------
    path
        The psField file, plain or gzipped.
    filter_name
        One of u, g, r, i, z.

    Returns
    -------
    PolynomialPsf
        Usually 51 x 51 pixels. Positions are those of the corrected frame
        (fpC) of the field, the first pixel being (0, 0).

    Raises
    ------
    FitsFileError
        If the file cannot be read or is no psField file.
    ParameterValueError
        If there is no such filter.

    Notes
    -----
    ``PSF = sum_k a_k RROWS_k`` with
    ``a_k = sum_ij c_k[i, j] (0.001 row)^i (0.001 column)^j``, from
    https://www.sdss.org/dr16/algorithms/read_psf: the first index of ``c``
    belongs to the row, which is y.
    """
    if filter_name not in tuple(_FILTERS):
        message = f"SDSS has the filters {', '.join(_FILTERS)}; there is none {filter_name!r}."
        raise ParameterValueError(message)
    rows = read_rows_of(path, _FILTERS.index(filter_name) + 1)
    missing = [name for name in _COLUMNS if name not in rows.names]
    if missing or not len(rows):
        reason = f"it is no psField file: HDU {_FILTERS.index(filter_name) + 1} has no "
        raise FitsFileError(path, reason + (f"column {', '.join(missing)}" if missing else "rows"))
    try:
        return _to_psf(rows)
    except (PsfError, ValueError, IndexError) as error:
        raise FitsFileError(path, f"its PSF in {filter_name} cannot be made ({error})") from error


def _to_psf(rows: Rows) -> PolynomialPsf:
    table, pixels = rows.array, rows.variable["RROWS"]
    n_rows, n_columns = int(table["nrow_b"].max()), int(table["ncol_b"].max())
    powers = tuple((column, row) for row in range(n_rows) for column in range(n_columns))
    weights = np.array([_weights(component, n_rows, n_columns) for component in table])
    shape = int(table["RNROW"][0]), int(table["RNCOL"][0])
    images = [
        pixels.values[begin:end].reshape(shape)
        for begin, end in zip(pixels.offsets[:-1], pixels.offsets[1:], strict=True)
    ]
    basis = SpatialBasis(powers, scale=(_UNIT, _UNIT), kind="power")
    return PolynomialPsf.from_components(np.array(images), weights, basis)


def _weights(component: np.void, n_rows: int, n_columns: int) -> NDArray[np.float64]:
    """Return the coefficients of one component; those it does not use are zero."""
    used = np.zeros((n_rows, n_columns))
    own_rows, own_columns = int(component["nrow_b"]), int(component["ncol_b"])
    used[:own_rows, :own_columns] = component["c"][:own_rows, :own_columns]
    return used.ravel()
