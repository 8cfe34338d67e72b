"""The rows that go into a registry and come out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from butler.registry.condition import Condition, Everything

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import KeyValue

__all__ = [
    "FIRST_VALUE",
    "CalibrationRow",
    "DatasetDetails",
    "DatasetTypeRow",
    "FileRow",
    "InputRow",
    "IntentRow",
    "NewDataset",
    "Provenance",
    "RegistryQuery",
    "StoredRow",
    "TagRow",
    "TrashRow",
    "TypeCount",
    "ValidRange",
]


class InputRow(NamedTuple):
    """A dataset that another was made from, described by value.

    It may lie in another repository, which may be gone one day.
    """

    repository: str
    dataset_type: str
    data_id: str
    sha256: bytes | None = None


class Provenance(NamedTuple):
    """How a dataset was made.

    ``configuration`` and ``versions`` are text in the writer's own format;
    datasets made alike share one row. ``started`` is when the making began,
    ISO 8601 in UTC; ``wall_s`` and ``cpu_s`` are the seconds that it took on
    the clock and on the processors. These three belong to the one dataset.
    """

    task: str | None = None
    configuration: str | None = None
    versions: str | None = None
    inputs: tuple[InputRow, ...] = ()
    started: str | None = None
    wall_s: float | None = None
    cpu_s: float | None = None


class NewDataset(NamedTuple):
    """A dataset to be registered.

    ``canonical`` is the canonical text of the dataset type's keys, ``data_id``
    holds these and whatever other keys are known. ``path`` is relative to the
    repository, or absolute; ``sha256`` is the digest itself, of 32 bytes. One
    with ``may_replace`` takes the place of the dataset that has its data ID.
    """

    dataset_type: str
    canonical: str
    data_id: Mapping[str, KeyValue]
    path: str
    hdu: int | None = None
    size: int | None = None
    mtime_ns: int | None = None
    inode: int | None = None
    sha256: bytes | None = None
    provenance: Provenance | None = None
    may_replace: bool = False


class StoredRow(NamedTuple):
    """A registered dataset.

    ``values`` are those of the dataset type's keys in identity order, then of
    the further columns that were asked for.
    """

    id: int
    canonical: str
    path: str
    hdu: int | None
    size: int | None
    mtime_ns: int | None
    sha256: bytes | None
    values: tuple[KeyValue | None, ...]


FIRST_VALUE = len(StoredRow._fields) - 1
"""Where the values begin in a `StoredRow` that is written as one plain tuple."""


class DatasetDetails(NamedTuple):
    """What a registry knows of a dataset beside its `StoredRow`."""

    dataset_type: str
    inode: int | None
    run_id: int | None
    started: str | None
    user: str | None
    host: str | None
    version: str | None
    task: str | None


class DatasetTypeRow(NamedTuple):
    """A dataset type as a registry knows it; ``keys`` in identity order."""

    id: int
    name: str
    keys: tuple[str, ...]
    storage_class: str
    template: str | None


class FileRow(NamedTuple):
    """The file of a dataset, whatever its type, and the run that wrote it."""

    id: int
    dataset_type: str
    path: str
    hdu: int | None
    size: int | None
    run_id: int | None


class TypeCount(NamedTuple):
    """How many datasets of a type there are, and the sum of the known sizes in bytes."""

    dataset_type: str
    datasets: int
    size: int


class CalibrationRow(NamedTuple):
    """A calibration with the range ``[begin, end)`` in which it is valid, as ISO text."""

    begin: str
    end: str
    dataset: StoredRow


class ValidRange(NamedTuple):
    """A range ``[begin, end)`` of a calibration, as ISO text.

    ``days`` is how long the calibration may serve, if the range follows from
    that; None for a range that was given by hand.
    """

    begin: str
    end: str
    days: int | None


class IntentRow(NamedTuple):
    """Something that a process set out to do with files."""

    id: int
    operation: str
    paths: tuple[str, ...]
    host: str
    pid: int
    started: str


class TagRow(NamedTuple):
    """A tag, what it means, and how many datasets have it."""

    name: str
    note: str | None
    datasets: int


class TrashRow(NamedTuple):
    """A file that no dataset uses any more and that may be removed."""

    id: int
    path: str
    removed: str


@dataclass(frozen=True, slots=True)
class RegistryQuery:
    """A search for datasets of one type.

    Parameters
    ----------
    dataset_type
        Its name.
    identity_keys
        Its keys in identity order; their values come first in the rows.
    condition
        Over data-ID keys and observation columns, with typed literals.
    order_by
        Pairs of a name and whether it descends. A missing value counts as the
        smallest. The observation's unique keys and the canonical data ID
        complete the order, so that it is total.
    limit
        At most so many rows, None for all.
    columns
        Keys and observation columns whose values follow in the rows.
    """

    dataset_type: str
    identity_keys: tuple[str, ...]
    condition: Condition = field(default_factory=Everything)
    order_by: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    columns: tuple[str, ...] = ()
