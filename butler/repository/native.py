"""A repository of ours: ``butler.yaml``, a registry, and files."""

from __future__ import annotations

import os
from contextlib import nullcontext
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from butler.data_id import DataId
from butler.errors import AmbiguousDataIdError, ReadOnlyError, RepositoryError
from butler.registry.condition import Everything
from butler.registry.rows import FIRST_VALUE, RegistryQuery
from butler.repository.base import StoredDataset
from butler.repository.calibration_choice import CalibrationChoice, wants_date
from butler.repository.config import read_config
from butler.repository.embedded import EmbeddedRepository
from butler.repository.locations import is_remote, parent_as_opened
from butler.repository.ownership import claim_root
from butler.repository.remote import read_remote_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from butler.data_id import KeyValue
    from butler.mapper import Mapper
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy
    from butler.registry.condition import Condition
    from butler.registry.database import Row
    from butler.registry.registry import Registry
    from butler.registry.rows import StoredRow
    from butler.repository.base import RepositoryQuery
    from butler.repository.config import RepositoryConfig
    from butler.storage.store import Store

__all__ = ["NativeRepository", "lock_path", "registry_place", "stored_dataset"]

_CALIBRATIONS = "CALIB"
_EVERYTHING = Everything()


def registry_place(root: str, config: RepositoryConfig) -> str:
    """Return where the registry of a repository is, as `Registry.open` takes it."""
    if "://" in config.registry or config.registry.startswith("memory:"):
        return config.registry
    return os.path.join(root, config.registry)


def lock_path(root: str) -> str | None:
    """Return the side file on which the writers of a repository queue."""
    return None if is_remote(root) else os.path.join(root, ".butler", "lock")


