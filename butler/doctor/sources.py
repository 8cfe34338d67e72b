"""Other repositories that may have what one has lost."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from butler.data_id import DataId
from butler.errors import ButlerError
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository
from butler.repository.reruns import known_reruns
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from butler.registry.inspection import DatasetRecord

__all__ = ["Source", "Sources"]


class Source(NamedTuple):
    """A file of the right content: the repository that has it, and its absolute path."""

    root: str
    path: str


class Sources:
    """Looks for lost datasets in other local repositories of ours.

    Parameters
    ----------
    repository
        Which has lost something.
    named
        Where the user wants to have it brought back from.
    """

    def __init__(self, repository: NativeRepository, named: Sequence[str]) -> None:
        self.repository = repository
        self._named = [absolute_location(one) for one in named]
        self._open: dict[str, NativeRepository | None] = {}

    def close(self) -> None:
        """Close the repositories that were opened."""
        for one in self._open.values():
            if one is not None:
                one.close()

    @cached_property
    def _relatives(self) -> list[str]:
        """The parents and the known reruns."""
        try:
            reruns = [one.root for one in known_reruns(self.repository.root)]
        except ButlerError:
            reruns = []
        return [*self.repository.parents, *reruns]

    def named(self, record: DatasetRecord) -> Source | None:
        """Return a file of the right content in a repository that the user named.

        Raises
        ------
        RepositoryNotFoundError
            If there is no such repository.
        """
        for root in self._named:
            found = self._find(self._opened(root), record, must_read=True)
            if found is not None:
                return found
        return None

    def relative(self, record: DatasetRecord) -> Source | None:
        """Return a file of the right content in a parent or a known rerun."""
        for root in self._relatives:
            try:
                found = self._find(self._opened(root), record, must_read=False)
            except (ButlerError, OSError):
                continue
            if found is not None:
                return found
        return None

    def _opened(self, root: str) -> NativeRepository | None:
        if root not in self._open:
            opened = None if is_remote(root) else open_repository(root)
            self._open[root] = opened if isinstance(opened, NativeRepository) else None
        return self._open[root]

    def _find(
        self, other: NativeRepository | None, record: DatasetRecord, *, must_read: bool
    ) -> Source | None:
        if other is None or record.sha256 is None:
            return None
        for path in self._places(other, record, must_read=must_read):
            try:
                if os.path.getsize(path) == record.size:
                    return Source(other.root, path)
            except OSError:
                continue
        return None

    def _places(
        self, other: NativeRepository, record: DatasetRecord, *, must_read: bool
    ) -> Iterator[str]:
        """Yield the files of the same dataset that are registered with the same content."""
        types = self.repository.registry.dataset_types().values()
        kind = next((one for one in types if one.id == record.type_id), None)
        if kind is None:
            return
        for row in self.repository.registry.rows_by_id([record.id], kind.keys):
            values = dict(zip(kind.keys, row.values, strict=True))
            data_id = DataId.trusted({k: v for k, v in values.items() if v is not None})
            for found in other.registry.find(kind.name, kind.keys, data_id):
                path = os.path.join(other.root, found.path)
                digest = found.sha256
                if digest is None and must_read and os.path.isfile(path):
                    digest = digest_file(path)
                if digest == record.sha256:
                    yield path
