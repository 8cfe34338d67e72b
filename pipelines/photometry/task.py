"""The zero point of an exposure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.exposure.photo_calib import NANOJANSKY_AT_MAGNITUDE_ZERO, PhotoCalib
from pipelines.bright_sources import centroids, find_bright
from pipelines.chance import log_chance
from pipelines.errors import PhotoCalError
from pipelines.match_positions import match_positions
from pipelines.matched_stars import MatchedStarsTask
from pipelines.photometry.color_terms import ColorTermLibrary, apply_color_term
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
    from pipelines.reference_objects.load import ReferenceObjects

__all__ = ["DirectMatchConfig", "PhotoCalConfig", "PhotoCalResult", "PhotoCalTask"]

_ONE_NJY: Final = 2.5 * math.log10(NANOJANSKY_AT_MAGNITUDE_ZERO)
"""AB magnitude of one nanojansky: 31.4."""
_ONE_MAGNITUDE: Final = 0.4 * math.log(10)
"""By what part a flux changes with a small change of its magnitude."""
_LARGEST_CHANCE: Final = -2.0
"""Decimal logarithm of the chance of pairs of unrelated positions that is taken."""


class DirectMatchConfig(Config):
    """How stars are recognised, once the WCS is right."""

    matchRadius = RangeField[float](
        doc="How far they may be off, in arcseconds.", dtype=float, default=0.5, min=0.0
    )


class PhotoCalConfig(Config):
    """How the zero point is measured; the names are those of the LSST stack."""

    match = ConfigField[DirectMatchConfig](doc="How stars are found.", dtype=DirectMatchConfig)
    applyColorTerms = Field[bool](
        doc="Turn the catalog's magnitudes into those of the camera's filter? None: if there are "
        "terms for this catalog.",
        dtype=bool,
        optional=True,
        default=None,
    )
    photoCatName = Field[str](
        doc="Name of the catalog in colorterms; None: that of the stars.", optional=True
    )
    colorterms = ConfigField[ColorTermLibrary](doc="What is known.", dtype=ColorTermLibrary)
    fluxField = Field[str](doc="The flux that is compared.", default="slot_CalibFlux_instFlux")
    minSnr = RangeField[float](
        doc="Signal to noise of the sources that are used.", dtype=float, default=10.0, min=0.0
    )
    sigmaMax = RangeField[float](
        doc="Stars farther from the median, in magnitudes, are never used.",
        dtype=float,
        default=0.25,
        min=0.0,
    )
    nSigma = RangeField[float](
        doc="Stars farther off, in standard deviations, are left out.",
        dtype=float,
        default=3.0,
        min=0.5,
    )
    nIter = RangeField[int](doc="Rounds of clipping.", dtype=int, default=20, min=0)
    minStars = RangeField[int](doc="With fewer stars it fails.", dtype=int, default=1, min=1)
    badFlags = ListField[str](
        doc="Sources with one of these flags are not used.",
        dtype=str,
        default=[
            "slot_Centroid_flag",
            "slot_CalibFlux_flag",
            "base_PixelFlags_flag_edge",
            "base_PixelFlags_flag_interpolated",
            "base_PixelFlags_flag_saturated",
            "base_PixelFlags_flag_crCenter",
            "base_PixelFlags_flag_bad",
        ],
    )


class PhotoCalResult(Struct):
    """The zero point, and what it was measured on."""

    if TYPE_CHECKING:
        photo_calib: PhotoCalib
        zero_point: float
        """AB magnitude of one count."""
        sigma: float
        """Scatter of the stars, in magnitudes."""
        n_stars: int


class PhotoCalTask(MatchedStarsTask):
    """Compare fluxes with those of known stars.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the flag ``calib_photometry_used``.
    config, name, parent_task, log
        As for `pipelines.task.Task`.

    Notes
    -----
    The zero point is the median of the differences in magnitude, with what
    lies apart left out; its error is that of a median, of their scatter or
    of their noise, if that is larger: few stars may agree by chance. Without
    colour terms the filters of exposure and catalog are taken to be the same.
    """

    ConfigClass: ClassVar[type[Config]] = PhotoCalConfig
    _DefaultName: ClassVar[str] = "photoCal"
    used_flag: ClassVar[str] = "calib_photometry_used"
    used_doc: ClassVar[str] = "the zero point was measured on this source"
    config: PhotoCalConfig

    @time_method
    def run(
        self, exposure: Exposure, sources: SourceCatalog, stars: ReferenceObjects
    ) -> PhotoCalResult:
        """Measure the zero point of an exposure, and attach it.

        Parameters
        ----------
        exposure
            With a WCS that is right within ``match.matchRadius``.
        sources
            Measured.
        stars
            On and around the exposure, with fluxes in its filter.

        Raises
        ------
        PhotoCalError
            If there is no WCS, no star whose flux is known, no more of them
            than by chance, or no colour term for the filter.
        """
        known = self._known_flux(exposure, stars)
        rows, partners, n_usable = self._matched(exposure, sources, stars, known)
        flux, flux_error = (
            np.asarray(sources.values(f"{self.config.fluxField}{end}"), np.float64)[rows]
            for end in ("", "Err")
        )
        difference = _magnitudes(known[partners]) - _magnitudes(flux) + _ONE_NJY
        kept = self._clipped(difference)
        if kept.sum() < self.config.minStars:
            raise PhotoCalError(
                f"{int(kept.sum())} of {n_usable} usable sources are known stars with a flux, "
                f"{len(rows)} before clipping, and {self.config.minStars} are needed. Is the WCS "
                f"right within {self.config.match.matchRadius} arcsec? requirePhotoCal = False "
                "goes on without a zero point."
            )
        zero_point = float(np.median(difference[kept]))
        sigma = _sigma(difference[kept])
        factor = 10 ** (0.4 * (_ONE_NJY - zero_point))
        noise = float(np.median(flux_error[kept] / flux[kept])) / _ONE_MAGNITUDE
        error = factor * _ONE_MAGNITUDE * 1.2533 * max(sigma, noise) / np.sqrt(kept.sum())
        exposure.photo_calib = PhotoCalib(factor, float(error))
        _describe(exposure, zero_point, sigma, int(kept.sum()))
        self.mark_used(sources, rows[kept])
        self.metadata["zero_point"], self.metadata["sigma"] = zero_point, sigma
        self.metadata["stars"] = int(kept.sum())
        self.log.info("Zero point %.4f from %d stars, scatter %.4f.", zero_point, kept.sum(), sigma)
        return PhotoCalResult(
            photo_calib=exposure.photo_calib,
            zero_point=zero_point,
            sigma=sigma,
            n_stars=int(kept.sum()),
        )

    def _known_flux(self, exposure: Exposure, stars: ReferenceObjects) -> NDArray[np.float64]:
        """Return the fluxes of known stars in the exposure's filter."""
        config = self.config
        if config.applyColorTerms is False:
            return stars.flux
        name = config.photoCatName or getattr(stars, "name", "")
        if config.applyColorTerms is None and not config.colorterms.knows(name):
            return stars.flux
        term = config.colorterms.find(name, exposure.filter)
        self.log.info("Colour term from %s and %s.", term.primary, term.secondary)
        return apply_color_term(
            term,
            *(
                np.asarray(stars.catalog.values(f"{band}_flux"), np.float64)
                for band in (term.primary, term.secondary)
            ),
        )

    def _matched(
        self,
        exposure: Exposure,
        sources: SourceCatalog,
        stars: ReferenceObjects,
        flux: NDArray[np.float64],
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
        """Return rows of sources, their stars, and how many sources could be used."""
        wcs = exposure.wcs
        if wcs is None:
            raise PhotoCalError(
                "The exposure has no WCS, so no star is recognised. doPhotoCal = False goes on."
            )
        config = self.config
        rows = find_bright(sources, config.fluxField, config.minSnr, config.badFlags)
        known = np.flatnonzero(flux > 0)
        places = np.column_stack(wcs.sky_to_pixel(stars.ra[known], stars.dec[known]))
        radius = self.config.match.matchRadius / wcs.pixel_scale()
        points = centroids(sources)[rows]
        first, second = match_positions(points, places.reshape(-1, 2), radius)
        self._check_chance(exposure, len(points), places, len(first), radius)
        return rows[first], known[second], rows.size

    def _check_chance(
        self,
        exposure: Exposure,
        n_points: int,
        places: NDArray[np.float64],
        pairs: int,
        radius: float,
    ) -> None:
        """Refuse pairs that unrelated positions would make as well."""
        box = exposure.bbox
        low, size = np.array([box.min_x, box.min_y]), np.array([box.width, box.height])
        inside = int(((places >= low) & (places < low + size)).all(axis=1).sum())
        expected = n_points * inside * math.pi * radius**2 / (box.width * box.height)
        if pairs and log_chance(pairs, expected) > _LARGEST_CHANCE:
            raise PhotoCalError(
                f"{pairs} of {n_points} usable sources are within "
                f"{self.config.match.matchRadius:g} arcsec of one of {inside} known stars, and "
                f"chance alone would bring {expected:.1f} there. Is the WCS right, as it is not "
                "where astrometry failed? requirePhotoCal = False goes on without a zero point."
            )

    def _clipped(self, difference: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which stars agree."""
        kept = np.isfinite(difference)
        for _ in range(self.config.nIter + 1):
            if not kept.any():
                break
            middle, sigma = float(np.median(difference[kept])), _sigma(difference[kept])
            limit = min(self.config.nSigma * max(sigma, 1e-4), self.config.sigmaMax)
            new = np.abs(difference - middle) <= limit
            if np.array_equal(new, kept):
                break
            kept = new
        return kept


def _describe(exposure: Exposure, zero_point: float, sigma: float, n_stars: int) -> None:
    """Write the cards that the LSST stack writes; MAGZERO is of one count in a second."""
    info = exposure.visit_info
    seconds = math.nan if info is None else info.exposure_time_s
    if seconds > 0:
        exposure.metadata["MAGZERO"] = zero_point - 2.5 * math.log10(seconds)
    exposure.metadata["MAGZERO_RMS"], exposure.metadata["MAGZERO_NOBJ"] = sigma, n_stars


def _magnitudes(flux: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-2.5 * np.log10(flux))


def _sigma(values: NDArray[np.float64]) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