class NativeRepository:
    """A repository of ours.

    Parameters
    ----------
    root
        Absolute path or URL.

    Raises
    ------
    RepositoryError
        If ``butler.yaml`` cannot be read.
    UnknownMapperError
        If its camera is not installed.
    """

    kind: Literal["native", "gen2"] = "native"

    def __init__(self, root: str) -> None:
        self.root = root
        self.config = read_remote_config(root) if is_remote(root) else read_config(root)
        self.uuid: str | None = self.config.uuid
        self.mapper, self.policy = _camera(root, self.config)
        self.parents = tuple(parent_as_opened(root, one) for one in self.config.parents)
        self._calib_root: str | None = None

    @cached_property
    def is_writable(self) -> bool:
        """Whether this user may write here."""
        return (is_remote(self.root) or os.access(self.root, os.W_OK)) and self.registry.is_writable

    @cached_property
    def store(self) -> Store:
        """Where the files are."""
        if is_remote(self.root):
            from butler.storage.fsspec_store import FsspecStore

            return FsspecStore(self.root)
        from butler.storage.local_store import LocalStore

        return LocalStore(self.root, is_durable=self.config.durability == "full")

    @cached_property
    def registry(self) -> Registry:
        """Where the rows are, opened when it is first asked."""
        from butler.registry.registry import Registry

        registry = Registry.open(
            registry_place(self.root, self.config),
            uuid=self.config.uuid,
            lock_path=lock_path(self.root),
        )
        if registry.uuid != self.config.uuid:
            raise RepositoryError(
                f"The registry of {self.root} belongs to another repository "
                f"({registry.uuid}, not {self.config.uuid})."
            )
        if registry.camera != self.mapper.name:
            raise RepositoryError(
                f"The registry of {self.root} is of the camera {registry.camera!r}, but its "
                f"butler.yaml says {self.config.camera!r}: correct the file."
            )
        if "://" in self.config.registry and not is_remote(self.root):
            claim_root(registry, self.root)
        return registry

    @cached_property
    def unregistered(self) -> EmbeddedRepository | None:
        """Calibrations and reference catalogs that lie here without being registered."""
        if is_remote(self.root):
            return None
        return EmbeddedRepository(
            self.root,
            self.mapper,
            self.policy,
            self._lookup,
            self._registered,
            self._calib_root,
        )

    def use_calib_root(self, folder: str) -> None:
        """Read unregistered calibrations from another folder; see `Repository.use_calib_root`."""
        self._calib_root = folder
        before = self.__dict__.pop("unregistered", None)
        if before is not None:
            before.close()

    def require_writable(self) -> None:
        """Refuse a repository that may not be written.

        Raises
        ------
        ReadOnlyError
            With the way out.
        """
        if not self.is_writable:
            raise ReadOnlyError(
                f"{self.root} may not be written by you. Work in a rerun of your own on top of "
                f"it: butler create RERUN --parent {self.root}, or in Python "
                f"Butler(inputs={self.root!r}, outputs=...)"
            )

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the dataset, or None; see `Repository.find`.

        A dated calibration that is asked for without its date is chosen by its
        validity range alone: one without a range serves nobody unasked.
        """
        if wants_date(dataset_type, data_id):
            row = self._choice(dataset_type, data_id).find()
            return None if row is None else _stored(dataset_type, row)
        rows = self.registry.find(dataset_type.name, dataset_type.keys, data_id)
        if len(rows) == 1:
            return _stored(dataset_type, rows[0])
        if rows:
            raise self._ambiguous(dataset_type, data_id, rows)
        return None

    def _choice(self, kind: DatasetType, data_id: DataId) -> CalibrationChoice:
        return CalibrationChoice(self.registry, self.root, kind, data_id)

    def _ambiguous(
        self, dataset_type: DatasetType, data_id: DataId, rows: Sequence[StoredRow]
    ) -> AmbiguousDataIdError:
        candidates = [_stored(dataset_type, row).data_id for row in rows]
        return AmbiguousDataIdError(
            f"Several datasets of type {dataset_type.name!r} in {self.root} match {data_id}, "
            f"among them:",
            candidates,
        )

    def _lookup(
        self, columns: Sequence[str], given: Mapping[str, KeyValue]
    ) -> list[tuple[KeyValue | None, ...]]:
        return self.observations(columns, given, 2)

    def _registered(self, paths: Sequence[str]) -> set[str]:
        """Return which paths are registered, of types that may lie here without a row."""
        kinds = [kind.name for kind in self.policy.dataset_types.values() if kind.embedded]
        return self.registry.paths_in_use(paths, kinds) if paths else set()

    def observations(
        self, columns: Sequence[str], given: Mapping[str, KeyValue], limit: int
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return distinct values of observation columns; see `Repository.observations`."""
        known = self.registry.observation.columns
        if any(name not in known for name in (*columns, *given)):
            return []
        return self.registry.observations(columns, given, limit)

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield the datasets that match; see `Repository.query`."""
        kind = query.dataset_type
        order = _shown_order(kind)
        first = FIRST_VALUE
        last = first + len(kind.keys)
        trusted = DataId.trusted
        for row in self.rows(query):
            data_id = trusted({key: row[first + n] for key, n in order})  # type: ignore[misc]
            yield stored_dataset(kind.name, data_id, row), row[last:]  # type: ignore[misc]

    def rows(self, query: RepositoryQuery) -> Iterator[Row]:
        """Yield the datasets that match as `RegistryQuery` tuples, which are cheap."""
        kind = query.dataset_type
        question = RegistryQuery(
            kind.name,
            kind.keys,
            query.condition or _EVERYTHING,
            query.order_by,
            query.limit,
            query.columns,
        )
        return self.registry.query_tuples(question)

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return distinct values over the datasets; see `Repository.distinct`."""
        return self.registry.distinct_values(
            dataset_type.name, dataset_type.keys, columns, condition or _EVERYTHING, limit=limit
        )

    def dataset_types(self) -> Mapping[str, int]:
        """Return how many datasets of each type are registered."""
        return {name: count for name, count, _ in self.registry.counts_by_type()}

    def uri(self, stored: StoredDataset) -> str:
        """Return the full address of a dataset's file."""
        if stored.path.startswith("/") or "://" in stored.path:
            return stored.path
        return self.store.uri(stored.path)

    def has_file(self, stored: StoredDataset) -> bool:
        """Tell whether the file is there."""
        if self._is_elsewhere(stored):
            return os.path.exists(stored.path)
        return self.store.facts(stored.path) is not None

    def _is_elsewhere(self, stored: StoredDataset) -> bool:
        """Tell whether a local file was registered where it lies, in a remote repository."""
        return is_remote(self.root) and stored.path.startswith("/")

    def local(self, stored: StoredDataset) -> AbstractContextManager[str]:
        """Return a context in which the file has a local path."""
        if not is_remote(self.root) or self._is_elsewhere(stored):
            return nullcontext(os.path.join(self.root, stored.path))
        return self.store.local(stored.path)

    def read_bytes(self, stored: StoredDataset) -> bytes:
        """Return the content of a small file."""
        if self._is_elsewhere(stored):
            with open(stored.path, "rb") as file:
                return file.read()
        return self.store.read_bytes(stored.path)

    def target_path(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return where a dataset of this data ID is written, relative to the root.

        Parameters
        ----------
        dataset_type
            Has a template.
        data_id
            Every key of it.
        """
        template = dataset_type.template
        assert template is not None  # noqa: S101 - callers have refused computed types
        path = template.format(data_id)
        return f"{_CALIBRATIONS}/{path}" if dataset_type.category == "calibration" else path

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at, for error messages."""
        if wants_date(dataset_type, data_id):
            return self._choice(dataset_type, data_id).describe()
        if dataset_type.template is not None and dataset_type.key_set <= data_id.keys():
            return f"{self.uri_of_target(dataset_type, data_id)} (not in the registry)"
        return f"{self.root} (registry)"

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return why a registered calibration is chosen or none, or what else was looked at."""
        if wants_date(dataset_type, data_id):
            return self._choice(dataset_type, data_id).explain()
        stored = self.find(dataset_type, data_id)
        if stored is not None and stored.id is not None:
            return self._ranges(stored.id) if dataset_type.is_dated else ""
        return self.describe_place(dataset_type, data_id)

    def _ranges(self, number: int) -> str:
        from butler.registry.validity import Range

        found = self.registry.ranges_of([number]).get(number, ())
        ranges = ", ".join(str(Range(begin, end)) for begin, end in found)
        return f"named by its own date; {f'valid in {ranges}' if ranges else 'it has no range'}"

    def uri_of_target(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return the full address of where a dataset of this data ID is written."""
        return self.store.uri(self.target_path(dataset_type, data_id))

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        if "registry" in self.__dict__:
            self.registry.close()
        embedded = self.__dict__.get("unregistered")
        if embedded is not None:
            embedded.close()


def _camera(root: str, config: RepositoryConfig) -> tuple[Mapper, Policy]:
    from butler.mapper_lookup import find_mapper

    mapper = find_mapper(config.camera)
    if not config.dataset_types:
        return mapper, mapper.policy
    from butler.policies.policy import merge_dataset_types

    source = os.path.join(root, "butler.yaml")
    return mapper, merge_dataset_types(mapper.policy, config.dataset_types, source=source)


@lru_cache(maxsize=1024)
def _shown_order(dataset_type: DatasetType) -> tuple[tuple[str, int], ...]:
    """Return the keys as a template shows them, each with its place in identity order."""
    template = dataset_type.template
    keys = dataset_type.keys if template is None else template.keys
    return tuple((key, dataset_type.keys.index(key)) for key in keys)


def stored_dataset(dataset_type: str, data_id: DataId, row: Row) -> StoredDataset:
    """Return what a plain tuple says of a dataset.

    Parameters
    ----------
    dataset_type, data_id
        What it is.
    row
        From `NativeRepository.rows`.
    """
    return StoredDataset(dataset_type, data_id, *row[2:FIRST_VALUE], id=row[0])  # type: ignore[arg-type, misc]


def _stored(dataset_type: DatasetType, row: StoredRow) -> StoredDataset:
    values = {key: row.values[n] for key, n in _shown_order(dataset_type)}
    data_id = DataId.trusted(values)  # type: ignore[arg-type]  # keys of a template are never null
    return StoredDataset(
        dataset_type.name, data_id, row.path, row.hdu, row.size, row.mtime_ns, row.sha256, row.id
    )
