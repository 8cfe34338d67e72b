"""What a search asks for, as a typed tree that never holds text to be run.

A missing value is treated as SQL treats it: a comparison with it is neither
true nor false, ``not`` of that is neither, and a row is found only where the
whole condition is true. A list without a single value matches nothing.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from butler.errors import ExpressionError
from butler.registry.literal import check_literal, check_name, is_plural, plain_literal, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from butler.data_id import KeyValue

__all__ = [
    "MAX_EXPANSION",
    "OPERATORS",
    "And",
    "Comparison",
    "Condition",
    "Everything",
    "Membership",
    "Not",
    "Or",
    "Range",
    "all_of",
    "any_of",
    "cast_condition",
    "evaluate",
    "from_id",
    "from_keywords",
    "is_negative",
    "leaves",
    "membership_of",
    "names",
    "render",
]

MAX_EXPANSION: Final = 1000  # values of an integer range over a key that is not an integer
OPERATORS: Final[Mapping[str, Callable[..., bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Everything:
    """No condition: every row matches."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values from ``first`` to ``last``, both included.

    With a stride above 1, every ``stride``-th integer from ``first`` on. With
    stride 1, whatever lies between, be it a whole number or not.
    """

    first: KeyValue
    last: KeyValue
    stride: int = 1

    def __post_init__(self) -> None:
        for value in (self.first, self.last, self.stride):
            check_literal(value)
        shown = f"{quote(self.first)}..{quote(self.last)}"
        if isinstance(self.first, str) != isinstance(self.last, str):
            message = f"A range goes from number to number or from text to text, not {shown}."
            raise ExpressionError(message)
        if self.first > self.last:  # type: ignore[operator]
            message = f"The range {shown} is empty: write the smaller end first."
            raise ExpressionError(message)
        if type(self.stride) is not int or self.stride < 1:
            message = f"The stride of {shown} is a whole number from 1 on, not {self.stride!r}."
            raise ExpressionError(message)
        if self.stride > 1 and not (type(self.first) is type(self.last) is int):
            message = f"The range {shown} has a stride, so its ends must be whole numbers."
            raise ExpressionError(message)

    def __contains__(self, value: object) -> bool:
        if not self.first <= value <= self.last:  # type: ignore[operator]
            return False
        return self.stride == 1 or (value - self.first) % self.stride == 0  # type: ignore[operator]

    def __str__(self) -> str:
        stride = f":{self.stride}" if self.stride > 1 else ""
        return f"{quote(self.first)}..{quote(self.last)}{stride}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One key against one value; ``operator`` is a key of `OPERATORS`."""

    name: str
    operator: str
    value: KeyValue

    def __post_init__(self) -> None:
        check_name(self.name)
        check_literal(self.value)
        if self.operator not in OPERATORS:
            message = f"{self.operator!r} does not compare: use one of {' '.join(OPERATORS)}."
            raise ExpressionError(message)


@dataclass(frozen=True, slots=True)
class Membership:
    """One key in (or, negated, not in) a list of values and ranges."""

    name: str
    values: tuple[KeyValue, ...] = ()
    ranges: tuple[Range, ...] = ()
    negated: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        for value in self.values:
            check_literal(value)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a term."""

    term: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of the terms; true where there are none."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the terms; false where there are none."""

    terms: tuple[Condition, ...]


Condition: TypeAlias = Everything | Comparison | Membership | Not | And | Or


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that all of these hold, in its flattest form."""
    terms: list[Condition] = []
    for condition in conditions:
        if isinstance(condition, And):
            terms.extend(condition.terms)
        elif not isinstance(condition, Everything):
            terms.append(condition)
    if len(terms) == 1:
        return terms[0]
    return And(tuple(terms)) if terms else Everything()


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that any of these holds, in its flattest form."""
    terms: list[Condition] = []
    for condition in conditions:
        if isinstance(condition, Everything):
            return condition
        terms.extend(condition.terms if isinstance(condition, Or) else (condition,))
    return terms[0] if len(terms) == 1 else Or(tuple(terms))


