"""MegaCam on the Canada-France-Hawaii Telescope: its repositories of Gen2, read as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from butler.errors import IngestError
from butler.mapper import Mapper

if TYPE_CHECKING:
    from butler.mapper import Header

__all__ = ["MegacamMapper"]

_CCD = re.compile(r"ccd(\d{2})")
_FILTERS = {
    "u.MP9301": "u",
    "g.MP9401": "g",
    "r.MP9601": "r",
    "i.MP9701": "i",
    "i.MP9702": "i2",  # the filter that took its place in 2007
    "z.MP9801": "z",
}


class MegacamMapper(Mapper):
    """MegaCam: 36 CCDs in the HDUs of one file."""

    policy_path = Path(__file__).with_name("policy.yaml")

    def read_ccd(self, header: Header) -> int:
        """Return the number in EXTNAME, as in ``ccd02``."""
        name = str(header.get("EXTNAME") or "").strip()
        match = _CCD.fullmatch(name)
        if match is None:
            message = f"EXTNAME says {name!r}, which is no CCD like 'ccd02'."
            raise IngestError(message)
        return int(match[1])

    def read_extension(self, header: Header) -> int:
        """Return the number of the HDU: the CCDs stand in order behind the primary one."""
        return self.read_ccd(header) + 1

    def read_filter(self, header: Header) -> str:
        """Return the name that the registries of Gen2 give a filter."""
        return _FILTERS.get(str(header.get("FILTER") or "").strip(), "UNKNOWN")

    def read_time(self, header: Header) -> str | None:
        """Return the UTC of the beginning, which the registries of Gen2 call TAI."""
        date, time = header.get("DATE-OBS"), header.get("UTC-OBS")
        return f"{str(date).strip()}T{str(time).strip()}" if date and time else None
