"""Files that a user names for one Butler, in place of whatever is registered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from butler.errors import DatasetNotFoundError, ParameterError
from butler.policies.template import Template
from butler.repository.base import StoredDataset
from butler.repository.plain_files import PlainFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.base import Repository, RepositoryQuery

__all__ = ["UserFiles"]

_NAMED = "It was named with --user-calib or user_calibs=."


class UserFiles(PlainFiles):
    """Calibrations by dataset type, as a repository in front of all others.

    Parameters
    ----------
    files
        Dataset type to a path, which may hold keys of the data ID that is
        asked for: ``flat-{ccd:03d}.fits``.
    first
        The first repository of the chain, whose camera it is.
    kind_of
        Returns the dataset type of a name.

    Raises
    ------
    ParameterError
        If a type is no calibration.
    UnknownDatasetTypeError
        If no repository has such a type.
    DatasetNotFoundError
        If there is no such file.
    TemplateError
        If the keys in a path cannot be understood.
    """

    kind: Literal["native", "gen2"] = "gen2"
    uuid: str | None = None
    parents: tuple[str, ...] = ()
    is_writable = False
    unregistered = None
    root = "(named by the user)"

    def __init__(
        self,
        files: Mapping[str, str | PathLike[str]],
        first: Repository,
        kind_of: Callable[[str], DatasetType],
    ) -> None:
        self.mapper, self.policy = first.mapper, first.policy
        self.files = {name: os.path.abspath(os.fspath(path)) for name, path in files.items()}
        self._templates: dict[str, Template] = {}
        for name, path in self.files.items():
            kind = kind_of(name)
            if kind.category != "calibration":
                raise ParameterError(f"{name!r} is no calibration, so that no file can stand in.")
            if "{" in path:
                self._templates[name] = Template(path.lstrip("/"), self.policy.keys)
            else:
                self._stored(kind, path)

    def _stored(self, kind: DatasetType, path: str, data_id: DataId | None = None) -> StoredDataset:
        from butler.data_id import DataId

        asked = DataId() if data_id is None else data_id
        try:
            status = os.stat(path)
        except OSError:
            status = None
        if status is None or not os.path.isfile(path):
            raise DatasetNotFoundError(kind.name, str(asked), [path], _NAMED)
        return StoredDataset(
            kind.name,
            asked.subset(kind.keys),
            path,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
        )

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the file; see `Repository.find`.

        Raises
        ------
        DatasetNotFoundError
            If it is not there: what was asked for by name is not looked for
            elsewhere.
        TemplateError
            If its path holds a key that the data ID lacks.
        """
        name = dataset_type.name
        if name not in self.files:
            return None
        template = self._templates.get(name)
        if template is None:
            return self._stored(dataset_type, self.files[name], data_id)
        path = f"/{template.format(data_id, encode=False)}"
        return self._stored(dataset_type, path, data_id)

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Yield nothing: a query lists what is registered."""
        del query
        return iter(())

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return nothing, as `query`."""
        del dataset_type, columns, condition, limit
        return []

    def dataset_types(self) -> Mapping[str, int]:
        """Return one for each named file."""
        return dict.fromkeys(self.files, 1)

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at."""
        del data_id
        return f"{self.files.get(dataset_type.name, '')} {self.root}"

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return why the file is taken."""
        del data_id
        return (
            f"--user-calib names it for every {dataset_type.name!r}, whatever is registered and "
            f"whenever that is valid"
        )
