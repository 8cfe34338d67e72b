"""The test camera of the LSST stack: one simulated detector, three small files."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from butler.mapper import Mapper
from mappers.focal_plane import focal_plane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.mapper import Computation, Header

__all__ = ["ObsTestMapper"]

_MJD_ZERO = datetime(1858, 11, 17)  # noqa: DTZ001 - TAI, which no time zone is


class ObsTestMapper(Mapper):
    """The test camera of the LSST stack."""

    policy_path = Path(__file__).with_name("policy.yaml")

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
