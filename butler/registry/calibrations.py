"""The ranges of time in which calibrations are valid."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    delete,
    null,
    select,
    true,
    update,
)

from butler.errors import DataIdError, DatasetExistsError, RegistryError
from butler.registry.calibration_groups import Groups, KnownCalibration
from butler.registry.dataset_rows import DatasetRows, stored_row
from butler.registry.rows import CalibrationRow, ValidRange
from butler.registry.validity import Range, make_range, normal_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.data_id import KeyValue
    from butler.registry.calibration_groups import DatedCalibration, RangeRule
    from butler.registry.database import CompiledSql, Row, SqlValue, WriteCursor

__all__ = ["CalibrationRows"]

_MANY = 1_000_000_000
_DAYS_SINCE = "0002"
_FEW_GROUPS = 16  # asked for one by one; of more, all of the type are read at once


class _TakeBackError(Exception):
    """Ends a transaction without a trace."""


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
        self.certify_all([dataset_id], begin, end, match=match)

    def certify_all(
        self,
        dataset_ids: Sequence[int],
        begin: str | None,
        end: str | None,
        *,
        match: Sequence[str],
        dry_run: bool = False,
    ) -> None:
        """Declare several calibrations valid for one range of time, all or none.

        Parameters
        ----------
        dataset_ids
            Numbers of their rows.
        begin, end, match
            As for `certify`.
        dry_run
            Do it and take it back.

        Raises
        ------
        DataIdError, DatasetExistsError, RegistryError
            As for `certify`.
        """
        valid = make_range(begin, end)
        self.check_keys(match)
        with suppress(_TakeBackError), self.write() as cursor:
            for dataset_id in dataset_ids:
                self.certify_within(cursor, dataset_id, valid, match)
            if dry_run:
                raise _TakeBackError

    def certify_within(
        self, cursor: WriteCursor, dataset_id: int, valid: Range, match: Sequence[str]
    ) -> None:
        """Declare a calibration valid, as a part of a transaction.

        Parameters
        ----------
        cursor
            Of the transaction. A refusal has changed nothing of it.
        dataset_id, match
            As for `certify`.
        valid
            From `make_range`.

        Raises
        ------
        DatasetExistsError, RegistryError
            As for `certify`.
        """
        table = self.tables.calibration
        columns = ("dataset_id", "begin", "end")
        values: dict[str, SqlValue] = dict(zip(columns, (dataset_id, *valid), strict=True))

        def build() -> ClauseElement:
            same = (table.c[name] == bindparam(f"x_{name}") for name in columns)
            return update(table).where(*same).values(days=null())

        # The very range that it has is from now on one given by hand.
        same = {f"x_{name}": value for name, value in values.items()}
        if not cursor.execute(self.sql("keep range", build), same):
            self._refuse_overlap(cursor, dataset_id, *valid, tuple(match))
            cursor.execute(self.database.insert_statement(table, columns), values)

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
                f"The range {Range(begin, end)} of this {name!r} overlaps the range "
                f"{Range(other_begin, other_end)} of {path} in {self.database.url}. "
                f"Choose another range, or take the other one back with butler decertify."
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
        return self.decertify_all([dataset_id])

    def decertify_all(self, dataset_ids: Sequence[int]) -> int:
        """Take back every validity range of calibrations and return how many there were."""
        with self.write() as cursor:
            return self._forget_ranges(cursor, dataset_ids)

    def _forget_ranges(self, cursor: WriteCursor, dataset_ids: Sequence[int]) -> int:
        table = self.tables.calibration
        sql = self.sql(
            "forget ranges", lambda: delete(table).where(self.in_ids(table.c.dataset_id))
        )
        return cursor.execute(sql, {"ids": self.database.ids_parameter(dataset_ids)})

    def calibration_groups(
        self, rule: RangeRule, wanted: Collection[tuple[KeyValue | None, ...]] | None = None
    ) -> Groups:
        """Return the registered calibrations of one type by what they serve.

        Parameters
        ----------
        rule
            Of the dataset type.
        wanted
            Values of its ``match`` that matter; None for all.
        """
        if not self._has_columns((*rule.identity_keys, *rule.match, rule.date_key)):
            return Groups((), until_next=rule.until_next)
        return self._groups(self.database.fetch_all, rule, wanted)

    def derive_ranges(
        self, cursor: WriteCursor, rule: RangeRule, calibrations: Sequence[DatedCalibration]
    ) -> dict[str, Range]:
        """Give registered calibrations the ranges that follow from their dates.

        Parameters
        ----------
        cursor
            Of the transaction that this is a part of.
        rule
            Of their dataset type.
        calibrations
            Their neighbours are lengthened and shortened too, as far as their
            ranges were not given by hand.

        Returns
        -------
        dict
            The ranges of these calibrations and their neighbours, by the
            canonical text of the data ID.

        Raises
        ------
        DatasetExistsError
            If one would overlap a range that was given by hand.
        """
        wanted = {one.group for one in calibrations}
        groups = self._groups(cursor.fetch_all, rule, wanted)
        for one in calibrations:
            refusal = groups.add(one)
            if refusal:
                message = (
                    f"Nothing was changed in {self.database.url}: {rule.dataset_type!r} "
                    f"{one.canonical}: {refusal}."
                )
                raise DatasetExistsError(message)
        self._change_ranges(cursor, groups)
        return groups.ranges()

    def _change_ranges(self, cursor: WriteCursor, groups: Groups) -> None:
        changes = list(groups.changes())
        self._forget_ranges(cursor, [change.number for change in changes])
        rows = [(one.number, one.range.begin, one.range.end, one.days) for one in changes]
        cursor.insert_many(self.tables.calibration, ("dataset_id", "begin", "end", "days"), rows)

    def carry_ranges(
        self, cursor: WriteCursor, rule: RangeRule, carried: Mapping[DatedCalibration, Range]
    ) -> dict[str, str]:
        """Give registered calibrations the ranges that were derived for them elsewhere.

        Parameters
        ----------
        cursor
            Of the transaction that this is a part of.
        rule
            Of their dataset type.
        carried
            Calibrations that have no range here, and what they had there. One
            that would touch another is derived anew, with its neighbours.

        Returns
        -------
        dict
            Why some got none, by the canonical text of the data ID.
        """
        groups = self._groups(cursor.fetch_all, rule, {one.group for one in carried})
        refused: dict[str, str] = {}
        for one, valid in carried.items():
            try:
                why = "" if groups.keep(one, valid) else groups.add(one)
            except DataIdError as error:  # its date is none
                why = str(error)
            if why:
                refused[one.canonical] = why
        self._change_ranges(cursor, groups)
        return refused

    def _groups(
        self,
        fetch_all: Callable[[CompiledSql, Mapping[str, SqlValue]], list[Row]],
        rule: RangeRule,
        wanted: Collection[tuple[KeyValue | None, ...]] | None,
    ) -> Groups:
        knows_days = self.version >= _DAYS_SINCE
        is_few = wanted is not None and len(wanted) <= _FEW_GROUPS
        sql = self.sql(
            ("groups", rule.match, rule.date_key, knows_days, is_few),
            lambda: self._groups_statement(rule, knows_days=knows_days, is_one=is_few),
        )
        questions: list[dict[str, SqlValue]] = [{}]
        if wanted is not None and is_few:
            questions = [{f"g{n}": value for n, value in enumerate(one)} for one in wanted]
        rows = [
            row
            for question in questions
            for row in fetch_all(sql, {**question, "type": rule.dataset_type})
        ]
        known = (KnownCalibration._make((*row[:4], row[7:], *row[4:7])) for row in rows)
        return Groups(known, until_next=rule.until_next)

    def _groups_statement(
        self, rule: RangeRule, *, knows_days: bool, is_one: bool
    ) -> ClauseElement:
        table, valid = self.tables.dataset, self.tables.calibration
        days = valid.c.days if knows_days else null()
        own = [table.c.id, table.c.data_id, table.c.path, table.c[rule.date_key]]
        group = [table.c[key] for key in rule.match]
        statement = (
            select(*own, valid.c.begin, valid.c.end, days, *group)
            .select_from(table.outerjoin(valid, valid.c.dataset_id == table.c.id))
            .where(table.c.type_id == self._type_clause())
        )
        if is_one:
            same = (column == bindparam(f"g{n}") for n, column in enumerate(group))
            statement = statement.where(*same)
        return statement

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
        found = self.valid_ranges(ids)
        return {number: [one[:2] for one in ranges] for number, ranges in found.items()}

    def valid_ranges(
        self, ids: Sequence[int], cursor: WriteCursor | None = None
    ) -> dict[int, list[ValidRange]]:
        """Return the validity ranges of calibrations, and whether they follow from dates.

        Parameters
        ----------
        ids
            As for `ranges_of`.
        cursor
            Of a transaction whose changes are to be seen.
        """
        table = self.tables.calibration
        knows_days = self.version >= _DAYS_SINCE

        def build() -> ClauseElement:
            days = table.c.days if knows_days else null()
            rows = select(table.c.dataset_id, table.c.begin, table.c.end, days)
            return rows.where(self.in_ids(table.c.dataset_id)).order_by(table.c.begin)

        fetch_all = self.database.fetch_all if cursor is None else cursor.fetch_all
        found: dict[int, list[ValidRange]] = {}
        values = {"ids": self.database.ids_parameter(ids)}
        for number, *valid in fetch_all(self.sql(("ranges of", knows_days), build), values):
            found.setdefault(int(str(number)), []).append(ValidRange._make(valid))
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
        # First by the index of observations, of which calibrations have none: at most one row
        # is valid at a time, so that one found this way is the one.
        without = self._unobserved(keys, asked) if time is not None else ()
        rows: list[Row] = []
        for absent in dict.fromkeys((without, ())):
            sql = self.sql(
                ("calibrations", keys, asked, time is None, absent),
                lambda: self._calibration_statement(
                    keys,
                    asked,
                    absent,  # noqa: B023 - called at once
                    at_time=time is not None,
                ),
            )
            rows = self.database.fetch_all(sql, values)
            if rows:
                break
        return [CalibrationRow._make((row[0], row[1], stored_row(row[2:]))) for row in rows]

    def _unobserved(self, keys: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns that a calibration leaves empty in front of one that is asked for."""
        absent: list[str] = []
        for name in self.observation.unique:
            if name in asked:
                return tuple(absent)
            if name in keys or name not in self._keys:
                break
            absent.append(name)
        return ()

    def _calibration_statement(
        self,
        keys: tuple[str, ...],
        asked: tuple[str, ...],
        absent: tuple[str, ...],
        *,
        at_time: bool,
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
        for name in absent:
            statement = statement.where(table.c[name].is_(None))
        if at_time:
            time = bindparam("time", type_=Text)
            statement = statement.where(valid.c.begin <= time, valid.c.end > time)
        return statement
