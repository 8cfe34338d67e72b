"""Lists of any length as one bound value, in the SQL of each database.

The list travels as one JSON text, so that a statement does not depend on the
number of its values and no limit on bound values (32,766 in SQLite, 65,535 in
PostgreSQL) is in the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Enclosed", "JsonIntegers", "JsonTexts"]


class JsonIntegers(FunctionElement[int]):
    """The integers of a bound JSON array, as a subquery of one column."""

    inherit_cache = True


class JsonTexts(FunctionElement[str]):
    """The texts of a bound JSON array, as a subquery of one column."""

    inherit_cache = True


class Enclosed(Grouping[bool]):
    """A condition in parentheses that stay.

    SQLAlchemy flattens ``(a OR b) OR (c OR d)`` to one chain, and SQLite
    refuses a chain of over 1,000 terms because it is as deep as it is long.
    """

    inherit_cache = True
    operator = None  # of the chain inside, hidden from the flattening


@compiles(JsonIntegers, "sqlite")
@compiles(JsonTexts, "sqlite")
def _sqlite_values(
    element: FunctionElement[object], compiler: SQLCompiler, **options: object
) -> str:
    array = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({array}))"  # noqa: S608 - the array is bound


@compiles(JsonIntegers, "postgresql")
def _postgresql_integers(
    element: FunctionElement[object], compiler: SQLCompiler, **options: object
) -> str:
    rows = _postgresql_array(element, compiler, options)
    return f"(SELECT CAST(value AS BIGINT) FROM {rows})"  # noqa: S608 - the array is bound


@compiles(JsonTexts, "postgresql")
def _postgresql_texts(
    element: FunctionElement[object], compiler: SQLCompiler, **options: object
) -> str:
    rows = _postgresql_array(element, compiler, options)
    return f"(SELECT value FROM {rows})"  # noqa: S608 - the array is bound


def _postgresql_array(
    element: FunctionElement[object], compiler: SQLCompiler, options: dict[str, object]
) -> str:
    array = compiler.process(element.clauses, **options)
    return f"json_array_elements_text(CAST({array} AS JSON)) AS listed(value)"
