"""``calibRegistry.sqlite3`` of Gen2: which calibration is valid for an observation.

The look-up has two steps. The observation's row gives its date and what else
the rule compares; the calibration's table gives the row whose validity range
holds that date. Gen2 compared texts, so that the day on which one range ends
and the next begins matched both. Here an end without a time is the end of its
day, and a range is cut where the next one begins on the day of its end.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from butler.errors import AmbiguousDataIdError, DataIdError, RegistryError
from butler.repository.gen2.read_only_sqlite import ReadOnlySqlite, quoted_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import CalibrationRule

__all__ = ["CalibRegistry", "CalibrationChoice", "ObservationLookup", "Row"]

Row: TypeAlias = "tuple[KeyValue | None, ...]"
ObservationLookup: TypeAlias = "Callable[[Sequence[str], Mapping[str, KeyValue]], list[Row]]"

_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)(?:Z|\+00:00)?)?"
)
_MIDNIGHT: Final = "00:00:00.000000000000"
_END_OF_DAY: Final = "T24"  # sorts after every time of the day, leap seconds included
_OPEN_END: Final = "2037-12-31"
_FOR_EVER: Final = f"9999-12-31{_END_OF_DAY}"
_SHOWN: Final = 20  # rows in a message
_FEW_ROWS: Final = 1000  # of a table that is read whole at once
_MOST_ROWS: Final = 200_000  # of a table that is kept, some 200 bytes each
_LOOKUPS: Final = 8  # in a larger table before it is read whole


@dataclass(frozen=True, slots=True)
class CalibrationChoice:
    """What a look-up found.

    Parameters
    ----------
    values
        The wanted columns of the row that is valid, None where there is none.
    reason
        Why there is none, or why this one.
    """

    values: Mapping[str, KeyValue] | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Range:
    """One row of a table, with its validity as texts that compare as instants do."""

    row: Row
    begin: str
    end_from: str  # the first instant at which a following range may take over
    end: str  # the last instant

    def is_followed_at(self, instant: str, others: Sequence[_Range]) -> bool:
        """Tell whether a range that begins at this one's end has taken over."""
        return any(
            self.begin < other.begin <= instant and self.end_from <= other.begin for other in others
        )


@dataclass(slots=True)
class _Table:
    """What was read of one table: rows by what they match, and their ranges once asked for."""

    identity: object
    rows: dict[tuple[str, ...], list[Row]]
    ranges: dict[tuple[str, ...], list[_Range]] = field(default_factory=dict)


