"""Random conditions of every shape that the language can spell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from butler.registry.condition import (
    OPERATORS,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    Range,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from butler.data_id import KeyType, KeyValue

__all__ = ["COLUMNS", "conditions", "rows"]

COLUMNS: Final[dict[str, KeyType]] = {
    "visit": "int",
    "ccd": "int",
    "seeing": "float",
    "filter": "str",
    "object": "str",
}
# Few values, so that conditions and rows meet; and the ends of what can be held.
_INTEGERS = st.integers(-6, 6) | st.sampled_from([-(2**63), 2**63 - 1])
_FLOATS = st.sampled_from([-1.5, -0.0, 0.5, 1e-300, 1e300, 2.0, 3.25]) | st.floats(
    allow_nan=False, allow_infinity=False
)
_TEXTS = st.sampled_from(["", "a", "A", "b", "Z", "é", "z'z", '"', "%", "\U0001f52d", "\ufffd"]) | (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
)
_VALUES: Final[dict[str, st.SearchStrategy[KeyValue]]] = {
    "int": _INTEGERS,
    "float": _FLOATS,
    "str": _TEXTS,
}


def rows() -> st.SearchStrategy[dict[str, KeyValue | None]]:
    """Rows of `COLUMNS`, any value of which may be missing."""
    return st.fixed_dictionaries(
        {name: st.none() | _VALUES[kind] for name, kind in COLUMNS.items()}
    )


def conditions() -> st.SearchStrategy[Condition]:
    """Typed trees in their flattest form, never without a condition."""
    return st.recursive(_leaves(), _branches, max_leaves=12)


def _leaves() -> st.SearchStrategy[Condition]:
    names = st.sampled_from(sorted(COLUMNS))
    return names.flatmap(_comparisons) | names.flatmap(_memberships)


def _comparisons(name: str) -> st.SearchStrategy[Comparison]:
    values = _VALUES[COLUMNS[name]]
    return st.builds(Comparison, st.just(name), st.sampled_from(sorted(OPERATORS)), values)


def _memberships(name: str) -> st.SearchStrategy[Membership]:
    kind = COLUMNS[name]
    values = st.lists(_VALUES[kind], max_size=5, unique=True).map(tuple)
    ranges = st.lists(_ranges(kind), max_size=3).map(tuple)
    lists = st.builds(Membership, st.just(name), values, ranges, st.booleans())
    return lists.filter(lambda found: bool(found.values or found.ranges))


def _ranges(kind: str) -> st.SearchStrategy[Range]:
    strides = st.integers(1, 4) | st.just(2**63 - 1) if kind == "int" else st.just(1)
    ends = st.tuples(_VALUES[kind], _VALUES[kind]).map(sorted)
    return st.builds(lambda pair, stride: Range(pair[0], pair[1], stride), ends, strides)


def _branches(terms: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(terms, min_size=2, max_size=4)
    return (
        terms.map(Not)
        | several.map(lambda drawn: all_of(*drawn)).filter(lambda made: isinstance(made, And))
        | several.map(lambda drawn: any_of(*drawn)).filter(lambda made: isinstance(made, Or))
    )
