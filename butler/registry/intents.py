"""What processes set out to do with files, and what files may be removed."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from butler.registry.core import RegistryCore
from butler.registry.rows import IntentRow, TrashRow

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def trash(self) -> list[TrashRow]:
        """Return the files that no dataset uses any more, oldest first."""
        table = self.tables.trash
        columns = (table.c[name] for name in TrashRow._fields)
        sql = self.sql("trash", lambda: select(*columns).order_by(table.c.id))
        return [TrashRow._make(row) for row in self.database.fetch_all(sql)]

    def forget_trash(self, trash_ids: Sequence[int]) -> None:
        """Forget files that have been removed."""
        table = self.tables.trash
        sql = self.sql("forget trash", lambda: delete(table).where(self.in_ids(table.c.id)))
        with self.write() as cursor:
            cursor.execute(sql, {"ids": self.database.ids_parameter(trash_ids)})

    def _add_trash(self, cursor: WriteCursor, paths: Sequence[str]) -> None:
        if paths:
            sql = self.database.insert_statement(self.tables.trash, ("path", "removed"))
            removed = now_text()
            cursor.execute_many(sql, [{"path": path, "removed": removed} for path in paths])
