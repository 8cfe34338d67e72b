"""What lies in a repository of ours without being registered, as a repository behind it.

``CALIB`` with its Gen2 registry and ``ref_cats`` are linked in by hand. They
are asked after the registry, and only for the dataset types that may lie there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from butler.repository.gen2.embedded import CALIB_NAME, CALIB_REGISTRY_NAME, EmbeddedSources
from butler.repository.gen2.observations import Gen2Observations
from butler.repository.gen2.search import Gen2Search
from butler.repository.plain_files import PlainFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.mapper import Mapper
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy
    from butler.registry.condition import Condition
    from butler.repository.base import RepositoryQuery, StoredDataset

    Registered = Callable[[Sequence[str]], set[str]]
    Lookup = Callable[[Sequence[str], Mapping[str, KeyValue]], list[tuple[KeyValue | None, ...]]]

__all__ = ["EmbeddedRepository"]


class EmbeddedRepository(PlainFiles):
    """The embedded sources of one repository, read only.

    Parameters
    ----------
    root
        Path of the repository.
    mapper
        Its camera.
    policy
        Its policy.
    lookup
        Asks the observations of the repository: columns, and values that they
        must have.
    registered
        Tells which of some paths, relative to the root, are registered: these
        do not merely lie there.
    calib_root
        Where calibrations lie if not in ``CALIB``.
    """

    kind: Literal["native", "gen2"] = "gen2"
    uuid: str | None = None
    parents: tuple[str, ...] = ()
    is_writable = False
    unregistered = None

    def __init__(
        self,
        root: str,
        mapper: Mapper,
        policy: Policy,
        lookup: Lookup,
        registered: Registered = lambda _paths: set(),
        calib_root: str | None = None,
    ) -> None:
        self.root = root
        self.mapper = mapper
        self.policy = policy
        self.sources = EmbeddedSources(root, policy, calib_root=calib_root)
        self._lookup = lookup
        self._registered = registered
        self._search = Gen2Search(root, Gen2Observations(policy, None), self.sources)

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the dataset, or None; see `Repository.find`."""
        return self.sources.find(dataset_type, data_id, self._lookup)

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield the files that match; see `Repository.query`."""
        return self._search.run(query)

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return distinct values over the files; see `Repository.distinct`."""
        return self._search.distinct(dataset_type, columns, condition, limit)

    def dataset_types(self) -> Mapping[str, int]:
        """Return how many files of each type are there."""
        kinds = (kind for kind in self.policy.dataset_types.values() if kind.embedded)
        counts = {kind.name: self._count(kind) for kind in kinds}
        return {name: count for name, count in counts.items() if count}

    def _count(self, kind: DatasetType) -> int:
        paths = [stored.path for stored in self.sources.iter_datasets(kind)]
        return len(paths) - len(self._registered(paths)) if paths else 0

    def uri(self, stored: StoredDataset) -> str:
        """Return the absolute path of a file."""
        return os.path.join(self.root, stored.path)

    def describe(self) -> tuple[str, ...]:
        """Return one line for each source that is there and not registered."""
        catalogs = tuple(filter(self._merely_lies, self.sources.catalogs()))
        if self._reads_calibrations():
            return (self.sources.describe_calibrations(), *catalogs)
        return catalogs

    def _reads_calibrations(self) -> bool:
        """Tell whether the folder of calibrations holds what is not registered, or may hold it."""
        folder = self.sources.calib_root
        if not os.path.isdir(folder) or self.sources.has_calib_registry():
            return os.path.isdir(folder)
        kinds = self.policy.dataset_types.values()
        dated = [kind for kind in kinds if kind.embedded == CALIB_NAME]
        if any(map(self._count, dated)):
            return True
        found = (stored for kind in dated for stored in self.sources.iter_datasets(kind))
        return os.path.islink(folder) and next(found, None) is None

    def _merely_lies(self, line: str) -> bool:
        """Tell whether the folder of a catalog holds files, and none that is registered."""
        folder = os.path.join(self.root, line)
        if os.path.islink(folder):
            return True
        paths = [f"{line}/{name}" for name in os.listdir(folder) if not name.startswith(".")]
        if not paths or self._registered(paths):
            return False
        return not all(map(self.sources.is_unfinished, paths))  # of a writer who died, or works

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at, empty if there is nothing to look at."""
        folder = self.sources.folder_of(dataset_type)
        if not os.path.isdir(folder):
            return ""
        is_ours = dataset_type.is_dated and not os.path.islink(folder)
        if is_ours and not os.path.isfile(os.path.join(folder, CALIB_REGISTRY_NAME)):
            return ""  # where our own calibrations lie
        return self.sources.describe_place(dataset_type, data_id, self._lookup)

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return why a calibration is chosen, or what there is to choose from."""
        return self.sources.explain(dataset_type, data_id, self._lookup)

    def close(self) -> None:
        """Close the registry; it is opened again when needed."""
        self.sources.close()
