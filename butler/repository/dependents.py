"""Who would miss datasets: the known reruns that were made from them or read them.

The rule is cheap, and rather refuses too much than too little. A rerun needs a
dataset if

* one of its own datasets names it as input (provenance);
* it is a raw file of an observation for which the rerun has written
  something, and the rerun has no raw of its own for it;
* it is a calibration whose validity range holds such an observation with the
  same matching keys, and the rerun has none of its own of that data ID.

That a rerun has written something for an observation is known by the copy of
the observation's row that its registry then has. A rerun that cannot be read,
or is one of Gen2, is taken to need every raw file and calibration.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import ButlerError, DataIdError
from butler.registry.validity import normal_time
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository
from butler.repository.reruns import known_reruns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from butler.data_id import DataId
    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import StoredDataset
    from butler.repository.reruns import Rerun

__all__ = ["Dependent", "find_dependents"]

_MANY = 2**62


@dataclass(frozen=True, slots=True)
class Dependent:
    """A rerun that needs a dataset.

    Parameters
    ----------
    rerun
        Its location.
    dataset_type, data_id
        What it needs.
    reason
        Why.
    """

    rerun: str
    dataset_type: str
    data_id: DataId
    reason: str

    def __str__(self) -> str:
        return f"{self.dataset_type} {self.data_id}: {self.reason} in {self.rerun}"


def find_dependents(
    repository: NativeRepository, kind: DatasetType, datasets: Sequence[StoredDataset]
) -> list[Dependent]:
    """Return which known reruns of a repository need some of its datasets.

    Parameters
    ----------
    repository
        Which holds them.
    kind
        Their dataset type.
    datasets
        Registered ones.

    Returns
    -------
    list of Dependent
        In the order of the reruns, then of the datasets.
    """
    found: list[Dependent] = []
    for rerun in known_reruns(repository.root):
        reasons = _ask(rerun, repository, kind, datasets)
        found += [
            Dependent(rerun.root, kind.name, datasets[number].data_id, reason)
            for number, reason in sorted(reasons.items())
        ]
    return found


def _ask(
    rerun: Rerun,
    repository: NativeRepository,
    kind: DatasetType,
    datasets: Sequence[StoredDataset],
) -> dict[int, str]:
    """Return why a rerun needs datasets, by their places in the list."""
    is_read = kind.category in {"raw", "calibration"}
    if rerun.problem or rerun.kind != "native":
        why = "perhaps read" if is_read else ""
        return dict.fromkeys(range(len(datasets)), why) if why else {}
    try:
        opened = open_repository(rerun.root)
    except ButlerError:
        return {}
    try:
        if not isinstance(opened, NativeRepository):
            return {}
        found = dict(_read(opened, repository, kind, datasets)) if is_read else {}
        return {**found, **_made_from(opened, repository, kind, datasets)}
    finally:
        opened.close()


def _made_from(
    rerun: NativeRepository,
    repository: NativeRepository,
    kind: DatasetType,
    datasets: Sequence[StoredDataset],
) -> dict[int, str]:
    """Return the datasets that others in the rerun name as their input."""
    texts = {one.data_id.canonical(kind.keys): n for n, one in enumerate(datasets)}
    named = rerun.registry.outputs_of(repository.uuid or "", kind.name, list(texts))
    return {texts[text]: f"{output!r} was made from it" for text, output in named.items()}


def _read(
    rerun: NativeRepository,
    repository: NativeRepository,
    kind: DatasetType,
    datasets: Sequence[StoredDataset],
) -> Iterator[tuple[int, str]]:
    """Yield the raw files and calibrations that belong to observations of the rerun."""
    needs: Callable[[StoredDataset], bool]
    if kind.category == "raw":
        needs = _RawNeeds(rerun)
    else:
        needs = _CalibrationNeeds(rerun, repository, kind, datasets)
    for number, one in enumerate(datasets):
        if needs(one) and not rerun.registry.find(kind.name, kind.keys, one.data_id):
            yield number, "read for its observations"


class _RawNeeds:
    """Tells whether a rerun has written something for an observation."""

    def __init__(self, rerun: NativeRepository) -> None:
        self._registry = rerun.registry
        self._unique = rerun.policy.observation.unique

    def __call__(self, one: StoredDataset) -> bool:
        given = {key: one.data_id[key] for key in self._unique if key in one.data_id}
        return bool(given and self._registry.observations(self._unique, given, 1))


class _CalibrationNeeds:
    """Tells whether a calibration serves an observation of a rerun."""

    def __init__(
        self,
        rerun: NativeRepository,
        repository: NativeRepository,
        kind: DatasetType,
        datasets: Sequence[StoredDataset],
    ) -> None:
        rule = kind.calibration
        self._match = () if rule is None else tuple(k for k in rule.match if k in kind.key_set)
        self._is_for_ever = rule is None or rule.table is None
        ids = [one.id for one in datasets if one.id is not None]
        self._ranges = repository.registry.ranges_of(ids)
        self._times: dict[tuple[object, ...], list[str]] = {}
        known = rerun.registry.observation.columns
        time = "" if rule is None else rule.observation_columns[0]
        columns = tuple(name for name in (time, *self._match) if name in known)
        if time not in known or len(columns) <= len(self._match):
            return
        for moment, *values in rerun.registry.observations(columns, {}, _MANY):
            with suppress(DataIdError):  # no time that could lie in a range
                self._times.setdefault(tuple(values), []).append(normal_time(str(moment)))
        for moments in self._times.values():
            moments.sort()

    def __call__(self, one: StoredDataset) -> bool:
        moments = self._times.get(tuple(one.data_id.get(key) for key in self._match), [])
        if self._is_for_ever:
            return bool(moments)
        return any(
            bisect_left(moments, end) > bisect_left(moments, begin)
            for begin, end in self._ranges.get(one.id or 0, [])
        )
