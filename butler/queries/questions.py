"""From what a user asks of `Butler.query` to a typed question."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

from butler.data_id import KeyTypes
from butler.errors import ParameterError
from butler.gen2_names import modern_keywords
from butler.queries.keywords import require_mapping
from butler.queries.query import Query
from butler.registry.condition import (
    And,
    Condition,
    Everything,
    all_of,
    cast_condition,
    from_keywords,
)
from butler.registry.tags import TAG
from butler.registry.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.repository.chain import Lookup

__all__ = ["all_filters", "make_query", "query_from_condition"]


def all_filters(
    data_id: Mapping[str, object] | None, keywords: Mapping[str, object]
) -> dict[str, object]:
    """Return what a data ID and keywords filter by; one of these may be Gen2's ``dataId``.

    Parameters
    ----------
    data_id, keywords
        As the user gave them; keywords win.
    """
    filters = modern_keywords(keywords)
    gen2 = filters.pop("data_id", None)
    return {**require_mapping(data_id), **require_mapping(gen2), **filters}


def make_query(
    lookup: Lookup,
    where: str | None,
    bind: Mapping[str, object] | None,
    filters: Mapping[str, object],
    *,
    order_by: str | Sequence[str] = (),
    limit: int | None = None,
    find_all: bool = False,
    columns: Sequence[str] = (),
) -> Query:
    """Return a query with everything checked and typed.

    Parameters
    ----------
    lookup
        Where the dataset type is looked for.
    where, bind, filters, order_by, limit, find_all, columns
        As for `Butler.query`.

    Raises
    ------
    ExpressionError
        If the expression cannot be understood.
    UnknownKeyError
        If a name is neither a key nor a column.
    ParameterError
        If the limit is no number from 0 on.
    """
    terms = [from_keywords(filters)] if filters else []
    if where is not None and not isinstance(where, str):
        raise ParameterError(
            f"where is an expression such as 'ccd < 50', not {where!r}. Keys are filtered by "
            f"keywords: ccd=50."
        )
    if where:
        terms.append(parse_where(where, bind))
    return query_from_condition(
        lookup,
        all_of(*terms) if terms else Everything(),
        order_by=order_by,
        limit=limit,
        find_all=find_all,
        columns=columns,
    )


def query_from_condition(
    lookup: Lookup,
    condition: Condition,
    *,
    order_by: str | Sequence[str] = (),
    limit: int | None = None,
    find_all: bool = False,
    columns: Sequence[str] = (),
) -> Query:
    """Return a query of a condition whose literals are not typed yet; see `make_query`."""
    policy = lookup.policy
    types = KeyTypes({**policy.observation.columns, **policy.keys}, policy.keys.context)
    comparable = KeyTypes({**types, TAG: "str"}, policy.keys.context)
    if limit is not None and (
        isinstance(limit, bool) or not isinstance(limit, SupportsIndex) or int(limit) < 0
    ):
        raise ParameterError(f"limit is a number of rows from 0 on, not {limit!r}.")
    names = (order_by,) if isinstance(order_by, str) else tuple(order_by or ())
    ordered = tuple((name.removeprefix("-"), name.startswith("-")) for name in names)
    wanted = (columns,) if isinstance(columns, str) else tuple(columns or ())
    for name in (*(name for name, _ in ordered), *wanted):
        types.python_type(name)
    typed = cast_condition(condition, comparable.cast)
    return Query(
        lookup,
        None if isinstance(typed, Everything) or typed == And(()) else typed,
        order_by=ordered,
        limit=None if limit is None else int(limit),
        find_all=find_all,
        columns=wanted,
    )
