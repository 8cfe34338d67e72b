"""The observations of a Gen2 repository, typed as the camera's policy says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import DataIdError, UnknownKeyError, UnknownMapperError
from butler.mapper_lookup import canonical_name
from butler.repository.gen2.layout import REGISTRY_NAME, is_gen2_repository
from butler.repository.gen2.raw_registry import RawRegistry
from butler.repository.gen2.repository_cfg import RepositoryCfg, describe_repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy

__all__ = ["Gen2Observations", "find_registry", "iter_ancestors"]


class Gen2Observations:
    """What was observed, as far as a Gen2 registry tells.

    Parameters
    ----------
    policy
        The camera's policy.
    registry
        The table of raw files, None where there is no registry.
    """

    def __init__(self, policy: Policy, registry: RawRegistry | None) -> None:
        self.policy = policy
        self.registry = registry

    def columns(self) -> tuple[str, ...]:
        """Return the observation columns that the registry has."""
        if self.registry is None:
            return ()
        known = self.policy.observation.columns
        return tuple(name for name in self.registry.columns if name in known)

    def select(
        self,
        columns: Sequence[str],
        given: Mapping[str, KeyValue] | None = None,
        limit: int | None = None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some observation columns, sorted.

        Parameters
        ----------
        columns
            Observation columns. One that this registry lacks is None everywhere.
        given
            Values that the observations must have. With a column that this
            registry lacks nothing is found, as its values are missing.
        limit
            At most so many rows, None for all.

        Raises
        ------
        UnknownKeyError
            If the camera's observations have no such column.
        """
        given = given or {}
        known = self.policy.observation.columns
        for name in (*columns, *given):
            if name not in known:
                raise UnknownKeyError(name, known, f"the observations of {self.policy.name!r}")
        present = self.columns()
        wanted = [name for name in columns if name in present]
        if self.registry is None or not wanted or any(name not in present for name in given):
            return []
        rows = self.registry.select(wanted, given, limit, order_by=wanted)
        if len(wanted) == len(columns) and self._are_typed(wanted, rows):
            return rows
        places = {name: place for place, name in enumerate(wanted)}
        return [
            tuple(
                self._typed(name, row[places[name]]) if name in places else None for name in columns
            )
            for row in rows
        ]

    def determined(
        self, dataset_type: DatasetType, names: Iterable[str]
    ) -> dict[str, tuple[str, ...]]:
        """Return which observation columns follow from the keys of a dataset type.

        Parameters
        ----------
        dataset_type
            Whose keys.
        names
            The columns that are wanted.

        Returns
        -------
        dict
            Column to the keys that it follows from. Columns that are keys of
            the dataset type themselves, or follow from none, are left out.
        """
        table = self.policy.observation
        present = frozenset(self.columns())
        found = {}
        for name in names:
            if name in dataset_type.key_set or name not in present:
                continue
            ways = [table.unique, *(one.by for one in table.implied if name in one.columns)]
            for by in ways:
                if by and dataset_type.key_set.issuperset(by) and present.issuperset(by):
                    found[name] = tuple(by)
                    break
        return found

    def close(self) -> None:
        """Close the registry; it is opened again when needed."""
        if self.registry is not None:
            self.registry.close()

    def _are_typed(
        self, columns: Sequence[str], rows: Sequence[tuple[KeyValue | None, ...]]
    ) -> bool:
        """Tell whether all values have the types that the policy gives them."""
        python = [self.policy.keys.python_type(name) for name in columns]
        return all(
            type(value) is wanted and value != ""
            for row in rows
            for wanted, value in zip(python, row, strict=True)
        )

    def _typed(self, name: str, value: KeyValue | None) -> KeyValue | None:
        """Return a value in the type of its column; what does not fit is missing."""
        if value is None or value == "":
            return None
        try:
            return self.policy.keys.cast(name, value)
        except DataIdError:
            return None


def iter_ancestors(cfg: RepositoryCfg) -> list[RepositoryCfg]:
    """Return the Gen2 repositories above one, depth first, each once.

    Parameters
    ----------
    cfg
        The repository, which is not among them.
    """
    found: dict[str, RepositoryCfg] = {}
    waiting = list(reversed(cfg.parents))
    while waiting:
        place = waiting.pop()
        if place in found or place == cfg.root or not is_gen2_repository(place):
            continue
        found[place] = describe_repository(place)
        waiting += reversed(found[place].parents)
    return list(found.values())


def find_registry(cfg: RepositoryCfg, camera: str) -> RawRegistry | None:
    """Return the registry of a repository, or of the first one above it with the same camera.

    Parameters
    ----------
    cfg
        The repository.
    camera
        Short name of its camera.
    """
    for one in [cfg, *iter_ancestors(cfg)]:
        path = os.path.join(one.root, REGISTRY_NAME)
        if os.path.isfile(path) and (one is cfg or _has_camera(one, camera)):
            return RawRegistry(path)
    return None


def _has_camera(cfg: RepositoryCfg, camera: str) -> bool:
    try:
        return cfg.mapper_name is not None and canonical_name(cfg.mapper_name) == camera
    except UnknownMapperError:
        return False
