"""What is written down during an examination, and what is done about it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from butler.errors import ButlerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.doctor.finding import Finding
    from butler.doctor.report import Report
    from butler.doctor.treatment import Treatment

__all__ = ["CaseNotes"]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class CaseNotes:
    """Takes what is found, and repairs it if that is wanted.

    Parameters
    ----------
    treatment
        How far to go.
    report
        Takes what is found.
    on_finding
        Told of each finding.
    """

    treatment: Treatment
    report: Report
    on_finding: Callable[[Finding], None] | None = None

    @property
    def is_changing(self) -> bool:
        """Whether anything may be changed."""
        return self.treatment.is_repairing and not self.treatment.dry_run

    def tell(self, finding: Finding) -> None:
        """Report a finding as it is."""
        logger.debug("%s: %s %s", finding.code, finding.path, finding.detail)
        self.report.add(finding)
        if self.on_finding is not None:
            self.on_finding(finding)

    def repair(self, finding: Finding, action: Callable[[], str | None] | None) -> None:
        """Report a finding, repaired if that is wanted and possible.

        Parameters
        ----------
        finding
            What was found.
        action
            Repairs it and returns what was done; None if nothing is wrong
            there any more. None if it cannot be repaired.
        """
        if action is None or not self.treatment.is_repairing:
            self.tell(finding)
        elif self.treatment.dry_run:
            self.tell(replace(finding, status="would be repaired"))
        else:
            try:
                outcome = action()
            except (ButlerError, OSError) as error:
                self.tell(replace(finding, status="not repaired", outcome=str(error)))
                return
            if outcome is not None:
                self.tell(replace(finding, status="repaired", outcome=outcome))
