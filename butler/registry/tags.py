"""Tags: names that users give to datasets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, delete, func, select

from butler.errors import DataIdError
from butler.registry.condition import (
    And,
    Comparison,
    Everything,
    Membership,
    Not,
    Or,
    is_negative,
    names,
)
from butler.registry.core import RegistryCore
from butler.registry.rows import TagRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.registry.condition import Condition
    from butler.registry.database import SqlValue, WriteCursor

__all__ = ["TAG", "TAGS_SINCE", "TagRows", "asks_for_tags", "check_tag", "without_tags"]

TAG = "tag"
"""The name under which conditions ask for tags."""

TAGS_SINCE = "0002"
"""The first version of a registry that has tags."""
_NAME = re.compile(r"[A-Za-z0-9_,:+][A-Za-z0-9_.,:+-]{0,199}")


def check_tag(name: str) -> str:
    """Return the name of a tag, if it can be one.

    Parameters
    ----------
    name
        Made of what a value of a data ID is made of.

    Raises
    ------
    DataIdError
        If it is not.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            f"{name!r} is no name for a tag: letters, digits and _ . , : + - only, the first "
            f"neither . nor -, at most 200."
        )
        raise DataIdError(message)
    return name


def asks_for_tags(condition: Condition | None) -> bool:
    """Tell whether a condition asks for tags."""
    return condition is not None and TAG in names(condition)


def without_tags(condition: Condition) -> Condition:
    """Return what a condition means for datasets without any tag.

    Parameters
    ----------
    condition
        What is asked for.
    """
    if isinstance(condition, Comparison | Membership):
        if condition.name != TAG:
            return condition
        return Everything() if is_negative(condition) else Or(())
    if isinstance(condition, Not):
        return Not(without_tags(condition.term))
    if isinstance(condition, And | Or):
        return type(condition)(tuple(map(without_tags, condition.terms)))
    return condition


class TagRows(RegistryCore):
    """The part of a registry that knows tags."""

    def add_tag(self, name: str, ids: Sequence[int], note: str | None = None) -> int:
        """Give datasets a tag, and return how many did not have it.

        Parameters
        ----------
        name
            Of the tag, which is made if need be.
        ids
            Numbers of their rows; those that are gone are ignored.
        note
            What it means; None leaves a note that is there.

        Raises
        ------
        DataIdError
            If the name cannot be one.
        """
        check_tag(name)
        with self.write() as cursor:
            return self.add_tag_within(cursor, name, ids, note)

    def add_tag_within(
        self, cursor: WriteCursor, name: str, ids: Sequence[int], note: str | None = None
    ) -> int:
        """Give datasets a tag, as a part of a transaction; see `add_tag`.

        Parameters
        ----------
        cursor
            Of the transaction.
        name, ids, note
            As for `add_tag`.
        """
        number = self._tag_id(cursor, check_tag(name), note)
        sql = self.sql("add tag", self._add_statement)
        return cursor.execute(sql, {"tag": number, "ids": self.database.ids_parameter(ids)})

    def _tag_id(self, cursor: WriteCursor, name: str, note: str | None) -> int:
        table = self.tables.tag
        columns = ("name", "note")
        new = self.database.insert_statement(table, columns, ignore_conflicts=True)
        cursor.execute(new, {"name": name, "note": note})
        if note is not None:
            change = table.update().where(table.c.name == bindparam("n"))
            sql = self.sql("note tag", lambda: change.values(note=bindparam("v")))
            cursor.execute(sql, {"n": name, "v": note})
        sql = self.sql("tag id", lambda: select(table.c.id).where(table.c.name == bindparam("n")))
        row = cursor.fetch_one(sql, {"n": name})
        return int(row[0]) if row else 0  # type: ignore[arg-type]  # a number, just inserted

    def _add_statement(self) -> ClauseElement:
        dataset, link = self.tables.dataset, self.tables.dataset_tag
        has = select(link.c.dataset_id).where(
            link.c.tag_id == bindparam("tag"), link.c.dataset_id == dataset.c.id
        )
        given = bindparam("tag", type_=BigInteger)
        rows = select(given, dataset.c.id).where(self.in_ids(dataset.c.id), ~has.exists())
        return link.insert().from_select(["tag_id", "dataset_id"], rows)

    def remove_tag(self, name: str, ids: Sequence[int] | None = None) -> int:
        """Take a tag from datasets, and return how many had it.

        Parameters
        ----------
        name
            Of the tag.
        ids
            Numbers of their rows; None for all, and the tag itself goes too.
        """
        tag, link = self.tables.tag, self.tables.dataset_tag
        number = select(tag.c.id).where(tag.c.name == bindparam("n")).scalar_subquery()

        def build() -> ClauseElement:
            statement = delete(link).where(link.c.tag_id == number)
            return statement if ids is None else statement.where(self.in_ids(link.c.dataset_id))

        values: dict[str, SqlValue] = {"n": name}
        if ids is not None:
            values["ids"] = self.database.ids_parameter(ids)
        with self.write() as cursor:
            count = cursor.execute(self.sql(("remove tag", ids is None), build), values)
            if ids is None:
                drop = self.sql("drop tag", lambda: delete(tag).where(tag.c.name == bindparam("n")))
                cursor.execute(drop, {"n": name})
        return count

    def tags(self) -> list[TagRow]:
        """Return every tag by name, and how many datasets have it."""
        if self.version < TAGS_SINCE:
            return []
        tag, link = self.tables.tag, self.tables.dataset_tag

        def build() -> ClauseElement:
            joined = tag.outerjoin(link, link.c.tag_id == tag.c.id)
            counted = select(tag.c.name, tag.c.note, func.count(link.c.dataset_id))
            rows = counted.select_from(joined).group_by(tag.c.id, tag.c.name, tag.c.note)
            return rows.order_by(tag.c.name)

        return [TagRow._make(row) for row in self.database.fetch_all(self.sql("tags", build))]

    def tags_of(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the tags of datasets, by the number of their row; those without are left out.

        Parameters
        ----------
        ids
            Numbers of rows.
        """
        if self.version < TAGS_SINCE:
            return {}
        tag, link = self.tables.tag, self.tables.dataset_tag

        def build() -> ClauseElement:
            rows = select(link.c.dataset_id, tag.c.name).join(tag, tag.c.id == link.c.tag_id)
            return rows.where(self.in_ids(link.c.dataset_id)).order_by(tag.c.name)

        sql = self.sql("tags of", build)
        found: dict[int, tuple[str, ...]] = {}
        for number, name in self.database.fetch_all(sql, {"ids": self.database.ids_parameter(ids)}):
            found[int(str(number))] = (*found.get(int(str(number)), ()), str(name))
        return found
