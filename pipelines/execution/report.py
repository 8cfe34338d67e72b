"""What came of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from butler.data_id import DataId

__all__ = ["FailedDataId", "RunReport"]

_MOST_FAILED = 1000


@dataclass(frozen=True, slots=True)
class FailedDataId:
    """A data ID that could not be run.

    Parameters
    ----------
    data_id
        Which one.
    error
        Why, in one line or a few.
    log_uri
        Where its log is, empty if it could not be written.
    """

    data_id: DataId
    error: str
    log_uri: str = ""


@dataclass(slots=True)
class RunReport:
    """What came of a run.

    Parameters
    ----------
    task
        Its default name.
    output
        Location of the output.
    total
        How many data IDs were asked for.
    skipped
        How many were finished before.
    done
        How many were run and published.
    failed
        How many could not be.
    failures
        The first thousand of these.
    warnings
        What else the user should know.
    profiles
        Files that say where the time went, if they were wanted.
    is_interrupted
        Whether it ended before all had been tried.
    wall_s
        Seconds on the clock.
    """

    task: str
    output: str
    total: int = 0
    skipped: int = 0
    done: int = 0
    failed: int = 0
    failures: list[FailedDataId] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    is_interrupted: bool = False
    wall_s: float = 0.0

    @property
    def remaining(self) -> int:
        """How many were not tried."""
        return self.total - self.skipped - self.done - self.failed

    def add_failure(self, failure: FailedDataId) -> None:
        """Count a failure, and keep it if there are not too many."""
        self.failed += 1
        if len(self.failures) < _MOST_FAILED:
            self.failures.append(failure)
