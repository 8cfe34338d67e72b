"""Point-spread functions that PSFEx has fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, SupportsFloat, cast

import numpy as np

from imaging.errors import FitsFileError, PsfError, UndecodableError
from imaging.fits.rows import read_rows_of
from imaging.geometry.points import Point2D
from imaging.psf.psf import Position, Psf
from imaging.psf.resampling import (
    center_index,
    interpolation_weights,
    resized_pixels,
    shifted,
)
from imaging.psf.rows import described, only_row
from imaging.psf.varying_pixels import SpatialBasis, VaryingPixels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.rows import Rows

__all__ = ["PsfexPsf", "psfex_powers", "read_psfex"]


def psfex_powers(degree: int) -> tuple[tuple[int, int], ...]:
    """Return the powers of x and y in the order of PSFEx: 1, x, x^2, y, xy, y^2 for degree 2."""
    return tuple((x, y) for y in range(degree + 1) for x in range(degree + 1 - y))


class PsfexPsf(Psf):
    """An image whose pixels are polynomials of the position, on a grid of its own.

    Parameters
    ----------
    coefficients
        One image per term of the basis, shape (n_terms, ny, nx), with the
        star at index ``size // 2`` of each axis. Copied.
    basis
        The polynomials.
    sampling
        Step of that grid in pixels of the image (PSF_SAMP): 0.5 for a model
        that is sampled twice as finely.
    average_position
        Where to evaluate it by default; the centre of the basis if not given.
    width, height
        Dimensions of its images; by default odd and about as large as the
        model.

    Raises
    ------
    PsfError
        If shapes do not match, or the sampling is not positive.

    Notes
    -----
    The model is interpolated once, in steps of its own grid, to the sub-pixel
    place of the star as well. PSFEx uses Lanczos windows for that; here see
    `imaging.psf.resampling.interpolation_weights`.
    """

    KIND = "PsfexPsf"

    def __init__(
        self,
        coefficients: ArrayLike,
        basis: SpatialBasis,
        sampling: float,
        average_position: Position | None = None,
        *,
        width: int | None = None,
        height: int | None = None,
    ) -> None:
        if not (np.isfinite(sampling) and sampling > 0):
            message = f"The sampling step of a PSFEx model is positive, not {sampling!r}."
            raise PsfError(message)
        self._model, self._sampling = VaryingPixels(coefficients, basis), float(sampling)
        rows, columns = self._model.shape
        super().__init__(
            self._odd(columns) if width is None else width,
            self._odd(rows) if height is None else height,
            average_position or Point2D(*basis.center),
        )

    @property
    def _is_on_pixels(self) -> bool:
        """Whether the model has the grid of the image, with the star on the same pixel."""
        middles = all(size // 2 == center_index(size) for size in self._model.shape)
        return self._sampling == 1 and middles

    def _odd(self, size: int) -> int:
        return int(size * self._sampling) // 2 * 2 + 1

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """One image per term, on the grid of the model; it cannot be changed."""
        return self._model.coefficients

    @property
    def basis(self) -> SpatialBasis:
        """The polynomials."""
        return self._model.basis

    @property
    def sampling(self) -> float:
        """Step of the grid of the model, in pixels of the image."""
        return self._sampling

    def _sampled(self, position: Point2D, dx: float, dy: float) -> NDArray[np.float64]:
        model = self._model.at(position.x, position.y)
        if self._is_on_pixels:
            return shifted(resized_pixels(model, self.width, self.height), dx, dy)
        rows = self._weights(self.height, model.shape[0], dy)
        columns = self._weights(self.width, model.shape[1], dx)
        return rows @ model @ columns.T

    def _weights(self, size: int, model_size: int, offset: float) -> NDArray[np.float64]:
        pixels = np.arange(size, dtype=np.float64) - center_index(size) - offset
        return interpolation_weights(pixels / self._sampling + model_size // 2, model_size)

    def resized(self, width: int, height: int) -> Self:
        """Return the same model with images of other dimensions."""
        return type(self)(
            self.coefficients,
            self.basis,
            self._sampling,
            self.average_position,
            width=width,
            height=height,
        )

    def to_rows(self) -> Rows:
        """Return the PSF as one row of a table."""
        columns: dict[str, NDArray[np.generic]] = {
            "average_position": np.array([self.average_position.x, self.average_position.y]),
            "dimensions": np.array([self.width, self.height], np.int32),
            "sampling": np.array(self._sampling),
        }
        return described(self.KIND, 1, columns | self._model.to_columns())

    @classmethod
    def from_rows(cls, rows: Rows) -> Self:
        """Return the PSF that `to_rows` described."""
        names = ("average_position", "dimensions", "sampling", *VaryingPixels.COLUMNS)
        row = only_row(rows, names)
        model = VaryingPixels.from_columns(row)
        width, height = row["dimensions"].tolist()
        position = Point2D(*row["average_position"].tolist())
        sampling = float(row["sampling"])
        return cls(model.coefficients, model.basis, sampling, position, width=width, height=height)


def read_psfex(path: str, hdu: int | str | None = None, *, ccd_name: str | None = None) -> PsfexPsf:
    """Read a model that PSFEx wrote, or one from a table of many as the Legacy Surveys write it.

    Parameters
    ----------
    path
        A file with a column PSF_MASK.
    hdu
        Number or EXTNAME; by default the first table.
    ccd_name
        Which row of a table with a column CCDNAME. Without it there may be
        only one row.

    Returns
    -------
    PsfexPsf
        For positions of which the first pixel of the image is (0, 0): PSFEx
        itself counts from 1.

    Raises
    ------
    FitsFileError
        If the file cannot be read, or has no such model.
    UndecodableError
        If the model depends on something else than x and y.
    """
    rows = read_rows_of(path, hdu)
    row = _chosen_row(rows, path, ccd_name)
    parameters = _Parameters(rows, row, path)
    _check_axes(parameters, path)
    try:
        return _to_psf(parameters)
    except PsfError as error:
        raise FitsFileError(path, f"its PSF cannot be made ({error})") from error


def _to_psf(parameters: _Parameters) -> PsfexPsf:
    powers = psfex_powers(int(parameters.number("POLDEG1", 0)))
    coefficients = np.asarray(parameters.require("PSF_MASK"))
    # Tables of many CCDs have as many images for each as the highest degree needs.
    planes = coefficients.reshape(-1, *coefficients.shape[-2:])[: len(powers)]
    center = parameters.number("POLZERO1", 1.0) - 1, parameters.number("POLZERO2", 1.0) - 1
    scale = parameters.number("POLSCAL1", 1.0), parameters.number("POLSCAL2", 1.0)
    basis = SpatialBasis(powers, center, scale, "power")
    return PsfexPsf(planes, basis, parameters.number("PSF_SAMP", 1.0))


class _Parameters:
    """What PSFEx calls its parameters: cards, or columns of a merged table; any case."""

    def __init__(self, rows: Rows, row: int, path: str) -> None:
        self._columns: Mapping[str, str] = {
            name.upper(): name for name in rows.array.dtype.names or ()
        }
        self._rows, self._row, self._path = rows, row, path

    def find(self, name: str) -> object:
        """Return a parameter or None."""
        if name in self._columns:
            return cast("object", self._rows.array[self._columns[name]][self._row])
        return self._rows.header.get(name)

    def require(self, name: str) -> object:
        value = self.find(name)
        if value is None:
            raise FitsFileError(self._path, f"it is no PSFEx model: it has no {name}")
        return value

    def number(self, name: str, default: float) -> float:
        """Return a number, or a default for what older versions leave out."""
        value = self.find(name)
        return default if value is None else float(cast("SupportsFloat", value))


def _chosen_row(rows: Rows, path: str, ccd_name: str | None) -> int:
    if ccd_name is None:
        if len(rows) == 1:
            return 0
        reason = f"it has {len(rows)} models: say which with ccd_name="
        raise FitsFileError(path, reason)
    column = {name.upper(): name for name in rows.array.dtype.names or ()}.get("CCDNAME")
    names = [] if column is None else [name.decode().strip() for name in rows.array[column]]
    if ccd_name not in names:
        known = ", ".join(names[:20]) or "none"
        raise FitsFileError(path, f"it has no model of the CCD {ccd_name!r}; it has {known}")
    return names.index(ccd_name)


def _check_axes(parameters: _Parameters, path: str) -> None:
    for name in ("POLNAME1", "POLNAME2"):
        value = parameters.find(name)
        text = (value.decode() if isinstance(value, bytes) else str(value or "")).strip().upper()
        if text and not (text[0] == "XY"[int(name[-1]) - 1] and text.endswith("IMAGE")):
            raise UndecodableError(path, f"its PSF depends on {text}; known are x and y")
    groups = parameters.number("POLNGRP", 1)
    if groups > 1 or parameters.find("POLNAME3"):
        raise UndecodableError(path, "its PSF depends on more than x and y")
