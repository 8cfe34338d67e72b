"""Searches in a Gen2 repository, in what its registry and its directories tell."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from butler.data_id import DataId
from butler.errors import TemplateError, UnknownKeyError
from butler.registry.condition import (
    And,
    Comparison,
    Everything,
    Membership,
    evaluate,
    names,
)
from butler.repository.base import RepositoryQuery, StoredDataset
from butler.repository.gen2.template_scan import Directories, scan_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.gen2.embedded import EmbeddedSources
    from butler.repository.gen2.observations import Gen2Observations

__all__ = ["Gen2Search", "fixed_values"]

logger = logging.getLogger(__name__)


class Gen2Search:
    """Lists the datasets of one Gen2 repository.

    Parameters
    ----------
    root
        Path of the repository.
    observations
        What its registry tells.
    embedded
        Its calibrations.
    """

    def __init__(
        self, root: str, observations: Gen2Observations, embedded: EmbeddedSources
    ) -> None:
        self.root = root
        self.observations = observations
        self.embedded = embedded
        self.policy = observations.policy

    def run(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Iterate over the datasets that match, in order, with the wanted columns.

        Parameters
        ----------
        query
            What is asked for.

        Raises
        ------
        UnknownKeyError
            If the query uses a name that is neither key nor column here.
        """
        condition = query.condition or Everything()
        used = dict.fromkeys([*names(condition), *(n for n, _ in query.order_by), *query.columns])
        self._check_names(used)
        kind = query.dataset_type
        if kind.template is None:
            return
        fixed = fixed_values(condition)
        observed = self._observed_values(kind, tuple(used), fixed)
        is_free = isinstance(condition, Everything)
        rows: list[tuple[StoredDataset, Mapping[str, KeyValue | None]]] = []
        for stored in self._candidates(kind, fixed):
            values = observed(stored.data_id) if used else stored.data_id
            if is_free or evaluate(condition, values):
                rows.append((stored, values))
        self._sort(rows, query)
        yield from self._existing(rows, query)

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of columns over the datasets that match, sorted.

        Parameters
        ----------
        dataset_type, columns, condition, limit
            As for `Repository.distinct`.
        """
        order = tuple((name, False) for name in columns)
        query = RepositoryQuery(dataset_type, condition, order, columns=tuple(columns))
        rows = dict.fromkeys(values for _, values in self.run(query))
        return list(rows)[:limit]

    def iter_files(
        self,
        dataset_type: DatasetType,
        fixed: Mapping[str, KeyValue] | None = None,
        directories: Directories | None = None,
    ) -> Iterator[StoredDataset]:
        """Iterate over the files that lie where a dataset type's template puts them.

        Parameters
        ----------
        dataset_type
            What is looked for.
        fixed
            Values of the template's keys that are wanted.
        directories
            Keeps what was read, for several types.
        """
        template = dataset_type.template
        if template is None or template.hdu_key is not None:
            return  # no path says what all the HDUs are
        seen = set()
        if dataset_type.embedded is not None:
            for stored in self.embedded.iter_datasets(dataset_type, fixed, directories):
                seen.add(stored.data_id)
                yield stored
            if dataset_type.calibration is None:
                return  # its template begins with the folder that was just looked at
        for path, data_id in scan_template(self.root, template, fixed or {}, directories):
            if data_id not in seen:
                yield StoredDataset(dataset_type.name, data_id, path, hdu=template.hdu)

    def is_registered(self, dataset_type: DatasetType) -> bool:
        """Tell whether the registry, not the directories, lists a dataset type."""
        has_all = dataset_type.key_set.issubset(self.observations.columns())
        return dataset_type.category == "raw" and bool(dataset_type.keys) and has_all

    def _candidates(
        self, kind: DatasetType, fixed: Mapping[str, KeyValue]
    ) -> Iterator[StoredDataset]:
        """Yield what may match; the path of a registered one is not known to exist."""
        if not self.is_registered(kind):
            yield from self.iter_files(kind, fixed)
            return
        given = {key: value for key, value in fixed.items() if key in kind.key_set}
        hdu_of = (lambda _: None) if kind.template is None else kind.template.hdu_of
        for row in self.observations.select(kind.keys, given):
            if None not in row:
                values = cast("dict[str, KeyValue]", dict(zip(kind.keys, row, strict=True)))
                yield StoredDataset(kind.name, DataId.trusted(values), "", hdu=hdu_of(values))

    def _existing(
        self,
        rows: Iterable[tuple[StoredDataset, Mapping[str, KeyValue | None]]],
        query: RepositoryQuery,
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield the datasets whose file is there, up to the limit."""
        left = query.limit
        template = query.dataset_type.template
        directories = Directories()
        for stored, values in rows:
            if left == 0 or template is None:
                return
            found = stored
            if not stored.path:
                try:
                    relative = template.format(stored.data_id, encode=False)
                except TemplateError as error:
                    logger.warning("%s: %s is left out: %s", self.root, stored.data_id, error)
                    continue
                path = directories.existing_path(self.root, relative)
                if path is None:
                    continue
                found = StoredDataset(stored.dataset_type, stored.data_id, path, hdu=stored.hdu)
            if left is not None:
                left -= 1
            yield found, tuple(values.get(name) for name in query.columns)

    def _observed_values(
        self, kind: DatasetType, used: Sequence[str], fixed: Mapping[str, KeyValue]
    ) -> Callable[[DataId], Mapping[str, KeyValue | None]]:
        """Return what adds to a data ID the observation columns that follow from it."""
        groups: dict[tuple[str, ...], list[str]] = {}
        if kind.calibration is None:
            for name, by in self.observations.determined(kind, used).items():
                groups.setdefault(by, []).append(name)
        tables = []
        for by, columns in groups.items():
            given = {key: value for key, value in fixed.items() if key in (*by, *columns)}
            rows = self.observations.select((*by, *columns), given)
            table = {
                row[: len(by)]: dict(zip(columns, row[len(by) :], strict=True)) for row in rows
            }
            tables.append((by, table))

        def values(data_id: DataId) -> dict[str, KeyValue | None]:
            found: dict[str, KeyValue | None] = dict(data_id)
            for by, table in tables:
                found.update(table.get(tuple(data_id[key] for key in by), {}))
            return found

        return values

    def _sort(
        self,
        rows: list[tuple[StoredDataset, Mapping[str, KeyValue | None]]],
        query: RepositoryQuery,
    ) -> None:
        """Sort as every repository does: missing values are the smallest, the order is total."""
        keys = query.dataset_type.keys
        order = [*query.order_by, *((name, False) for name in self.policy.observation.unique)]
        rows.sort(
            key=lambda row: (
                *[_order_of(row[1].get(name)) for name, _ in order],
                row[0].data_id.canonical(keys),
            )
        )
        if any(descends for _, descends in order):
            for name, descends in reversed(order):
                rows.sort(key=lambda row: _order_of(row[1].get(name)), reverse=descends)

    def _check_names(self, used: Iterable[str]) -> None:
        known = {*self.policy.keys, *self.policy.observation.columns}
        for name in used:
            if name not in known:
                raise UnknownKeyError(name, known, f"the camera {self.policy.name!r}")


def fixed_values(condition: Condition) -> dict[str, KeyValue]:
    """Return the names that a condition allows only one value.

    Parameters
    ----------
    condition
        What is asked for.
    """
    if isinstance(condition, Comparison) and condition.operator == "=":
        return {condition.name: condition.value}
    if isinstance(condition, Membership) and not (condition.negated or condition.ranges):
        return {condition.name: condition.values[0]} if len(condition.values) == 1 else {}
    if isinstance(condition, And):
        found: dict[str, KeyValue] = {}
        for term in condition.terms:
            found.update(fixed_values(term))
        return found
    return {}


def _order_of(value: KeyValue | None) -> tuple[bool, KeyValue]:
    return (False, 0) if value is None else (True, value)
