"""Matching the sources of an exposure to known stars, and fitting its WCS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.wcs.approximation import fit_tan_sip_to_stars
from pipelines.astrometry.vote import vote_motion
from pipelines.bright_sources import centroids, find_bright
from pipelines.errors import AstrometryError
from pipelines.match_positions import match_positions
from pipelines.matched_stars import MatchedStarsTask
from pipelines.task import (
    Config,
    ConfigField,
    Field,
    ListField,
    RangeField,
    Struct,
    time_method,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.table.source_catalog import SourceCatalog
    from imaging.wcs.projection import SkyProjection
    from pipelines.reference_objects.load import ReferenceObjects

__all__ = [
    "AstrometryConfig",
    "AstrometryResult",
    "AstrometryTask",
    "FitterConfig",
    "MatcherConfig",
]

_FLUX: Final = "slot_PsfFlux_instFlux"
_FIRST_RADIUS: Final = 8.0
"""Pixels by which stars may be off after the vote: distortions and what is left of a turn."""
_MIN_RADIUS: Final = 0.3
_FEWEST: Final = 4
"""Stars; three are needed for a scale, a turn and a shift in any direction."""
_STARS_PER_TERM: Final = 2.0


class AstrometryResult(Struct):
    """Which stars were found where."""

    if TYPE_CHECKING:
        sources: NDArray[np.intp]
        """Rows of the catalog of the stars that fit."""
        references: NDArray[np.intp]
        """Their partners."""
        distances: NDArray[np.float64]
        """Between both, in arcseconds."""
        scatter: float
        """Median of these distances, in arcseconds."""


class MatcherConfig(Config):
    """How stars are recognised."""

    maxOffsetPix = RangeField[int](
        doc="How far the WCS of the raw may be off, in pixels.", dtype=int, default=250, min=1
    )
    maxRotationDeg = RangeField[float](
        doc="How far it may be turned, in degrees.", dtype=float, default=1.0, min=0.0
    )
    minMatchedPairs = RangeField[int](
        doc="So many pairs make a match.", dtype=int, default=30, min=1
    )
    minFracMatchedPairs = RangeField[float](
        doc="So large a part of the shorter list makes one, too.",
        dtype=float,
        default=0.3,
        min=0.0,
        max=1.0,
        inclusiveMax=True,
    )
    maxSources = RangeField[int](
        doc="The brightest of both lists, so many, vote.", dtype=int, default=500, min=1
    )


class FitterConfig(Config):
    """How the WCS is fitted."""

    order = RangeField[int](
        doc="Of the SIP polynomials; fewer stars get a lower one.",
        dtype=int,
        default=3,
        min=1,
        max=9,
        inclusiveMax=True,
    )
    numRejIter = RangeField[int](doc="Rounds of clipping.", dtype=int, default=3, min=0)
    rejSigma = RangeField[float](
        doc="Stars farther off, in standard deviations, are left out.",
        dtype=float,
        default=3.0,
        min=0.5,
    )


class AstrometryConfig(Config):
    """How an exposure is placed on the sky; most names are those of the LSST stack."""

    matcher = ConfigField[MatcherConfig](doc="How stars are recognised.", dtype=MatcherConfig)
    wcsFitter = ConfigField[FitterConfig](doc="How the WCS is fitted.", dtype=FitterConfig)
    maxIter = RangeField[int](doc="Rounds of matching and fitting.", dtype=int, default=3, min=1)
    minSnr = RangeField[float](
        doc="Signal to noise of the sources that are used.", dtype=float, default=10.0, min=0.0
    )
    forceKnownWcs = Field[bool](doc="Keep the WCS, and match only?", default=False)
    badFlags = ListField[str](
        doc="Sources with one of these flags are not used.",
        dtype=str,
        default=[
            "slot_Centroid_flag",
            "base_PixelFlags_flag_edge",
            "base_PixelFlags_flag_interpolatedCenter",
            "base_PixelFlags_flag_saturatedCenter",
            "base_PixelFlags_flag_crCenter",
            "base_PixelFlags_flag_bad",
        ],
    )


class AstrometryTask(MatchedStarsTask):
    """Match sources to stars whose positions are known, and fit a TAN-SIP WCS.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the flag ``calib_astrometry_used``.
    config, name, parent_task, log
        As for `pipelines.task.Task`.

    Notes
    -----
    All differences in position vote for a shift, for small turns one after
    another; then nearest neighbours are fitted, first by straight lines, then
    by polynomials, with what lies apart left out.
    """

    ConfigClass: ClassVar[type[Config]] = AstrometryConfig
    _DefaultName: ClassVar[str] = "astrometry"
    used_flag: ClassVar[str] = "calib_astrometry_used"
    used_doc: ClassVar[str] = "the WCS was fitted to this source"
    config: AstrometryConfig

    @time_method
    def run(
        self, exposure: Exposure, sources: SourceCatalog, stars: ReferenceObjects
    ) -> AstrometryResult:
        """Fit the WCS of an exposure, in place, and set the positions of its sources.

        Parameters
        ----------
        exposure
            With a WCS to begin with.
        sources
            Measured.
        stars
            On and around the exposure.

        Raises
        ------
        AstrometryError
            If there is no WCS, or sources and stars do not match. Nothing is
            changed then.
        """
        guess = exposure.wcs
        if guess is None:
            raise AstrometryError(
                "The exposure has no WCS to begin with, so nobody knows which stars it shows. "
                "doAstrometry = False leaves it so."
            )
        rows = find_bright(sources, _FLUX, self.config.minSnr, self.config.badFlags)
        points = centroids(sources)[rows]
        fluxes = np.asarray(sources.values(_FLUX), np.float64)[rows]
        known = np.column_stack(guess.sky_to_pixel(stars.ra, stars.dec)).reshape(-1, 2)
        first, second = self._recognise(exposure, points, fluxes, known, stars)
        wcs: SkyProjection = guess
        if not self.config.forceKnownWcs:
            wcs, first, second = self._fitted(exposure, points, stars, first, second)
        distances = _separations(wcs, points[first], stars, second)
        exposure.wcs = wcs
        sources.update_coords(wcs)
        self.mark_used(sources, rows[first])
        scatter = float(np.median(distances))
        self.metadata["matches"], self.metadata["scatter_arcsec"] = len(first), scatter
        self.log.info("Matched %d stars, median distance %.4f arcsec.", len(first), scatter)
        return AstrometryResult(
            sources=rows[first], references=second, distances=distances, scatter=scatter
        )

    def _recognise(
        self,
        exposure: Exposure,
        points: NDArray[np.float64],
        fluxes: NDArray[np.float64],
        known: NDArray[np.float64],
        stars: ReferenceObjects,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return first pairs of sources and stars."""
        config = self.config.matcher
        needed = min(
            config.minMatchedPairs, config.minFracMatchedPairs * min(len(points), len(known))
        )
        needed = max(needed, _FEWEST)
        if min(len(points), len(known)) < needed:
            raise AstrometryError(self._unmatched(len(points), len(known), 0, needed))
        bright = np.argsort(-fluxes)[: config.maxSources]
        order = np.argsort(-np.nan_to_num(stars.flux))[: config.maxSources]
        centre = np.array([exposure.bbox.center.x, exposure.bbox.center.y])
        motion = vote_motion(
            known[order],
            points[bright],
            centre,
            reach=config.maxOffsetPix,
            max_turn=config.maxRotationDeg,
        )
        if motion is None:
            raise AstrometryError(self._unmatched(len(points), len(known), 0, needed))
        moved = motion.move(known, centre)
        first, second = match_positions(points, moved, _FIRST_RADIUS)
        if len(first) < needed or motion.votes < motion.expected + 4 * np.sqrt(motion.expected + 1):
            raise AstrometryError(self._unmatched(len(points), len(known), len(first), needed))
        self.metadata["offset_pix"] = [motion.dx, motion.dy]
        self.metadata["turn_deg"] = motion.angle
        return first, second

    def _unmatched(self, sources: int, stars: int, pairs: int, needed: float) -> str:
        config = self.config.matcher
        return (
            f"{sources} sources and {stars} known stars do not match: {pairs} pairs agree on a "
            f"shift of up to {config.maxOffsetPix} pixels, and {needed:.0f} are needed. Is the WCS "
            "of the raw that wrong (matcher.maxOffsetPix, maxRotationDeg), or the reference "
            "catalog of another field? requireAstrometry = False goes on without."
        )

    def _fitted(
        self,
        exposure: Exposure,
        points: NDArray[np.float64],
        stars: ReferenceObjects,
        first: NDArray[np.intp],
        second: NDArray[np.intp],
    ) -> tuple[SkyProjection, NDArray[np.intp], NDArray[np.intp]]:
        """Fit and match by turns; return the WCS and the pairs that fit it."""
        wcs, kept = self._fit(exposure, points, stars, first, second, 1)
        for _ in range(self.config.maxIter):
            radius = _radius(wcs, points[first[kept]], stars, second[kept])
            places = np.column_stack(wcs.sky_to_pixel(stars.ra, stars.dec))
            first, second = match_positions(points, places, radius)
            if len(first) < _FEWEST:
                raise AstrometryError(
                    f"Only {len(first)} stars are within {radius:.2f} pixels of a source after a "
                    "fit: what agreed on a shift was chance. requireAstrometry = False goes on."
                )
            wcs, kept = self._fit(exposure, points, stars, first, second, self._order(len(first)))
        return wcs, first[kept], second[kept]

    def _order(self, count: int) -> int:
        order = self.config.wcsFitter.order
        while order > 1 and count < _STARS_PER_TERM * (order + 1) * (order + 2) / 2:
            order -= 1
        return order

    def _fit(
        self,
        exposure: Exposure,
        points: NDArray[np.float64],
        stars: ReferenceObjects,
        first: NDArray[np.intp],
        second: NDArray[np.intp],
        order: int,
    ) -> tuple[SkyProjection, NDArray[np.bool_]]:
        """Fit pairs without outliers; return the WCS, and which pairs were used."""
        wcs = exposure.wcs
        assert wcs is not None  # noqa: S101 - run has seen to it
        kept = np.ones(len(first), np.bool_)
        for _ in range(self.config.wcsFitter.numRejIter + 1):
            x, y = points[first[kept]].T
            sky = stars.ra[second[kept]], stars.dec[second[kept]]
            wcs = fit_tan_sip_to_stars((x, y), sky, wcs, exposure.bbox, order)
            off = _residuals(wcs, points[first], stars, second)
            sigma = float(np.median(off[kept])) / 1.1774  # the median of a Rayleigh distribution
            new = off <= self.config.wcsFitter.rejSigma * max(sigma, 1e-6) * np.sqrt(2)
            if np.array_equal(new, kept) or new.sum() < max(_FEWEST, (order + 1) * (order + 2) / 2):
                break
            kept = new
        return wcs, kept


