"""What became of each dataset."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from butler.ingest.report import exit_code_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId

__all__ = ["DatasetReport", "MoveOutcome", "MoveReport"]

MoveOutcome: TypeAlias = Literal["taken", "already there", "conflict", "rejected"]


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What became of one dataset.

    Parameters
    ----------
    dataset_type, data_id
        Which one.
    source
        Its file, or the line of a table.
    outcome
        ``taken``, ``already there`` with the same content, ``conflict`` (the
        data ID is there with other content, or a validity range overlaps) or
        ``rejected`` (it cannot be taken).
    reason
        Why, or how; empty where the outcome says it all.
    target
        Where the repository has it: relative to the root, or absolute if it
        lies elsewhere. None where it has no place.
    warnings
        What is odd about it without making it useless.
    is_storage_error
        Whether it was rejected because the file system refused.
    """

    dataset_type: str
    data_id: DataId
    source: str
    outcome: MoveOutcome
    reason: str = ""
    target: str | None = None
    warnings: tuple[str, ...] = ()
    is_storage_error: bool = False


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What became of all datasets.

    Parameters
    ----------
    root
        The repository, or the directory, that they were to come to.
    datasets
        One report for each, in the order in which they were met.
    notes
        What concerns many, such as what was left out and why.
    is_dry_run
        Whether nothing was done: ``taken`` means that it would be.
    """

    root: str
    datasets: tuple[DatasetReport, ...] = ()
    notes: tuple[str, ...] = ()
    is_dry_run: bool = False

    @property
    def counts(self) -> Mapping[MoveOutcome, int]:
        """How many datasets there are of each outcome, zeros included."""
        counts = Counter(one.outcome for one in self.datasets)
        return {outcome: counts[outcome] for outcome in get_args(MoveOutcome)}

    @property
    def exit_code(self) -> int:
        """What a command returns: 0 all well, 1 some rejected, 4 conflicts, 5 storage."""
        return exit_code_of(self.datasets)

    def as_rows(self) -> list[dict[str, object]]:
        """Return the reports as plain values, for tables and JSON."""
        return [
            {
                "dataset_type": one.dataset_type,
                "data_id": one.data_id.to_dict(),
                "outcome": one.outcome,
                "reason": one.reason,
                "source": one.source,
                "target": one.target,
                "warnings": list(one.warnings),
            }
            for one in self.datasets
        ]
