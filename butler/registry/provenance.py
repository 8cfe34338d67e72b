"""Which task, configuration, versions and inputs made a dataset."""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, delete, func, select

from butler.registry.core import RegistryCore
from butler.registry.list_elements import JsonTexts
from butler.registry.rows import InputRow, Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Table
    from sqlalchemy.sql.elements import ClauseElement

    from butler.registry.database import SqlValue, WriteCursor

__all__ = ["ProvenanceRows"]

_COLUMNS = ("digest", "task", "configuration", "versions")
_TIMES = ("started", "wall_s", "cpu_s")
_TIMES_SINCE = "0002"


class ProvenanceRows(RegistryCore):
    """The part of a registry that says how datasets were made."""

    def record_provenance(self, dataset_id: int, provenance: Provenance) -> None:
        """Record how a dataset was made, instead of what was recorded before.

        Parameters
        ----------
        dataset_id
            Number of its row.
        provenance
            Inputs are kept by value: their repositories may go away.
        """
        with self.write() as cursor:
            self._record_provenance(cursor, [(dataset_id, provenance)])

    def _record_provenance(
        self, cursor: WriteCursor, made: Sequence[tuple[int, Provenance]]
    ) -> None:
        database, tables = self.database, self.tables
        for name in ("provenance_input", "provenance_output"):
            old = tables.metadata.tables[name]
            forget = self.sql(("forget", name), partial(self._forget_statement, old))
            ids = [dataset_id for dataset_id, _ in made]
            cursor.execute(forget, {"ids": database.ids_parameter(ids)})
        numbers: dict[bytes, int] = {}
        links: list[tuple[int | float | str | None, ...]] = []
        inputs: list[tuple[int | str | bytes | None, ...]] = []
        for dataset_id, one in made:
            digest = _digest(one)
            if digest not in numbers:
                numbers[digest] = self._provenance_id(cursor, digest, one)
            links.append((dataset_id, numbers[digest], *(getattr(one, name) for name in _TIMES)))
            inputs += [(dataset_id, *each) for each in dict.fromkeys(one.inputs)]
        columns = ("dataset_id", "provenance_id", *_TIMES)
        cursor.insert_many(tables.provenance_output, columns, links)
        if inputs:
            columns = ("dataset_id", *InputRow._fields)
            cursor.insert_many(tables.provenance_input, columns, inputs)

    def _forget_statement(self, table: Table) -> ClauseElement:
        return delete(table).where(self.in_ids(table.c.dataset_id))

    def _provenance_id(self, cursor: WriteCursor, digest: bytes, one: Provenance) -> int:
        table = self.tables.provenance
        values = dict(zip(_COLUMNS, (digest, *one[:3]), strict=True))
        cursor.execute(
            self.database.insert_statement(table, _COLUMNS, ignore_conflicts=True), values
        )
        sql = self.sql(
            "provenance id", lambda: select(table.c.id).where(table.c.digest == bindparam("digest"))
        )
        row = cursor.fetch_one(sql, {"digest": digest})
        return int(row[0]) if row else 0  # type: ignore[arg-type]  # a number, just inserted

    def outputs_of(
        self, repository: str, dataset_type: str, canonicals: Sequence[str]
    ) -> dict[str, str]:
        """Return which datasets of a repository were inputs of some that are here.

        Parameters
        ----------
        repository
            Its UUID.
        dataset_type
            Of the inputs.
        canonicals
            Canonical texts of their data IDs. Inputs have no index: every row
            is looked at once, however many are asked for.

        Returns
        -------
        dict
            Canonical text to the type of a dataset that was made from it.
        """
        given, made, kind = (
            self.tables.provenance_input,
            self.tables.dataset,
            self.tables.dataset_type,
        )

        def build() -> ClauseElement:
            joined = given.join(made, made.c.id == given.c.dataset_id).join(
                kind, kind.c.id == made.c.type_id
            )
            return (
                select(given.c.data_id, func.min(kind.c.name))
                .select_from(joined)
                .where(
                    given.c.repository == bindparam("place"),
                    given.c.dataset_type == bindparam("type"),
                    given.c.data_id.bool_op("IN")(JsonTexts(bindparam("texts", type_=Text))),
                )
                .group_by(given.c.data_id)
            )

        values: dict[str, SqlValue] = {"place": repository, "type": dataset_type}
        values["texts"] = json.dumps(list(canonicals))
        rows = self.database.fetch_all(self.sql("outputs of", build), values)
        return {str(text): str(name) for text, name in rows}

    def provenance(self, dataset_id: int) -> Provenance | None:
        """Return how a dataset was made, or None if nobody said.

        Parameters
        ----------
        dataset_id
            Number of its row.
        """
        made, link = self.tables.provenance, self.tables.provenance_output
        times = [link.c[name] for name in _TIMES if self.version >= _TIMES_SINCE]
        sql = self.sql(
            ("provenance", len(times)),
            lambda: (
                select(made.c.task, made.c.configuration, made.c.versions, *times)
                .join(link, link.c.provenance_id == made.c.id)
                .where(link.c.dataset_id == bindparam("dataset"))
            ),
        )
        row = self.database.fetch_one(sql, {"dataset": dataset_id})
        if row is None:
            return None
        given = self.tables.provenance_input
        columns = [given.c[name] for name in InputRow._fields]
        sql = self.sql(
            "provenance inputs",
            lambda: (
                select(*columns)
                .where(given.c.dataset_id == bindparam("dataset"))
                .order_by(*columns[:3])
            ),
        )
        inputs = self.database.fetch_all(sql, {"dataset": dataset_id})
        inputs_read = tuple(InputRow._make(one) for one in inputs)
        return Provenance(*row[:3], inputs_read, *row[3:])  # type: ignore[arg-type, call-arg]

    def makers(self, dataset_type: str) -> dict[str, int | None]:
        """Return which recipe made each dataset of a type.

        Parameters
        ----------
        dataset_type
            Its name.

        Returns
        -------
        dict
            Canonical data ID to a number for `recipe`; None where nobody said.
        """
        table, types = self.tables.dataset, self.tables.dataset_type
        link = self.tables.provenance_output
        sql = self.sql(
            "makers",
            lambda: (
                select(table.c.data_id, link.c.provenance_id)
                .select_from(
                    table.join(types, types.c.id == table.c.type_id).outerjoin(
                        link, link.c.dataset_id == table.c.id
                    )
                )
                .where(types.c.name == bindparam("name"))
            ),
        )
        rows = self.database.fetch_all(sql, {"name": dataset_type})
        return {str(row[0]): None if row[1] is None else int(str(row[1])) for row in rows}

    def recipe(self, number: int) -> Provenance | None:
        """Return task, configuration and versions that datasets share.

        Parameters
        ----------
        number
            From `makers`.
        """
        made = self.tables.provenance
        sql = self.sql(
            "recipe",
            lambda: select(made.c.task, made.c.configuration, made.c.versions).where(
                made.c.id == bindparam("number")
            ),
        )
        row = self.database.fetch_one(sql, {"number": number})
        return None if row is None else Provenance(*row)  # type: ignore[arg-type]


def _digest(provenance: Provenance) -> bytes:
    words = [
        "-" if text is None else f"{len(text)}:{text}"  # lengths keep texts apart
        for text in (provenance.task, provenance.configuration, provenance.versions)
    ]
    return sha256("".join(words).encode()).digest()
