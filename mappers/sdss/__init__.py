"""Sloan Digital Sky Survey, the corrected images of data release 7."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from butler.errors import DataIdError
from mappers.focal_plane import focal_plane
from mappers.standard import StandardMapper
from mappers.visit_cards import CardNumber, VisitCards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId
    from butler.mapper import Computation, Header

__all__ = ["SdssMapper"]

_FILTERS = "ugriz"
_PATCH = re.compile(r"([0-9]{1,4}),([0-9]{1,4})")
_TRACTS, _PATCHES = 1 << 7, 1 << 13  # what Gen2's 37 bits of a coadd identifier hold
_VISIT_CARDS = VisitCards(
    numbers={
        "exposure_time_s": CardNumber("EXPTIME"),
        "boresight_ra_deg": CardNumber("RA"),
        "boresight_dec_deg": CardNumber("DEC"),
        # The encoder counts from the south and against the compass: 358.02 in a field that was
        # at 181.95 then
        "boresight_azimuth_deg": CardNumber("AZ", scale=-1.0, offset=180.0, is_angle=True),
        "boresight_altitude_deg": CardNumber("ALT"),
    },
    texts={"object": "OBJECT", "observation_type": "FLAVOR"},
    instrument_label="SDSS",
    # Apache Point Observatory
    longitude_deg=-105.820417,
    latitude_deg=32.780361,
    elevation_m=2788.0,
)


class SdssMapper(StandardMapper):
    """The imaging camera of SDSS: six columns of five filters, drift scanning."""

    policy_path = Path(__file__).with_name("policy.yaml")
    visit_cards = _VISIT_CARDS

    def begin_ns(self, header: Header) -> int | None:
        """Return when the first row began to be exposed."""
        from imaging.dates.times import nanoseconds_from_text

        text = self.read_tai(header)
        return None if text is None else nanoseconds_from_text(text, "TAI")

    def detector_key(self, data_id: DataId) -> str:
        """Return filter and column, as ``r4``."""
        return f"{data_id['filter']}{data_id['camcol']}"

    def read_tai(self, header: Header) -> str | None:
        """Return the time of the first row, TAI. Gen2's registry has UTC, 32 s less."""
        day, time = header.get("DATE-OBS"), header.get("TAIHMS")
        return f"{str(day).strip()}T{str(time).strip()}" if day and time else None

    def read_strip(self, header: Header) -> str | None:
        """Return stripe and strip as one word, as ``82S``."""
        stripe, strip = header.get("STRIPE"), header.get("STRIP")
        return None if stripe is None else f"{stripe}{str(strip or '').strip()}"

    def computations(self) -> Mapping[str, Computation]:
        """Return the detectors, and the identifiers that Gen2 computed, in its numbering."""
        return {
            "camera": lambda _: focal_plane(self),
            "ccdExposureId": _ccd_exposure_id,
            "ccdExposureId_bits": lambda _: 38,
            "deepCoaddId": _coadd_id,
            "deepCoaddId_bits": lambda _: 37,
        }


def _filter_number(data_id: DataId) -> int:
    name = str(data_id["filter"])
    if name not in _FILTERS or len(name) != 1:
        message = f"filter={name} is none of the filters of sdss: {', '.join(_FILTERS)}."
        raise DataIdError(message)
    return _FILTERS.index(name)


def _ccd_exposure_id(data_id: DataId) -> int:
    """Return the decimal number run, filter, camcol, field: 6537230514."""
    digits = _filter_number(data_id) * 10 + int(data_id["camcol"])
    return (int(data_id["run"]) * 100 + digits) * 10_000 + int(data_id["field"])


def _coadd_id(data_id: DataId) -> int:
    tract = int(data_id["tract"])
    patch = _PATCH.fullmatch(str(data_id["patch"]))
    x, y = map(int, patch.groups()) if patch else (-1, -1)
    if not (patch and 0 <= tract < _TRACTS and max(x, y) < _PATCHES):
        message = (
            f"{data_id} has no identifier: a tract is 0 to {_TRACTS - 1}, "
            f"a patch 'x,y' with numbers of 0 to {_PATCHES - 1}."
        )
        raise DataIdError(message)
    return ((tract * _PATCHES + x) * _PATCHES + y) * 8 + _filter_number(data_id)