def _residuals(
    wcs: SkyProjection,
    points: NDArray[np.float64],
    stars: ReferenceObjects,
    chosen: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return the distances between sources and their stars, in pixels."""
    x, y = wcs.sky_to_pixel(stars.ra[chosen], stars.dec[chosen])
    return np.asarray(np.hypot(points[:, 0] - x, points[:, 1] - y))


def _separations(
    wcs: SkyProjection,
    points: NDArray[np.float64],
    stars: ReferenceObjects,
    chosen: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return the same in arcseconds."""
    ra, dec = wcs.pixel_to_sky(points[:, 0], points[:, 1])
    d_ra = (np.asarray(ra) - stars.ra[chosen] + 180) % 360 - 180
    d_dec = np.asarray(dec) - stars.dec[chosen]
    return np.asarray(3600 * np.hypot(d_ra * np.cos(np.radians(stars.dec[chosen])), d_dec))


def _radius(
    wcs: SkyProjection,
    points: NDArray[np.float64],
    stars: ReferenceObjects,
    chosen: NDArray[np.intp],
) -> float:
    """Return within which distance in pixels partners are looked for."""
    middle = float(np.median(_residuals(wcs, points, stars, chosen)))
    return min(max(5 * middle, _MIN_RADIUS), _FIRST_RADIUS)
