"""The tables of a registry, one schema for SQLite and PostgreSQL.

They are meant to be read by people too: ``sqlite3 registry.sqlite3`` and
``SELECT * FROM raw`` answer questions without this package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from butler.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.types import TypeEngine

    from butler.data_id import KeyType

__all__ = [
    "FIXED_COLUMNS",
    "LATEST_VERSION",
    "VERSIONS",
    "ImplicationLike",
    "ObservationLike",
    "Tables",
    "check_columns",
    "column_type",
    "make_tables",
]

VERSIONS = ("0001", "0002")
"""Every version of the schema since the first, oldest first."""
LATEST_VERSION = VERSIONS[-1]

FIXED_COLUMNS = (
    "id",
    "type_id",
    "data_id",
    "path",
    "hdu",
    "size",
    "mtime_ns",
    "inode",
    "sha256",
    "run_id",
)
"""Columns of ``dataset`` beside the data-ID keys; no key may have such a name."""

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_COLUMN_TYPES: Mapping[str, TypeEngine[int] | TypeEngine[float] | TypeEngine[str]] = {
    "int": _NUMBER,
    "float": Double(),
    "str": _TEXT,
}


class ImplicationLike(Protocol):
    """Columns that follow from others: all rows of one visit have one filter."""

    @property
    def by(self) -> Sequence[str]:
        """The columns that decide."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that follow."""


class ObservationLike(Protocol):
    """What a camera records of each raw file."""

    @property
    def columns(self) -> Mapping[str, KeyType]:
        """Names and types, in order."""

    @property
    def unique(self) -> Sequence[str]:
        """The columns that identify a row."""

    @property
    def implied(self) -> Sequence[ImplicationLike]:
        """What follows from fewer columns."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one registry."""

    metadata: MetaData
    registry_info: Table
    registry_key: Table
    dataset_type: Table
    run: Table
    dataset: Table
    raw: Table
    calibration: Table
    provenance: Table
    provenance_output: Table
    provenance_input: Table
    intent: Table
    trash: Table
    tag: Table
    dataset_tag: Table


def column_type(kind: str) -> TypeEngine[int] | TypeEngine[float] | TypeEngine[str]:
    """Return the column type of a key of type ``"int"``, ``"float"`` or ``"str"``."""
    return _COLUMN_TYPES[kind]


def check_columns(names: Sequence[str], what: str, taken: Sequence[str] = ()) -> None:
    """Refuse names that cannot be columns.

    Parameters
    ----------
    names
        Keys or observation columns.
    what
        What they are, for the message.
    taken
        Names that other columns of the table have.

    Raises
    ------
    RegistryError
        If a name is no identifier, is taken, or differs from another by
        upper and lower case alone, which SQLite does not tell apart.
    """
    seen = {name.casefold(): name for name in taken}
    for name in names:
        if not _NAME.fullmatch(name):
            message = f"{what} {name!r} cannot be a column: letters, digits and _ only, at most 63."
            raise RegistryError(message)
        twin = seen.setdefault(name.casefold(), name)
        if twin is not name or name in taken:
            message = (
                f"{what} {name!r} cannot be a column beside {twin!r}: rename it in the policy."
            )
            raise RegistryError(message)


def make_tables(
    keys: Mapping[str, KeyType], observation: ObservationLike, *, with_indexes: bool = True
) -> Tables:
    """Return the tables of a registry for one camera.

    Parameters
    ----------
    keys
        Data-ID keys and their types, in order.
    observation
        What is recorded of raw files.
    with_indexes
        Describe the indexes too. Statements do not need them, and they import
        the dialects of both databases.

    Raises
    ------
    RegistryError
        If a name cannot be a column.
    """
    check_columns(list(keys), "The data-ID key", FIXED_COLUMNS)
    check_columns(list(observation.columns), "The observation column", ("id",))
    metadata = MetaData(naming_convention=_NAMING)
    fixed = _fixed_tables(metadata)
    tables = Tables(
        metadata=metadata,
        dataset=_dataset_table(metadata, keys),
        raw=_raw_table(metadata, observation),
        calibration=_calibration_table(metadata),
        provenance_output=_provenance_output_table(metadata),
        provenance_input=_provenance_input_table(metadata),
        dataset_tag=_dataset_tag_table(metadata),
        **fixed,
    )
    if with_indexes:
        _index_datasets(tables.dataset, keys, observation)
        _index_observations(tables.raw, observation)
        Index(None, tables.dataset_tag.c.dataset_id)
    return tables


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    return Column(name, _TEXT, nullable=nullable, primary_key=primary_key)