class CalibRegistry:
    """The validity ranges of calibrations, read only.

    Parameters
    ----------
    path
        Path of ``calibRegistry.sqlite3``.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._database = ReadOnlySqlite(path)
        self._tables: dict[tuple[object, ...], _Table] = {}
        self._lookups: Counter[tuple[object, ...]] = Counter()

    def has_table(self, table: str) -> bool:
        """Tell whether there is such a table."""
        return bool(self._database.columns(table))

    def choose(
        self,
        rule: CalibrationRule,
        wanted: Sequence[str],
        match: Mapping[str, KeyValue],
        date: str,
    ) -> CalibrationChoice:
        """Return the one calibration that is valid at a date.

        Parameters
        ----------
        rule
            The table and the columns of its validity range.
        wanted
            Keys that columns of the table hold, for instance ``calibDate``.
        match
            Values that the row must have, by key. What the rule does not
            compare stays out: rows without a filter (``NONE``) serve every one.
        date
            When the observation was made; without a time it is 00:00.

        Raises
        ------
        AmbiguousDataIdError
            If several rows are valid and differ in what is wanted.
        RegistryError
            If the table lacks a column, or holds a date that is none.
        DataIdError
            If ``date`` is none.
        """
        table = rule.table or ""
        place = f"{self.path}, table {table}"
        if not self.has_table(table):
            return CalibrationChoice(None, f"{place}: there is no such table")
        instant = _instant(date)
        if instant is None:
            message = f"{date!r} is no date of an observation: it should be like 2013-11-02."
            raise DataIdError(message)
        columns = {rule.column_of(key): value for key, value in match.items()}
        names = [rule.column_of(key) for key in wanted]
        ranges = self._candidates(rule, names, columns, instant)
        valid = [
            one
            for one in ranges
            if one.begin <= instant <= one.end and not one.is_followed_at(instant, ranges)
        ]
        rows = list(dict.fromkeys(one.row for one in valid))
        asked = " ".join(f"{key}={value}" for key, value in match.items()) or "any"
        if not rows:
            why = self._why_none(rule, names, columns, asked, date)
            return CalibrationChoice(None, f"{place}: {why}")
        if len(rows) > 1:
            message = f"{place}: several rows for {asked} are valid on {date}."
            shown = [_shown(wanted, one.row, one) for one in valid[:_SHOWN]]
            raise AmbiguousDataIdError(message, shown)
        values = {name: value for name, value in zip(wanted, rows[0], strict=True) if value != ""}
        return CalibrationChoice(
            {name: value for name, value in values.items() if value is not None},
            f"{place}: for {asked} on {date}: {_shown(wanted, rows[0], valid[0])}",
        )

    def explain(self, rule: CalibrationRule, match: Mapping[str, KeyValue]) -> str:
        """Return the rows among which `choose` chooses, as lines of text.

        Parameters
        ----------
        rule
            The table and the columns of its validity range.
        match
            Values that the rows must have, by column.
        """
        table = rule.table or ""
        if not self.has_table(table):
            return f"{self.path} has no table {table!r}."
        columns = [rule.begin, rule.end, rule.column_of(rule.date_key)]
        known = self._database.columns(table)
        columns = [name for name in columns if name in known]
        columns += [name for name in ("filter",) if name in known and name not in match]
        named = {rule.column_of(key): value for key, value in match.items()}
        rows = self._select(table, columns, named, "")
        asked = " ".join(f"{key}={value}" for key, value in match.items())
        head = f"{self.path}, table {table}, {asked or 'all rows'}: {len(rows)} rows"
        lines = [
            "  " + " ".join(f"{name}={value}" for name, value in zip(columns, row, strict=True))
            for row in sorted(rows, key=str)[:_SHOWN]
        ]
        more = [f"  ... and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
        return "\n".join([head, *lines, *more])

    def ranges(
        self, rule: CalibrationRule, match: Mapping[str, KeyValue], date: str
    ) -> list[tuple[str | None, str | None]]:
        """Return when a calibration is valid, as ranges whose end is outside.

        Parameters
        ----------
        rule
            The table and the columns of its validity range.
        match
            Values that the row must have, by column.
        date
            The calibration's own date.

        Returns
        -------
        list
            Begin and end as ISO text, None for an open side. The day of an
            end without a time belongs to the range, unless the next one
            begins on it.
        """
        table = rule.table or ""
        known = self._database.columns(table)
        if rule.date_key not in known:
            return []
        compared = {name: value for name, value in match.items() if name in known}
        columns = (rule.date_key, rule.begin, rule.end)
        every = [self._range(row, rule) for row in self._select(table, columns, compared, "")]
        mine = [one for one in every if str(one.row[0]) == date]
        return sorted({_half_open(one, every) for one in mine}, key=str)

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        self._database.close()
        self._tables.clear()

    def known_columns(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table, in their order there."""
        return self._database.columns(table)

    def _why_none(
        self,
        rule: CalibrationRule,
        wanted: Sequence[str],
        match: Mapping[str, KeyValue],
        asked: str,
        date: str,
    ) -> str:
        known = self._known_table(rule, wanted, match)
        if known is None:
            number = len(self._select(rule.table or "", (rule.begin,), match, ""))
        else:
            number = len(known.rows.get(tuple(map(_comparable, match.values())), ()))
        if not number:
            return f"no row for {asked}"
        return f"none of the {number} rows for {asked} is valid on {date}"

    def _candidates(
        self,
        rule: CalibrationRule,
        wanted: Sequence[str],
        match: Mapping[str, KeyValue],
        instant: str,
    ) -> list[_Range]:
        """Return the rows that match and whose range may hold the day of ``instant``."""
        known = self._known_table(rule, wanted, match)
        if known is not None:
            asked = tuple(map(_comparable, match.values()))
            found = known.ranges.get(asked)
            if found is None:
                rows = known.rows.get(asked, ())
                found = known.ranges[asked] = [self._range(row, rule) for row in rows]
            return found
        begin, end = quoted_name(rule.begin), quoted_name(rule.end)
        day = instant.partition("T")[0]
        # The day alone is compared here: texts with and without a time compare rightly by days.
        condition = f"({begin} IS NULL OR substr({begin}, 1, 10) <= ?) AND "
        condition += f"({end} IS NULL OR substr({end}, 1, 10) >= ?)"
        columns = [*wanted, rule.begin, rule.end]
        rows = self._select(rule.table or "", columns, match, condition, (day, min(day, _OPEN_END)))
        return [self._range(row, rule) for row in rows]

    def _known_table(
        self, rule: CalibrationRule, wanted: Sequence[str], match: Mapping[str, KeyValue]
    ) -> _Table | None:
        """Return a whole table, kept as long as the file stays; None where it is not worth it.

        Gen2's tables have no index by what is matched: each look-up reads all
        rows. Reading a large table whole pays after some of them.
        """
        identity = self._database.identity()
        key = (rule.table, rule.begin, rule.end, *wanted, None, *match)
        known = self._tables.get(key)
        if known is not None and known.identity == identity:
            return known
        table = quoted_name(rule.table or "")
        ((number,),) = self._database.fetch_all(f"SELECT count(*) FROM {table}")  # noqa: S608
        self._lookups[key] += 1
        is_worth_it = self._lookups[key] > _LOOKUPS or int(number or 0) <= _FEW_ROWS
        if not is_worth_it or int(number or 0) > _MOST_ROWS:
            return None
        rows: dict[tuple[str, ...], list[Row]] = {}
        columns = [*wanted, rule.begin, rule.end, *match]
        width = len(columns) - len(match)
        for row in self._select(rule.table or "", columns, {}, ""):
            rows.setdefault(tuple(map(_comparable, row[width:])), []).append(row[:width])
        made = self._tables[key] = _Table(identity, rows)
        return made

    def _select(
        self,
        table: str,
        columns: Sequence[str],
        match: Mapping[str, KeyValue],
        condition: str,
        parameters: Sequence[KeyValue] = (),
    ) -> list[Row]:
        known = self._database.columns(table)
        missing = [name for name in [*columns, *match] if name not in known]
        if missing:
            message = (
                f"{self.path}, table {table}, has no column {', '.join(missing)}; "
                f"its columns are {', '.join(known)}."
            )
            raise RegistryError(message)
        terms = [f"{quoted_name(name)} = ?" for name in match] + ([condition] if condition else [])
        names = ", ".join(map(quoted_name, columns))
        sql = f"SELECT {names} FROM {quoted_name(table)}"  # noqa: S608 - quoted names
        if terms:
            sql += " WHERE " + " AND ".join(terms)
        return self._database.fetch_all(sql, (*match.values(), *parameters))

    def _range(self, row: Row, rule: CalibrationRule) -> _Range:
        *wanted, first, last = row
        begin = _instant(first) if first is not None else ""
        end = _instant(last) if last is not None else _FOR_EVER
        if begin is None or end is None:
            message = (
                f"{self.path}, table {rule.table}: the validity from {first!r} to {last!r} "
                f"is no range of dates like 2013-11-02 or 2013-11-02T12:00:00."
            )
            raise RegistryError(message)
        end_from = end
        if end.startswith(_OPEN_END):
            end = end_from = _FOR_EVER
        elif last is not None and _has_no_time(last):
            end = end.partition("T")[0] + _END_OF_DAY
        return _Range(tuple(wanted), begin, end_from, end)


