"""The names that users of the LSST stack's second generation know: calibrations.

Each class is a mixin of one-line delegations to the PEP 8 name, so that an override changes both.
What a mixin needs of its class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from imaging.exposure.calibration.overloads import convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from imaging.exposure.calibration.measurement import Measurement
    from imaging.exposure.calibration.overloads import Calibrated, Place
    from imaging.exposure.calibration.sources import Sources
    from imaging.image.masked_image import MaskedImage

__all__ = ["PhotoCalibNames"]

_Catalog = TypeVar("_Catalog")


class _Constants(Protocol):
    @property
    def calibration_mean(self) -> float: ...
    @property
    def calibration_error(self) -> float: ...
    @property
    def inst_flux_at_zero_magnitude(self) -> float: ...
    @property
    def inst_flux_at_zero_magnitude_error(self) -> float: ...


class _Converting(Protocol):
    def inst_flux_to_nanojansky(
        self,
        inst_flux: ArrayLike,
        inst_flux_error: ArrayLike | None = None,
        position: Place | None = None,
        /,
    ) -> float | NDArray[np.float64] | Measurement: ...
    def inst_flux_to_magnitude(
        self,
        inst_flux: ArrayLike,
        inst_flux_error: ArrayLike | None = None,
        position: Place | None = None,
        /,
    ) -> float | NDArray[np.float64] | Measurement: ...
    def magnitude_to_inst_flux(
        self, magnitude: ArrayLike, position: Place | None = None
    ) -> float | NDArray[np.float64]: ...
    def source_nanojansky(self, sources: Sources, name: str, /) -> Measurement: ...
    def source_magnitudes(self, sources: Sources, name: str, /) -> Measurement: ...
    def calibration_at(self, position: Place) -> float | NDArray[np.float64]: ...
    def calibrate_image(
        self, pixels: MaskedImage, *, with_calibration_error: bool = True
    ) -> MaskedImage: ...


class _Cataloguing(Protocol[_Catalog]):
    def calibrate_catalog(
        self, catalog: _Catalog, names: Sequence[str] | None = None
    ) -> _Catalog: ...


class PhotoCalibNames:
    """Gen2 spellings of `imaging.exposure.photo_calib.PhotoCalib`, and those of Calib before it."""

    __slots__ = ()

    def getCalibrationMean(self: _Constants) -> float:
        return self.calibration_mean

    def getCalibrationErr(self: _Constants) -> float:
        return self.calibration_error

    def getInstFluxAtZeroMagnitude(self: _Constants) -> float:
        return self.inst_flux_at_zero_magnitude

    def getFluxMag0(self: _Constants) -> tuple[float, float]:
        return self.inst_flux_at_zero_magnitude, self.inst_flux_at_zero_magnitude_error

    def getLocalCalibration(self: _Converting, point: Place) -> float | NDArray[np.float64]:
        return self.calibration_at(point)

    def instFluxToNanojansky(
        self: _Converting,
        instFlux: ArrayLike | Sources,
        instFluxErr: ArrayLike | Place | str | None = None,
        point: Place | str | None = None,
    ) -> Calibrated:
        given = instFlux, instFluxErr, point
        return convert(self.inst_flux_to_nanojansky, self.source_nanojansky, "_flux", given)

    def instFluxToMagnitude(
        self: _Converting,
        instFlux: ArrayLike | Sources,
        instFluxErr: ArrayLike | Place | str | None = None,
        point: Place | str | None = None,
    ) -> Calibrated:
        given = instFlux, instFluxErr, point
        return convert(self.inst_flux_to_magnitude, self.source_magnitudes, "_mag", given)

    def magnitudeToInstFlux(
        self: _Converting, magnitude: ArrayLike, point: Place | None = None
    ) -> float | NDArray[np.float64]:
        return self.magnitude_to_inst_flux(magnitude, point)

    def getMagnitude(
        self: _Converting, instFlux: ArrayLike, instFluxErr: ArrayLike | None = None
    ) -> float | NDArray[np.float64] | Measurement:
        return self.inst_flux_to_magnitude(instFlux, instFluxErr)

    def getFlux(self: _Converting, magnitude: ArrayLike) -> float | NDArray[np.float64]:
        return self.magnitude_to_inst_flux(magnitude)

    def calibrateImage(
        self: _Converting,
        maskedImage: MaskedImage,
        includeScaleUncertainty: bool = True,  # noqa: FBT001, FBT002 - as Gen2 has it
    ) -> MaskedImage:
        return self.calibrate_image(maskedImage, with_calibration_error=includeScaleUncertainty)

    def calibrateCatalog(
        self: _Cataloguing[_Catalog], catalog: _Catalog, instFluxFields: Sequence[str] | None = None
    ) -> _Catalog:
        return self.calibrate_catalog(catalog, instFluxFields)
