"""What may be wrong with a repository, under names that stay the same between releases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Finding", "Kind", "Severity", "Status"]

Status: TypeAlias = Literal["found", "would be repaired", "repaired", "not repaired"]


class Severity(StrEnum):
    """How bad a finding is.

    ``INFO`` is no fault; ``NOTE`` wants a decision, nothing is lost;
    ``LEFTOVER`` is what somebody left half done, nothing is lost, and a
    repair takes it away; ``DAMAGE`` is data that cannot be had as they were.
    """

    INFO = "info"
    NOTE = "note"
    LEFTOVER = "leftover"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding.

    Parameters
    ----------
    severity
        How bad it is.
    title
        What it is, in a few words.
    cure
        What to do.
    """

    severity: Severity
    title: str
    cure: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Parameters
    ----------
    code
        Its kind: a key of `KINDS`.
    path
        Of the file, relative to the root where it lies inside.
    detail
        What was seen.
    dataset_type, data_id
        Whose file it is, as far as that is known; the data ID as the text by
        which the registry identifies it.
    status
        Whether it was repaired.
    outcome
        What was done about it, or why nothing could be done.
    """

    code: str
    path: str = ""
    detail: str = ""
    dataset_type: str = ""
    data_id: str = ""
    status: Status = "found"
    outcome: str = ""

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return KINDS[self.code]

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    @property
    def is_open(self) -> bool:
        """Whether it is there still."""
        return self.status != "repaired"

    def as_row(self) -> dict[str, object]:
        """Return it as plain values, for tables and JSON."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "status": self.status,
            "path": self.path,
            "dataset_type": self.dataset_type,
            "data_id": self.data_id,
            "detail": self.detail,
            "outcome": self.outcome,
            "cure": self.kind.cure,
        }


_RESTORE = (
    "Bring the file back from a backup, or from a repository that has it: --repair "
    "--restore-from REPO. To give the dataset up: --repair --forget-missing."
)
_ASIDE = "It is kept in .butler/orphans: look at it, then remove it or put it as a dataset."