def _half_open(mine: _Range, others: Sequence[_Range]) -> tuple[str | None, str | None]:
    begin = _short(mine.begin) or None
    if mine.end == _FOR_EVER:
        return begin, None
    if not mine.end.endswith(_END_OF_DAY):
        return begin, _short(mine.end)
    first = max(mine.end_from, mine.begin)
    followers = [one.begin for one in others if first <= one.begin <= mine.end]
    if later := [one for one in followers if one > mine.begin]:
        return begin, _short(min(later))
    day = datetime.fromisoformat(mine.end.removesuffix(_END_OF_DAY)) + timedelta(days=1)
    return begin, day.date().isoformat()


def _comparable(value: KeyValue | None) -> str:
    """Return a value as SQLite compares it across types of columns: 16, '16' and 16.0 are one."""
    if value is None:
        return "\0"  # equal to nothing that can be asked for
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _instant(text: KeyValue) -> str | None:
    """Return a date as a text that sorts by time, None if it is no date."""
    match = _ISO.fullmatch(str(text).strip())
    if match is None:
        return None
    time = match[2] or ""
    return f"{match[1]}T{time}{_MIDNIGHT[len(time) :]}"


def _has_no_time(text: KeyValue) -> bool:
    match = _ISO.fullmatch(str(text).strip())
    return match is not None and match[2] is None


def _shown(wanted: Sequence[str], row: Row, validity: _Range) -> str:
    values = " ".join(f"{name}={value}" for name, value in zip(wanted, row, strict=True))
    end = "ever" if validity.end == _FOR_EVER else _short(validity.end)
    return f"{values} valid from {_short(validity.begin) or 'ever'} to {end}"


def _short(instant: str) -> str:
    short = instant.removesuffix(f"T{_MIDNIGHT}").removesuffix(_END_OF_DAY)
    return short.rstrip("0").rstrip(".") if "." in short else short
