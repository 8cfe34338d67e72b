"""Measuring the PSF of an exposure from its stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.geometry.points import Point2D, Point2I
from imaging.image.image import Image
from pipelines.keywords import renamed_keywords
from pipelines.measurement.noise import NoiseReplacerConfig
from pipelines.measurement.source_pixels import SourcePixels
from pipelines.psf.candidates import PsfCandidate, StarStamps
from pipelines.psf.polynomial_determiner import (
    PolynomialPsfDeterminerConfig,
    PolynomialPsfDeterminerTask,
)
from pipelines.psf.star_selection import ObjectSizeStarSelectorConfig, ObjectSizeStarSelectorTask
from pipelines.task import (
    Config,
    ConfigField,
    Field,
    RangeField,
    RegistryField,
    Struct,
    Task,
    make_registry,
    time_method,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.psf.kernel import PolynomialPsf
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.psf.polynomial_determiner import DeterminedPsf

__all__ = [
    "MeasurePsfConfig",
    "MeasurePsfTask",
    "MeasuredPsf",
    "ReserveConfig",
    "psf_determiners",
    "star_selectors",
]

_MARGIN: Final = 5
"""Pixels around the PSF's images that the interpolation of stars needs on each side."""
_FLAGS: Final = {
    "calib_psf_candidate": "the source was taken for a star that shows the PSF",
    "calib_psf_used": "the PSF was made from the source",
    "calib_psf_reserved": "the source was kept back, to test the PSF on it",
}

star_selectors = make_registry("Ways to find stars.", ObjectSizeStarSelectorConfig)
star_selectors.register("objectSize", ObjectSizeStarSelectorTask)
psf_determiners = make_registry("Ways to make a PSF.", PolynomialPsfDeterminerConfig)
psf_determiners.register("polynomial", PolynomialPsfDeterminerTask)


class MeasuredPsf(Struct):
    """The PSF, and the stars that show it."""

    if TYPE_CHECKING:
        psf: PolynomialPsf
        candidates: list[PsfCandidate]
        """All stars that were found, in the order of the catalog."""


class ReserveConfig(Config):
    """Which stars are kept back."""

    fraction = RangeField[float](
        doc="Which part of the stars.", dtype=float, default=0.0, min=0.0, max=1.0
    )
    seed = Field[int](doc="Chooses other ones; so does another exposure.", default=1)


class MeasurePsfConfig(Config):
    """How the PSF is measured; the names are those of the LSST stack."""

    starSelector = RegistryField(
        doc="How stars are found.", registry=star_selectors, default="objectSize"
    )
    psfDeterminer = RegistryField(
        doc="How a PSF is made from them.", registry=psf_determiners, default="polynomial"
    )
    reserve = ConfigField[ReserveConfig](doc="Stars that are kept back.", dtype=ReserveConfig)