def _integer(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _id() -> Column[object]:
    return Column("id", _NUMBER, primary_key=True)


def _of_dataset() -> Column[object]:
    return Column(
        "dataset_id", _NUMBER, ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True
    )


def _fixed_tables(metadata: MetaData) -> dict[str, Table]:
    """Return the tables that are the same for every camera and need no other table."""
    columns: dict[str, list[Column[Any]]] = {
        "registry_info": [_text("name", primary_key=True), _text("value")],
        "registry_key": [_text("name", primary_key=True), _text("type"), _integer("position")],
        "dataset_type": [
            _id(),
            Column("name", _TEXT, nullable=False, unique=True),
            _text("keys"),
            _text("storage_class"),
            _text("template", nullable=True),
        ],
        "run": [
            _id(),
            *map(_text, ("started", "user", "host", "version")),
            _text("task", nullable=True),
        ],
        "provenance": [
            _id(),
            Column("digest", LargeBinary, nullable=False, unique=True),
            *(_text(name, nullable=True) for name in ("task", "configuration", "versions")),
        ],
        "intent": [
            _id(),
            *map(_text, ("operation", "paths", "host")),
            _integer("pid"),
            _text("started"),
        ],
        "trash": [_id(), _text("path"), _text("removed")],
        "tag": [
            _id(),
            Column("name", _TEXT, nullable=False, unique=True),
            _text("note", nullable=True),
        ],
    }
    return {name: Table(name, metadata, *parts) for name, parts in columns.items()}


def _dataset_table(metadata: MetaData, keys: Mapping[str, KeyType]) -> Table:
    return Table(
        "dataset",
        metadata,
        _id(),
        Column("type_id", Integer, ForeignKey("dataset_type.id"), nullable=False),
        _text("data_id"),
        _text("path"),
        Column("hdu", Integer),
        Column("size", BigInteger),
        Column("mtime_ns", BigInteger),
        Column("inode", BigInteger),
        Column("sha256", LargeBinary),
        Column("run_id", Integer, ForeignKey("run.id")),
        *(Column(name, column_type(kind)) for name, kind in keys.items()),
        UniqueConstraint("type_id", "data_id"),
    )


def _index_datasets(
    table: Table, keys: Mapping[str, KeyType], observation: ObservationLike
) -> None:
    by_observation = [table.c[name] for name in observation.unique if name in keys]
    if by_observation:
        Index("ix_dataset_observation", table.c.type_id, *by_observation)
    several_in_one_file = text("hdu IS NOT NULL")
    Index(
        "ix_dataset_path",
        table.c.path,
        sqlite_where=several_in_one_file,
        postgresql_where=several_in_one_file,
    )


def _raw_table(metadata: MetaData, observation: ObservationLike) -> Table:
    unique = list(observation.unique)
    return Table(
        "raw",
        metadata,
        _id(),
        *(Column(name, column_type(kind)) for name, kind in observation.columns.items()),
        *([UniqueConstraint(*unique)] if unique else []),
    )


def _index_observations(table: Table, observation: ObservationLike) -> None:
    indexed = [list(observation.unique)]
    for implication in observation.implied:
        by = list(implication.by)
        if not any(by == columns[: len(by)] for columns in indexed):
            indexed.append(by)
            Index(None, *(table.c[name] for name in by))


def _calibration_table(metadata: MetaData) -> Table:
    return Table(
        "calibration",
        metadata,
        _of_dataset(),
        _text("begin", primary_key=True),
        _text("end"),
        Column("days", Integer),
    )


def _provenance_output_table(metadata: MetaData) -> Table:
    made_by = ForeignKey("provenance.id")
    return Table(
        "provenance_output",
        metadata,
        _of_dataset(),
        Column("provenance_id", _NUMBER, made_by, nullable=False),
        _text("started", nullable=True),
        Column("wall_s", Double()),
        Column("cpu_s", Double()),
    )


def _provenance_input_table(metadata: MetaData) -> Table:
    return Table(
        "provenance_input",
        metadata,
        _of_dataset(),
        _text("repository", primary_key=True),
        _text("dataset_type", primary_key=True),
        _text("data_id", primary_key=True),
        Column("sha256", LargeBinary),
    )


def _dataset_tag_table(metadata: MetaData) -> Table:
    of_tag = ForeignKey("tag.id", ondelete="CASCADE")
    return Table(
        "dataset_tag",
        metadata,
        Column("tag_id", _NUMBER, of_tag, primary_key=True),
        _of_dataset(),
    )
