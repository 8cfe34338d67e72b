"""A camera whose code breaks the process that reads certain files."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from mappers.hsc import HscMapper

if TYPE_CHECKING:
    from butler.mapper import Header, Observation

__all__ = ["LethalMapper"]


class LethalMapper(HscMapper):
    """Reads HSC's files; OBJECT says how it fails."""

    def translate(self, header: Header) -> Observation:
        match header.get("OBJECT"):
            case "KILL":
                os.abort()
            case "SLOW":
                time.sleep(60)
            case "MEMORY":
                bytearray(8 << 30)
            case "FAULT":
                raise ZeroDivisionError("a fault of the camera")
        return super().translate(header)
