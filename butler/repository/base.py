"""What every repository offers to the chain, whatever wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from butler.data_id import DataId, KeyValue
    from butler.mapper import Mapper
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy
    from butler.registry.condition import Condition

__all__ = ["Found", "Repository", "RepositoryQuery", "StoredDataset"]


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """One dataset as a repository knows it.

    Parameters
    ----------
    dataset_type
        Name of the dataset type.
    data_id
        Every key of the template, typed.
    path
        Relative to the root of the repository, or absolute (a URI on a remote
        store) where the file lies elsewhere.
    hdu
        The HDU that holds it, where one file serves several datasets.
    size
        In bytes, None where no registry knows it.
    mtime_ns
        Modification time in nanoseconds since the epoch, None likewise.
    sha256
        Digest of the content, 32 bytes, None where it has not been computed.
    id
        Row number in its registry, None where no registry knows it.
    """

    dataset_type: str
    data_id: DataId
    path: str
    hdu: int | None = None
    size: int | None = None
    mtime_ns: int | None = None
    sha256: bytes | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A dataset and the repository that holds it.

    Parameters
    ----------
    repository
        The one that was found first.
    stored
        The dataset as it knows it.
    """

    repository: Repository
    stored: StoredDataset


@dataclass(frozen=True, slots=True)
class RepositoryQuery:
    """A question put to one repository.

    Parameters
    ----------
    dataset_type
        What is looked for.
    condition
        Typed literals; names are data-ID keys or observation columns. None
        for no condition.
    order_by
        Pairs of a name and whether it descends. The order is completed by the
        observation's unique keys and the canonical data ID, so that it is
        total and the same in every repository.
    limit
        At most so many rows, None for all.
    columns
        Observation columns that are wanted beside the data ID.
    """

    dataset_type: DatasetType
    condition: Condition | None = None
    order_by: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    columns: tuple[str, ...] = field(default=())


class Repository(Protocol):
    """A place that holds datasets."""

    @property
    def root(self) -> str:
        """Absolute path, or URI."""

    @property
    def mapper(self) -> Mapper:
        """The camera."""

    @property
    def policy(self) -> Policy:
        """The camera's policy with the dataset types that the repository adds."""

    @property
    def parents(self) -> tuple[str, ...]:
        """Absolute locations of its parents, in order."""

    @property
    def kind(self) -> Literal["native", "gen2"]:
        """Who wrote it."""

    @property
    def uuid(self) -> str | None:
        """Its identity, None where it has none."""

    @property
    def is_writable(self) -> bool:
        """Whether this user may write to it."""

    @property
    def unregistered(self) -> Repository | None:
        """What lies in it without being registered, asked right after it; None if nothing."""

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the dataset, or None.

        Parameters
        ----------
        dataset_type
            What is looked for.
        data_id
            At least the keys that the policy requires for the dataset type.

        Raises
        ------
        AmbiguousDataIdError
            If two datasets match.
        """

    def observations(
        self, columns: Sequence[str], given: Mapping[str, KeyValue], limit: int
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some columns of the observations.

        Parameters
        ----------
        columns
            Observation columns.
        given
            Values that the observations must have, by observation column.
        limit
            At most so many rows.
        """

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield the datasets that match, in order, with the wanted columns."""

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of columns over the datasets that match.

        Parameters
        ----------
        dataset_type
            Whose datasets.
        columns
            Data-ID keys or observation columns.
        condition
            As in a query.
        limit
            At most so many rows, None for all.
        """

    def dataset_types(self) -> Mapping[str, int]:
        """Return how many datasets of each type are there (zero ones left out)."""

    def uri(self, stored: StoredDataset) -> str:
        """Return the full address of a dataset's file."""

    def has_file(self, stored: StoredDataset) -> bool:
        """Tell whether the file is there; a link must lead somewhere."""

    def local(self, stored: StoredDataset) -> AbstractContextManager[str]:
        """Return a context in which the file has a path that a formatter can read."""

    def read_bytes(self, stored: StoredDataset) -> bytes:
        """Return the content of a small file."""

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at; empty if there was nothing to look at."""

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return why a calibration is chosen, or where any other dataset was looked for."""

    def use_calib_root(self, folder: str) -> None:
        """Read unregistered calibrations from another folder than ``CALIB`` from now on.

        Parameters
        ----------
        folder
            Absolute path of a directory.
        """

    def close(self) -> None:
        """Release connections; the repository can be used again."""
