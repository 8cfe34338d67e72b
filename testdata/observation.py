"""Visits: which field, when, through which filter, and where the telescope pointed.

The visits of ci_hsc are known by number; any other number gets a place and a filter
that depend on it alone. All lie in the validity ranges of the calibrations.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np

from testdata.errors import VisitError
from testdata.focalplane import PIXEL_SCALE_DEG, grid_position
from testdata.geometry import FULL, Geometry
from testdata.randomness import DEFAULT_SEED, Stream, generator

__all__ = [
    "CI_HSC_VISITS",
    "EXPOSURE_TIME_S",
    "FILTERS",
    "TARGET_DEG",
    "Observation",
    "observe",
]

EXPOSURE_TIME_S: Final = 30.0
TARGET_DEG: Final = (320.98, -0.30)
"""Where the visits of ci_hsc overlap; inside the HTM trixel 189584 of depth 7."""

CI_HSC_VISITS: Final[dict[int, tuple[int, ...]]] = {
    903334: (16, 22, 23, 100),
    903336: (17, 24),
    903338: (18, 25),
    903342: (4, 10, 100),
    903344: (0, 5, 11),
    903346: (1, 6, 12),
    903986: (16, 22, 23, 100),
    903988: (16, 17, 23, 24),
    903990: (18, 25),
    904010: (4, 10, 100),
    904014: (1, 6, 12),
}
"""The 33 raws of ci_hsc: visit to ccds."""

FILTERS: Final = ("HSC-G", "HSC-R", "HSC-I", "HSC-Z", "HSC-Y")
SKY_ADU: Final = {"HSC-G": 95.0, "HSC-R": 220.0, "HSC-I": 330.0, "HSC-Z": 310.0, "HSC-Y": 620.0}
"""Sky of a 30 s exposure after detrending. 220 in r is what the tutorial's grey scale expects."""
ZERO_POINT: Final = {"g": 32.2, "r": 32.05, "i": 31.7, "z": 30.9, "y": 30.0}
"""AB magnitude that gives one electron in 30 s under a clear sky."""

# Column and row of the grid of CCDs on which the target falls.
_TARGET_PLACES: Final = {
    903334: (3.5, 3.0),
    903336: (3.5, 2.0),
    903338: (3.5, 1.0),
    903342: (1.5, 3.0),
    903344: (1.0, 2.0),
    903346: (1.0, 1.0),
    903986: (3.55, 3.04),
    903988: (3.5, 2.5),
    903990: (3.55, 1.04),
    904010: (1.55, 3.04),
    904014: (1.05, 1.04),
}
_FIGURE_VISIT: Final = 903334
"""Its sky is exactly that of the tutorial's figures."""
_FIRST_NIGHT = dt.date(2013, 11, 2)
_NIGHTS = 30
_VISITS_PER_NIGHT = 450
_FIRST_VISIT = 903_200
_MAX_VISIT = 26_000_000
_MJD_EPOCH = dt.date(1858, 11, 17)
_LONGITUDE_DEG = -155.476
_LATITUDE_DEG = 19.8255
_MIN_ALTITUDE_DEG = 30.0


@dataclass(frozen=True, slots=True)
class Observation:
    """One exposure of the whole camera."""

    visit: int
    filter_name: str
    """As in a data ID: ``HSC-R``."""
    date_obs: dt.date
    mjd_start: float
    exposure_time_s: float
    boresight_deg: tuple[float, float]
    """Right ascension and declination, as rounded in the header."""
    altitude_deg: float
    azimuth_deg: float
    """From the north, eastward positive."""
    lst_deg: float
    sky_adu: float
    """Sky after detrending, at the boresight."""
    zero_point: float
    """AB magnitude that gives one electron in this exposure, before the flat field."""
    fwhm_pix: float
    pointing_error_deg: tuple[float, float]
    """By how much the sky is really off from the header, along RA cos(dec) and Dec."""
    field: str = "STRIPE82L"

    @property
    def mjd_end(self) -> float:
        """When the shutter closed, with the two seconds that its cards show in excess."""
        return self.mjd_start + (self.exposure_time_s + 2.0) / 86400

    @property
    def airmass(self) -> float:
        """Secant of the zenith distance."""
        return float(1 / np.sin(np.radians(self.altitude_deg)))

    @property
    def pointing(self) -> int:
        """Days since 2012-01-01: the ``pointing`` key of Gen2 repositories."""
        return int(self.mjd_start) - 55927

    @property
    def band(self) -> str:
        """Band of the filter, such as ``r``."""
        return self.filter_name[-1].lower()


