"""Which registered calibration serves an observation, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from butler.data_id import DataId
from butler.errors import AmbiguousDataIdError
from butler.registry.condition import Everything, from_keywords
from butler.registry.rows import RegistryQuery
from butler.registry.validity import Range, normal_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.registry import Registry
    from butler.registry.rows import CalibrationRow, StoredRow

__all__ = ["CalibrationChoice", "wants_date"]

_SHOWN = 20


def wants_date(kind: DatasetType, data_id: DataId) -> bool:
    """Tell whether a calibration is asked for by observation rather than by its own date.

    Parameters
    ----------
    kind
        What is looked for.
    data_id
        Of the observation, or its own.
    """
    rule = kind.calibration
    return rule is not None and kind.is_dated and rule.date_key not in data_id


class _Candidate(NamedTuple):
    range: Range | None
    row: StoredRow


class CalibrationChoice:
    """The choice among the calibrations of one registry for one observation.

    Parameters
    ----------
    registry
        Where they are registered.
    root
        Of its repository, for messages.
    kind
        A calibration that is chosen by date.
    data_id
        What is known of the observation, its time among it.
    """

    def __init__(self, registry: Registry, root: str, kind: DatasetType, data_id: DataId) -> None:
        rule = kind.calibration
        assert rule is not None  # noqa: S101 - what is chosen by date has a rule
        self.registry, self.root, self.kind = registry, root, kind
        time = data_id.get(rule.observation_columns[0])
        self.time = None if time is None else str(time)
        self._keys = [key for key in dict.fromkeys(rule.match) if key in kind.key_set]
        self.match: dict[str, KeyValue] = {
            key: data_id[key] for key in self._keys if key in data_id
        }

    def find(self) -> StoredRow | None:
        """Return the one that is valid at the time of the observation, or None.

        One without a range serves nobody unasked.

        Raises
        ------
        AmbiguousDataIdError
            If keys that would tell several apart are not known.
        """
        rows = self._valid()
        if len(rows) > 1:
            unknown = ", ".join(key for key in self._keys if key not in self.match)
            raise AmbiguousDataIdError(
                f"Several datasets of type {self.kind.name!r} in {self.root} are valid on "
                f"{self.time} for {DataId(self.match) or 'what was asked'}. Say which, by "
                f"{unknown}; among them are:",
                [self._data_id(row.dataset) for row in rows],
            )
        return rows[0].dataset if rows else None

    def _valid(self) -> list[CalibrationRow]:
        """Return what is valid: one at most, if all keys are known by which it is chosen."""
        if self.time is None:
            return []
        kind, registry = self.kind, self.registry
        limit = 1 if len(self.match) == len(self._keys) else _SHOWN
        return registry.find_calibrations(kind.name, kind.keys, self.match, self.time, limit=limit)

    def describe(self) -> str:
        """Return one line that says what was looked at, and what could be done."""
        others = self._candidates()
        asked = f"for {DataId(self.match)}" if self.match else "at all"
        if not others:
            return f"{self.root} (registry): there is none {asked}"
        if self.time is None:
            return f"{self.root} (registry): the time of the observation is not known"
        line = f"{self.root} (registry): none of {len(others)} {asked} is valid on {self.time}"
        idle = [one.row for one in others if one.range is None]
        if idle:
            names = ", ".join(str(self._data_id(row)) for row in idle[:_SHOWN])
            line += (
                f"; without a validity range, to be named by its own date, is: {names}. To let "
                f"it serve: butler certify {self.root} {self.kind.name} --begin TIME --end TIME "
                f"--id {self._data_id(idle[0]).as_arguments()}"
            )
        return line

    def explain(self) -> str:
        """Return the candidates, their ranges and what became of each, as lines."""
        chosen = self._valid()
        others = self._candidates()
        asked = DataId(self.match) if self.match else "anything"
        head = f"{self.root} (registry): {len(others)} for {asked}"
        if self.time is not None:
            head += f"; the observation is of {self.time}"
        if not chosen:
            head = f"{self.describe()}"
        taken = None if len(chosen) != 1 else (chosen[0].dataset.id, chosen[0].begin)
        lines = [self._line(one, taken) for one in others[:_SHOWN]]
        more = [f"  ... and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
        return "\n".join([head, *lines, *more])

    def _line(self, one: _Candidate, taken: tuple[int, str] | None) -> str:
        keys = self._data_id(one.row)
        if one.range is None:
            return f"  {keys}: has no validity range, so that it serves nobody unasked"
        verdict = "another time"
        if taken == (one.row.id, one.range.begin):
            verdict = "chosen"
        elif self.time is not None:
            moment = normal_time(self.time)
            verdict = "not valid yet" if moment < one.range.begin else "not valid any more"
        return f"  {keys}: valid in {one.range}: {verdict}"

    def _candidates(self) -> list[_Candidate]:
        """Return what matches, those whose range is nearest in time first."""
        kind = self.kind
        valid = self.registry.find_calibrations(kind.name, kind.keys, self.match)
        found = [_Candidate(Range(row.begin, row.end), row.dataset) for row in valid]
        known = {row.dataset.id for row in valid}
        found.sort(key=lambda one: _distance(one.range, self.time))
        condition = from_keywords(self.match) if self.match else Everything()
        rest = self.registry.query(RegistryQuery(kind.name, kind.keys, condition))
        return found + [_Candidate(None, row) for row in rest if row.id not in known]

    def _data_id(self, row: StoredRow) -> DataId:
        template = self.kind.template
        keys: Sequence[str] = self.kind.keys if template is None else template.keys
        values = dict(zip(self.kind.keys, row.values, strict=True))
        return DataId.trusted({key: values[key] for key in keys})  # type: ignore[misc]  # never null


def _distance(valid: Range | None, time: str | None) -> float:
    """Return how many days a time lies outside a range."""
    if valid is None or time is None:
        return 0.0
    moment = normal_time(time)
    if valid.begin <= moment < valid.end:
        return -1.0
    edge = valid.begin if moment < valid.begin else valid.end
    return abs(_day(moment) - _day(edge))


def _day(time: str) -> float:
    from datetime import date

    return float(date.fromisoformat(time[:10]).toordinal())