KINDS: Mapping[str, Kind] = {
    # what the repository is
    "config_unreadable": Kind(
        Severity.DAMAGE,
        "butler.yaml cannot be understood",
        "Correct butler.yaml, or bring it back from a backup.",
    ),
    "config_missing": Kind(
        Severity.DAMAGE,
        "a registry with datasets, but no butler.yaml",
        "Bring butler.yaml back from a backup; it names camera, uuid, parents and registry.",
    ),
    "creation_unfinished": Kind(
        Severity.LEFTOVER,
        "the making of a repository was killed",
        "--repair takes away what is there, or make it anew: butler create.",
    ),
    "migration_unfinished": Kind(
        Severity.LEFTOVER,
        "the migration of a Gen2 repository was killed",
        "--repair sets the half-filled registry aside or finishes the last renaming; "
        "before butler.yaml is there, run butler migrate again.",
    ),
    "registry_missing": Kind(
        Severity.DAMAGE,
        "the registry is gone",
        "Bring it back from a backup; or let --repair adopt make a new one from the files; or, "
        "if the repository was being removed, finish that: butler rm-repo REPO --force.",
    ),
    "registry_unreadable": Kind(
        Severity.DAMAGE,
        "the registry cannot be opened",
        "What it says names the reason. If the disk is full, free some space; of a file that is "
        "damaged, try a copy with: sqlite3 FILE .recover",
    ),
    "registry_corrupt": Kind(
        Severity.DAMAGE,
        "the database is damaged",
        "Stop all writers, copy the file away, and bring it back from a backup; or make a new "
        "one: sqlite3 FILE .recover | sqlite3 NEW. Nothing else is repaired until then.",
    ),
    "registry_links_broken": Kind(
        Severity.DAMAGE,
        "rows point to rows that are gone",
        "Somebody has written to the database with other tools; bring it back from a backup.",
    ),
    "registry_columns_differ": Kind(
        Severity.DAMAGE,
        "the tables do not have the columns that the registry says",
        "Somebody has changed the tables with other tools; bring it back from a backup.",
    ),
    "registry_old_version": Kind(
        Severity.NOTE,
        "the registry is of an older version",
        "It can be read. To write, and to be repaired, it is brought up to date: "
        "butler migrate REPO.",
    ),
    "journal_left": Kind(
        Severity.LEFTOVER,
        "a killed writer left a transaction half done in the journal",
        "Nothing to do: who opens the registry with write permission rolls it back.",
    ),
    "parent_missing": Kind(
        Severity.DAMAGE,
        "a parent is not where it is said to be",
        "If it has moved: butler chain REPO --remove OLD --append NEW.",
    ),
    "chain_broken": Kind(
        Severity.DAMAGE,
        "the chain of parents cannot be followed",
        "Correct the parents: butler chain REPO.",
    ),
    "lock_unwritable": Kind(
        Severity.NOTE,
        "you may write the registry, but not the file on which its writers queue",
        "Data are safe without the queue, but a writer may wait long: chmod g+w or a+w that file.",
    ),
    "parent_unaware": Kind(
        Severity.NOTE,
        "a parent does not know of this rerun",
        "--repair tells it, so that nobody removes the parent unwarned.",
    ),
    "rerun_gone": Kind(
        Severity.NOTE,
        "a registered rerun is gone",
        "--repair forgets it. If its disk is only not mounted, mount it.",
    ),
    # what was begun and not finished
    "intent_left": Kind(
        Severity.LEFTOVER,
        "a process died in the middle of an operation on files",
        "--repair takes back what it did, losing no content; do the operation again.",
    ),
    "put_unfinished": Kind(
        Severity.LEFTOVER,
        "a whole file whose writer died before its row",
        "--repair sets it aside, --repair adopt registers it; or put it again.",
    ),
    "temporary_left": Kind(
        Severity.LEFTOVER,
        "a temporary file of a process that is gone",
        "--repair removes it: it never became a dataset.",
    ),
    "lock_left": Kind(
        Severity.LEFTOVER, "an empty lock file of a process that is gone", "--repair removes it."
    ),
    "trash_left": Kind(
        Severity.LEFTOVER,
        "the file of a removed or replaced dataset, longer there than it need be",
        "--repair removes it.",
    ),
    "trash_in_use": Kind(
        Severity.LEFTOVER,
        "a file in the trash that a dataset uses",
        "--repair takes it out of the trash.",
    ),
    # datasets
    "file_missing": Kind(Severity.DAMAGE, "the file of a dataset is gone", _RESTORE),
    "link_dangling": Kind(
        Severity.DAMAGE,
        "the link of a dataset leads to nothing",
        "Put its target back, or mount the disk that it is on. " + _RESTORE,
    ),
    "size_differs": Kind(
        Severity.DAMAGE, "the file of a dataset has another size than it had", _RESTORE
    ),
    "content_differs": Kind(
        Severity.DAMAGE, "the file of a dataset has other content than it had", _RESTORE
    ),
    "target_changed": Kind(
        Severity.DAMAGE,
        "the file that a dataset leads to has changed",
        "If the change was meant, remove the dataset and ingest the file again. " + _RESTORE,
    ),
    "file_unreadable": Kind(
        Severity.DAMAGE,
        "the file of a dataset cannot be read",
        "Give yourself permission to read it (chmod), or ask its owner; after an input/output "
        "error, save what can be saved from that disk.",
    ),
    "time_differs": Kind(
        Severity.NOTE,
        "the file of a dataset was written to, or copied, since it was registered",
        "--deep compares its content; with --repair the new time is recorded.",
    ),
    # files that are no datasets
    "orphan": Kind(
        Severity.NOTE,
        "a whole file in the place of a dataset, without a row",
        "--repair adopt registers it, --repair quarantine moves it to .butler/orphans.",
    ),
    "orphan_broken": Kind(
        Severity.NOTE,
        "a file in the place of a dataset, without a row, and not whole",
        "--repair adopt and --repair quarantine move it to .butler/orphans.",
    ),
    "foreign_file": Kind(
        Severity.INFO,
        "a file that is no dataset",
        "Nothing need be done: it is yours. To take it in: butler ingest, butler put.",
    ),
    "name_twins": Kind(
        Severity.NOTE,
        "names that differ in case or spelling of accents alone",
        "They are one file where case is ignored (macOS, Windows, some shares): do not copy the "
        "repository to such a disk.",
    ),
    "set_aside": Kind(Severity.INFO, "files that were set aside", _ASIDE),
    "trash_waiting": Kind(
        Severity.INFO,
        "files of replaced datasets that readers may still have open",
        "Nothing to do: they are removed by a later write, or by doctor, after an hour.",
    ),
    "embedded": Kind(
        Severity.INFO,
        "a source that is read where it lies, without being registered",
        "Nothing to do; its files are not checked.",
    ),
    "not_checked": Kind(
        Severity.NOTE, "something could not be checked", "What it says names the reason."
    ),
    # what the place can do
    "probe": Kind(Severity.INFO, "what the file system can do", "Nothing to do."),
    "probe_weak": Kind(
        Severity.NOTE,
        "something that the file system cannot do",
        "See docs/doctor.md for what this means and what to do.",
    ),
}
"""Every kind of finding by its code; docs/doctor.md describes each."""
