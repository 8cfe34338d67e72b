"""The ranges of time in which calibrations are valid."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Text, and_, bindparam, select, true

from butler.errors import DataIdError, DatasetExistsError, RegistryError
from butler.registry.dataset_rows import DatasetRows, stored_row
from butler.registry.rows import CalibrationRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.data_id import KeyValue
    from butler.registry.database import SqlValue, WriteCursor

__all__ = ["OPEN_BEGIN", "OPEN_END", "CalibrationRows", "normal_time"]

OPEN_BEGIN = "0001-01-01T00:00:00"
"""Begin of a range that has always been valid."""
OPEN_END = "9999-12-31T23:59:59"
"""End of a range that is valid until further notice."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?")
_MANY = 1_000_000_000


def normal_time(text: str) -> str:
    """Return a time in the one spelling in which texts compare as times do.

    Parameters
    ----------
    text
        ISO 8601 without a time zone. A date alone is its midnight.

    Returns
    -------
    str
        ``2013-05-07T00:00:00``, with a fraction without trailing zeros where
        there is one.

    Raises
    ------
    DataIdError
        If it is no time.
    """
    try:
        if not _TIME.fullmatch(text):
            raise ValueError  # noqa: TRY301 - one message for both ways to be wrong
        whole, _, fraction = text.partition(".")
        moment = datetime.fromisoformat(whole)
    except ValueError:
        message = f"{text!r} is no time: write 2013-05-07 or 2013-05-07T12:30:00."
        raise DataIdError(message) from None
    fraction = fraction.rstrip("0")
    return moment.isoformat() + (f".{fraction}" if fraction else "")


