"""In which range of time a calibration is valid, and how that follows from its date.

All ranges are half open, ``[begin, end)``, so that every moment has one answer
at most. Times are texts in one spelling, in which they compare as times do.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from butler.errors import DataIdError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "OPEN_BEGIN",
    "OPEN_END",
    "Dated",
    "Range",
    "derive_ranges",
    "make_range",
    "normal_time",
]

OPEN_BEGIN: Final = "0001-01-01T00:00:00"
"""Begin of a range that has always been valid."""
OPEN_END: Final = "9999-12-31T23:59:59"
"""End of a range that is valid until further notice."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?")
_DATE_LENGTH: Final = len("2013-05-07")
_DAY: Final = timedelta(days=1)


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
        message = f"{text!r} is no time: write 2013-05-07 or 2013-05-07T12:30:00, without a zone."
        raise DataIdError(message) from None
    fraction = fraction.rstrip("0")
    return moment.isoformat() + (f".{fraction}" if fraction else "")


class Range(NamedTuple):
    """A range of time: ``begin`` belongs to it, ``end`` does not."""

    begin: str
    end: str

    def overlaps(self, other: Range) -> bool:
        """Tell whether there is a moment in both."""
        return self.begin < other.end and other.begin < self.end

    def __str__(self) -> str:
        return f"[{_shown(self.begin, OPEN_BEGIN)}, {_shown(self.end, OPEN_END)})"


def _shown(time: str, open_side: str) -> str:
    return "open" if time == open_side else time.removesuffix("T00:00:00")


def make_range(begin: str | None, end: str | None) -> Range:
    """Return a range as a user gives it.

    Parameters
    ----------
    begin, end
        ISO times; None for an open side.

    Raises
    ------
    DataIdError
        If a time cannot be read, or the range is empty.
    """
    made = Range(
        OPEN_BEGIN if begin is None else normal_time(begin),
        OPEN_END if end is None else normal_time(end),
    )
    if made.begin >= made.end:
        message = (
            f"The validity range from {made.begin} to {made.end} is empty: its end does not "
            f"belong to it and must be later."
        )
        raise DataIdError(message)
    return made


class Dated(NamedTuple):
    """One of the calibrations that serve the same observations, one after the other.

    ``number`` is anything that names it, ``date`` its own date, ``days`` how
    many days before and after that it may serve.
    """

    number: object
    date: str
    days: int


def derive_ranges(
    calibrations: Iterable[Dated], *, until_next: bool, fixed: Sequence[Range] = ()
) -> dict[object, Range]:
    """Return the ranges in which calibrations are valid, none overlapping another.

    Parameters
    ----------
    calibrations
        Those of one type that serve the same observations.
    until_next
        Each is valid from its date until that of the next, the last for good.
        Without, each is valid for so many days before and after its date, the
        last day included; where two that follow one another would overlap,
        they are cut in the middle.
    fixed
        Ranges that must not be touched. What is derived ends where they begin.

    Returns
    -------
    dict
        Number to range.

    Raises
    ------
    DataIdError
        If a date cannot be read, or two have the same.

    Notes
    -----
    Of dates without a time, the middle is the midnight after it, rounded up:
    the ranges are those that Gen2 wrote as inclusive days.
    """
    by_time = sorted(((normal_time(one.date), one) for one in calibrations), key=itemgetter(0))
    for (earlier, _), (later, one) in pairwise(by_time):
        if earlier == later:
            message = f"Two calibrations for the same observations have the date {one.date}."
            raise DataIdError(message)
    begins = [time for time, _ in by_time]
    ends = [*begins[1:], OPEN_END]
    if not until_next:
        begins, ends = _windows([one for _, one in by_time])
    ranges = {}
    for (time, one), begin, end in zip(by_time, begins, ends, strict=True):
        ranges[one.number] = _beside(time, Range(begin, end), fixed)
    return ranges


def _windows(ordered: Sequence[Dated]) -> tuple[list[str], list[str]]:
    """Return begins and ends of windows around dates, cut where they would overlap."""
    moments = [_moment(one.date) for one in ordered]
    begins = [_shifted(moment, -one.days) for one, moment in zip(ordered, moments, strict=True)]
    ends = [
        _shifted(moment, one.days + _is_date(one.date))
        for one, moment in zip(ordered, moments, strict=True)
    ]
    for n in range(len(ordered) - 1):
        if ends[n] > begins[n + 1]:
            middle = moments[n] + (moments[n + 1] - moments[n]) / 2
            if _is_date(ordered[n].date) and _is_date(ordered[n + 1].date):
                middle = middle.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
            # Of a short range beside a long one, the middle may lie outside.
            cut = min(max(middle, begins[n + 1]), ends[n])
            ends[n] = begins[n + 1] = cut
    return [_text(begin, OPEN_BEGIN) for begin in begins], [_text(end, OPEN_END) for end in ends]


def _beside(date: str, wanted: Range, fixed: Sequence[Range]) -> Range:
    """Return the part of a range around a date that overlaps none of the fixed ones."""
    begin, end = wanted
    for other in fixed:
        if wanted.overlaps(other):
            if other.end <= date:
                begin = max(begin, other.end)
            elif other.begin > date:
                end = min(end, other.begin)
    return Range(begin, end)


def _is_date(text: str) -> bool:
    return len(text) == _DATE_LENGTH


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(normal_time(text)[:26])  # whole microseconds


def _shifted(moment: datetime, days: int) -> datetime:
    """Return a moment some days later; far away it is the end of all time."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return datetime.min if days < 0 else datetime.max  # noqa: DTZ901 - as all times here


def _text(moment: datetime, open_side: str) -> str:
    if moment in (datetime.min, datetime.max):  # noqa: DTZ901 - as all times here
        return open_side
    return normal_time(moment.isoformat())