class MeasurePsfTask(Task):
    """Find the stars of an exposure, and make its PSF from them.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the flags ``calib_psf_*``.
        Without it nothing is noted in catalogs.
    config, name, parent_task, log
        As for `Task`.
    """

    ConfigClass: ClassVar[type[Config]] = MeasurePsfConfig
    _DefaultName = "measurePsf"
    config: MeasurePsfConfig

    def __init__(self, schema: Schema | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self._has_flags = schema is not None
        if schema is not None:
            for name, doc in _FLAGS.items():
                if name not in schema:
                    schema.add_field(name, "Flag", doc)
        self.selector: ObjectSizeStarSelectorTask = self.config.starSelector.apply(
            name="starSelector", parent_task=self
        )
        self.determiner: PolynomialPsfDeterminerTask = self.config.psfDeterminer.apply(
            name="psfDeterminer", parent_task=self
        )

    @renamed_keywords(expId="exposure_id")
    @time_method
    def run(self, exposure: Exposure, sources: SourceCatalog, exposure_id: int = 0) -> MeasuredPsf:
        """Measure the PSF of an exposure, and attach it.

        Parameters
        ----------
        exposure
            Background subtracted; its PSF is replaced.
        sources
            Bright sources, measured with a first guess of the PSF.
        exposure_id
            Chooses the stars that are kept back.

        Raises
        ------
        ExposureError
            If no stars are found.
        FieldNotFoundError
            If the catalog was made before this task, and lacks its fields.
        """
        selected = self.selector.run(sources).selected
        places = np.flatnonzero(selected)
        stars, inside = self._stamps(exposure, sources, places)
        stars, places = stars.part(inside), places[inside]
        reserved = self._reserved(len(places), exposure_id)
        made = self.determiner.run(stars.part(~reserved), exposure.bbox)
        used = np.zeros(len(places), np.bool_)
        used[~reserved] = made.used
        exposure.psf = made.psf
        if self._has_flags:
            everywhere = np.ones(len(places), np.bool_)
            for name, chosen in zip(_FLAGS, (everywhere, used, reserved), strict=True):
                flags = np.zeros(len(sources), np.bool_)
                flags[places[chosen]] = True
                sources[name] = flags
        self.metadata["numAvailStars"] = len(places)
        self.metadata["numGoodStars"] = int(used.sum())
        self.metadata["spatialFitChi2"] = _median_chi2(made)
        return MeasuredPsf(
            psf=made.psf,
            candidates=self._candidates(sources, places, stars, made.psf, used, reserved),
        )

    def _reserved(self, count: int, exposure_id: int) -> NDArray[np.bool_]:
        """Choose the stars that are kept back; at least one is not."""
        reserved = np.zeros(count, np.bool_)
        wanted = min(round(self.config.reserve.fraction * count), max(count - 1, 0))
        rng = np.random.default_rng([abs(exposure_id), abs(self.config.reserve.seed)])
        reserved[rng.permutation(count)[:wanted]] = True
        return reserved

    def _stamps(
        self, exposure: Exposure, sources: SourceCatalog, places: NDArray[np.intp]
    ) -> tuple[StarStamps, NDArray[np.bool_]]:
        """Cut out stars, with noise in place of all others, and say which lie inside the image."""
        size = (self.determiner.config.kernelSize | 1) + 2 * _MARGIN
        pixels = SourcePixels.of(sources, exposure, NoiseReplacerConfig())
        corner, variance = exposure.bbox.min, exposure.variance.array
        height, width = variance.shape
        found, noise, corners = [], [], np.zeros((len(places), 2), np.int64)
        for number, place in enumerate(places.tolist()):
            stamp, low = pixels.stamps(slice(place, place + 1), size)
            corners[number] = low[0]
            found.append(stamp[0])
            x, y = low[0].tolist()
            part = np.zeros((size, size), np.float32)
            whole = variance[max(y, 0) : y + size, max(x, 0) : x + size]
            part[: whole.shape[0], : whole.shape[1]] = whole
            noise.append(part)
        inside = (corners >= 0).all(axis=1)
        inside &= (corners[:, 0] + size <= width) & (corners[:, 1] + size <= height)
        x, y = (
            np.asarray(sources.values(f"slot_Centroid_{axis}"), np.float64)[places] for axis in "xy"
        )
        shape = len(places), size, size
        return StarStamps(
            np.array(found, np.float32).reshape(shape),
            np.array(noise, np.float32).reshape(shape),
            corners[:, 0] + corner.x,
            corners[:, 1] + corner.y,
            x,
            y,
        ), np.asarray(inside)

    def _candidates(
        self,
        sources: SourceCatalog,
        places: NDArray[np.intp],
        stars: StarStamps,
        psf: PolynomialPsf,
        used: NDArray[np.bool_],
        reserved: NDArray[np.bool_],
    ) -> list[PsfCandidate]:
        """Return all stars with what is known of them."""
        identifiers = np.asarray(sources.values("id"))[places].tolist()
        fluxes, _ = self.determiner.compare(stars, psf)
        return [
            PsfCandidate(
                source_id=identifier,
                position=Point2D(float(stars.x[number]), float(stars.y[number])),
                image=Image(
                    stars.pixels[number],
                    Point2I(int(stars.corner_x[number]), int(stars.corner_y[number])),
                ),
                flux=float(fluxes[number]),
                is_reserved=bool(reserved[number]),
                is_used=bool(used[number]),
                psf=psf,
            )
            for number, identifier in enumerate(identifiers)
        ]


def _median_chi2(made: DeterminedPsf) -> float:
    return float(np.median(made.chi2[made.used])) if made.used.any() else float("nan")