class CalibrationRows(DatasetRows):
    """The part of a registry that chooses calibrations."""

    def certify(
        self,
        dataset_id: int,
        begin: str | None,
        end: str | None,
        *,
        match: Sequence[str],
    ) -> None:
        """Declare a calibration valid for the observations of a range of time.

        Parameters
        ----------
        dataset_id
            Number of its row.
        begin, end
            ISO times; the end does not belong to the range. None for an open
            side.
        match
            Keys that a calibration shares with the observations it serves,
            for instance ``("ccd", "filter")``.

        Raises
        ------
        DataIdError
            If the range is empty or a time cannot be read.
        DatasetExistsError
            If another calibration of the same type and the same matching keys
            is valid in a part of the range.
        RegistryError
            If there is no such dataset.
        """
        first = OPEN_BEGIN if begin is None else normal_time(begin)
        last = OPEN_END if end is None else normal_time(end)
        if first >= last:
            message = f"The validity range from {first} to {last} is empty."
            raise DataIdError(message)
        self.check_keys(match)
        columns = ("dataset_id", "begin", "end")
        insert = self.database.insert_statement(self.tables.calibration, columns)
        with self.write() as cursor:
            self._refuse_overlap(cursor, dataset_id, first, last, tuple(match))
            cursor.execute(insert, dict(zip(columns, (dataset_id, first, last), strict=True)))

    def _refuse_overlap(
        self, cursor: WriteCursor, dataset_id: int, begin: str, end: str, match: tuple[str, ...]
    ) -> None:
        there = cursor.fetch_all(
            self.sql(("overlap", match), lambda: self._overlap_statement(match)),
            {"dataset": dataset_id, "first": begin, "last": end},
        )
        if not there:
            message = f"There is no dataset number {dataset_id} in {self.database.url}."
            raise RegistryError(message)
        name, path, other_begin, other_end = map(str, there[0])
        if there[0][1] is not None:
            message = (
                f"The range [{begin}, {end}) of this {name!r} overlaps the range "
                f"[{other_begin}, {other_end}) of {path} in {self.database.url}. "
                f"Choose another range, or remove the other calibration's."
            )
            raise DatasetExistsError(message)

    def _overlap_statement(self, match: tuple[str, ...]) -> ClauseElement:
        """Return a statement that has one row without a path if nothing overlaps."""
        mine = self.tables.dataset.alias("mine")
        other = self.tables.dataset.alias("other")
        valid, kind = self.tables.calibration, self.tables.dataset_type
        compared = [other.c[key] for key in match]
        ranges = (
            select(other.c.type_id, other.c.path, valid.c.begin, valid.c.end, *compared)
            .join(valid, valid.c.dataset_id == other.c.id)
            .where(valid.c.begin < bindparam("last"), valid.c.end > bindparam("first"))
            .subquery("ranges")
        )
        agree = [mine.c[key].is_not_distinct_from(ranges.c[key]) for key in match]
        joined = mine.join(kind, kind.c.id == mine.c.type_id).outerjoin(
            ranges, (ranges.c.type_id == mine.c.type_id) & and_(true(), *agree)
        )
        return (
            select(kind.c.name, ranges.c.path, ranges.c.begin, ranges.c.end)
            .select_from(joined)
            .where(mine.c.id == bindparam("dataset"))
            .limit(1)
        )

    def decertify(self, dataset_id: int) -> int:
        """Take back every validity range of a calibration and return how many there were."""
        table = self.tables.calibration
        sql = self.sql(
            "decertify", lambda: table.delete().where(table.c.dataset_id == bindparam("dataset"))
        )
        with self.write() as cursor:
            return cursor.execute(sql, {"dataset": dataset_id})

    def ranges_of(self, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        """Return the validity ranges of calibrations, by the number of their row.

        Parameters
        ----------
        ids
            Numbers of rows; those without a range are left out.

        Returns
        -------
        dict
            Begins and ends as ISO text, ordered by begin.
        """
        table = self.tables.calibration

        def build() -> ClauseElement:
            rows = select(table.c.dataset_id, table.c.begin, table.c.end)
            return rows.where(self.in_ids(table.c.dataset_id)).order_by(table.c.begin)

        found: dict[int, list[tuple[str, str]]] = {}
        values = {"ids": self.database.ids_parameter(ids)}
        for number, begin, end in self.database.fetch_all(self.sql("ranges of", build), values):
            found.setdefault(int(str(number)), []).append((str(begin), str(end)))
        return found

    def find_calibrations(
        self,
        dataset_type: str,
        identity_keys: Sequence[str],
        match: Mapping[str, KeyValue],
        time: str | None = None,
        *,
        limit: int | None = None,
    ) -> list[CalibrationRow]:
        """Return the calibrations that serve an observation.

        Parameters
        ----------
        dataset_type
            Name of the calibration's dataset type.
        identity_keys
            Its keys in identity order.
        match
            Keys that the calibration must have, with their values.
        time
            ISO time of the observation; None for the ranges of all times.
        limit
            At most so many.

        Returns
        -------
        list of CalibrationRow
            Ordered by begin. For one time there is one at most, because
            overlaps are refused.
        """
        keys, asked = tuple(identity_keys), tuple(match)
        if not self._has_columns((*keys, *asked)):
            return []
        values: dict[str, SqlValue] = {f"k{n}": value for n, value in enumerate(match.values())}
        values |= {"type": dataset_type, "most": _MANY if limit is None else limit}
        if time is not None:
            values["time"] = normal_time(time)
        sql = self.sql(
            ("calibrations", keys, asked, time is None),
            lambda: self._calibration_statement(keys, asked, at_time=time is not None),
        )
        rows = self.database.fetch_all(sql, values)
        return [CalibrationRow._make((row[0], row[1], stored_row(row[2:]))) for row in rows]

    def _calibration_statement(
        self, keys: tuple[str, ...], asked: tuple[str, ...], *, at_time: bool
    ) -> ClauseElement:
        table, valid = self.tables.dataset, self.tables.calibration
        statement = (
            select(valid.c.begin, valid.c.end, *self._columns(keys))
            .join(table, table.c.id == valid.c.dataset_id)
            .where(table.c.type_id == self._type_clause())
            .order_by(valid.c.begin, table.c.data_id)
            .limit(bindparam("most", type_=BigInteger))
        )
        for number, name in enumerate(asked):
            statement = statement.where(table.c[name] == bindparam(f"k{number}"))
        if at_time:
            time = bindparam("time", type_=Text)
            statement = statement.where(valid.c.begin <= time, valid.c.end > time)
        return statement
