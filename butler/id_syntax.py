"""The ``--id`` argument: ``visit=903334^903336 ccd=0..8:2``.

``^`` separates alternatives, ``a..b:s`` is the inclusive range of integers
from a to b in steps of s, and several keys give their cross product. A value
that holds such signs itself is written as a JSON text: ``name="a^b"``.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING, TypeAlias

from butler.data_id import DataId
from butler.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["LARGEST_RANGE", "Alternatives", "expand_id", "parse_id"]

LARGEST_RANGE = 10_000_000
"""The most values that one key of one ``--id`` may have."""

Alternatives: TypeAlias = "Sequence[int | str]"

_RANGE = re.compile(r"(-?[0-9]{1,19})\.\.(-?[0-9]{1,19})(?::([0-9]{1,19}))?")
_ALTERNATIVE = re.compile(r'("(?:[^"\\]|\\.)*")(?=\^|\Z)|([^^]*)')


def parse_id(arguments: Sequence[str]) -> dict[str, Alternatives]:
    """Return the alternatives of each key of one ``--id`` option.

    Parameters
    ----------
    arguments
        The words that follow the option, each ``key=value``.

    Returns
    -------
    dict
        Key to its values: texts as they stand, to be cast to the key's type,
        and the integers of ranges. A range that stands alone stays a
        `range`, so that a long one costs nothing until it is used.

    Raises
    ------
    ExpressionError
        If a word is not of the form ``key=value``, a key comes twice, or a
        range is wrong or larger than `LARGEST_RANGE`.
    """
    parsed: dict[str, Alternatives] = {}
    for argument in arguments:
        key, equals, text = argument.partition("=")
        if not equals or not key.isidentifier() or not text:
            message = f"{argument!r} is not of the form key=value, as in visit=903334."
            raise ExpressionError(message, argument, 0)
        if key in parsed:
            message = (
                f"The key {key!r} comes twice in one --id. "
                f"Write its values together, as in {key}=1^2, or give --id twice."
            )
            raise ExpressionError(message, argument, 0)
        parsed[key] = _alternatives(argument, len(key) + 1)
    return parsed


def _alternatives(argument: str, start: int) -> Alternatives:
    """Split what stands right of the equals sign."""
    parts: list[Alternatives] = []
    position = start
    while True:
        match = _ALTERNATIVE.match(argument, position)
        if match is None or not match[0]:
            message = "A value is missing here."
            raise ExpressionError(message, argument, position)
        parts.append(_values(argument, position, match[0], quoted=match[1] is not None))
        position = match.end()
        if position == len(argument):
            break
        position += 1  # the ^
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) > LARGEST_RANGE:
        raise _too_large(argument, start)
    return [value for part in parts for value in part]


def _values(argument: str, position: int, text: str, *, quoted: bool) -> Alternatives:
    """Return the value or values that one alternative stands for."""
    if quoted:
        try:
            return [str(loads(text))]
        except JSONDecodeError:
            message = "This quoted value is no JSON text."
            raise ExpressionError(message, argument, position) from None
    match = _RANGE.fullmatch(text)
    if match is None:
        return [text]
    first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
    if step == 0 or last < first:
        message = "A range runs upwards, in steps of at least 1: 0..8:2 means 0, 2, 4, 6, 8."
        raise ExpressionError(message, argument, position)
    if (last - first) // step >= LARGEST_RANGE:
        raise _too_large(argument, position)
    return range(first, last + 1, step)


def _too_large(argument: str, position: int) -> ExpressionError:
    message = f"These are more than {LARGEST_RANGE:,} values; say less at a time."
    return ExpressionError(message, argument, position)


def expand_id(parsed: Mapping[str, Alternatives]) -> Iterator[DataId]:
    """Yield the data IDs that one ``--id`` stands for, the first key slowest.

    Parameters
    ----------
    parsed
        What `parse_id` returned. Empty: one empty data ID, which matches
        everything.
    """
    keys = tuple(parsed)
    for values in _product([parsed[key] for key in keys]):
        yield DataId(dict(zip(keys, values, strict=True)))


def _product(lists: Sequence[Alternatives]) -> Iterator[tuple[int | str, ...]]:
    """Yield the cross product without a copy of the lists, which itertools would make."""
    if not lists:
        yield ()
        return
    for value in lists[0]:
        for rest in _product(lists[1:]):
            yield (value, *rest)
