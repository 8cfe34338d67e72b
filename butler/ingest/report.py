"""What became of each file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from butler.data_id import DataId

__all__ = ["FileReport", "IngestReport", "Judged", "Outcome", "exit_code_of"]

Outcome: TypeAlias = Literal["ingested", "already there", "conflict", "rejected", "skipped"]

_SOME_FAILED, _CONFLICT, _STORAGE = 1, 4, 5


class Judged(Protocol):
    """What became of one file or dataset."""

    @property
    def outcome(self) -> str:
        """``rejected``, ``conflict``, or something that needs no attention."""

    @property
    def is_storage_error(self) -> bool:
        """Whether it was rejected because the file system refused."""


def exit_code_of(reports: Iterable[Judged]) -> int:
    """Return what a command returns: 0 all well, 1 some rejected, 4 conflicts, 5 storage.

    Parameters
    ----------
    reports
        What became of each.
    """
    outcomes = set()
    for one in reports:
        if one.is_storage_error:
            return _STORAGE
        outcomes.add(one.outcome)
    if "rejected" in outcomes:
        return _SOME_FAILED
    return _CONFLICT if "conflict" in outcomes else 0


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
        return exit_code_of(self.files)

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
