"""Matching the sources of an exposure to known stars, and fitting its WCS."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

import numpy as np

from imaging.reference.motion import directions
from pipelines.astrometry.config import AstrometryConfig, FitterConfig, MatcherConfig
from pipelines.astrometry.place import corners_of, moved_wcs, place_stars
from pipelines.astrometry.recognise import FEWEST_PAIRS, FieldLists, Search, recognise
from pipelines.bright_sources import centroid_errors, centroids, find_bright
from pipelines.errors import AstrometryError
from pipelines.match_positions import match_positions
from pipelines.matched_stars import MatchedStarsTask
from pipelines.task import Config, Struct, time_method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.table.source_catalog import SourceCatalog
    from imaging.wcs.projection import SkyProjection
    from pipelines.astrometry.motion import Motion
    from pipelines.astrometry.recognise import Recognised
    from pipelines.reference_objects.load import ReferenceObjects

__all__ = [
    "AstrometryConfig",
    "AstrometryResult",
    "AstrometryTask",
    "FitterConfig",
    "MatcherConfig",
]

_FLUX: Final = "slot_PsfFlux_instFlux"
_KNOWN_RADIUS: Final = 2.0
"""Pixels within which sources are looked for where the WCS is known."""
_GO_ON: Final = "requireAstrometry = False goes on without."


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


class _Field(NamedTuple):
    """What can be matched."""

    rows: NDArray[np.intp]
    """Of the sources, brightest first."""
    points: NDArray[np.float64]
    errors: NDArray[np.float64]
    stars: NDArray[np.intp]
    """Which stars have a place, brightest first."""
    sky: tuple[NDArray[np.float64], NDArray[np.float64]]
    lists: FieldLists


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
    Differences in position vote for a shift, and pairs of stars for a turn and
    a scale; what is found has to be beyond chance. Then nearest neighbours are
    fitted by polynomials, weighted by the errors of the centroids, with what
    lies apart left out.
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
        field = self._field(exposure, guess, sources, stars)
        if self.config.forceKnownWcs:
            wcs = guess
            first, second = match_positions(field.points, field.lists.known, _KNOWN_RADIUS)
        else:
            wcs, first, second = self._placed(exposure, guess, field)
        rows, partners = field.rows[first], field.stars[second]
        distances = _separations(wcs, field.points[first], stars, partners)
        self._check(field, distances)
        exposure.wcs = wcs
        sources.update_coords(wcs)
        self.mark_used(sources, rows)
        order = np.argsort(rows)
        return self._reported(rows[order], partners[order], distances[order])

    def _reported(
        self,
        rows: NDArray[np.intp],
        partners: NDArray[np.intp],
        distances: NDArray[np.float64],
    ) -> AstrometryResult:
        scatter = float(np.median(distances))
        self.metadata["matches"], self.metadata["scatter_arcsec"] = len(rows), scatter
        self.log.info("Matched %d stars, median distance %.4f arcsec.", len(rows), scatter)
        return AstrometryResult(
            sources=rows, references=partners, distances=distances, scatter=scatter
        )

    def _field(
        self,
        exposure: Exposure,
        guess: SkyProjection,
        sources: SourceCatalog,
        stars: ReferenceObjects,
    ) -> _Field:
        """Choose sources and stars, and sort both by their brightness."""
        rows = find_bright(sources, _FLUX, self.config.minSnr, self.config.badFlags)
        rows = rows[np.argsort(-np.asarray(sources.values(_FLUX), np.float64)[rows])]
        points = centroids(sources)[rows]
        chosen = np.flatnonzero(np.isfinite(stars.ra) & np.isfinite(stars.dec))
        known = np.column_stack(guess.sky_to_pixel(stars.ra[chosen], stars.dec[chosen]))
        is_there = np.isfinite(known.reshape(-1, 2)).all(axis=1)
        chosen, known = chosen[is_there], known.reshape(-1, 2)[is_there]
        order = np.argsort(-np.nan_to_num(stars.flux[chosen]), kind="stable")
        chosen, known = chosen[order], known[order]
        lists = FieldLists(points, known, corners_of(exposure.bbox))
        sky = stars.ra[chosen], stars.dec[chosen]
        return _Field(rows, points, centroid_errors(sources)[rows], chosen, sky, lists)

    def _placed(
        self, exposure: Exposure, guess: SkyProjection, field: _Field
    ) -> tuple[SkyProjection, NDArray[np.intp], NDArray[np.intp]]:
        """Return the WCS and the pairs that fit it."""
        found = self._recognised(guess, field)
        motion = found.motion
        if motion.is_mirrored:
            self.log.warning(
                "The WCS of the raw is a mirror image of the sky; it is set right. Look at the "
                "signs of its CD matrix. matcher.allowMirror = False refuses it."
            )
        start = moved_wcs(guess, motion, exposure.bbox)
        placed = place_stars(
            start,
            field.points,
            field.errors,
            field.sky,
            exposure.bbox,
            self.config.wcsFitter,
            self.config.maxIter,
        )
        if len(placed.sources) < self._needed(field, found.n_inside):
            raise AstrometryError(self._too_few(field, len(placed.sources), found.n_inside))
        self.metadata["offset_pix"] = [motion.dx, motion.dy]
        self.metadata["turn_deg"], self.metadata["scale"] = motion.angle, motion.scale
        self.metadata["is_mirrored"] = motion.is_mirrored
        self.metadata["order"], self.metadata["worst_error_pix"] = (
            placed.fit.order,
            placed.fit.worst,
        )
        return placed.wcs, placed.sources, placed.stars

    def _recognised(self, guess: SkyProjection, field: _Field) -> Recognised:
        """Return the motion between stars and sources."""
        n_inside = field.lists.count_inside(field.lists.known)
        least = min(len(field.points), len(field.lists.known))
        if least < FEWEST_PAIRS:
            raise AstrometryError(self._too_few(field, 0, n_inside))
        search = self._search()
        found = recognise(field.lists, search, lambda inside: self._needed(field, inside))
        if found is not None and found.pairs >= self._needed(field, found.n_inside):
            return found
        wider = recognise(field.lists, search.widened(), lambda inside: self._needed(field, inside))
        is_farther = wider is not None and wider.pairs >= self._needed(field, wider.n_inside)
        if found is None or is_farther:
            raise AstrometryError(self._unmatched(guess, field, wider))
        raise AstrometryError(self._too_few(field, found.pairs, found.n_inside))

    def _search(self) -> Search:
        config = self.config.matcher
        return Search(
            reach=config.maxOffsetPix,
            max_turn=config.maxRotationDeg,
            max_stretch=config.maxScalePercent / 100,
            allow_mirror=config.allowMirror,
            brightest=config.maxSources,
        )

    def _needed(self, field: _Field, n_inside: int) -> float:
        config = self.config.matcher
        part = config.minFracMatchedPairs * min(len(field.points), n_inside)
        return max(min(config.minMatchedPairs, part), FEWEST_PAIRS)

    def _check(self, field: _Field, distances: NDArray[np.float64]) -> None:
        """Refuse pairs that are few or far apart."""
        if len(distances) < FEWEST_PAIRS:
            n_inside = field.lists.count_inside(field.lists.known)
            raise AstrometryError(self._too_few(field, len(distances), n_inside))
        mean, limit = float(np.mean(distances)), self.config.maxMeanDistanceArcsec
        if mean > limit:
            raise AstrometryError(
                f"{len(distances)} sources are {mean:.2f} arcsec from their stars on average, more "
                f"than maxMeanDistanceArcsec = {limit:g}. Allow more if the seeing or the pixels "
                f"are that large. {_GO_ON}"
            )

    def _too_few(self, field: _Field, pairs: int, n_inside: int) -> str:
        return (
            f"{len(field.points)} sources and {len(field.lists.known)} known stars, {n_inside} of "
            f"them in the image, do not match: {pairs} pairs agree, and "
            f"{math.ceil(self._needed(field, n_inside))} are needed (matcher.minMatchedPairs, "
            f"minFracMatchedPairs). Sources have a signal to noise of minSnr = "
            f"{self.config.minSnr:g} and none of badFlags. {_GO_ON}"
        )

    def _unmatched(self, guess: SkyProjection, field: _Field, wider: Recognised | None) -> str:
        config, scale = self.config.matcher, guess.pixel_scale()
        mirror = ", mirrored or not" if config.allowMirror else ""
        text = (
            f"{len(field.points)} sources and {len(field.lists.known)} known stars do not match "
            f"within a shift of {config.maxOffsetPix} pixels "
            f"({config.maxOffsetPix * scale:.0f} arcsec), a turn of {config.maxRotationDeg:g} "
            f"degrees and {config.maxScalePercent:g} % of the pixel scale{mirror}. "
        )
        if wider is None:
            return (
                f"{text}Nor do they in a search four times as wide. Is the reference catalog that "
                f"of another field, or the WCS of the raw? {_GO_ON}"
            )
        return text + _remedy(wider.motion, scale)


def _remedy(motion: Motion, scale: float) -> str:
    """Return what would have to be allowed."""
    shift = math.hypot(motion.dx, motion.dy)
    return (
        f"{'Mirrored, they' if motion.is_mirrored else 'They'} do with a shift of {shift:.0f} "
        f"pixels ({shift * scale:.0f} arcsec), a turn of {motion.angle:.2f} degrees and "
        f"{100 * (motion.scale - 1):+.2f} % of the scale. Mend the WCS of the raw, or allow it: "
        f"matcher.maxOffsetPix, maxRotationDeg, maxScalePercent, allowMirror, and as many pixels "
        f"of pixelMargin in astromRefObjLoader. {_GO_ON}"
    )


def _separations(
    wcs: SkyProjection,
    points: NDArray[np.float64],
    stars: ReferenceObjects,
    chosen: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return the distances between sources and their stars, in arcseconds."""
    ra, dec = wcs.pixel_to_sky(points[:, 0], points[:, 1])
    ours = directions(np.radians(ra), np.radians(dec))
    theirs = directions(np.radians(stars.ra[chosen]), np.radians(stars.dec[chosen]))
    half = np.linalg.norm(ours - theirs, axis=-1) / 2
    return np.asarray(3600 * np.degrees(2 * np.arcsin(half)))
