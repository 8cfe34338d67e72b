"""What may stand as a name or as a value in a condition.

Only what SQLite, PostgreSQL and Python all hold in the same way is let in, so
that a condition means the same in each of them.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from butler.errors import ExpressionError

if TYPE_CHECKING:
    from butler.data_id import KeyValue

__all__ = [
    "KEYWORDS",
    "MAX_INTEGER",
    "MIN_INTEGER",
    "check_literal",
    "check_name",
    "is_plural",
    "plain_literal",
    "quote",
]

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "between"})
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_LIST_LIKE: Final = "a list, a tuple, a set, a range or an array"


@runtime_checkable
class _NumpyLike(Protocol):
    """A NumPy scalar or array, without importing NumPy."""

    dtype: object
    shape: tuple[int, ...]

    def tolist(self) -> object: ...


def check_name(name: str) -> None:
    """Refuse a name that the language cannot spell.

    Parameters
    ----------
    name
        A key: letters, digits and underscores, possibly with dots between.

    Raises
    ------
    ExpressionError
        If it is not one.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in KEYWORDS:
        message = f"{name!r} cannot be the name of a key: letters, digits and _ make a name."
        raise ExpressionError(message)


def check_literal(value: object) -> None:
    """Refuse a value that a database cannot hold as it is.

    Parameters
    ----------
    value
        An int of 64 bits, a finite float, or text without NUL and lone surrogates.

    Raises
    ------
    ExpressionError
        If it is anything else; a subclass of these types is.
    """
    kind = type(value)
    if kind is int:
        fault = "" if MIN_INTEGER <= value <= MAX_INTEGER else "the integer needs over 64 bits"  # type: ignore[operator]
    elif kind is float:
        fault = "" if math.isfinite(value) else f"{value} is no number to compare with"  # type: ignore[arg-type]
    elif kind is str:
        fault = _text_fault(str(value))
    else:
        fault = f"{kind.__name__} is not int, float or str"
    if fault:
        message = f"This value cannot be searched for: {fault}."
        raise ExpressionError(message)


def is_plural(given: object) -> bool:
    """Return whether a filter value is a collection of values rather than one."""
    if isinstance(given, (str, bytes, dict, slice)):
        return False
    if isinstance(given, _NumpyLike):
        return given.shape != ()
    return hasattr(given, "__iter__")


def plain_literal(given: object, name: str) -> KeyValue:
    """Return one filter value as the Python number or text that it stands for.

    Parameters
    ----------
    given
        A Python or NumPy scalar; a zero-dimensional array counts as one.
    name
        Whose value it is, for the message.

    Raises
    ------
    ExpressionError
        If it is no number and no text; the message says what to write instead.
    """
    value = given.tolist() if isinstance(given, _NumpyLike) and given.shape == () else given
    for kind in (int, float, str):
        if isinstance(value, kind) and not isinstance(value, bool):
            value = kind(value)  # a subclass, such as numpy.float64 or an enumeration
            check_literal(value)
            return value
    message = f"{name} cannot be compared with {_shortened(given)}: {_advice(name, value)}"
    raise ExpressionError(message)


def quote(value: KeyValue) -> str:
    """Return a value as it is written in an expression."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _text_fault(text: str) -> str:
    if "\0" in text:
        return "the text contains a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "the text contains half a character (a lone surrogate)"
    return ""


def _advice(name: str, value: object) -> str:
    advice = f"write a number, text, or {_LIST_LIKE} of them."
    if value is None:
        advice = f"leave {name} out to search all its values."
    elif isinstance(value, slice):
        start, stop = value.start or 0, value.stop if value.stop is not None else "end"
        advice = f"write a range, {name}=range({start}, {stop}), which leaves out its end."
    elif isinstance(value, bytes):
        advice = "decode the bytes to text."
    elif hasattr(value, "isoformat"):
        advice = f"write a date as text, {value.isoformat()!r}."
    elif is_plural(value):
        advice = f"write its values in one plain level: {_LIST_LIKE} of numbers or texts."
    return advice


def _shortened(given: object) -> str:
    shown = repr(given)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004 - one line
