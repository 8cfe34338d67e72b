"""What is to be done with each file, decided before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from butler.data_id import DataId
from butler.errors import ButlerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.ingest.candidate import Candidate
    from butler.ingest.facts import Facts
    from butler.ingest.link import Mode
    from butler.mapper import Observation
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import StoredRow

__all__ = ["Action", "Plan", "PlannedFile", "Rules", "judge_known"]

Action: TypeAlias = Literal["place", "adopt", "already there", "conflict", "rejected", "skipped"]
"""``place`` a file where nothing is, or ``adopt`` one that lies there without a row."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the camera and the user want.

    Parameters
    ----------
    kind
        The dataset type of the files.
    unique
        What names one file: observation columns, or keys.
    mode
        How files are placed.
    bad_ids
        Files whose observation has all these values are left out.
    """

    kind: DatasetType
    unique: tuple[str, ...]
    mode: Mode
    bad_ids: tuple[Mapping[str, KeyValue], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and what is to be done with it.

    Parameters
    ----------
    candidate
        The file.
    action
        What is to be done.
    data_id
        Every key of the raw template, None if there is no place for it.
    canonical
        Its text.
    path
        Where the registry has it, or will have it.
    reason
        Why.
    warnings
        What the user should know.
    """

    candidate: Candidate
    action: Action
    data_id: DataId | None = None
    canonical: str = ""
    path: str | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """Decides about files, one after the other; changes nothing but its memory.

    Parameters
    ----------
    rules
        What is wanted.
    facts
        What is there.

    Attributes
    ----------
    planned
        The files that were accepted so far, by the values that name one raw
        file: a second one of the same name is compared with the first.
    """

    rules: Rules
    facts: Facts
    planned: dict[tuple[KeyValue | None, ...], Candidate] = field(default_factory=dict)

    def decide_all(self, candidates: Iterable[Candidate]) -> list[PlannedFile]:
        """Decide about several files."""
        return [self.decide(candidate) for candidate in candidates]

    def decide(self, candidate: Candidate) -> PlannedFile:
        """Decide about one file.

        Parameters
        ----------
        candidate
            The file.
        """
        observation = candidate.observation
        for bad in self.rules.bad_ids:
            if all(observation.get(key) == value for key, value in bad.items()):
                reason = f"{DataId(bad)} is to be left out"
                return PlannedFile(candidate, "skipped", reason=reason)
        try:
            data_id = _make_data_id(self.rules.kind.keys, observation)
            target = self.facts.target(data_id)
        except ButlerError as error:
            return PlannedFile(candidate, "rejected", reason=str(error))
        canonical = data_id.canonical(self.rules.kind.keys)
        file = PlannedFile(candidate, "place", data_id, canonical, target)
        return self._judge(file, data_id, target)

    def _judge(self, file: PlannedFile, data_id: DataId, path: str) -> PlannedFile:
        """Decide about a file that has a place, by what has its data ID."""
        name = tuple(file.candidate.observation.get(column) for column in self.rules.unique)
        first = self.planned.get(name)
        if first is not None:
            return judge_known(self.facts, file, first.source, None)
        row = self.facts.find(data_id)
        if row is not None:
            return judge_known(self.facts, file, row.path, row)
        decided = self._judge_place(file, path)
        if decided.action in {"place", "adopt"}:
            self.planned[name] = file.candidate
        return decided

    def _judge_place(self, file: PlannedFile, path: str) -> PlannedFile:
        """Decide about a file whose data ID is free, by what lies in its place."""
        if self.rules.mode == "direct":
            source = file.candidate.source
            if _is_text(source):
                return replace(file, path=source)
            reason = "its name is no UTF-8, so that the registry cannot hold it; choose mode 'link'"
            return replace(file, action="rejected", reason=reason)
        if self.facts.exists(path):
            same, reason, _ = self.facts.compare(file.candidate, path, None)
            if same:
                return replace(file, action="adopt")
            return replace(file, action="conflict", reason=f"{reason}; it is not registered")
        if self.rules.mode == "skip":
            reason = "it does not lie in its place, and mode 'skip' leaves it where it is"
            return replace(file, action="rejected", reason=reason)
        return file


def judge_known(facts: Facts, file: PlannedFile, path: str, row: StoredRow | None) -> PlannedFile:
    """Return what becomes of a file whose data ID another one has.

    Parameters
    ----------
    facts
        What is there.
    file
        The file.
    path
        Where the other one is.
    row
        Its row, if it is registered.
    """
    same, reason, warnings = facts.compare(file.candidate, path, row)
    if row is None and same:
        reason = f"the same as {path}"
    return replace(
        file,
        action="already there" if same else "conflict",
        path=path if row is not None else file.path,
        reason=reason,
        warnings=warnings,
    )


def _make_data_id(keys: Sequence[str], observation: Observation) -> DataId:
    """Return the data ID of a raw file; what the header does not tell is left out."""
    values = {key: observation.get(key) for key in keys}
    return DataId.trusted({key: value for key, value in values.items() if value is not None})


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
