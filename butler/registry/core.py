"""What all parts of a registry share: the database, the keys, the dataset types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from sqlalchemy import Column, bindparam, text, update
from sqlalchemy.schema import CreateColumn

from butler.errors import RegistryError, RegistryVersionError, UnknownKeyError
from butler.registry.database import CompiledSql
from butler.registry.rows import DatasetTypeRow
from butler.registry.schema import (
    LATEST_VERSION,
    ImplicationLike,
    ObservationLike,
    Tables,
    check_columns,
    column_type,
    make_tables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy.sql.elements import ClauseElement, ColumnElement

    from butler.data_id import KeyType
    from butler.registry.database import Database, WriteCursor

__all__ = ["Implication", "Observation", "RegistryCore", "observation_text"]

_INFO = CompiledSql("SELECT name, value FROM registry_info")
_KEYS = CompiledSql("SELECT name, type FROM registry_key ORDER BY position")
_TYPES = CompiledSql("SELECT id, name, keys, storage_class, template FROM dataset_type")
_VERSION = CompiledSql("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True)
class Implication:
    """Observation columns that follow from others, as a registry recorded them."""

    by: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a registry records of each raw file."""

    columns: Mapping[str, KeyType]
    unique: tuple[str, ...]
    implied: tuple[Implication, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """The tables of registries with the same columns, and the statements on them."""

    tables: Tables
    observation: Observation
    compiled: dict[Hashable, CompiledSql]


@lru_cache(maxsize=32)
def _shape(keys: tuple[tuple[str, KeyType], ...], observation: str) -> _Shape:
    """Return what the registries of a chain share: they are mostly of one camera."""
    recorded = _observation(observation)
    tables = make_tables(dict(keys), recorded, with_indexes=False)
    return _Shape(tables, recorded, {})


def observation_text(observation: ObservationLike) -> str:
    """Return the text in which a registry keeps its observation columns."""
    implied = [[list(one.by), list(one.columns)] for one in observation.implied]
    parts = {"columns": dict(observation.columns), "unique": list(observation.unique)}
    return json.dumps({**parts, "implied": implied})


def _observation(text: str) -> Observation:
    parts = json.loads(text)
    return Observation(
        columns=parts["columns"],
        unique=tuple(parts["unique"]),
        implied=tuple(Implication(tuple(by), tuple(columns)) for by, columns in parts["implied"]),
    )


class RegistryCore:
    """The state of an open registry.

    Parameters
    ----------
    database
        Where the tables are.

    Raises
    ------
    RegistryError
        If these are not the tables of a registry.
    RegistryVersionError
        If a newer version of this package made them.
    """

    def __init__(self, database: Database[object]) -> None:
        self.database = database
        self.version = self._check_version()
        self.refresh()

    def refresh(self) -> None:
        """Read anew what the registry says of itself."""
        self._info = {str(k): str(value) for k, value in self.database.fetch_all(_INFO)}
        keys = tuple((str(k), cast("KeyType", kind)) for k, kind in self.database.fetch_all(_KEYS))
        shape = _shape(keys, self._info["observation"])
        # Tables before keys: another thread may ask for a key only when it has a column.
        self.tables, self._compiled = shape.tables, shape.compiled
        self.observation = shape.observation
        self._keys = dict(keys)
        self._read_types()

    @property
    def info(self) -> Mapping[str, str]:
        """What the registry says of itself: uuid, camera, created, schema_counter."""
        return self._info

    @property
    def uuid(self) -> str:
        """The number that the repository keeps for life."""
        return self._info["uuid"]

    @property
    def camera(self) -> str:
        """Short name of the camera."""
        return self._info["camera"]

    @property
    def keys(self) -> Mapping[str, KeyType]:
        """The data-ID keys that have columns, in order."""
        return self._keys

    @property
    def is_writable(self) -> bool:
        """Whether this user may change the registry."""
        return self.database.is_writable

    def write(self) -> AbstractContextManager[WriteCursor]:
        """Open a write transaction.

        Raises
        ------
        RegistryVersionError
            If an older version of this package made the registry.
        """
        if self.version < LATEST_VERSION:
            message = (
                f"The registry {self.database.url} has version {self.version} and can be read "
                f"only; this package writes {LATEST_VERSION}. To upgrade it: butler migrate REPO"
            )
            raise RegistryVersionError(message)
        return self.database.write()

    def set_info(self, name: str, value: str) -> None:
        """Record something about the registry under a name."""
        with self.write() as cursor:
            self._set_info(cursor, name, value)
        self._info[name] = value

    def _set_info(self, cursor: WriteCursor, name: str, value: str) -> None:
        info = self.tables.registry_info
        change = update(info).where(info.c.name == bindparam("n"))
        sql = self.sql("set info", lambda: change.values(value=bindparam("v")))
        if not cursor.execute(sql, {"n": name, "v": value}):
            new = self.database.insert_statement(info, ("name", "value"))
            cursor.execute(new, {"name": name, "value": value})

    def sql(self, key: Hashable, build: Callable[[], ClauseElement]) -> CompiledSql:
        """Return a compiled statement, shared by all registries with the same columns.

        Parameters
        ----------
        key
            Whatever the text of the statement depends on beside the columns.
        build
            Makes the SQLAlchemy statement.
        """
        full_key = (self.database.dialect_name, key)
        found = self._compiled.get(full_key)
        if found is None:
            found = self._compiled[full_key] = self.database.compiled(build())
        return found

    def in_ids(self, id_column: ColumnElement[object]) -> ColumnElement[bool]:
        """Return the condition that a number is one of those in the parameter ``ids``."""
        return id_column.in_(text(self.database.ids_clause))

    def dataset_types(self) -> Mapping[str, DatasetTypeRow]:
        """Return the dataset types that the registry knows, by name."""
        self._read_types()
        return dict(self._types)

    def ensure_dataset_type(
        self, name: str, keys: Sequence[str], *, storage_class: str, template: str | None
    ) -> DatasetTypeRow:
        """Record a dataset type, if it is not there yet, and return it.

        Parameters
        ----------
        name
            Name of the dataset type.
        keys
            Its keys in identity order.
        storage_class, template
            Recorded for the reader's information.

        Raises
        ------
        RegistryError
            If the type is there with other keys: its datasets would get lost.
        """
        found = self._types.get(name)
        if found is None:
            self._read_types()
            found = self._types.get(name)
        if found is None:
            columns = ("name", "keys", "storage_class", "template")
            sql = self.database.insert_statement(
                self.tables.dataset_type, columns, ignore_conflicts=True
            )
            values = (name, ",".join(keys), storage_class, template)
            with self.write() as cursor:
                cursor.execute(sql, dict(zip(columns, values, strict=True)))
            self._read_types()
            found = self._types[name]
        if found.keys != tuple(keys):
            message = (
                f"The dataset type {name!r} is identified by {', '.join(found.keys) or 'nothing'} "
                f"in the registry {self.database.url}, and by {', '.join(keys) or 'nothing'} in "
                f"the policy. Give the new one another name, or write to another repository."
            )
            raise RegistryError(message)
        return found

    def _read_types(self) -> None:
        types = {}
        for row_id, name, keys, storage_class, template in self.database.fetch_all(_TYPES):
            split = tuple(str(keys).split(",")) if keys else ()
            row = DatasetTypeRow._make((row_id, name, split, storage_class, template))
            types[str(name)] = row
        self._types: Mapping[str, DatasetTypeRow] = types

    def type_id(self, name: str) -> int:
        """Return the number of a dataset type.

        Raises
        ------
        RegistryError
            If it has not been recorded by `ensure_dataset_type`.
        """
        if name not in self._types:
            self._read_types()
        try:
            return self._types[name].id
        except KeyError:
            message = f"The dataset type {name!r} is not recorded in {self.database.url}."
            raise RegistryError(message) from None

    def ensure_keys(self, keys: Mapping[str, KeyType]) -> None:
        """Give every data-ID key a column.

        Parameters
        ----------
        keys
            Names and types. Keys that have a column already cost nothing.

        Raises
        ------
        RegistryError
            If a key has a column of another type, or cannot be a column.
        """
        if all(self._keys.get(name) == kind for name, kind in keys.items()):
            return
        check_columns(list(keys), "The data-ID key")
        with self.write() as cursor:
            self.refresh()
            self._check_types(self._keys, keys, "The data-ID key")
            new = {name: kind for name, kind in keys.items() if name not in self._keys}
            make_tables({**self._keys, **new}, self.observation)  # refuses what cannot be
            cursor.run_script(self._new_columns("dataset", new))
            columns = ("name", "type", "position")
            sql = self.database.insert_statement(self.tables.registry_key, columns)
            for position, (name, kind) in enumerate(new.items(), start=len(self._keys)):
                cursor.execute(sql, {"name": name, "type": kind, "position": position})
            self._count_change(cursor)
        self.refresh()

    def ensure_observation(self, observation: ObservationLike) -> None:
        """Give every observation column of the camera a column.

        Raises
        ------
        RegistryError
            If a column has another type, or rows are identified otherwise.
        """
        recorded = self.observation
        if observation_text(observation) == self._info["observation"]:
            return
        if tuple(observation.unique) != recorded.unique:
            message = (
                f"Observations are identified by {', '.join(recorded.unique)} in the registry "
                f"{self.database.url}, and by {', '.join(observation.unique)} in the policy."
            )
            raise RegistryError(message)
        with self.write() as cursor:
            self.refresh()
            self._check_types(self.observation.columns, observation.columns, "The column")
            known = self.observation.columns
            new = {name: kind for name, kind in observation.columns.items() if name not in known}
            merged = Observation({**known, **new}, recorded.unique, _recorded(observation.implied))
            make_tables(self._keys, merged)
            cursor.run_script(self._new_columns("raw", new))
            self._set_info(cursor, "observation", observation_text(merged))
            self._count_change(cursor)
        self.refresh()

    def _count_change(self, cursor: WriteCursor) -> None:
        self._set_info(cursor, "schema_counter", str(int(self._info["schema_counter"]) + 1))

    def _check_types(
        self, recorded: Mapping[str, KeyType], wanted: Mapping[str, KeyType], what: str
    ) -> None:
        for name, kind in wanted.items():
            if recorded.get(name, kind) != kind:
                message = (
                    f"{what} {name!r} is of type {recorded[name]} in the registry "
                    f"{self.database.url}, and of type {kind} in the policy. "
                    f"Give the new one another name, or write to another repository."
                )
                raise RegistryError(message)

    def _new_columns(self, where: str, columns: Mapping[str, KeyType]) -> list[str]:
        made = [Column(name, column_type(kind)) for name, kind in columns.items()]
        texts = [str(CreateColumn(one).compile(dialect=self.database.dialect)) for one in made]
        return [f"ALTER TABLE {where} ADD COLUMN {text}" for text in texts]

    def check_keys(self, names: Iterable[str]) -> None:
        """Refuse keys that have no column.

        Raises
        ------
        UnknownKeyError
            If there is one.
        """
        for name in names:
            if name not in self._keys:
                self.refresh()
            if name not in self._keys:
                raise UnknownKeyError(name, self._keys, f"the registry {self.database.url}")

    def _check_version(self) -> str:
        url = self.database.url
        if not self.database.has_table("registry_info"):
            message = (
                f"{url} is not a registry of this package. "
                f"To see what the repository is: butler info REPO"
            )
            raise RegistryError(message)
        row = self.database.fetch_one(_VERSION)
        version = str(row[0]) if row else ""
        if version > LATEST_VERSION:
            message = (
                f"The registry {url} has version {version}; this package reads versions up to "
                f"{LATEST_VERSION}. Install a newer one: pip install --upgrade skybutler"
            )
            raise RegistryVersionError(message)
        return version


def _recorded(implied: Sequence[ImplicationLike]) -> tuple[Implication, ...]:
    return tuple(Implication(tuple(one.by), tuple(one.columns)) for one in implied)
