"""How much memory a piece of work takes beyond what the process held before."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Growth", "ImagingMeasurement", "memory_growth"]

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_PEAK_OF_RESIDENT_MEMORY = "5"  # what Linux resets when this is written there


@dataclass(frozen=True, slots=True)
class ImagingMeasurement(Measurement):
    """One repetition of one case.

    Parameters
    ----------
    peak_to_data
        The most memory of the work, with the data, in units of the size of
        the file; 0 where it was not measured.
    """

    peak_to_data: float = 0.0


@dataclass(slots=True)
class Growth:
    """What the body of `memory_growth` took; filled in when it ends."""

    peak_mb: float = 0.0


@contextmanager
def memory_growth() -> Iterator[Growth]:
    """Measure the largest growth of memory within the body; 0 where the system cannot tell."""
    growth = Growth()
    if not _CLEAR.exists():
        yield growth
        return
    _CLEAR.write_text(_PEAK_OF_RESIDENT_MEMORY)
    before = _status_mb("VmRSS")
    yield growth
    growth.peak_mb = _status_mb("VmHWM") - before


def _status_mb(name: str) -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
