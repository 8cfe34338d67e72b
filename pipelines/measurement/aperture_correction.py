"""The light that flux algorithms do not see, measured on stars and added to all sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.psf.varying_pixels import triangle
from pipelines.errors import ExposureError
from pipelines.keywords import renamed_keywords
from pipelines.measurement.gen2_names import MeasuredApCorrNames
from pipelines.task import Config, Field, ListField, RangeField, Struct, Task, time_method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.bounded_field import BoundedField
    from imaging.exposure.exposure import Exposure
    from imaging.geometry.box import Box
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog

__all__ = [
    "ApplyApCorrConfig",
    "ApplyApCorrTask",
    "MeasureApCorrConfig",
    "MeasureApCorrTask",
    "MeasuredApCorr",
]

_MODEL_ERROR: Final = 0.002
"""By which part the fluxes of a star may be wrong, however bright it is."""
_NAMES: Final = ("base_PsfFlux", "base_GaussianFlux", "ext_photometryKron_KronFlux")


class MeasureApCorrConfig(Config):
    """How aperture corrections are measured; the names are those of the LSST stack."""

    refFluxName = Field[str](
        doc="The flux to which all others are brought.", default="slot_CalibFlux"
    )
    fluxNames = ListField[str](
        doc="The fluxes that are corrected.", dtype=str, default=list(_NAMES)
    )
    starFlag = Field[str](doc="The flag of the stars that are used.", default="calib_psf_used")
    order = RangeField[int](
        doc="Order of the polynomial over the image; fewer stars get a lower one.",
        dtype=int,
        default=2,
        min=0,
        max=6,
        inclusiveMax=True,
    )
    numIter = RangeField[int](doc="Rounds of clipping.", dtype=int, default=4, min=0)
    numSigmaClip = RangeField[float](
        doc="Stars farther from the polynomial, in standard deviations, are left out.",
        dtype=float,
        default=3.0,
        min=0.5,
    )
    starsPerTerm = RangeField[float](
        doc="How many stars a polynomial needs for each of its terms.",
        dtype=float,
        default=2.0,
        min=1.0,
    )


class MeasuredApCorr(MeasuredApCorrNames, Struct):
    """Aperture corrections."""

    if TYPE_CHECKING:
        corrections: ApertureCorrections
        """``NAME_instFlux`` is what a flux is multiplied by, ``NAME_instFluxErr`` its error."""
        n_stars: dict[str, int]
        """How many stars each was measured on."""


class MeasureApCorrTask(Task):
    """Measure what fluxes have to be multiplied by, as a polynomial over the image.

    Stars count as much as their reference fluxes are known.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; not changed.
    config, name, parent_task, log
        As for `Task`.
    """

    ConfigClass: ClassVar[type[Config]] = MeasureApCorrConfig
    _DefaultName = "measureApCorr"
    config: MeasureApCorrConfig

    def __init__(self, schema: Schema | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.schema = schema

    @time_method
    def run(self, exposure: Exposure, catalog: SourceCatalog) -> MeasuredApCorr:
        """Measure aperture corrections, and attach them to the exposure.

        Parameters
        ----------
        exposure
            The image.
        catalog
            Its sources, with the flag that `MeasurePsfTask` sets.

        Raises
        ------
        ExposureError
            If there are no stars, or none whose fluxes can be compared.
        """
        stars = np.asarray(catalog.values(self.config.starFlag), np.bool_)
        reference = _fluxes(catalog, self.config.refFluxName)
        noise = np.asarray(catalog.values(f"{self.config.refFluxName}_instFluxErr"), np.float64)
        x, y = (np.asarray(catalog.values(f"slot_Centroid_{axis}"), np.float64) for axis in "xy")
        corrections, n_stars = ApertureCorrections(), {}
        for name in self.config.fluxNames:
            if f"{name}_instFlux" not in catalog.schema:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = reference / _fluxes(catalog, name)
                error = ratio * np.hypot(_known(noise / reference), _MODEL_ERROR)
            chosen = np.flatnonzero(stars & np.isfinite(ratio) & (ratio > 0))
            if not chosen.size:
                raise ExposureError(
                    f"No star has both {self.config.refFluxName} and {name}, so that one cannot "
                    f"be brought to the other. {int(stars.sum())} sources have the flag "
                    f"{self.config.starFlag!r}: was the PSF measured on this catalog?"
                )
            field, field_error, count = self._fit(
                ratio[chosen], error[chosen], x[chosen], y[chosen], exposure.bbox
            )
            corrections[f"{name}_instFlux"] = field
            corrections[f"{name}_instFluxErr"] = ChebyshevField.constant(exposure.bbox, field_error)
            n_stars[name] = count
        exposure.aperture_corrections = corrections
        return MeasuredApCorr(corrections=corrections, n_stars=n_stars)

    def _fit(
        self,
        ratio: NDArray[np.float64],
        error: NDArray[np.float64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        box: Box,
    ) -> tuple[BoundedField, float, int]:
        """Fit a polynomial without outliers; return it, its error, and the number of stars."""
        kept = np.ones(ratio.size, np.bool_)
        for _ in range(self.config.numIter + 1):
            order = self._order(int(kept.sum()))
            field = _fitted(ratio[kept], error[kept], x[kept], y[kept], box, order)
            deviation = (ratio - field.evaluate(x, y)) / error
            spare = int(kept.sum()) - (order + 1) * (order + 2) // 2
            # As many stars as terms do not scatter: then their errors have to be believed.
            scatter = float(np.sqrt((deviation[kept] ** 2).sum() / spare)) if spare > 0 else 1.0
            new = np.abs(deviation) <= self.config.numSigmaClip * max(scatter, 1e-12)
            if np.array_equal(new, kept) or not new.any():
                break
            kept = new
        return field, scatter / float(np.sqrt((error[kept] ** -2.0).sum())), int(kept.sum())

    def _order(self, count: int) -> int:
        order = self.config.order
        while order and count < self.config.starsPerTerm * (order + 1) * (order + 2) / 2:
            order -= 1
        return order


def _known(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return errors, the largest in place of those that are not known; 0 if none is."""
    is_known = np.isfinite(errors)
    return np.where(is_known, errors, errors[is_known].max(initial=0.0))


