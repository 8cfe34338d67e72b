"""The rows of datasets: how they come, change and go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from sqlalchemy import BigInteger, Text, bindparam, delete, literal_column, select, update

from butler.errors import DatasetExistsError
from butler.registry.database import ConflictError, Row, SqlValue
from butler.registry.intents import Intents, now_text
from butler.registry.list_elements import JsonTexts
from butler.registry.observations import ObservationRows
from butler.registry.provenance import ProvenanceRows
from butler.registry.rows import DatasetDetails, NewDataset, StoredRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.elements import ClauseElement

    from butler.data_id import DataId, KeyValue
    from butler.registry.database import CompiledSql, WriteCursor

__all__ = ["DatasetRows", "stored_row"]

_PLAIN = ("id", "data_id", "path", "hdu", "size", "mtime_ns", "sha256")
_WRITTEN = ("data_id", "path", "hdu", "size", "mtime_ns", "inode", "sha256")
_IDS_AT_ONCE = 5_000
_SHOWN_CONFLICTS = 10


class DatasetRows(ObservationRows, ProvenanceRows, Intents):
    """The part of a registry that knows datasets one by one."""

    def start_run(self, *, user: str, host: str, version: str, task: str | None = None) -> int:
        """Record that somebody begins to write, and return the number of the run.

        Parameters
        ----------
        user, host
            Who and where.
        version
            Of this package.
        task
            What is being run, if it is a task.
        """
        values = {"started": now_text(), "user": user, "host": host}
        values |= {"version": version}
        every = {**values, "task": task}
        sql = self.database.insert_statement(self.tables.run, tuple(every), returning_id=True)
        with self.write() as cursor:
            return cursor.insert_returning_id(sql, every)

    def find(
        self, dataset_type: str, identity_keys: Sequence[str], data_id: DataId
    ) -> list[StoredRow]:
        """Return the datasets that match a data ID, two at most.

        Parameters
        ----------
        dataset_type
            Name of the dataset type.
        identity_keys
            Its keys in identity order.
        data_id
            Keys that the type does not have are ignored. If all keys of the
            type are given there is one match at most; two mean that the data
            ID does not say enough.
        """
        keys = tuple(identity_keys)
        if not self._has_columns(keys):
            return []
        if all(key in data_id for key in keys):
            sql = self.sql(("find", keys), lambda: self._find_statement(keys, ("data_id",)))
            row = self.database.fetch_one(
                sql, {"type": dataset_type, "k0": data_id.canonical(keys), "most": 1}
            )
            return [] if row is None else [stored_row(row)]
        given = tuple(key for key in keys if key in data_id)
        sql = self.sql(("find", keys, given), lambda: self._find_statement(keys, given))
        values: dict[str, SqlValue] = {f"k{n}": data_id[key] for n, key in enumerate(given)}
        rows = self.database.fetch_all(sql, {**values, "type": dataset_type, "most": 2})
        return [stored_row(row) for row in rows]

    def prepare_test(
        self, dataset_type: str, identity_keys: Sequence[str], given: Collection[str]
    ) -> Callable[[Mapping[str, KeyValue]], bool] | None:
        """Return a quick test whether datasets of one type match data IDs with the same keys.

        Parameters
        ----------
        dataset_type, identity_keys
            The type, and its keys in identity order.
        given
            Those keys that the data IDs have; others are ignored.

        Returns
        -------
        callable or None
            Takes the values by key; if every identity key is given, also the
            canonical text as ``data_id``. None while the type is not recorded.
        """
        keys = tuple(identity_keys)
        known = self._types.get(dataset_type)
        if known is None or not self._has_columns(keys):
            return None
        type_id = known.id
        shared = tuple(key for key in keys if key in given)
        names = ("data_id",) if shared == keys else shared

        def build() -> ClauseElement:
            table = self.tables.dataset
            statement = select(table.c.id).where(table.c.type_id == literal_column(str(type_id)))
            return statement.where(*(table.c[name] == bindparam(name) for name in names))

        sql = self.sql(("test", type_id, names), build)
        fetch_one = self.database.fetch_one
        return lambda values: fetch_one(sql, values) is not None

    def _has_columns(self, keys: tuple[str, ...]) -> bool:
        if all(key in self._keys for key in keys):
            return True
        self.refresh()  # another process may have added them
        return all(key in self._keys for key in keys)

    def _find_statement(self, keys: tuple[str, ...], given: tuple[str, ...]) -> ClauseElement:
        table = self.tables.dataset
        statement = select(*self._columns(keys)).where(table.c.type_id == self._type_clause())
        for number, name in enumerate(given):
            statement = statement.where(table.c[name] == bindparam(f"k{number}"))
        return statement.limit(bindparam("most", type_=BigInteger))

    def _columns(self, keys: Sequence[str]) -> list[ColumnElement[object]]:
        """Return the columns of a `StoredRow`, its values last."""
        table = self.tables.dataset
        return [*(table.c[name] for name in _PLAIN), *(table.c[key] for key in keys)]

    def _type_clause(self) -> ColumnElement[object]:
        """Return the number of the type in the parameter ``type``, whoever recorded it."""
        known = self.tables.dataset_type
        return select(known.c.id).where(known.c.name == bindparam("type")).scalar_subquery()

    def rows_by_id(
        self, ids: Sequence[int], identity_keys: Sequence[str] = ()
    ) -> Iterator[StoredRow]:
        """Yield datasets by number, in the order of the numbers; those that are gone are left out.

        Parameters
        ----------
        ids
            Numbers of rows.
        identity_keys
            Keys whose values the rows hold.
        """
        keys = tuple(identity_keys)
        table = self.tables.dataset
        sql = self.sql(
            ("by id", keys), lambda: select(*self._columns(keys)).where(self.in_ids(table.c.id))
        )
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            rows = self.database.fetch_all(sql, {"ids": self.database.ids_parameter(some)})
            found = {row[0]: row for row in rows}
            yield from (stored_row(found[number]) for number in some if number in found)

    def details(self, dataset_id: int) -> DatasetDetails | None:
        """Return who made a dataset, when, and more; None if it is gone.

        Parameters
        ----------
        dataset_id
            Number of its row.
        """
        table, known, run = self.tables.dataset, self.tables.dataset_type, self.tables.run

        def build() -> ClauseElement:
            of_run = [run.c[name] for name in DatasetDetails._fields[3:]]
            joined = table.join(known, known.c.id == table.c.type_id)
            return (
                select(known.c.name, table.c.inode, table.c.run_id, *of_run)
                .select_from(joined.outerjoin(run, run.c.id == table.c.run_id))
                .where(table.c.id == bindparam("dataset"))
            )

        row = self.database.fetch_one(self.sql("details", build), {"dataset": dataset_id})
        return None if row is None else DatasetDetails._make(row)

    def insert(
        self,
        rows: Sequence[NewDataset],
        observations: Sequence[Mapping[str, KeyValue | None]] = (),
        *,
        run_id: int | None = None,
        trash: Sequence[str] = (),
        close_intent: int | None = None,
        then: Callable[[WriteCursor], None] | None = None,
    ) -> list[str]:
        """Register datasets, all or none, in one short transaction.

        Parameters
        ----------
        rows
            The datasets; their types and keys are recorded already.
        observations
            Copies of the observations that they belong to; those that are
            there stay as they are.
        run_id
            From `start_run`.
        trash
            Files that nothing uses any more.
        close_intent
            The intent that is fulfilled by this.
        then
            Does in the same transaction what belongs to it.

        Returns
        -------
        list of str
            Files of replaced datasets, which are in the trash now.

        Raises
        ------
        DatasetExistsError
            If one of them is registered already and may not be replaced.
        RegistryError
            If the database refuses. Nothing has changed then.
        """
        names = {row.dataset_type for row in rows}
        type_ids = {name: self.type_id(name) for name in names}
        self.check_keys({key for row in rows for key in row.data_id})
        try:
            with self.write() as cursor:
                self._add_observations(cursor, observations)
                fresh, replaced = self._replace(cursor, rows, type_ids, run_id)
                self._insert_rows(cursor, fresh, type_ids, run_id)
                self._insert_provenance(cursor, rows, type_ids)
                self._use_again(cursor, [row.path for row in rows])
                self._add_trash(cursor, [*trash, *replaced])
                if then is not None:
                    then(cursor)
                if close_intent is not None:
                    self._close_intent(cursor, close_intent)
        except ConflictError as error:
            raise self._exists(rows, error) from error
        return replaced

    def _insert_rows(
        self,
        cursor: WriteCursor,
        rows: Sequence[NewDataset],
        type_ids: Mapping[str, int],
        run_id: int | None,
    ) -> None:
        used = {key for row in rows for key in row.data_id}
        keys = [key for key in self._keys if key in used]
        columns = ("type_id", *_WRITTEN, "run_id", *keys)
        values = (
            (type_ids[row[0]], row[1], *row[3:9], run_id, *map(row[2].get, keys)) for row in rows
        )
        if len(rows) == 1:
            sql = self.database.insert_statement(self.tables.dataset, columns)
            cursor.execute(sql, dict(zip(columns, next(values), strict=True)))
        elif rows:
            cursor.insert_many(self.tables.dataset, columns, values)

    def _replace(
        self,
        cursor: WriteCursor,
        rows: Sequence[NewDataset],
        type_ids: Mapping[str, int],
        run_id: int | None,
    ) -> tuple[list[NewDataset], list[str]]:
        """Swap the rows that may be. Return the others, and the files that got free."""
        fresh = [row for row in rows if not row.may_replace]
        old_paths: list[Row] = []
        for row in rows:
            if not row.may_replace:
                continue
            there = self._existing(cursor.fetch_one, type_ids[row.dataset_type], row.canonical)
            if there is None:
                fresh.append(row)
                continue
            self._update(cursor, there[0], row, run_id)
            if there[1] != row.path:
                old_paths.append(there[1:])
        return fresh, self._unused(cursor, old_paths)

    def _existing(
        self,
        fetch_one: Callable[[CompiledSql, Mapping[str, SqlValue]], Row | None],
        type_id: int,
        canonical: str,
    ) -> tuple[int, str, int | None] | None:
        """Return number, path and HDU of the dataset with a data ID."""
        table = self.tables.dataset
        sql = self.sql(
            "existing",
            lambda: select(table.c.id, table.c.path, table.c.hdu).where(
                table.c.type_id == bindparam("type"), table.c.data_id == bindparam("text")
            ),
        )
        row = fetch_one(sql, {"type": type_id, "text": canonical})
        return cast("tuple[int, str, int | None] | None", row)

    def number_within(self, cursor: WriteCursor, dataset_type: str, canonical: str) -> int | None:
        """Return the number of a dataset as a transaction sees it, None if there is none.

        Parameters
        ----------
        cursor
            Of the transaction.
        dataset_type
            Name of a recorded type.
        canonical
            The text that identifies it.
        """
        there = self._existing(cursor.fetch_one, self.type_id(dataset_type), canonical)
        return None if there is None else there[0]

    def _update(
        self, cursor: WriteCursor, dataset_id: int, row: NewDataset, run_id: int | None
    ) -> None:
        keys = tuple(self._keys)
        names = (*_WRITTEN, "run_id", *keys)
        table = self.tables.dataset

        def build() -> ClauseElement:
            change = update(table).where(table.c.id == bindparam("old"))
            return change.values({name: bindparam(f"v_{name}") for name in names})

        values = (row[1], *row[3:9], run_id, *map(row.data_id.get, keys))
        bound: dict[str, SqlValue] = {
            f"v_{name}": value for name, value in zip(names, values, strict=True)
        }
        cursor.execute(self.sql("update", build), {**bound, "old": dataset_id})

    def _insert_provenance(
        self, cursor: WriteCursor, rows: Sequence[NewDataset], type_ids: Mapping[str, int]
    ) -> None:
        made = []
        for row in rows:
            if row.provenance is None:
                continue
            there = self._existing(cursor.fetch_one, type_ids[row.dataset_type], row.canonical)
            if there is not None:
                made.append((there[0], row.provenance))
        if made:
            self._record_provenance(cursor, made)

    def _exists(self, rows: Sequence[NewDataset], error: ConflictError) -> Exception:
        """Return the error that names the datasets which stand in the way."""
        seen: set[tuple[str, str]] = set()
        lines = []
        for row in rows:
            there = self._existing(
                self.database.fetch_one, self.type_id(row.dataset_type), row.canonical
            )
            name = (row.dataset_type, row.canonical)
            if there is not None:
                lines.append(f"  {row.dataset_type!r} for {row.data_id}: {there[1]}")
            elif name in seen:
                lines.append(f"  {row.dataset_type!r} for {row.data_id}: given twice")
            seen.add(name)
        if not lines:
            return error
        shown = lines[:_SHOWN_CONFLICTS]
        if len(lines) > len(shown):
            shown.append(f"  and {len(lines) - len(shown)} more")
        head = f"Registered already in {self.database.url}; nothing was changed:"
        return DatasetExistsError("\n".join([head, *shown]))

    def delete(self, ids: Sequence[int], paths: Sequence[str] | None = None) -> list[str]:
        """Forget datasets and put their files into the trash, in one transaction.

        Parameters
        ----------
        ids
            Numbers of their rows; those that are gone are ignored.
        paths
            Where their files are, as far as the caller knows. A row with
            another path stays: a number that got free is given again, and
            then it is another dataset.

        Returns
        -------
        list of str
            The files that got free. One that holds other datasets too stays.
        """
        table = self.tables.dataset
        paths_sql = self.sql(
            "paths by id",
            lambda: select(table.c.id, table.c.path, table.c.hdu).where(self.in_ids(table.c.id)),
        )
        delete_sql = self.sql("delete", lambda: delete(table).where(self.in_ids(table.c.id)))
        expected = dict(zip(ids, paths, strict=True)) if paths is not None else None
        with self.write() as cursor:
            rows = cursor.fetch_all(paths_sql, {"ids": self.database.ids_parameter(ids)})
            if expected is not None:
                rows = [row for row in rows if expected[row[0]] == row[1]]  # type: ignore[index]
            numbers = [int(str(row[0])) for row in rows]
            cursor.execute(delete_sql, {"ids": self.database.ids_parameter(numbers)})
            trashed = self._unused(cursor, [row[1:] for row in rows])
            self._add_trash(cursor, trashed)
        return trashed

    def _unused(self, cursor: WriteCursor, paths: Sequence[Row]) -> list[str]:
        """Return those paths that no row has (any more), given with the HDU of their row."""
        table = self.tables.dataset
        parts_sql = self.sql(
            "parts in use",
            lambda: (
                select(table.c.id)
                .where(table.c.path == bindparam("path"), table.c.hdu.is_not(None))
                .limit(1)
            ),
        )
        free = [
            str(path)
            for path in dict.fromkeys(path for path, _ in paths)
            if cursor.fetch_one(parts_sql, {"path": path}) is None
        ]
        shared = {path for path, hdu in paths if hdu is not None}
        asked = [path for path in free if path in shared]
        if asked:  # no index holds the paths of whole files: one scan for all that are asked for
            used = {path for (path,) in cursor.fetch_all(*self._paths_query(asked))}
            free = [path for path in free if path not in used]
        return free

    def _paths_query(
        self, paths: Sequence[str], type_ids: Sequence[int] | None = None
    ) -> tuple[CompiledSql, Mapping[str, SqlValue]]:
        table = self.tables.dataset

        def build() -> ClauseElement:
            listed = table.c.path.bool_op("IN")(JsonTexts(bindparam("paths", type_=Text)))
            found = select(table.c.path).distinct().where(listed)
            return found if type_ids is None else found.where(self.in_ids(table.c.type_id))

        values: dict[str, SqlValue] = {"paths": json.dumps(list(paths))}
        if type_ids is not None:
            values["ids"] = self.database.ids_parameter(type_ids)
        return self.sql(("paths in use", type_ids is None), build), values

    def paths_in_use(
        self, paths: Sequence[str], dataset_types: Collection[str] | None = None
    ) -> set[str]:
        """Return those of some paths that datasets have.

        Parameters
        ----------
        paths
            As they were registered. Paths have no index: every row is looked
            at once, however many paths are asked for.
        dataset_types
            Names of the types whose rows are looked at, None for all.
        """
        type_ids = None
        if dataset_types is not None:
            known = self.dataset_types()
            type_ids = [known[name].id for name in dataset_types if name in known]
            if not type_ids:
                return set()
        found = self.database.fetch_all(*self._paths_query(paths, type_ids))
        return {str(path) for (path,) in found}


def stored_row(row: Row) -> StoredRow:
    """Return the columns of a dataset, its values last, as a `StoredRow`."""
    return StoredRow._make((*row[:7], row[7:]))
