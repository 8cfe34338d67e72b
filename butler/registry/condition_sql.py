"""A condition as SQL, with every value bound.

A statement depends on the `structure` of its condition alone; what differs
between two conditions of one structure is `bind_values`. So a statement that
was compiled once serves all of them::

    sql = compiled[structure(condition)]    # made by to_sql(condition, ...) the first time
    cursor.execute(sql, bind_values(condition))

Text is compared by code point, as Python does: SQLite's default does so, and
the schema gives text columns the collation ``C`` on PostgreSQL. Literals must
have the types of their columns (see `condition.cast_condition`): SQLite would
compare others by its own rules and PostgreSQL would refuse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from butler.errors import ExpressionError
from butler.registry.condition import (
    OPERATORS,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    Range,
    is_negative,
    leaves,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from sqlalchemy import BindParameter, ColumnElement
    from sqlalchemy.types import TypeEngine

    from butler.data_id import KeyValue

__all__ = ["LONG_LIST", "MAX_BINDS", "ManyValued", "bind_values", "structure", "to_sql"]

LONG_LIST: Final = 500  # values of a list from which on it is bound as one JSON text
MAX_BINDS: Final = 20_000  # SQLite allows 32,766, and its time grows with the square
_CHUNK: Final = 100  # terms of one chain of AND or OR


class _Bind(NamedTuple):
    """One bound value; ``kind`` is the name of its type, or of the list in it."""

    kind: str
    value: KeyValue


def structure(condition: Condition) -> Hashable:
    """Return the shape of a condition: equal shapes make equal SQL, values aside.

    Notes
    -----
    The number of values in a list counts in powers of two, and not at all
    for long lists of integers or of texts.
    """
    if isinstance(condition, Comparison):
        return "compare", condition.name, condition.operator, _kind(condition.value)
    if isinstance(condition, Membership):
        kinds = tuple(bind.kind for bind in _value_binds(condition))
        spans = tuple((_kind(span.first), span.stride > 1) for span in condition.ranges)
        return "in", condition.name, condition.negated, kinds, spans
    if isinstance(condition, Not):
        return "not", structure(condition.term)
    if isinstance(condition, And | Or):
        joint = "and" if isinstance(condition, And) else "or"
        return joint, *map(structure, condition.terms)
    return ("everything",)


def bind_values(condition: Condition, prefix: str = "c") -> dict[str, KeyValue]:
    """Return the bound values of a condition, by the names that `to_sql` gives them.

    Parameters
    ----------
    condition
        What is asked for.
    prefix
        What the names begin with: ``c0``, ``c1``, ... from left to right.

    Raises
    ------
    ExpressionError
        If they are more than a database takes.
    """
    binds = [bind for leaf in leaves(condition) for bind in _leaf_binds(leaf)]
    if len(binds) > MAX_BINDS:
        message = (
            f"The condition has {len(binds)} values, {MAX_BINDS} are allowed: "
            "give fewer ranges, or ask in several steps."
        )
        raise ExpressionError(message)
    return {f"{prefix}{index}": bind.value for index, bind in enumerate(binds)}


def to_sql(
    condition: Condition,
    column: Callable[[str], ColumnElement[object] | ManyValued],
    prefix: str = "c",
) -> ColumnElement[bool]:
    """Return a condition as an SQLAlchemy expression.

    Parameters
    ----------
    condition
        What is asked for, its literals of the types of their columns.
    column
        Returns the column of a key. It is the list of names that are allowed:
        what it raises for any other is passed on.
    prefix
        What the names of the bound values begin with.

    Raises
    ------
    ExpressionError
        If there are more values than a database takes.
    """
    bind_values(condition, prefix)  # refuses too many of them
    bind_names = (f"{prefix}{index}" for index in count())
    return _Builder(column, bind_names).build(condition)


@dataclass(frozen=True, slots=True)
class ManyValued:
    """A name of which a row has any number of values.

    ``=`` and ``in`` mean that one of them is such; ``!=`` and ``not in`` that
    none is.

    Parameters
    ----------
    value
        One of them.
    has
        Returns the condition that a row has a value of which something holds.
    """

    value: ColumnElement[object]
    has: Callable[[ColumnElement[bool]], ColumnElement[bool]]


def _positive(leaf: Comparison | Membership) -> Comparison | Membership:
    if isinstance(leaf, Membership):
        return replace(leaf, negated=False)
    return replace(leaf, operator="=") if leaf.operator == "!=" else leaf


class _Builder:
    """Names the bound values in the order in which it meets them."""

    def __init__(
        self,
        column: Callable[[str], ColumnElement[object] | ManyValued],
        bind_names: Iterator[str],
    ) -> None:
        self._column, self._bind_names = column, bind_names

    def build(self, condition: Condition) -> ColumnElement[bool]:
        from sqlalchemy import not_, true

        if isinstance(condition, Comparison | Membership):
            column = self._column(condition.name)
            if not isinstance(column, ManyValued):
                return self._test(condition, column)
            found = column.has(self._test(_positive(condition), column.value))
            return not_(found) if is_negative(condition) else found
        if isinstance(condition, Not):
            return not_(self.build(condition.term))
        if isinstance(condition, And | Or):
            terms = [self.build(term) for term in condition.terms]
            return _joined(terms, any_of_them=isinstance(condition, Or))
        return true()

    def _test(
        self, leaf: Comparison | Membership, column: ColumnElement[object]
    ) -> ColumnElement[bool]:
        from sqlalchemy import not_

        if isinstance(leaf, Comparison):
            (bound,) = self._bound(_leaf_binds(leaf))
            return OPERATORS[leaf.operator](column, bound)  # type: ignore[return-value]
        found = self._membership(leaf, column)
        return not_(found) if leaf.negated else found

    def _membership(
        self, condition: Membership, column: ColumnElement[object]
    ) -> ColumnElement[bool]:
        tests = self._values(column, _value_binds(condition))
        tests += [self._range(column, span) for span in condition.ranges]
        return _joined(tests, any_of_them=True)

    def _values(
        self, column: ColumnElement[object], binds: Sequence[_Bind]
    ) -> list[ColumnElement[bool]]:
        bound = self._bound(binds)
        if not bound:
            return []
        if binds[0].kind in ("integers", "texts"):
            from butler.registry.list_elements import JsonIntegers, JsonTexts

            listed = JsonIntegers if binds[0].kind == "integers" else JsonTexts
            return [column.bool_op("IN")(listed(*bound))]
        return [column == bound[0] if len(bound) == 1 else column.in_(bound)]

    def _range(self, column: ColumnElement[object], span: Range) -> ColumnElement[bool]:
        first, last, *stepping = self._bound(_range_binds(span))
        between = column.between(first, last)
        if not stepping:
            return between
        stride, remainder, below_zero = stepping
        return between & (column % stride).in_([remainder, below_zero])

    def _bound(self, binds: Sequence[_Bind]) -> list[BindParameter[object]]:
        from sqlalchemy import BigInteger, Double, String, bindparam

        types: dict[str, TypeEngine[Any]] = {"int": BigInteger(), "float": Double()}
        return [
            bindparam(next(self._bind_names), bind.value, types.get(bind.kind, String()))
            for bind in binds
        ]


def _joined(terms: Sequence[ColumnElement[bool]], *, any_of_them: bool) -> ColumnElement[bool]:
    """Join terms by AND or OR, as a tree and not a chain where there are many."""
    from sqlalchemy import and_, false, or_, true

    if not terms:
        return false() if any_of_them else true()
    joint = or_ if any_of_them else and_
    while len(terms) > _CHUNK:
        from butler.registry.list_elements import Enclosed

        chunks = [terms[start : start + _CHUNK] for start in range(0, len(terms), _CHUNK)]
        terms = [Enclosed(joint(*chunk)) for chunk in chunks]
    return joint(*terms)


def _leaf_binds(leaf: Comparison | Membership) -> list[_Bind]:
    """Return what one leaf binds, in the order of `_Builder`."""
    if isinstance(leaf, Comparison):
        return [_Bind(_kind(leaf.value), leaf.value)]
    spans = [bind for span in leaf.ranges for bind in _range_binds(span)]
    return [*_value_binds(leaf), *spans]


def _value_binds(leaf: Membership) -> list[_Bind]:
    values = leaf.values
    if len(values) > LONG_LIST:
        kinds = {type(value) for value in values}
        if kinds == {int}:
            return [_Bind("integers", json.dumps(values))]
        if kinds == {str}:
            return [_Bind("texts", json.dumps(values))]
    missing = (1 << (len(values) - 1).bit_length()) - len(values) if values else 0
    return [_Bind(_kind(value), value) for value in (*values, *values[-1:] * missing)]


def _range_binds(span: Range) -> list[_Bind]:
    ends = [_Bind(_kind(span.first), span.first), _Bind(_kind(span.last), span.last)]
    if span.stride == 1:
        return ends
    # SQL's remainder of a negative number is negative: both spellings are asked for,
    # because a difference to `first` could leave the 64 bits.
    remainder = int(span.first) % span.stride
    stepping = (span.stride, remainder, remainder - span.stride)
    return [*ends, *(_Bind("int", number) for number in stepping)]


def _kind(value: KeyValue) -> str:
    return type(value).__name__
