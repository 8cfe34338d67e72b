"""Data refs: a data ID together with the Butler that can resolve it, and subsets of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, overload

from butler.gen2_names import DataRefGen2Names, SubsetGen2Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import DataId
    from butler.registry.rows import Provenance

__all__ = ["DataRef", "DatasetAccess", "Subset"]


class DatasetAccess(Protocol):
    """What a data ref asks of its Butler."""

    def get(
        self, dataset_type: str, data_id: Mapping[str, object] | None = None, **keywords: object
    ) -> object:
        """Return a dataset."""

    def put(
        self,
        obj: object,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
        **keywords: object,
    ) -> None:
        """Write a dataset."""

    def dataset_exists(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        write: bool = False,
        **keywords: object,
    ) -> bool:
        """Tell whether a dataset is there."""

    def get_uri(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        write: bool = False,
        **keywords: object,
    ) -> str:
        """Return where a dataset is."""

    def get_keys(
        self, dataset_type: str | None = None, level: str | None = None
    ) -> dict[str, type]:
        """Return the keys of a dataset type at a level."""

    def subset(
        self,
        dataset_type: str,
        level: str | None = None,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> Subset:
        """Return the data refs of a dataset type."""

    def sub_level(self, dataset_type: str, level: str | None) -> str | None:
        """Return the level below a level, None at the finest."""


class DataRef(DataRefGen2Names[DatasetAccess, "Subset"]):
    """A data ID with a Butler, for tasks to read from and write to.

    Parameters
    ----------
    butler
        Where from and where to.
    dataset_type
        What it refers to unless a method says otherwise.
    data_id
        Typed keys.
    level
        The level at which the keys are complete, None for the camera's
        default one.
    """

    __slots__ = ("butler", "data_id", "dataset_type", "level")

    def __init__(
        self, butler: DatasetAccess, dataset_type: str, data_id: DataId, level: str | None = None
    ) -> None:
        self.butler = butler
        self.dataset_type = dataset_type
        self.data_id = data_id
        self.level = level

    def get(self, dataset_type: str | None = None, **keywords: object) -> object:
        """Return a dataset for this data ID; see `Butler.get`.

        Parameters
        ----------
        dataset_type
            Any dataset type that these keys can name, None for the ref's own.
        **keywords
            Further keys, and read parameters such as ``bbox``.
        """
        return self.butler.get(dataset_type or self.dataset_type, self.data_id, **keywords)

    def put(
        self,
        obj: object,
        dataset_type: str | None = None,
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
        **keywords: object,
    ) -> None:
        """Write a dataset for this data ID; see `Butler.put`."""
        self.butler.put(
            obj,
            dataset_type or self.dataset_type,
            self.data_id,
            replace=replace,
            backup=backup,
            provenance=provenance,
            **keywords,
        )

    def dataset_exists(
        self, dataset_type: str | None = None, *, write: bool = False, **keywords: object
    ) -> bool:
        """Tell whether a dataset is there for this data ID; see `Butler.dataset_exists`."""
        name = dataset_type or self.dataset_type
        return self.butler.dataset_exists(name, self.data_id, write=write, **keywords)

    def get_uri(
        self, dataset_type: str | None = None, *, write: bool = False, **keywords: object
    ) -> str:
        """Return where a dataset is for this data ID; see `Butler.get_uri`."""
        name = dataset_type or self.dataset_type
        return self.butler.get_uri(name, self.data_id, write=write, **keywords)

    def sub_levels(self) -> set[str]:
        """Return the keys of the dataset type that are finer than this ref's level."""
        every = set(self.butler.get_keys(self.dataset_type))
        return every - set(self.butler.get_keys(self.dataset_type, self.level or ""))

    def sub_items(self, level: str | None = None) -> Subset:
        """Return the data refs one level down.

        Parameters
        ----------
        level
            Another level, None for the one that the camera puts below this.
        """
        below = level or self.butler.sub_level(self.dataset_type, self.level)
        if below is None:
            return Subset(self.butler, self.dataset_type, self.level, ())
        return self.butler.subset(self.dataset_type, below, self.data_id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DataRef):
            return NotImplemented
        mine = (self.butler, self.dataset_type, self.data_id, self.level)
        return mine == (other.butler, other.dataset_type, other.data_id, other.level)

    def __hash__(self) -> int:
        return hash((self.dataset_type, self.data_id, self.level))

    def __reduce__(self) -> tuple[object, ...]:
        return DataRef, (self.butler, self.dataset_type, self.data_id, self.level)

    def __repr__(self) -> str:
        return f"DataRef({self.dataset_type!r}, {self.data_id})"


class Subset(SubsetGen2Names, Sequence[DataRef]):
    """Data refs of one dataset type at one level, in order.

    Parameters
    ----------
    butler
        Where the refs read and write.
    dataset_type
        Whose data IDs.
    level
        The level, None for the camera's default one.
    data_ids
        One for each ref.
    """

    __slots__ = ("butler", "data_ids", "dataset_type", "level")

    def __init__(
        self,
        butler: DatasetAccess,
        dataset_type: str,
        level: str | None,
        data_ids: Sequence[DataId],
    ) -> None:
        self.butler = butler
        self.dataset_type = dataset_type
        self.level = level
        self.data_ids = tuple(data_ids)

    @overload
    def __getitem__(self, index: int) -> DataRef: ...
    @overload
    def __getitem__(self, index: slice) -> Subset: ...
    def __getitem__(self, index: int | slice) -> DataRef | Subset:
        if isinstance(index, slice):
            return Subset(self.butler, self.dataset_type, self.level, self.data_ids[index])
        return DataRef(self.butler, self.dataset_type, self.data_ids[index], self.level)

    def __len__(self) -> int:
        return len(self.data_ids)

    def __iter__(self) -> Iterator[DataRef]:
        for data_id in self.data_ids:
            yield DataRef(self.butler, self.dataset_type, data_id, self.level)

    def __repr__(self) -> str:
        return f"Subset({self.dataset_type!r}, {len(self)} data IDs)"
