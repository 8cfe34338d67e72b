"""The header of a raw: all cards that a translator or an ingest reads, and many more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from testdata.errors import VisitError
from testdata.focalplane import ccd_name
from testdata.projection import header_projection

if TYPE_CHECKING:
    from astropy.io.fits import Header

    from testdata.detector import DetectorTruth
    from testdata.observation import Observation

__all__ = ["exposure_name", "raw_header", "raw_name"]

Card = tuple[str, str | float | int | bool, str]

_INSTRUME_SINCE = dt.date(2015, 1, 1)
_MILLION = 1_000_000


def exposure_name(visit: int) -> str:
    """EXP-ID of a visit, such as ``HSCA90333400``.

    Raises
    ------
    VisitError
        If the visit does not fit.
    """
    letter, number = divmod(visit, _MILLION)
    if visit <= 0 or letter >= 26:  # noqa: PLR2004
        raise VisitError("visit", visit, "between 1 and 25999999")
    return f"HSC{chr(ord('A') + letter)}{number:06d}00"


def raw_name(visit: int, ccd: int) -> str:
    """FRAMEID and file name without ending, such as ``HSCA90333430`` for ccd 16.

    The last two digits are the number of the CCD in its half of the camera; the
    second half counts as the next, odd visit number.
    """
    half, number = ccd_name(ccd)
    return f"{exposure_name(visit + half)[:-2]}{number:02d}"


def raw_header(observation: Observation, detector: DetectorTruth) -> Header:
    """Make the header of one raw, about 130 cards."""
    from astropy.io.fits import Header

    header = Header()
    for part in (
        _start_cards(observation),
        _telescope_cards(observation),
        _end_cards(observation),
        _detector_cards(observation, detector),
    ):
        for key, value, comment in part:
            header[key] = (value, comment)
    for line in ("-" * 60, "PARAMETERS FOR HYPER SUPRIME-CAM (SIMULATED)", "-" * 60):
        header.add_comment(line, before="T_HEDVER")
    return header


def _clock(hours: float) -> str:
    """Hours as hh:mm:ss.sss within a day."""
    total = round((hours % 24) * 3_600_000) % 86_400_000
    minutes, milliseconds = divmod(total, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds / 1000:06.3f}"


def _degrees(value: float) -> str:
    """Degrees as +dd:mm:ss.ss."""
    total = round(abs(value) * 360_000)
    minutes, hundredths = divmod(total, 6000)
    sign = "-" if value < 0 else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{hundredths / 100:05.2f}"


def _times(suffix: str, mjd: float, lst_deg: float, airmass: float) -> list[Card]:
    """Clocks at the start or at the end."""
    utc = (mjd % 1) * 24
    return [
        (f"UT-{suffix}", _clock(utc), "Universal time"),
        (f"HST-{suffix}", _clock(utc - 10), "Hawaii standard time"),
        (f"LST-{suffix}", _clock(lst_deg / 15), "Local sidereal time"),
        (f"MJD-{suffix}", mjd, "Modified Julian day"),
        (f"SECZ-{suffix}", f"{airmass:.3f}", "Secant of the zenith distance"),
    ]


def _start_cards(observation: Observation) -> list[Card]:
    """Date, place and purpose."""
    ra, dec = observation.boresight_deg
    utc = (observation.mjd_start % 1) * 24
    zenith = 90 - observation.altitude_deg
    mjd, lst = observation.mjd_start, observation.lst_deg
    cards = _times("STR", mjd, lst, observation.airmass)
    cards += [
        ("ZD-STR", zenith, "Zenith distance [deg]"),
        ("ADC-STR", 5.08, "Position of the dispersion corrector"),
        ("DATE-OBS", observation.date_obs.isoformat(), "UT date of the start"),
        ("UT", _clock(utc), "Universal time"),
        ("HST", _clock(utc - 10), "Hawaii standard time"),
        ("LST", _clock(observation.lst_deg / 15), "Local sidereal time"),
        ("MJD", observation.mjd_start, "Modified Julian day"),
        ("AIRMASS", observation.airmass, ""),
        ("AZIMUTH", observation.azimuth_deg % 360, "[deg]"),
        ("ALTITUDE", observation.altitude_deg, "[deg]"),
        ("PROP-ID", "o13015", "Proposal"),
        ("OBSERVER", "Simulator", ""),
        ("DATASET", "##NODATA##", ""),
        ("OBS-MOD", "IMAG", ""),
        ("OBS-ALOC", "Observation", ""),
        ("RA", _clock(ra / 15), ""),
        ("DEC", _degrees(dec), ""),
        ("RA2000", _clock(ra / 15), "Boresight"),
        ("DEC2000", _degrees(dec), "Boresight"),
        ("EQUINOX", 2000.0, ""),
    ]
    return cards


def _telescope_cards(observation: Observation) -> list[Card]:
    """Telescope and weather."""
    cards: list[Card] = [
        ("TELESCOP", "Subaru", ""),
        ("TELFOCUS", "P_OPT2", ""),
        ("FOC-VAL", 3.7, "[mm]"),
        ("WEATHER", "Fine", ""),
        ("SEEING", "0.00", ""),
        ("ADC-TYPE", "IN", ""),
        ("INR-STR", 43.205407, "Instrument rotator [deg]"),
        ("INR-END", 43.205407, "Instrument rotator [deg]"),
        ("DOM-WND", 0.7, "[m/s]"),
        ("OUT-WND", 3.8, "[m/s]"),
        ("DOM-TMP", 273.45, "[K]"),
        ("OUT-TMP", 272.35, "[K]"),
        ("DOM-HUM", 33.2, "[%]"),
        ("OUT-HUM", 33.1, "[%]"),
        ("DOM-PRS", 621.7, "[hPa]"),
        ("OUT-PRS", 621.7, "[hPa]"),
        ("INST-PA", "0.000", "Position angle [deg]"),
    ]
    positions = (-2.892202, -4.743023, 5.607278)
    angles = (0.749808, 2.250098, 0.000112)
    offsets = ("-1.80000000", "-2.60000000", "3.70000000")
    cards += [(f"M2-POS{n}", value, "[mm]") for n, value in enumerate(positions, 1)]
    cards += [(f"M2-ANG{n}", value, "[arcmin]") for n, value in enumerate(angles, 1)]
    cards += [(f"S_M2OFF{n}", value, "") for n, value in enumerate(offsets, 1)]
    if observation.date_obs >= _INSTRUME_SINCE:
        cards.append(("INSTRUME", "Hyper Suprime-Cam", ""))
    return cards


def _end_cards(observation: Observation) -> list[Card]:
    """Exposure and the clocks at its end."""
    lst_end = observation.lst_deg + 360.98564736629 * (observation.mjd_end - observation.mjd_start)
    return [
        ("EXP-ID", exposure_name(observation.visit), "ID of the exposure"),
        ("EXPTIME", observation.exposure_time_s, "[s]"),
        ("OBJECT", observation.field, ""),
        ("DATA-TYP", "OBJECT", ""),
        ("FILTER01", f"HSC-{observation.band}", ""),
        *_times("END", observation.mjd_end, lst_end, observation.airmass),
        ("ZD-END", 90 - observation.altitude_deg, "Zenith distance [deg]"),
        ("ADC-END", 5.11, "Position of the dispersion corrector"),
        ("T_AG", False, "Auto guider exposure"),
    ]


def _detector_cards(observation: Observation, detector: DetectorTruth) -> list[Card]:
    """CCD, projection, gains and sections."""
    half, number = ccd_name(detector.ccd)
    name = raw_name(observation.visit, detector.ccd)
    projection = header_projection(observation, detector.ccd, detector.geometry)
    cards: list[Card] = [
        ("T_UFNAME", f"object{observation.visit % 1000:03d}_{half}_{number:02d}.fits", ""),
        ("FRAMEID", name, "ID of this image"),
        ("DET-ID", detector.ccd, "Number of the CCD"),
        ("T_CCDTV", -101.158, "CCD temperature [degree C]"),
        ("T_CCDTM", _clock((observation.mjd_start % 1) * 24 - 10)[:8], "When it was read"),
        ("WCSAXES", 2, ""),
    ]
    cards += [
        (key, "degree" if key.startswith("CUNIT") else value, "Nominal")
        for key, value in projection.cards().items()
    ]
    cards += [
        ("LONPOLE", 180.0, ""),
        ("RESTFRQ", 0, ""),
        ("RESTWAV", 0, ""),
        ("T_HEDVER", "116 CCDs, simulated", ""),
        ("T_CFGFIL", "20130327.cfg", "Configuration"),
        ("T_BEEID", half, "Half of the camera"),
        ("T_SDOID", number, "CCD in that half"),
    ]
    cards += [(f"T_GAIN{n}", gain, "[e/ADU]") for n, gain in enumerate(detector.gains, 1)]
    cards += [
        ("T_CCDID", "undefined", ""),
        ("T_XFILP", False, "x-flipped when read"),
        ("T_YFILP", False, "y-flipped when read"),
        ("T_CCDSN", f"{100 + detector.ccd}", "CCD serial number"),
    ]
    return cards + _section_cards(detector)


def _section_cards(detector: DetectorTruth) -> list[Card]:
    """Sections of the four amplifiers: first and last pixel, counted from 1."""
    cards: list[Card] = []
    for amplifier in detector.geometry.amplifiers:
        channel, data = amplifier.channel, amplifier.data
        overscan, above = amplifier.overscan, amplifier.parallel_overscan
        cards += [
            (f"T_OSMN{channel}1", overscan.x0 + 1, "First column of overscan"),
            (f"T_OSMX{channel}1", overscan.x1, "Last column of overscan"),
            (f"T_EFMN{channel}1", data.x0 + 1, "First column of data"),
            (f"T_EFMX{channel}1", data.x1, "Last column of data"),
            (f"T_OSMN{channel}2", above.y0 + 1, "First row of overscan"),
            (f"T_OSMX{channel}2", above.y1, "Last row of overscan"),
            (f"T_EFMN{channel}2", data.y0 + 1, "First row of data"),
            (f"T_EFMX{channel}2", data.y1, "Last row of data"),
        ]
    return cards
