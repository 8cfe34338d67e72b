"""What an examination has found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from butler.doctor.finding import KINDS, Severity

if TYPE_CHECKING:
    from butler.doctor.finding import Finding

__all__ = ["Report"]

_CLEAN, _SOMETHING, _DAMAGE = 0, 1, 5


@dataclass(slots=True)
class Report:
    """What an examination has found, and how much it looked at.

    Parameters
    ----------
    root
        Absolute location of the repository.
    keep
        How many findings of a kind are kept in `findings`, None for all. All
        are counted.

    Attributes
    ----------
    findings
        In the order in which they were found.
    counts
        How many there are by code and status.
    datasets, files
        How many rows and how many files were looked at.
    digests
        How many files were read.
    recorded
        How many digests were recorded that were not known before.
    """

    root: str
    keep: int | None = None
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    datasets: int = 0
    files: int = 0
    digests: int = 0
    recorded: int = 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if there is room."""
        number = sum(self.counts[finding.code, status] for status in _STATUSES)
        if self.keep is None or number < self.keep:
            self.findings.append(finding)
        self.counts[finding.code, finding.status] += 1

    def count(self, code: str) -> int:
        """Return how many findings there are of one kind."""
        return sum(self.counts[code, status] for status in _STATUSES)

    @property
    def is_clean(self) -> bool:
        """Whether there was nothing to find but facts."""
        return all(KINDS[code].severity is Severity.INFO for code, _ in self.counts)

    @property
    def has_damage(self) -> bool:
        """Whether damage was found and is there still."""
        return any(
            KINDS[code].severity is Severity.DAMAGE and status != "repaired"
            for code, status in self.counts
        )

    @property
    def exit_code(self) -> int:
        """What a command returns: 0 clean, 1 something found or repaired, 5 damage left."""
        if self.has_damage:
            return _DAMAGE
        return _CLEAN if self.is_clean else _SOMETHING


_STATUSES = ("found", "would be repaired", "repaired", "not repaired")
