"""Wall time, CPU time and peak memory of a stretch of code."""

from __future__ import annotations

import hashlib
import json
import resource
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Measurement", "Stopwatch", "digest", "peak_mb", "stopwatch"]


@dataclass(slots=True)
class Stopwatch:
    """What a timed stretch cost; filled in when it ends."""

    wall_s: float = 0.0
    cpu_s: float = 0.0  # user and system, of this process and of the children it waited for
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One repetition of one case.

    Parameters
    ----------
    wall_s, cpu_s, peak_mb
        Cost of all operations together; the largest memory of the process so far.
    operations
        How many there were.
    answer
        Digest of what was obtained: equal for all systems, or they did not do the same.
    worst_s
        The slowest single operation, where each was timed.
    registry_bytes
        Growth of the registry's files, where that is of interest.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    operations: int
    answer: str
    worst_s: float = 0.0
    registry_bytes: int = 0

    @classmethod
    def of(cls, watch: Stopwatch, operations: int, answer: object, **more: float) -> Self:
        """Combine a stopwatch with the operations it covered and what they gave."""
        return cls(
            wall_s=watch.wall_s,
            cpu_s=watch.cpu_s,
            peak_mb=watch.peak_mb,
            operations=operations,
            answer=digest(answer),
            worst_s=more.get("worst_s", 0.0),
            registry_bytes=int(more.get("registry_bytes", 0)),
        )

    def to_json(self) -> str:
        """One line of text that `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read what `to_json` wrote."""
        return cls(**json.loads(line))


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time the body of a ``with`` statement."""
    watch = Stopwatch()
    cpu_before, wall_before = _cpu_s(), time.perf_counter()
    yield watch
    watch.wall_s = time.perf_counter() - wall_before
    watch.cpu_s = _cpu_s() - cpu_before
    watch.peak_mb = peak_mb()


def digest(answer: object) -> str:
    """Short text that is equal for equal answers (numbers, texts, lists and dicts of them)."""
    text = json.dumps(answer, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_mb() -> float:
    """Return the largest memory of this process so far."""
    # Linux: VmHWM is of this program alone, ru_maxrss also of the one that started it.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
