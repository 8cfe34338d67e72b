"""Gen2's spellings, as one-line delegations to ours, undeprecated and everywhere.

Each calls the method of the PEP 8 name on ``self``, so that an override of
that one is what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import DataId, KeyValue

Access = TypeVar("Access")
Ref = TypeVar("Ref")
Refs = TypeVar("Refs")

__all__ = ["ButlerGen2Names", "DataRefGen2Names", "SubsetGen2Names", "modern_keywords"]

_KEYWORDS = {"dataId": "data_id", "doBackup": "backup", "imageOrigin": "origin"}


def modern_keywords(keywords: Mapping[str, object]) -> dict[str, object]:
    """Return keywords with Gen2's spellings replaced by ours."""
    return {_KEYWORDS.get(name, name): value for name, value in keywords.items()}


class ButlerGen2Names(Generic[Ref]):
    """`Butler` as Gen2 spelled it."""

    __slots__ = ()

    if TYPE_CHECKING:

        def data_ref(
            self,
            dataset_type: str,
            level: str | None = None,
            data_id: Mapping[str, object] | None = None,
            **keywords: object,
        ) -> Ref: ...
        def dataset_exists(
            self,
            dataset_type: str,
            data_id: Mapping[str, object] | None = None,
            *,
            write: bool = False,
            **keywords: object,
        ) -> bool: ...
        def define_alias(self, alias: str, dataset_type: str) -> None: ...
        def get_dataset_types(self) -> set[str]: ...
        def get_keys(
            self, dataset_type: str | None = None, level: str | None = None
        ) -> dict[str, type]: ...
        def get_uri(
            self,
            dataset_type: str,
            data_id: Mapping[str, object] | None = None,
            *,
            write: bool = False,
            **keywords: object,
        ) -> str: ...
        def query_metadata(
            self,
            dataset_type: str,
            columns: str | Sequence[str],
            data_id: Mapping[str, object] | None = None,
            **keywords: object,
        ) -> list[KeyValue | None] | list[tuple[KeyValue | None, ...]]: ...

    def dataRef(
        self,
        datasetType: str,
        level: str | None = None,
        dataId: Mapping[str, object] | None = None,
        **rest: object,
    ) -> Ref:
        """See `data_ref`."""
        return self.data_ref(datasetType, level, dataId, **rest)

    def datasetExists(
        self,
        datasetType: str,
        dataId: Mapping[str, object] | None = None,
        write: bool = False,  # noqa: FBT001, FBT002
        **rest: object,
    ) -> bool:
        """See `dataset_exists`."""
        return self.dataset_exists(datasetType, dataId, write=write, **rest)

    def defineAlias(self, alias: str, datasetType: str) -> None:
        """See `define_alias`."""
        self.define_alias(alias, datasetType)

    def getDatasetTypes(self) -> set[str]:
        """See `get_dataset_types`."""
        return self.get_dataset_types()

    def getKeys(
        self,
        datasetType: str | None = None,
        level: str | None = None,
    ) -> dict[str, type]:
        """See `get_keys`."""
        return self.get_keys(datasetType, level)

    def getUri(
        self,
        datasetType: str,
        dataId: Mapping[str, object] | None = None,
        write: bool = False,  # noqa: FBT001, FBT002
        **rest: object,
    ) -> str:
        """See `get_uri`."""
        return self.get_uri(datasetType, dataId, write=write, **rest)

    def queryMetadata(
        self,
        datasetType: str,
        format: str | Sequence[str],  # noqa: A002
        dataId: Mapping[str, object] | None = None,
        **rest: object,
    ) -> list[KeyValue | None] | list[tuple[KeyValue | None, ...]]:
        """See `query_metadata`."""
        return self.query_metadata(datasetType, format, dataId, **rest)


class DataRefGen2Names(Generic[Access, Refs]):
    """`DataRef` as Gen2 spelled it."""

    __slots__ = ()

    if TYPE_CHECKING:
        butler: Access
        data_id: DataId

        def dataset_exists(
            self, dataset_type: str | None = None, *, write: bool = False, **keywords: object
        ) -> bool: ...
        def get_uri(
            self, dataset_type: str | None = None, *, write: bool = False, **keywords: object
        ) -> str: ...
        def sub_items(self, level: str | None = None) -> Refs: ...
        def sub_levels(self) -> set[str]: ...

    @property
    def dataId(self) -> DataId:
        """See `data_id`."""
        return self.data_id

    def datasetExists(
        self,
        datasetType: str | None = None,
        write: bool = False,  # noqa: FBT001, FBT002
        **rest: object,
    ) -> bool:
        """See `dataset_exists`."""
        return self.dataset_exists(datasetType, write=write, **rest)

    def getButler(self) -> Access:
        """Return the Butler."""
        return self.butler

    def getUri(
        self,
        datasetType: str | None = None,
        write: bool = False,  # noqa: FBT001, FBT002
        **rest: object,
    ) -> str:
        """See `get_uri`."""
        return self.get_uri(datasetType, write=write, **rest)

    def subItems(self, level: str | None = None) -> Refs:
        """See `sub_items`."""
        return self.sub_items(level)

    def subLevels(self) -> set[str]:
        """See `sub_levels`."""
        return self.sub_levels()


class SubsetGen2Names:
    """`Subset` as Gen2 spelled it."""

    __slots__ = ()

    if TYPE_CHECKING:
        data_ids: tuple[DataId, ...]
        dataset_type: str

    @property
    def cache(self) -> tuple[DataId, ...]:
        """The data IDs."""
        return self.data_ids

    @property
    def datasetType(self) -> str:
        """See `dataset_type`."""
        return self.dataset_type