def from_keywords(filters: Mapping[str, object]) -> Condition:
    """Return the condition that keyword filters stand for.

    Parameters
    ----------
    filters
        By key: a number or text, or any collection of them (list, tuple, set,
        ``range``, array; ranges may stand inside a list). NumPy values count
        as what they hold. Texts are compared exactly; there are no wildcards.

    Raises
    ------
    ExpressionError
        For None, a slice, a bool, a date object, a nested list and the like;
        the message says what to write instead.
    """
    return all_of(*(_filter(name, given) for name, given in filters.items()))


def from_id(parsed: Mapping[str, Iterable[object]]) -> Condition:
    """Return the condition that one parsed ``--id`` stands for.

    Parameters
    ----------
    parsed
        By key: its values, a list of integers and texts or a ``range``.
    """
    return from_keywords(parsed)


def membership_of(name: str, given: Iterable[object], *, negated: bool = False) -> Membership:
    """Return the condition that a key is among given values.

    Parameters
    ----------
    name
        The key.
    given
        Values and ``range`` objects, in any collection. Repeated values count once.
    negated
        Whether the key must not be among them.
    """
    values: dict[KeyValue, None] = {}
    ranges: list[Range] = []
    for part in [given] if isinstance(given, range) else _plain_sequence(given):
        if isinstance(part, range):
            ranges.extend(_span(part))
        else:
            values[plain_literal(part, name)] = None
    return Membership(name, tuple(values), tuple(ranges), negated)


def names(condition: Condition) -> frozenset[str]:
    """Return every key that a condition looks at."""
    return frozenset(leaf.name for leaf in leaves(condition))


def is_negative(leaf: Comparison | Membership) -> bool:
    """Tell whether a comparison or list says what a value is not."""
    return leaf.negated if isinstance(leaf, Membership) else leaf.operator == "!="


def leaves(condition: Condition) -> Iterator[Comparison | Membership]:
    """Iterate over the comparisons and lists of a condition, from left to right."""
    if isinstance(condition, Comparison | Membership):
        yield condition
    elif isinstance(condition, Not):
        yield from leaves(condition.term)
    elif isinstance(condition, And | Or):
        for term in condition.terms:
            yield from leaves(term)


def evaluate(condition: Condition, values: Mapping[str, KeyValue | None]) -> bool:
    """Return whether a row matches.

    Parameters
    ----------
    condition
        What is asked for, its literals of the types of their keys.
    values
        The row. A key that is absent or None is a missing value.

    Raises
    ------
    ExpressionError
        If text meets a number: see `cast_condition`.
    """
    return _truth(condition, values) is True


def cast_condition(condition: Condition, cast: Callable[[str, object], KeyValue]) -> Condition:
    """Return the condition with every literal in the type of its key.

    Parameters
    ----------
    condition
        What is asked for.
    cast
        Returns a value in the type of the key that is named; what it raises,
        for an unknown key say, is passed on.

    Raises
    ------
    ExpressionError
        If a range has no meaning for its key.

    Notes
    -----
    A range of integers over a text key becomes its values, one by one (at most
    `MAX_EXPANSION` of them), and so does a strided one over a float key.
    """
    if isinstance(condition, Comparison):
        return replace(condition, value=cast(condition.name, condition.value))
    if isinstance(condition, Membership):
        return _cast_membership(condition, cast)
    if isinstance(condition, Not):
        return Not(cast_condition(condition.term, cast))
    if isinstance(condition, And | Or):
        return type(condition)(tuple(cast_condition(term, cast) for term in condition.terms))
    return condition


def render(condition: Condition) -> str:
    """Return a condition as text that `parse_where` reads back to the same tree.

    Notes
    -----
    Lists without values, and `Everything` inside another condition, have no
    spelling in the language: they show as ``()`` and ``everything``.
    """
    return "" if isinstance(condition, Everything) else _rendered(condition)


def _filter(name: str, given: object) -> Condition:
    if is_plural(given):
        return membership_of(name, given)  # type: ignore[arg-type]
    return Comparison(name, "=", plain_literal(given, name))


