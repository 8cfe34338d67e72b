"""Hyper Suprime-Cam on the Subaru telescope."""

from __future__ import annotations

import re
from datetime import date
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from butler.errors import DataIdError, IngestError
from mappers.focal_plane import focal_plane
from mappers.standard import StandardMapper
from mappers.visit_cards import CardNumber, VisitCards, tai_from_utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId
    from butler.mapper import Computation, Header
    from imaging.exposure.filter_label import FilterLabel

__all__ = ["HscMapper", "renumbered_ccd"]

# The order gives the numbers that coadd identifiers hold: never change it, only add.
_BANDS = (
    "unknown", "white", "g", "r", "i", "z", "y", "N387", "N400", "N468", "N515", "N527", "N656",
    "N718", "N816", "N921", "N926", "N973", "N1010", "I945", "SH", "PH",
)  # fmt: skip
_OTHER_FILTERS = {
    "109": "r", "ENG-R1": "r", "W-S-G+": "g", "W-S-R+": "r", "W-S-I+": "i", "W-S-Z+": "z",
    "W-S-ZR": "y", "NONE": "white", "empty": "white",
}  # fmt: skip
_FIRST_DAY_MJD = 55927  # 2012-01-01: pointings are counted in days from here
_FIRST_DAY = date(2012, 1, 1)
_CCDS = 112
_CCDS_PER_VISIT = 200  # of the numbering; Gen2's choice
_EXPOSURE = re.compile(r"HSC([A-Z])([0-9]{6})00|HSCE([0-9]{8})")
_FRAME = re.compile(r"HSC([A-Z])([0-9]{6})[0-9]{2}")
_PATCH = re.compile(r"([0-9]{1,3}),([0-9]{1,3})")
_VISIT_CARDS = VisitCards(
    numbers={
        "exposure_time_s": CardNumber("EXPTIME"),
        "dark_time_s": CardNumber("EXPTIME"),
        "boresight_ra_deg": CardNumber("RA2000", scale=15.0),
        "boresight_dec_deg": CardNumber("DEC2000"),
        "boresight_azimuth_deg": CardNumber("AZIMUTH"),
        "boresight_altitude_deg": CardNumber("ALTITUDE"),
        "boresight_airmass": CardNumber("AIRMASS"),
        "boresight_rotation_deg": CardNumber("INST-PA", scale=-1.0, offset=270.0, is_angle=True),
        "air_temperature_c": CardNumber("OUT-TMP", offset=-273.15),
        "air_pressure_pa": CardNumber("OUT-PRS", scale=100.0),
        "humidity_percent": CardNumber("OUT-HUM"),
        "focus_z_mm": CardNumber("FOC-VAL"),
    },
    texts={"object": "OBJECT", "observation_type": "DATA-TYP", "science_program": "PROP-ID"},
    rotation_type="SKY",
    instrument_label="HSC",
    # The Subaru Telescope on Mauna Kea, as its observatory publishes it
    longitude_deg=-155.476667,
    latitude_deg=19.825556,
    elevation_m=4139.0,
)
_PATCH_BITS, _BAND_BITS, _TRACT_BITS = 8, 5, 17
_COADD_ID_BITS, _MERGED_COADD_ID_BITS = 26, 21  # what Gen2 answered


def renumbered_ccd(ccd: int, truncated_julian_day: float) -> int:
    """Return the later number of a CCD that an early file numbers otherwise.

    The mapper does not apply it: Gen2's configuration took ``DET-ID`` as it
    is, so the registries, paths and calibrations that exist hold that.
    """
    if not 390 < truncated_julian_day < 405:  # noqa: PLR2004 - the days of the other numbering
        return ccd
    return {112: 106, 107: 105, 113: 107, 115: 109, 108: 110, 114: 108}.get(ccd, ccd)