def _fluxes(catalog: SourceCatalog, name: str) -> NDArray[np.float64]:
    """Return fluxes, NaN where they are flagged."""
    flux = np.array(catalog.values(f"{name}_instFlux"), np.float64)
    if f"{name}_flag" in catalog.schema:
        flux[np.asarray(catalog.values(f"{name}_flag"), np.bool_)] = np.nan
    return flux


def _fitted(
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    box: Box,
    order: int,
) -> ChebyshevField:
    """Return the polynomial of all terms up to an order that fits values best."""
    powers = triangle(order)
    u = (2 * x - (box.min_x + box.max_x)) / box.width
    v = (2 * y - (box.min_y + box.max_y)) / box.height
    towers = [np.polynomial.chebyshev.chebvander(axis, order) for axis in (u, v)]
    design = np.column_stack([towers[0][:, i] * towers[1][:, j] for i, j in powers])
    answer, *_ = np.linalg.lstsq(design / errors[:, None], values / errors, rcond=None)
    coefficients = np.zeros((order + 1, order + 1))
    for (i, j), value in zip(powers, answer, strict=True):
        coefficients[j, i] = value
    return ChebyshevField(box, coefficients)


class ApplyApCorrConfig(Config):
    """How aperture corrections are applied."""

    fluxNames = ListField[str](
        doc="The fluxes that are corrected.", dtype=str, default=list(_NAMES)
    )


class ApplyApCorrTask(Task):
    """Multiply fluxes and their errors by their aperture corrections.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the fields ``NAME_apCorr``,
        ``NAME_apCorrErr`` and ``NAME_flag_apCorr`` of the fluxes that it has.
    config, name, parent_task, log
        As for `Task`.
    """

    ConfigClass: ClassVar[type[Config]] = ApplyApCorrConfig
    _DefaultName = "applyApCorr"
    config: ApplyApCorrConfig

    def __init__(self, schema: Schema, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.names = [name for name in self.config.fluxNames if f"{name}_instFlux" in schema]
        """The fluxes that the schema has."""
        for name in self.names:
            if f"{name}_apCorr" not in schema.names:
                schema.add_field(f"{name}_apCorr", "D", "what the flux was multiplied by")
                schema.add_field(f"{name}_apCorrErr", "D", "standard error of that factor")
                schema.add_field(f"{name}_flag_apCorr", "Flag", "the flux was not corrected")

    @renamed_keywords(apCorrMap="corrections")
    @time_method
    def run(self, catalog: SourceCatalog, corrections: ApertureCorrections) -> None:
        """Correct the fluxes of a catalog in place, once.

        Parameters
        ----------
        catalog
            Measured sources. Fluxes that were corrected already are not corrected again.
        corrections
            Those of the exposure.
        """
        x, y = (np.asarray(catalog.values(f"slot_Centroid_{axis}"), np.float64) for axis in "xy")
        for name in self.names:
            field = corrections.get(f"{name}_instFlux")
            done = np.isfinite(np.asarray(catalog.values(f"{name}_apCorr"), np.float64))
            if field is None:
                catalog[f"{name}_flag_apCorr"] = ~done
                continue
            factor = field.evaluate(x, y)
            good = np.isfinite(factor) & (factor > 0)
            wanted = np.where(good & ~done, factor, 1.0)
            for suffix in ("instFlux", "instFluxErr"):
                values = np.asarray(catalog.values(f"{name}_{suffix}"), np.float64)
                catalog[f"{name}_{suffix}"] = values * wanted
            error = corrections.get(f"{name}_instFluxErr")
            errors = np.full(x.size, np.nan) if error is None else error.evaluate(x, y)
            known = np.asarray(catalog.values(f"{name}_apCorr"), np.float64)
            catalog[f"{name}_apCorr"] = np.where(done, known, np.where(good, factor, np.nan))
            catalog[f"{name}_apCorrErr"] = errors
            catalog[f"{name}_flag_apCorr"] = ~(good | done)
