"""What became of each file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId

__all__ = ["FileReport", "IngestReport", "Outcome"]

Outcome: TypeAlias = Literal["ingested", "already there", "conflict", "rejected", "skipped"]

_SOME_FAILED, _CONFLICT, _STORAGE = 1, 4, 5


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.

    Parameters
    ----------
    path
        As the user named it.
    outcome
        ``ingested``, ``already there`` with the same content, ``conflict`` (the
        data ID is there with other content), ``rejected`` (nothing that can be
        ingested) or ``skipped`` (by the user's wish).
    reason
        Why, or how; empty where the outcome says it all.
    data_id
        The data ID that its header gives, None where it was not read.
    target
        Where the repository has it: relative to the root, or absolute if it
        lies elsewhere. None where it has no place.
    warnings
        What is odd about the file without making it useless.
    is_storage_error
        Whether it was rejected because the file system refused.
    validity
        When it is valid, begin and end, if it is a calibration that is chosen
        by date.
    """

    path: str
    outcome: Outcome
    reason: str = ""
    data_id: DataId | None = None
    target: str | None = None
    warnings: tuple[str, ...] = ()
    is_storage_error: bool = False
    validity: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of all files.

    Parameters
    ----------
    files
        One report per file, in the order in which they were named.
    notes
        What concerns many files, such as why ``auto`` chose hard links.
    is_dry_run
        Whether nothing was done: ``ingested`` means that it would be.
    """

    files: tuple[FileReport, ...] = ()
    notes: tuple[str, ...] = ()
    is_dry_run: bool = False
    _counts: Counter[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counts", Counter(one.outcome for one in self.files))

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many files there are of each outcome, zeros included."""
        return {outcome: self._counts[outcome] for outcome in get_args(Outcome)}

    @property
    def exit_code(self) -> int:
        """What a command returns: 0 all well, 1 some rejected, 4 conflicts, 5 storage."""
        if any(one.is_storage_error for one in self.files):
            return _STORAGE
        if self._counts["rejected"]:
            return _SOME_FAILED
        return _CONFLICT if self._counts["conflict"] else 0

    def as_rows(self) -> list[dict[str, object]]:
        """Return the reports as plain values, for tables and JSON."""
        return [
            {
                "path": one.path,
                "outcome": one.outcome,
                "reason": one.reason,
                "data_id": None if one.data_id is None else one.data_id.to_dict(),
                "target": one.target,
                "warnings": list(one.warnings),
                **({} if one.validity is None else {"validity": list(one.validity)}),
            }
            for one in self.files
        ]