def observe(
    visit: int,
    *,
    geometry: Geometry = FULL,
    seed: int = DEFAULT_SEED,
    filter_name: str | None = None,
    date_obs: dt.date | None = None,
    exposure_time_s: float = EXPOSURE_TIME_S,
    pointing_error_arcsec: float = 1.0,
    fwhm_pix: float | None = None,
) -> Observation:
    """Say how a visit was taken.

    Parameters
    ----------
    visit
        0 excluded to 26 million excluded.
    geometry
        Dithers shrink with the CCDs, so that small CCDs overlap as full ones do.
    seed
        Seed of the simulation.
    filter_name
        ``HSC-G``, ``-R``, ``-I``, ``-Z`` or ``-Y``; from the visit number if None.
    date_obs
        Night; from the visit number if None.
    exposure_time_s
        The sky is proportional to it.
    pointing_error_arcsec
        Standard deviation per axis; 0 for a perfect telescope.
    fwhm_pix
        Seeing; from the visit number if None.

    Raises
    ------
    VisitError
        If the visit or the filter cannot be simulated.
    """
    if not 0 < visit < _MAX_VISIT:
        raise VisitError("visit", visit, f"between 1 and {_MAX_VISIT - 1}")
    name = filter_name or _default_filter(visit)
    _require_filter(name)
    night = date_obs or _default_night(visit)
    boresight = _boresight(visit, geometry, seed)
    mjd, lst = _transit_time(visit, night, boresight[0])
    altitude, azimuth = _horizon(lst - boresight[0], boresight[1])
    weather = generator(seed, Stream.SEEING, visit)
    brightness = 1.0 if visit == _FIGURE_VISIT else float(weather.uniform(0.95, 1.08))
    error = generator(seed, Stream.POINTING_ERROR, visit).normal(size=2)
    relative_time = exposure_time_s / EXPOSURE_TIME_S
    extinction = float(weather.uniform(0, 0.06))
    return Observation(
        visit=visit,
        filter_name=name,
        date_obs=night,
        mjd_start=mjd,
        exposure_time_s=exposure_time_s,
        boresight_deg=boresight,
        altitude_deg=altitude,
        azimuth_deg=azimuth,
        lst_deg=lst,
        sky_adu=SKY_ADU[name] * brightness * relative_time,
        zero_point=ZERO_POINT[name[-1].lower()] + 2.5 * float(np.log10(relative_time)) - extinction,
        fwhm_pix=float(weather.uniform(3.9, 4.5)) if fwhm_pix is None else fwhm_pix,
        pointing_error_deg=tuple(error * pointing_error_arcsec / 3600),
    )


def _require_filter(name: str) -> None:
    """Refuse a filter that the camera does not have."""
    if name not in FILTERS:
        raise VisitError("filter", name, "one of " + ", ".join(FILTERS))


def _default_filter(visit: int) -> str:
    """Filter of a visit: those of ci_hsc are known."""
    if visit in CI_HSC_VISITS:
        return "HSC-R" if visit < 903986 else "HSC-I"  # noqa: PLR2004
    return FILTERS[(visit // 2) % len(FILTERS)]


def _default_night(visit: int) -> dt.date:
    """Night of a visit: ci_hsc's are of 2013-11-02."""
    if visit in CI_HSC_VISITS:
        return _FIRST_NIGHT
    nights = (visit // (2 * _VISITS_PER_NIGHT)) % _NIGHTS
    return _FIRST_NIGHT + dt.timedelta(days=nights)


def _boresight(visit: int, geometry: Geometry, seed: int) -> tuple[float, float]:
    """Point the telescope so that the target falls on the wanted place of the grid."""
    if visit in _TARGET_PLACES:
        column, row = _TARGET_PLACES[visit]
    else:
        dither = generator(seed, Stream.DITHER, visit)
        column, row = float(dither.uniform(1, 13)), float(dither.uniform(1, 3.5))
    x, y = grid_position(column, row, geometry)
    ra = TARGET_DEG[0] - y * PIXEL_SCALE_DEG / np.cos(np.radians(TARGET_DEG[1]))
    dec = TARGET_DEG[1] + x * PIXEL_SCALE_DEG
    # The header holds milliseconds of time and hundredths of an arcsecond.
    return round(ra / 15 * 3.6e6) / 3.6e6 * 15, round(dec * 3.6e5) / 3.6e5


def _transit_time(visit: int, night: dt.date, ra_deg: float) -> tuple[float, float]:
    """Start time (MJD, UT) and its sidereal time: visits follow the transit, 25 s apart."""
    day = (night - _MJD_EPOCH).days

    def sidereal(mjd: float) -> float:
        return float((280.46061837 + 360.98564736629 * (mjd - 51544.5) + _LONGITUDE_DEG) % 360)

    transit = ((ra_deg - sidereal(day)) % 360) / 360.98564736629
    order = ((visit - _FIRST_VISIT) // 2) % _VISITS_PER_NIGHT
    # Never past the end of the UT day: DATE-OBS holds one date.
    mjd = day + min(transit + order * 25 / 86400, 0.99)
    return mjd, sidereal(mjd)


def _horizon(hour_angle_deg: float, dec_deg: float) -> tuple[float, float]:
    """Altitude and azimuth, the altitude never below 30 degrees."""
    angle, dec, lat = np.radians([hour_angle_deg, dec_deg, _LATITUDE_DEG])
    sine = np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(angle)
    azimuth = np.arctan2(np.sin(angle), np.cos(angle) * np.sin(lat) - np.tan(dec) * np.cos(lat))
    return max(float(np.degrees(np.arcsin(sine))), _MIN_ALTITUDE_DEG), float(
        np.degrees(azimuth)
    ) + 180
