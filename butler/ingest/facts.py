"""What a plan needs to know of the repository and of the files on disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

from butler.storage.store import digest_file

if TYPE_CHECKING:
    from butler.data_id import DataId
    from butler.ingest.candidate import Candidate
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import StoredRow
    from butler.repository.native import NativeRepository

__all__ = ["Comparison", "Facts", "RepositoryFacts"]


class Comparison(NamedTuple):
    """Whether two files have the same content, and what to say about it."""

    is_same: bool
    reason: str = ""
    warnings: tuple[str, ...] = ()


class Facts(Protocol):
    """What a plan asks."""

    def find(self, data_id: DataId) -> StoredRow | None:
        """Return what is registered for a raw file.

        Parameters
        ----------
        data_id
            Every key of the template. Another file of the same observation
            counts, even if the rest of its data ID differs.
        """

    def target(self, data_id: DataId) -> str:
        """Return where a raw file belongs, relative to the root.

        Raises
        ------
        TemplateError
            If a value has no place in a path.
        """

    def exists(self, target: str) -> bool:
        """Tell whether there is anything at a place of the repository, a dangling link too."""

    def compare(self, candidate: Candidate, path: str, row: StoredRow | None) -> Comparison:
        """Compare a file with one that is there.

        Parameters
        ----------
        candidate
            The file.
        path
            What it is compared with: relative to the root, or absolute.
        row
            What the registry says of that, if it does.
        """


class RepositoryFacts:
    """The facts of one repository on a local disk.

    Parameters
    ----------
    repository
        The repository.
    kind
        The dataset type of the files. A raw file is known by its observation
        alone, any other by its whole data ID.
    """

    def __init__(self, repository: NativeRepository, kind: DatasetType) -> None:
        self._repository = repository
        self._kind = kind
        unique = repository.policy.observation.unique
        is_raw = kind.category == "raw" and kind.key_set.issuperset(unique)
        self._unique = unique if is_raw else ()
        self._root = f"{repository.root.rstrip('/')}/"

    def find(self, data_id: DataId) -> StoredRow | None:
        """Return what is registered; see `Facts.find`."""
        searched = data_id.subset(self._unique) if self._unique else data_id
        rows = self._repository.registry.find(self._kind.name, self._kind.keys, searched)
        return rows[0] if rows else None

    def target(self, data_id: DataId) -> str:
        """Return where a raw file belongs; see `Facts.target`."""
        return self._repository.target_path(self._kind, data_id)

    def exists(self, target: str) -> bool:
        """Tell whether there is anything; see `Facts.exists`."""
        return os.path.lexists(self._root + target)

    def compare(self, candidate: Candidate, path: str, row: StoredRow | None) -> Comparison:
        """Compare two files, by their content if need be; see `Facts.compare`."""
        full = os.path.join(self._root, path)
        try:
            there = os.stat(full)
            if there.st_ino == candidate.inode and os.path.samefile(full, candidate.source):
                return _compare_with_itself(candidate, row)
            if there.st_size != candidate.size:
                reason = f"{full} has {there.st_size} bytes, this file {candidate.size}"
                return Comparison(is_same=False, reason=reason)
            known = row.sha256 if row is not None and row.sha256 is not None else digest_file(full)
            if known == digest_file(candidate.source):
                return Comparison(is_same=True)
        except FileNotFoundError:
            what = "is a link to nothing"
            if row is not None:
                what = "is registered but missing; to forget it: butler rm"
            return Comparison(is_same=False, reason=f"{full} {what}")
        except OSError as error:
            return Comparison(
                is_same=False, reason=f"{full} cannot be compared with it ({error.strerror})"
            )
        return Comparison(is_same=False, reason=f"{full} has other content of the same size")


def _compare_with_itself(candidate: Candidate, row: StoredRow | None) -> Comparison:
    """Tell whether a registered file is still what it was."""
    if row is None or (row.size, row.mtime_ns) == (candidate.size, candidate.mtime_ns):
        return Comparison(is_same=True)
    if row.sha256 is not None:
        if digest_file(candidate.source) == row.sha256:
            return Comparison(is_same=True)
    elif row.size == candidate.size:
        touched = "written to since it was ingested without a checksum: perhaps it has changed"
        return Comparison(is_same=True, warnings=(touched,))
    return Comparison(is_same=False, reason="this very file was ingested, and has changed since")
