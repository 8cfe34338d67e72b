"""Files that are there already become datasets: copied in, or registered where they lie."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from typing import TYPE_CHECKING

from butler.errors import DataIdError, StorageError
from butler.registry.rows import NewDataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.policies.observation_table import ObservationTable
    from butler.storage.commit import PendingDataset
    from butler.writes.writing import Writer

__all__ = ["copy_in", "register_in_place"]

_BATCH = 5000


def copy_in(
    writer: Writer,
    path: str | os.PathLike[str],
    dataset_type: DatasetType,
    data_id: DataId,
    *,
    replace: bool,
    backup: bool,
) -> PendingDataset:
    """Copy a file into a temporary of the repository; nothing is visible yet.

    Parameters
    ----------
    writer
        Of the repository.
    path
        The file.
    dataset_type, data_id
        What it becomes; every key of the template.
    replace, backup
        As for `Butler.put`.

    Raises
    ------
    StorageError
        If the file cannot be read, or the store refuses.
    """

    def copy(target: str) -> None:
        try:
            shutil.copyfile(path, target)
        except OSError as error:
            raise StorageError(f"{os.fspath(path)} cannot be copied: {error}") from error

    pending = writer.prepare_file(copy, dataset_type, data_id, replace=replace, backup=backup)
    pending.hdu = None if dataset_type.template is None else dataset_type.template.hdu
    return pending


def register_in_place(
    writer: Writer,
    dataset_type: DatasetType,
    files: Iterable[tuple[str | os.PathLike[str], DataId]],
    observation: ObservationTable,
) -> int:
    """Register files where they lie, without reading them, and return how many.

    Parameters
    ----------
    writer
        Of the repository.
    dataset_type
        What they become.
    files
        Path and data ID of each, with every key of the template. Their
        sizes, times and inodes are recorded; they are never removed.
    observation
        The camera's observation table: raw files become observations too, as
        far as their data IDs say.

    Raises
    ------
    DatasetExistsError
        If one of a batch of five thousand is registered already; the batch
        is left out whole.
    StorageError
        If a file is not there.
    DataIdError
        If a data ID lacks a key.
    """
    writer.ensure_type(dataset_type)
    columns = tuple(observation.columns) if dataset_type.category == "raw" else ()
    count = 0
    pending = iter(files)
    while batch := list(islice(pending, _BATCH)):
        rows = [_row(dataset_type, path, data_id) for path, data_id in batch]
        observed = [_observed(data_id, columns) for _, data_id in batch] if columns else []
        complete = [
            row for row in observed if all(row[key] is not None for key in observation.unique)
        ]
        writer.repository.registry.insert(rows, complete, run_id=writer.run_id)
        count += len(rows)
    return count


def _row(kind: DatasetType, path: str | os.PathLike[str], data_id: DataId) -> NewDataset:
    place = os.path.abspath(path)
    try:
        status = os.stat(place)
    except OSError as error:
        raise StorageError(f"{place} cannot be registered: {error.strerror}.") from error
    if not data_id.keys() >= kind.key_set:
        missing = sorted(kind.key_set - data_id.keys())
        raise DataIdError(f"{place}: the data ID {data_id} lacks {', '.join(missing)}.")
    hdu = None if kind.template is None else kind.template.hdu
    return NewDataset(
        kind.name,
        data_id.canonical(kind.keys),
        data_id.subset(kind.keys),
        place,
        hdu,
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
    )


def _observed(data_id: DataId, columns: tuple[str, ...]) -> Mapping[str, KeyValue | None]:
    return {name: data_id.get(name) for name in columns}