def _plain_sequence(given: Iterable[object]) -> Iterable[object]:
    """Return a collection in a fixed order and without NumPy's types."""
    if isinstance(given, set | frozenset):
        return sorted(given, key=_set_order)
    to_list: Callable[[], list[object]] | None = getattr(given, "tolist", None)
    return given if to_list is None else to_list()


def _set_order(value: object) -> tuple[str, float, str]:
    if isinstance(value, int | float):
        return "", value, ""
    return type(value).__name__, 0, str(value)


def _span(given: range) -> tuple[Range, ...]:
    if not given:
        return ()
    first, last = sorted((given[0], given[-1]))
    return (Range(first, last, abs(given.step) if first < last else 1),)


def _truth(condition: Condition, values: Mapping[str, KeyValue | None]) -> bool | None:
    """Truth in three values; None is SQL's NULL."""
    if isinstance(condition, Comparison):
        return _compare(condition, values.get(condition.name))
    if isinstance(condition, Membership):
        found = _contains(condition, values.get(condition.name))
        return None if found is None else found != condition.negated
    if isinstance(condition, Not):
        truth = _truth(condition.term, values)
        return None if truth is None else not truth
    if isinstance(condition, And | Or):
        decisive = isinstance(condition, Or)  # one term of this truth settles it
        truths = [_truth(term, values) for term in condition.terms]
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
    return True


def _compare(comparison: Comparison, value: KeyValue | None) -> bool | None:
    if value is None:
        return None
    _check_kinds(comparison.name, value, comparison.value)
    return OPERATORS[comparison.operator](value, comparison.value)


def _contains(membership: Membership, value: KeyValue | None) -> bool | None:
    if not membership.values and not membership.ranges:
        return False
    if value is None:
        return None
    sample = membership.values[0] if membership.values else membership.ranges[0].first
    _check_kinds(membership.name, value, sample)
    return value in membership.values or any(value in span for span in membership.ranges)


def _check_kinds(name: str, value: KeyValue, literal: KeyValue) -> None:
    if isinstance(value, str) != isinstance(literal, str):
        held, given = ("text", "a number") if isinstance(value, str) else ("a number", "text")
        message = f"{name} holds {held}, and {quote(literal)} is {given}."
        raise ExpressionError(message)


def _cast_membership(condition: Membership, cast: Callable[[str, object], KeyValue]) -> Membership:
    values = [cast(condition.name, value) for value in condition.values]
    ranges: list[Range] = []
    for span in condition.ranges:
        first, last = cast(condition.name, span.first), cast(condition.name, span.last)
        whole = type(span.first) is type(span.last) is int
        if whole and (isinstance(first, str) or (span.stride > 1 and isinstance(first, float))):
            values += [cast(condition.name, value) for value in _expanded(condition.name, span)]
        else:
            ranges.append(Range(first, last, span.stride))
    return replace(condition, values=tuple(dict.fromkeys(values)), ranges=tuple(ranges))


def _expanded(name: str, span: Range) -> range:
    numbers = range(int(span.first), int(span.last) + 1, span.stride)
    if len(numbers) > MAX_EXPANSION:
        message = (
            f"{name} is not a whole number, so {span} would have to be written out, and that "
            f"is over {MAX_EXPANSION} values: compare with < and > instead."
        )
        raise ExpressionError(message)
    return numbers


def _rendered(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return f"{condition.name} {condition.operator} {quote(condition.value)}"
    if isinstance(condition, Membership):
        parts = [*map(quote, condition.values), *map(str, condition.ranges)]
        return f"{condition.name} {'not ' if condition.negated else ''}in ({', '.join(parts)})"
    if isinstance(condition, Not):
        return f"not {_enclosed(condition.term)}"
    if isinstance(condition, And | Or):
        joint = " and " if isinstance(condition, And) else " or "
        return joint.join(map(_enclosed, condition.terms)) or "everything"
    return "everything"


def _enclosed(condition: Condition) -> str:
    text = _rendered(condition)
    return f"({text})" if isinstance(condition, And | Or) else text
