"""The test camera of the LSST stack: one simulated detector, three small files."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mappers.focal_plane import focal_plane
from mappers.standard import StandardMapper
from mappers.visit_cards import CardNumber, VisitCards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId
    from butler.mapper import Computation, Header

__all__ = ["ObsTestMapper"]

_MJD_ZERO = datetime(1858, 11, 17)  # noqa: DTZ001 - TAI, which no time zone is
_MJD_OF_1970 = 40_587
_DAY_NS = 86_400 * 1_000_000_000
_VISIT_CARDS = VisitCards(
    numbers={
        "exposure_time_s": CardNumber("EXPTIME"),
        "dark_time_s": CardNumber("DARKTIME"),
        "boresight_ra_deg": CardNumber("RA_DEG"),
        "boresight_dec_deg": CardNumber("DEC_DEG"),
        "boresight_azimuth_deg": CardNumber("AZIMUTH"),
        "boresight_altitude_deg": CardNumber("ZENITH", scale=-1.0, offset=90.0),
        "boresight_airmass": CardNumber("AIRMASS"),
        "boresight_rotation_deg": CardNumber("ROTANG"),
        "air_temperature_c": CardNumber("TEMPERA"),
        "air_pressure_pa": CardNumber("PRESS", scale=133.322387415),  # mm of mercury
    },
    rotation_type="SKY",
    instrument_label="test",
    # Cerro Pachon, for which the simulator made its images
    longitude_deg=-70.749417,
    latitude_deg=-30.244639,
    elevation_m=2663.0,
)


class ObsTestMapper(StandardMapper):
    """The test camera of the LSST stack."""

    policy_path = Path(__file__).with_name("policy.yaml")
    visit_cards = _VISIT_CARDS

    def begin_ns(self, header: Header) -> int | None:
        """Return when the exposure began: TAI, a modified Julian date."""
        days = header.get("TAI")
        if not isinstance(days, (int, float)) or isinstance(days, bool):
            return None
        return round((days - _MJD_OF_1970) * _DAY_NS)

    def detector_key(self, data_id: DataId) -> int:  # noqa: ARG002 - there is one detector
        """Return the number of the only detector."""
        return 0

    def read_tai(self, header: Header) -> str | None:
        """Return the date of TAI, a modified Julian date, in ISO form."""
        days = header.get("TAI")
        if not isinstance(days, (int, float)) or isinstance(days, bool):
            return None
        return (_MJD_ZERO + timedelta(days=days)).isoformat(timespec="microseconds")

    def computations(self) -> Mapping[str, Computation]:
        """Return the detectors, and the identifiers that Gen2 computed: the visit itself."""
        return {
            "camera": lambda _: focal_plane(self),
            "ccdExposureId": lambda data_id: data_id["visit"],
            "ccdExposureId_bits": lambda _: 41,
        }
