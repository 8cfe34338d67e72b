"""A batch of offered datasets becomes part of the repository."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from butler.ingest.apply import AppliedFile, Batch
from butler.ingest.facts import Comparison, RepositoryFacts
from butler.moving.attach import attach
from butler.moving.offered_file import CHANGED
from butler.repository.native import NativeRepository
from butler.repository.removal import remove_datasets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.data_id import DataId
    from butler.ingest.candidate import Candidate
    from butler.ingest.link import Linker
    from butler.ingest.plan import PlannedFile
    from butler.mapper import Observation
    from butler.moving.offer import Offer
    from butler.policies.dataset_type import DatasetType
    from butler.registry.database import WriteCursor
    from butler.registry.rows import NewDataset, StoredRow
    from butler.repository.base import StoredDataset
    from butler.writes.writing import Writer

__all__ = ["OfferBatch", "OfferFacts"]

_PACKED = (".gz", ".fz")


class OfferFacts(RepositoryFacts):
    """The facts of a repository, and what is known of the files that are offered to it.

    Parameters
    ----------
    repository
        The repository.
    kind
        The dataset type of the files.
    """

    def __init__(self, repository: NativeRepository, kind: DatasetType) -> None:
        super().__init__(repository, kind)
        self._digests: dict[str, bytes] = {}
        self._endings: dict[DataId, str] = {}

    def expect(self, offers: Sequence[Offer]) -> None:
        """Remember what is known of the next files."""
        self._digests = {one.path: one.sha256 for one in offers if one.sha256 is not None}
        self._endings = {}
        for one in offers:
            ending = os.path.splitext(one.path)[1]
            if ending in _PACKED:
                self._endings[one.data_id] = ending

    def target(self, data_id: DataId) -> str:
        """Return where a file belongs; a packed one keeps its last ending."""
        target = super().target(data_id)
        ending = self._endings.get(data_id, "")
        return target if target.endswith(ending) else target + ending

    def compare(self, candidate: Candidate, path: str, row: StoredRow | None) -> Comparison:
        """Compare two files, by what was recorded of both if that suffices."""
        known = self._digests.get(candidate.source)
        if row is not None and row.sha256 is not None and row.sha256 == known and self.exists(path):
            return Comparison(is_same=True)
        return super().compare(candidate, path, row)


class OfferBatch(Batch):
    """Carries out the plan for some offers of one dataset type.

    Parameters
    ----------
    writer
        Of the repository.
    linker
        How the files come to their places.
    facts
        What is asked when another process was faster.
    kind
        The dataset type.
    offers
        One for each planned file, in the same order.
    """

    def __init__(
        self,
        writer: Writer,
        linker: Linker,
        facts: OfferFacts,
        kind: DatasetType,
        offers: Sequence[Offer],
    ) -> None:
        registry = writer.repository.registry
        super().__init__(registry, linker, facts, kind, lambda: writer.run_id)
        self._writer, self._offers = writer, offers
        self._refused: dict[str, str] = {}
        self.then = self._attach

    def apply(self, files: Sequence[PlannedFile]) -> list[AppliedFile]:
        """Carry out a plan; see `Batch.apply`. Datasets get their ranges and tags, too."""
        self._refused = {}
        super().apply(files)
        if self.linker.mode != "move":
            self._attach_to_those_there()
        for number, one in self._done.items():
            if reason := self._refused.get(one.planned.canonical):
                reason = f"it is here, but not valid: {reason}"
                self._settle(number, replace(one.planned, action="conflict", reason=reason))
        return [self._done[number] for number in range(len(files))]

    def _attach_to_those_there(self) -> None:
        there = {
            one.planned.canonical: self._offers[number]
            for number, one in self._done.items()
            if one.planned.action == "already there"
        }
        if any(one.ranges or one.tags for one in there.values()):
            with self.registry.write() as cursor:
                self._refused |= attach(self.registry, cursor, self.kind, there)

    def _attach(self, cursor: WriteCursor, rows: Sequence[NewDataset]) -> None:
        offers = {
            row.canonical: self._offers[number]
            for row, number in zip(rows, self._placed, strict=True)
        }
        self._refused = attach(self.registry, cursor, self.kind, offers)

    def _place(self, number: int) -> None:
        super()._place(number)
        placement, expected = self._placed.get(number), self._offers[number].sha256
        if placement is None or placement.sha256 is None or expected is None:
            return
        if placement.sha256 != expected:
            self._take_away([number])
            file: PlannedFile = self._done[number].planned
            self._settle(number, replace(file, action="rejected", reason=CHANGED))

    def _row(self, number: int) -> NewDataset:
        row, offer = super()._row(number), self._offers[number]
        return row._replace(
            hdu=offer.hdu, sha256=row.sha256 or offer.sha256, provenance=offer.provenance
        )

    def _observations(self) -> Sequence[Observation]:
        unique = self._writer.repository.policy.observation.unique
        found: list[Observation] = []
        for number in self._placed:
            offer = self._offers[number]
            if offer.observed is None:
                found += self._writer.observations_of(offer.data_id)
            elif unique and all(offer.observed.get(key) is not None for key in unique):
                found.append(offer.observed)
        return found

    def _remove_sources(self) -> None:
        """Let the sources go: rows first, then files, and only what is safe here."""
        self._attach_to_those_there()
        gone: dict[int, list[StoredDataset]] = {}
        owners: dict[int, NativeRepository] = {}
        for number, applied in self._done.items():
            file, offer = applied.planned, self._offers[number]
            if number not in self._placed and file.action != "already there":
                continue
            if file.path is None or file.path.startswith("/") or file.canonical in self._refused:
                continue
            if offer.origin is None:
                warning: str | None = self.linker.remove_source(file.candidate, file.path)
            else:
                warning = self.linker.why_source_stays(file.candidate, file.path)
                owner = offer.origin.repository
                if warning is None and isinstance(owner, NativeRepository):
                    owners[id(owner)] = owner
                    gone.setdefault(id(owner), []).append(offer.origin.stored)
            if warning:
                changed = replace(file, warnings=(*file.warnings, warning))
                self._done[number] = AppliedFile(changed)
        for key, datasets in gone.items():
            remove_datasets(owners[key], datasets)
