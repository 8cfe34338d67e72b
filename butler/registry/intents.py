"""What processes set out to do with files, and what files may be removed."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, delete, select

from butler.registry.core import RegistryCore
from butler.registry.list_elements import JsonTexts
from butler.registry.rows import IntentRow, TrashRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.registry.database import SqlValue, WriteCursor

__all__ = ["Intents", "now_text"]


def now_text() -> str:
    """Return the time as a registry records it: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Intents(RegistryCore):
    """The part of a registry that crash recovery reads."""

    def open_intent(self, operation: str, paths: Sequence[str]) -> int:
        """Record what this process is about to do, in a transaction of its own.

        Parameters
        ----------
        operation
            One word: ``put``, ``ingest``, ``replace``, ``delete``.
        paths
            The files that may appear or vanish.

        Returns
        -------
        int
            Number of the intent, to be closed with the rows that it leads to.
        """
        values: dict[str, SqlValue] = {
            "operation": operation,
            "paths": json.dumps(list(paths), ensure_ascii=False),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": now_text(),
        }
        sql = self.database.insert_statement(self.tables.intent, tuple(values), returning_id=True)
        with self.write() as cursor:
            return cursor.insert_returning_id(sql, values)

    def close_intent(self, intent_id: int) -> None:
        """Forget an intent, in a transaction of its own."""
        with self.write() as cursor:
            self._close_intent(cursor, intent_id)

    def _close_intent(self, cursor: WriteCursor, intent_id: int) -> None:
        table = self.tables.intent
        sql = self.sql(
            "close intent", lambda: delete(table).where(table.c.id == bindparam("intent"))
        )
        cursor.execute(sql, {"intent": intent_id})

    def intents(self) -> list[IntentRow]:
        """Return what was begun and not closed, oldest first."""
        table = self.tables.intent
        columns = (table.c[name] for name in IntentRow._fields)
        sql = self.sql("intents", lambda: select(*columns).order_by(table.c.id))
        return [
            IntentRow._make((row[0], row[1], tuple(json.loads(str(row[2]))), *row[3:]))
            for row in self.database.fetch_all(sql)
        ]

    def settle_intent(self, intent_id: int, settle: Callable[[IntentRow, set[str]], None]) -> bool:
        """Close an intent whose process is dead, once its files are seen to.

        Parameters
        ----------
        intent_id
            Its number.
        settle
            Called with it, and with all paths that other intents name, while
            nobody else can write to the registry.

        Returns
        -------
        bool
            False if somebody else has closed it already.
        """
        with self.write() as cursor:
            every = self.intents()
            mine = next((one for one in every if one.id == intent_id), None)
            if mine is None:
                return False
            settle(mine, {path for one in every if one is not mine for path in one.paths})
            self._close_intent(cursor, intent_id)
        return True

    def trash(self) -> list[TrashRow]:
        """Return the files that no dataset uses any more, oldest first."""
        table = self.tables.trash
        columns = (table.c[name] for name in TrashRow._fields)
        sql = self.sql("trash", lambda: select(*columns).order_by(table.c.id))
        return [TrashRow._make(row) for row in self.database.fetch_all(sql)]

    def take_trash(
        self, trash_ids: Sequence[int], remove: Callable[[str], bool], *, mine: int | None = None
    ) -> None:
        """Remove files that no dataset uses any more, and forget them.

        Parameters
        ----------
        trash_ids
            Numbers of their rows.
        remove
            Called with each path that is in the trash still, while nobody else
            can write to the registry; tells whether the file is gone. So of
            two processes one removes a file, and never one that has come to
            the same place since.
        mine
            An intent of the caller. What other intents name stays.
        """
        if not trash_ids:
            return
        with self.write() as cursor:
            named = {path for one in self.intents() if one.id != mine for path in one.paths}
            asked = set(trash_ids)
            there = [row for row in self.trash() if row.id in asked and row.path not in named]
            self._forget_trash(cursor, [row.id for row in there if remove(row.path)])

    def forget_trash(self, trash_ids: Sequence[int]) -> None:
        """Forget files that have been removed, or that are used again."""
        with self.write() as cursor:
            self._forget_trash(cursor, trash_ids)

    def _forget_trash(self, cursor: WriteCursor, trash_ids: Sequence[int]) -> None:
        table = self.tables.trash
        sql = self.sql("forget trash", lambda: delete(table).where(self.in_ids(table.c.id)))
        cursor.execute(sql, {"ids": self.database.ids_parameter(trash_ids)})

    def _use_again(self, cursor: WriteCursor, paths: Sequence[str]) -> None:
        """Take paths that datasets have again out of the trash."""
        table = self.tables.trash

        def build() -> ClauseElement:
            listed = JsonTexts(bindparam("paths", type_=Text))
            return delete(table).where(table.c.path.bool_op("IN")(listed))

        cursor.execute(self.sql("use again", build), {"paths": json.dumps(list(paths))})

    def _add_trash(self, cursor: WriteCursor, paths: Sequence[str]) -> None:
        if paths:
            sql = self.database.insert_statement(self.tables.trash, ("path", "removed"))
            removed = now_text()
            cursor.execute_many(sql, [{"path": path, "removed": removed} for path in paths])
