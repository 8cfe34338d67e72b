"""The photometric calibration: from counts to nanojansky and AB magnitudes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.exposure.bounded_field import BoundedField, pack_fields, unpack_fields
from imaging.exposure.calibration.gen2_names import PhotoCalibNames
from imaging.exposure.calibration.measurement import Measurement
from imaging.exposure.calibration.sources import flux_names, source_fluxes, with_columns
from imaging.fits.persisted import decoding, describe
from imaging.fits.rows import Rows
from imaging.geometry.box import Box
from imaging.geometry.points import Point2D, Point2I
from imaging.image.masked_image import MaskedImage
from imaging.table.schemas.fields import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from imaging.exposure.calibration.sources import Sources
    from imaging.fits.metadata import Metadata
    from imaging.table.source_catalog import SourceCatalog

__all__ = ["NANOJANSKY_AT_MAGNITUDE_ZERO", "Measurement", "PhotoCalib"]

NANOJANSKY_AT_MAGNITUDE_ZERO = 1e9 * 1e23 * 10 ** (48.6 / -2.5)
"""Of the AB system (Oke and Gunn 1983): 48.6 is for erg/s/cm^2/Hz, of which 1 Jy is 1e-23."""

_MAGNITUDES = 2.5 / math.log(10)
_KIND = "PhotoCalib"

Position: TypeAlias = "Point2D | Point2I | tuple[ArrayLike, ArrayLike]"


class PhotoCalib(PhotoCalibNames):
    """The factor between counts and flux, constant or a function of the position.

    Parameters
    ----------
    calibration_mean
        Nanojansky per count, positive. Without it, the mean of ``field``,
        which can also stand here.
    calibration_error
        Its standard error in nJy per count.
    field
        Nanojansky per count as a function of the position; None if it is the
        same everywhere. A box, which the LSST stack has here for a constant
        calibration, means the same as None.
    bbox
        That box by its name; of no effect.

    Raises
    ------
    ParameterTypeError
        If the field is of another kind.
    ParameterValueError
        If the factor is not positive, or its error is negative.
    """

    __slots__ = ("_error", "_field", "_mean")
    __hash__ = None  # type: ignore[assignment]  # it is compared by its numbers

    def __init__(
        self,
        calibration_mean: float | BoundedField | None = None,
        calibration_error: float = 0.0,
        field: BoundedField | Box | None = None,
        *,
        bbox: Box | None = None,  # noqa: ARG002 - the same everywhere, whatever the box
    ) -> None:
        if isinstance(calibration_mean, BoundedField):
            calibration_mean, field = None, calibration_mean
        if isinstance(field, Box):
            field = None
        if not (field is None or isinstance(field, BoundedField)):
            message = f"The third of PhotoCalib is a field of nJy per count, not {field!r}."
            raise ParameterTypeError(message)
        if calibration_mean is None:
            if field is None:
                raise ParameterValueError("A calibration needs nJy per count, or a field of them.")
            calibration_mean = field.mean
        calibration_mean, calibration_error = _number(calibration_mean), _number(calibration_error)
        if not (calibration_mean > 0 and math.isfinite(calibration_mean)):
            message = f"A calibration is positive; {calibration_mean} nJy per count is not."
            raise ParameterValueError(message)
        if not calibration_error >= 0:
            message = f"The error of a calibration is not negative: {calibration_error}."
            raise ParameterValueError(message)
        self._mean, self._error = calibration_mean, calibration_error
        self._field = field

    @classmethod
    def from_flux_at_zero_magnitude(cls, counts: float, error: float = 0.0) -> PhotoCalib:
        """Return the calibration in which so many counts are AB magnitude 0.

        Parameters
        ----------
        counts
            What the LSST stack called ``FLUXMAG0``.
        error
            Its standard error.
        """
        counts, error = _number(counts), _number(error)
        if not counts > 0:
            message = f"The counts of magnitude 0 are positive; {counts} is not."
            raise ParameterValueError(message)
        mean = NANOJANSKY_AT_MAGNITUDE_ZERO / counts
        return cls(mean, mean * error / counts)

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> PhotoCalib | None:
        """Return what the cards FLUXMAG0 and FLUXMAG0ERR say, None where they say nothing.

        Parameters
        ----------
        metadata
            A header of the LSST stack from before 2019. FLUXMAG0 = 0 meant
            "not calibrated".
        """
        counts, error = metadata.get("FLUXMAG0"), metadata.get("FLUXMAG0ERR")
        if not isinstance(counts, int | float) or not counts > 0:
            return None
        is_error = isinstance(error, int | float) and error >= 0
        return cls.from_flux_at_zero_magnitude(
            counts, float(error) if is_error and isinstance(error, int | float) else 0.0
        )

    @property
    def calibration_mean(self) -> float:
        """Nanojansky per count, on average over the image."""
        return self._mean

    @property
    def calibration_error(self) -> float:
        """Standard error of `calibration_mean`."""
        return self._error

    @property
    def field(self) -> BoundedField | None:
        """Nanojansky per count as a function of the position, None if constant."""
        return self._field

    @property
    def is_constant(self) -> bool:
        """Whether it is the same everywhere."""
        return self._field is None

    @property
    def inst_flux_at_zero_magnitude(self) -> float:
        """Counts of AB magnitude 0."""
        return NANOJANSKY_AT_MAGNITUDE_ZERO / self._mean

    @property
    def inst_flux_at_zero_magnitude_error(self) -> float:
        """Standard error of `inst_flux_at_zero_magnitude`."""
        return self.inst_flux_at_zero_magnitude * self._error / self._mean

    def calibration_at(self, position: Position) -> float | NDArray[np.float64]:
        """Return nanojansky per count at a position; see `inst_flux_to_nanojansky`."""
        return _plain(self._scale(position))

    @overload
    def inst_flux_to_nanojansky(
        self, inst_flux: ArrayLike, inst_flux_error: None = None, position: Position | None = None
    ) -> float | NDArray[np.float64]: ...
    @overload
    def inst_flux_to_nanojansky(
        self, inst_flux: ArrayLike, inst_flux_error: ArrayLike, position: Position | None = None
    ) -> Measurement: ...
    def inst_flux_to_nanojansky(
        self,
        inst_flux: ArrayLike,
        inst_flux_error: ArrayLike | None = None,
        position: Position | None = None,
    ) -> float | NDArray[np.float64] | Measurement:
        """Convert counts to nanojansky.

        Parameters
        ----------
        inst_flux
            Counts; a number or an array.
        inst_flux_error
            Standard error of the counts.
        position
            Where they were measured: a point, or x and y. Without it the mean
            calibration is used.

        Returns
        -------
        float, numpy.ndarray or Measurement
            A measurement if an error is given; the error of the calibration
            counts too.
        """
        counts, scale = _as_array(inst_flux), self._scale(position)
        flux = counts * scale
        if inst_flux_error is None:
            return _plain(flux)
        error = np.hypot(_as_array(inst_flux_error) * scale, counts * self._error)
        return Measurement(_plain(flux), _plain(error))

    @overload
    def inst_flux_to_magnitude(
        self, inst_flux: ArrayLike, inst_flux_error: None = None, position: Position | None = None
    ) -> float | NDArray[np.float64]: ...
    @overload
    def inst_flux_to_magnitude(
        self, inst_flux: ArrayLike, inst_flux_error: ArrayLike, position: Position | None = None
    ) -> Measurement: ...
    def inst_flux_to_magnitude(
        self,
        inst_flux: ArrayLike,
        inst_flux_error: ArrayLike | None = None,
        position: Position | None = None,
    ) -> float | NDArray[np.float64] | Measurement:
        """Convert counts to AB magnitudes; see `inst_flux_to_nanojansky`.

        Returns
        -------
        float, numpy.ndarray or Measurement
            NaN for negative counts, infinite for none.
        """
        counts, scale = _as_array(inst_flux), self._scale(position)
        with np.errstate(divide="ignore", invalid="ignore"):
            magnitude = -2.5 * np.log10(counts * scale / NANOJANSKY_AT_MAGNITUDE_ZERO)
            if inst_flux_error is None:
                return _plain(magnitude)
            relative = np.hypot(_as_array(inst_flux_error) / counts, self._error / scale)
        return Measurement(_plain(magnitude), _plain(_MAGNITUDES * relative))

    def magnitude_to_inst_flux(
        self, magnitude: ArrayLike, position: Position | None = None
    ) -> float | NDArray[np.float64]:
        """Convert AB magnitudes to counts; see `inst_flux_to_nanojansky`."""
        flux = NANOJANSKY_AT_MAGNITUDE_ZERO * 10 ** (_as_array(magnitude) / -2.5)
        return _plain(flux / self._scale(position))

    def source_nanojansky(self, sources: Sources, name: str) -> Measurement:
        """Convert a measurement of sources to nanojansky, each at its centroid.

        Parameters
        ----------
        sources
            A catalog, or one record.
        name
            What stands before ``_instFlux``: ``base_PsfFlux``, ``slot_ModelFlux``.

        Raises
        ------
        FieldNotFoundError
            If there are no such fields; if the calibration is not constant
            and the slot of the centroid is not defined.
        """
        flux, error, position = source_fluxes(sources, name, placed=not self.is_constant)
        return self.inst_flux_to_nanojansky(flux, np.nan if error is None else error, position)

    def source_magnitudes(self, sources: Sources, name: str) -> Measurement:
        """Convert a measurement of sources to AB magnitudes; see `source_nanojansky`."""
        flux, error, position = source_fluxes(sources, name, placed=not self.is_constant)
        return self.inst_flux_to_magnitude(flux, np.nan if error is None else error, position)

    def calibrate_catalog(
        self, catalog: SourceCatalog, names: Sequence[str] | None = None
    ) -> SourceCatalog:
        """Return a copy of a catalog that has calibrated fluxes and magnitudes, too.

        Parameters
        ----------
        catalog
            The sources. Footprints are shared with the copy.
        names
            What stands before ``_instFlux`` in the names of the fluxes; by
            default all fluxes.

        Returns
        -------
        SourceCatalog
            With ``<name>_flux`` in nJy and ``<name>_mag`` in AB magnitudes;
            with ``<name>_fluxErr`` and ``<name>_magErr`` where there is
            ``<name>_instFluxErr``.

        Raises
        ------
        FieldNotFoundError
            If there is no such flux; if the calibration is not constant and
            the slot of the centroid is not defined.
        """
        columns: dict[Field, NDArray[np.generic]] = {}
        for name in flux_names(catalog, names):
            placed = not self.is_constant
            given = source_fluxes(catalog, name, placed=placed, needs_error=False)
            error = np.nan if given.error is None else given.error
            fluxes = self.inst_flux_to_nanojansky(given.inst_flux, error, given.position)
            magnitudes = self.inst_flux_to_magnitude(given.inst_flux, error, given.position)
            for kind, units, what, found in (
                ("flux", "nJy", "calibrated flux", fluxes),
                ("mag", "mag(AB)", "calibrated magnitude", magnitudes),
            ):
                columns[Field(f"{name}_{kind}", "D", what, units)] = np.asarray(found.value)
                if given.error is not None:
                    field = Field(f"{name}_{kind}Err", "D", f"error of the {what}", units)
                    columns[field] = np.asarray(found.error)
        return with_columns(catalog, columns)

    def calibrate_image(
        self, pixels: MaskedImage, *, with_calibration_error: bool = True
    ) -> MaskedImage:
        """Return a copy of a masked image in nanojansky.

        Parameters
        ----------
        pixels
            In counts.
        with_calibration_error
            Whether the error of the calibration counts in the variance. It is
            the same for all pixels, so sums of pixels have more of it than
            their variances say.

        Returns
        -------
        MaskedImage
            Of floating-point numbers. Where the image reaches beyond the box
            of the field, the field is what its polynomials say there.
        """
        if not isinstance(pixels, MaskedImage):
            raise ParameterTypeError(f"A MaskedImage can be calibrated, not {pixels!r}.")
        counts = pixels.image.array
        dtype = np.result_type(counts.dtype, np.float32)
        scale = self._mean if self._field is None else self._field.to_array(pixels.bbox)
        result = MaskedImage(pixels, dtype=dtype, deep=True)
        result.image.array[...] = counts * scale
        result.variance.array[...] *= np.square(scale)
        if with_calibration_error and self._error:
            result.variance.array[...] += np.square(counts * np.float64(self._error))
        return result

    def _scale(self, position: Position | None) -> NDArray[np.float64]:
        if position is None or self._field is None:
            return np.asarray(self._mean)
        if isinstance(position, Point2D | Point2I):
            return np.asarray(self._field.evaluate(position))
        x, y = position
        return np.asarray(self._field.evaluate(x, y))

    def to_rows(self) -> Rows:
        """Return the calibration as a table: a row, or one for each factor of the field."""
        fields = pack_fields([("", self._field)] if self._field is not None else [])
        kinds = [("calibration_mean", "f8"), ("calibration_error", "f8"), ("has_field", "?")]
        table = np.zeros(max(len(fields), 1), [*kinds, *fields.dtype.descr])
        table["calibration_mean"], table["calibration_error"] = self._mean, self._error
        table["has_field"] = bool(len(fields))
        for name in fields.dtype.names or ():
            table[name][: len(fields)] = fields[name]
        units = dict.fromkeys(("calibration_mean", "calibration_error"), "nJy/ct")
        return describe(Rows(table, units=units), _KIND, 1)

    @classmethod
    def from_rows(cls, rows: Rows, path: str = "table") -> PhotoCalib:
        """Return the calibration that `to_rows` wrote; see `imaging.fits.persisted.decoding`."""
        with decoding(rows, _KIND, path, "calibration"):
            first = rows.array[0]
            fields = unpack_fields(rows.array, path) if first["has_field"] else {}
            return cls(
                float(first["calibration_mean"]),
                float(first["calibration_error"]),
                next(iter(fields.values()), None),
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PhotoCalib):
            return NotImplemented
        mine, theirs = (self._mean, self._error), (other._mean, other._error)
        return mine == theirs and self._field == other._field

    def __repr__(self) -> str:
        kind = "constant" if self._field is None else f"{self._field!r}"
        return f"<PhotoCalib: {self._mean:.6g} +- {self._error:.2g} nJy per count, {kind}>"


def _number(value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ParameterTypeError(f"A calibration is made of numbers, not of {value!r}.") from None


def _as_array(values: ArrayLike) -> NDArray[np.float64]:
    if isinstance(values, Point2D | Point2I):
        message = f"A number or an array is needed, not {values!r}. Positions come last."
        raise ParameterTypeError(message)
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise ParameterTypeError(f"A number or an array is needed, not {values!r}.") from None


def _plain(values: NDArray[np.float64]) -> float | NDArray[np.float64]:
    return float(values) if np.ndim(values) == 0 else values
