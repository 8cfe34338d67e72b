"""Which sources are stars that show the PSF."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from pipelines.task import Config, Field, ListField, RangeField, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.table.source_catalog import SourceCatalog

__all__ = ["ObjectSizeStarSelectorConfig", "ObjectSizeStarSelectorTask", "SelectedStars"]

_FEW: Final = 20
"""Stars, from which on a size that varies over the image is fitted."""


class SelectedStars(Struct):
    """Which sources are stars."""

    if TYPE_CHECKING:
        selected: NDArray[np.bool_]
        """One for each source."""


class ObjectSizeStarSelectorConfig(Config):
    """What makes a source a star that shows the PSF."""

    signalToNoiseMin = RangeField[float](
        doc="Fainter sources are not used.", dtype=float, default=40.0, min=0.0
    )
    signalToNoiseMax = Field[float](doc="Brighter ones neither; 0 for no limit.", default=0.0)
    widthMin = Field[float](doc="Sources narrower than this, in pixels, are no stars.", default=0.9)
    widthMax = Field[float](doc="Sources wider than this, in pixels, are no stars.", default=10.0)
    widthTolerance = RangeField[float](
        doc="By which part of its size a star may be away from the most frequent size.",
        dtype=float,
        default=0.15,
        min=0.0,
    )
    nSigmaClip = RangeField[float](
        doc="How far a star may be from the mean size at its place, in standard deviations.",
        dtype=float,
        default=3.0,
        min=0.5,
    )
    badFlags = ListField[str](
        doc="Sources with one of these flags are not used.",
        dtype=str,
        default=[
            "base_PixelFlags_flag_edge",
            "base_PixelFlags_flag_interpolatedCenter",
            "base_PixelFlags_flag_saturatedCenter",
            "base_PixelFlags_flag_saturated",
            "base_PixelFlags_flag_crCenter",
            "base_PixelFlags_flag_bad",
            "slot_Centroid_flag",
            "slot_Shape_flag",
        ],
    )


class ObjectSizeStarSelectorTask(Task):
    """Find the stars among sources: they are bright, and all of nearly the same size.

    The most frequent size is found first; then a size that varies over the
    image as a polynomial of second order, from which stars may be away by
    some standard deviations.
    """

    ConfigClass: ClassVar[type[Config]] = ObjectSizeStarSelectorConfig
    _DefaultName = "starSelector"
    config: ObjectSizeStarSelectorConfig

    def run(self, sources: SourceCatalog) -> SelectedStars:
        """Select stars.

        Parameters
        ----------
        sources
            Measured: positions, moments, PSF fluxes and flags. Sources that
            were taken apart, and their parts, are not used.
        """
        usable = self._usable(sources)
        xx, yy = (self._slot(sources, f"slot_Shape_{part}") for part in ("xx", "yy"))
        with np.errstate(invalid="ignore"):
            width = np.sqrt(0.5 * (xx + yy))
            usable &= (width > self.config.widthMin) & (width < self.config.widthMax)
        chosen = np.flatnonzero(usable)
        selected = np.zeros(len(sources), np.bool_)
        if not chosen.size:
            return SelectedStars(selected=selected)
        x, y = (self._slot(sources, f"slot_Centroid_{axis}")[chosen] for axis in "xy")
        kept = self._of_one_size(width[chosen], x, y)
        selected[chosen[kept]] = True
        self.log.info("Selected %d stars of %d bright sources.", kept.sum(), chosen.size)
        return SelectedStars(selected=selected)

    @staticmethod
    def _slot(sources: SourceCatalog, name: str) -> NDArray[np.float64]:
        return np.asarray(sources.values(name), np.float64)

    def _usable(self, sources: SourceCatalog) -> NDArray[np.bool_]:
        """Return which sources are bright, whole and not flagged."""
        flux, error = (
            self._slot(sources, f"slot_PsfFlux_instFlux{suffix}") for suffix in ("", "Err")
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            signal = flux / error
        usable = signal > self.config.signalToNoiseMin
        if self.config.signalToNoiseMax > 0:
            usable &= signal < self.config.signalToNoiseMax
        schema = sources.schema
        for name in self.config.badFlags:
            if name in schema:
                usable &= ~np.asarray(sources.values(name), np.bool_)
        if "deblend_nChild" in schema:
            usable &= np.asarray(sources.values("deblend_nChild")) == 0
            usable &= np.asarray(sources.values("parent")) == 0
        return np.asarray(usable)

    def _of_one_size(
        self, width: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which widths are near the most frequent one, and near a smooth function."""
        mode = _most_frequent(width, self.config.widthTolerance)
        kept = np.abs(width / mode - 1) < self.config.widthTolerance
        for _ in range(10):
            expected = _smooth(width, x, y, kept)
            residual = width - expected
            scatter = 1.4826 * float(np.median(np.abs(residual[kept])))
            limit = self.config.nSigmaClip * max(scatter, 1e-3 * mode)
            new = (np.abs(residual) < limit) & (
                np.abs(width / mode - 1) < self.config.widthTolerance
            )
            if np.array_equal(new, kept) or not new.any():
                break
            kept = new
        return np.asarray(kept)


def _most_frequent(width: NDArray[np.float64], tolerance: float) -> float:
    """Return the middle of the interval of a relative width that holds most values."""
    ordered = np.sort(width)
    ends = np.searchsorted(ordered, ordered * (1 + tolerance), "right")
    best = int(np.argmax(ends - np.arange(ordered.size)))
    return float(np.median(ordered[best : ends[best]]))


def _smooth(
    width: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    kept: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return a polynomial of the place fitted to some of the widths; a median for few."""
    if kept.sum() < _FEW:
        return np.full(width.size, np.median(width[kept]))
    scaled = [(axis - axis.mean()) / max(float(np.ptp(axis)), 1.0) for axis in (x, y)]
    u, v = scaled
    design = np.column_stack([np.ones_like(u), u, v, u * u, u * v, v * v])
    answer, *_ = np.linalg.lstsq(design[kept], width[kept], rcond=None)
    return np.asarray(design @ answer)