class HscMapper(StandardMapper):
    """Hyper Suprime-Cam: 112 CCDs, 0 to 103 for science and 104 to 111 for focus."""

    policy_path = Path(__file__).with_name("policy.yaml")
    visit_cards = _VISIT_CARDS

    def begin_ns(self, header: Header) -> int | None:
        """Return when the shutter opened: DATE-OBS and UT-STR."""
        return tai_from_utc(header.get("DATE-OBS"), header.get("UT-STR"))

    def detector_key(self, data_id: DataId) -> int:
        """Return the number of the CCD."""
        return int(data_id["ccd"])

    def filter_label(self, data_id: DataId) -> FilterLabel | None:
        """Return the filter by its name and, where that is known, by its band."""
        from imaging.exposure.filter_label import FilterLabel

        name = data_id.get("filter")
        if name is None:
            return None
        band = _band(data_id)
        return FilterLabel(band=None if band == "unknown" else band, physical=str(name))

    def read_field(self, header: Header) -> str:
        """Return OBJECT as a word in capitals."""
        name = str(header.get("OBJECT") or "").strip()
        return "UNKNOWN" if name in {"", "#"} else re.sub(r"\W", "_", name).upper()

    def read_visit(self, header: Header) -> int:
        """Return the visit that EXP-ID holds, or FRAMEID where that holds none."""
        exposure = str(header.get("EXP-ID") or "").strip()
        match = _EXPOSURE.fullmatch(exposure)
        visit = 0
        if match:
            visit = int(match[3]) if match[3] else _letter_and_digits(match[1], match[2])
        if visit == 0:
            name = str(header.get("FRAMEID") or "").strip()
            match = _FRAME.fullmatch(name)
            if match is None:
                message = f"Neither EXP-ID {exposure!r} nor FRAMEID {name!r} holds a visit."
                raise IngestError(message)
            visit = _letter_and_digits(match[1], match[2])
            visit -= visit % 2  # the second half of the CCDs counts from the next number
        return visit

    def read_pointing(self, header: Header) -> int:
        """Return the number of days since the beginning of 2012."""
        night = header.get("MJD")
        if isinstance(night, (int, float)) and not isinstance(night, bool):
            return floor(night) - _FIRST_DAY_MJD
        try:
            return (date.fromisoformat(str(header.get("DATE-OBS")).strip()) - _FIRST_DAY).days
        except ValueError:
            return 0

    def read_filter(self, header: Header) -> str:
        """Return FILTER01 in capitals, as the registries of Gen2 have it."""
        return str(header.get("FILTER01") or "").strip().upper() or "Unrecognized"

    def read_ccd(self, header: Header) -> object:
        """Return DET-ID, which must be that of one of the 112 CCDs."""
        ccd = header.get("DET-ID")
        if isinstance(ccd, int) and not 0 <= ccd < _CCDS:
            message = f"DET-ID says {ccd}, but the CCDs of hsc are 0 to {_CCDS - 1}."
            raise IngestError(message)
        return ccd

    def read_calibration_ccd(self, header: Header) -> object:
        """Return the number of the CCD of a calibration: DET-ID, or DETECTOR of a table."""
        return self.read_ccd(header) if "DET-ID" in header else header.get("DETECTOR")

    def computations(self) -> Mapping[str, Computation]:
        """Return the detectors, and the identifiers that Gen2 computed, in its numbering."""
        return {
            "camera": lambda _: focal_plane(self),
            "ccdExposureId": _ccd_exposure_id,
            "ccdExposureId_bits": lambda _: 32,
            "deepCoaddId": _coadd_id,
            "deepCoaddId_bits": lambda _: _COADD_ID_BITS,
            "deepCoadd_band": _band,
            "deepMergedCoaddId": _merged_coadd_id,
            "deepMergedCoaddId_bits": lambda _: _MERGED_COADD_ID_BITS,
        }


def _letter_and_digits(letter: str, digits: str) -> int:
    return int(digits) + 1_000_000 * (ord(letter) - ord("A"))


def _ccd_exposure_id(data_id: DataId) -> int:
    return int(data_id["visit"]) * _CCDS_PER_VISIT + int(data_id["ccd"])


def _merged_coadd_id(data_id: DataId) -> int:
    tract = int(data_id["tract"])
    patch = _PATCH.fullmatch(str(data_id["patch"]))
    x, y = map(int, patch.groups()) if patch else (-1, -1)
    if not (patch and 0 <= tract < 1 << _TRACT_BITS and max(x, y) < 1 << _PATCH_BITS):
        message = (
            f"{data_id} has no identifier: a tract is 0 to {(1 << _TRACT_BITS) - 1}, "
            f"a patch 'x,y' with numbers of 0 to {(1 << _PATCH_BITS) - 1}."
        )
        raise DataIdError(message)
    return (((tract << _PATCH_BITS) + x) << _PATCH_BITS) + y


def _coadd_id(data_id: DataId) -> int:
    return (_merged_coadd_id(data_id) << _BAND_BITS) + _BANDS.index(_band(data_id))


def _band(data_id: DataId) -> str:
    name = str(data_id["filter"])
    if broad := re.fullmatch(r"HSC-([GRIZY])2?", name):
        return broad[1].lower()
    band = _OTHER_FILTERS.get(name) or re.sub(r"\A([NI])B0?", r"\1", name)
    return band if band in _BANDS else "unknown"
