"""One repository under examination: what every check needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from butler.storage.recovery import is_dead

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.doctor.case_notes import CaseNotes
    from butler.doctor.finding import Finding
    from butler.doctor.report import Report
    from butler.doctor.treatment import Treatment
    from butler.repository.native import NativeRepository

__all__ = ["Examination"]


@dataclass(slots=True)
class Examination:
    """A repository, what may be done to it, and what was found.

    Parameters
    ----------
    repository
        Open.
    notes
        Take what is found.
    on_progress
        Told how many more datasets have been looked at.
    """

    repository: NativeRepository
    notes: CaseNotes
    on_progress: Callable[[int], None] | None = None
    _types: dict[int, str] = field(default_factory=dict)

    @property
    def treatment(self) -> Treatment:
        """How far to go."""
        return self.notes.treatment

    @property
    def report(self) -> Report:
        """What was found so far."""
        return self.notes.report

    def tell(self, finding: Finding) -> None:
        """Report a finding as it is."""
        self.notes.tell(finding)

    def repair(self, finding: Finding, action: Callable[[], str | None] | None) -> None:
        """Report a finding, repaired if that is wanted and possible; see `CaseNotes.repair`."""
        self.notes.repair(finding, action)

    def busy_paths(self) -> set[str]:
        """Return the paths that living processes have set out to use, or anybody to remove."""
        registry, longest_s = self.repository.registry, self.treatment.longest_s
        alive = (one for one in registry.intents() if not is_dead(one, longest_s))
        named = {path for one in alive for path in one.paths}
        return named.union(row.path for row in registry.trash())

    def type_name(self, type_id: int) -> str:
        """Return the name of a dataset type that the registry knows by number."""
        if type_id not in self._types:
            rows = self.repository.registry.dataset_types().values()
            self._types.update({row.id: row.name for row in rows})
        return self._types.get(type_id, "")
