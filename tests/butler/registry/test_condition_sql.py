from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from support.conditions import COLUMNS, conditions, rows

from butler.data_id import KeyTypes
from butler.errors import ExpressionError, UnknownKeyError
from butler.registry.condition import (
    And,
    Comparison,
    Condition,
    Everything,
    Membership,
    Not,
    Or,
    Range,
    all_of,
    any_of,
    cast_condition,
    evaluate,
    from_id,
    from_keywords,
)
from butler.registry.condition_sql import (
    LONG_LIST,
    MAX_BINDS,
    bind_values,
    structure,
    to_sql,
)
from butler.registry.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement

    from butler.data_id import KeyValue

type_of = {"int": BigInteger(), "float": Double()}
text_type = String().with_variant(String(collation="C"), "postgresql")
TABLE = Table(
    "raw",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, type_of.get(kind, text_type)) for name, kind in COLUMNS.items()),
)

Row = dict[str, "KeyValue | None"]

EDGES: list[Row] = [
    {"visit": 1, "ccd": 1, "seeing": 0.5, "filter": "a", "object": "z'z"},
    {"visit": 2, "ccd": None, "seeing": None, "filter": "A", "object": None},
    {"visit": -7, "ccd": 2, "seeing": -0.0, "filter": "Z", "object": '"%\\'},
    {"visit": None, "ccd": 3, "seeing": 1e300, "filter": None, "object": "é"},
    {"visit": 2**63 - 1, "ccd": -(2**63), "seeing": 2.0, "filter": "b", "object": ""},
    {"visit": 3, "ccd": 4, "seeing": 3.25, "filter": "\U0001f52d", "object": "\ufffd"},
]

HOSTILE = [
    "1=1 OR visit",
    "'; DROP TABLE raw; --",
    "' OR '1'='1",
    "x' UNION SELECT sql FROM sqlite_master --",
    "1; ATTACH DATABASE 'x' AS y",
    "(SELECT password FROM users)",
    "visit) OR (1=1",
    "visit = 5 OR 1=1",
    "visit -- ",
    "visit/**/OR/**/1",
    '"; DELETE FROM raw; "',
    '" OR ""="',
    "\\' OR 1=1 --",
    "%27 OR 1=1",
    "x\0' OR 1=1",
    "x\n; DROP TABLE raw",
    "$$; DROP TABLE raw; $$",
    "$1",
    "?",
    ":visit",
    "%(c0)s",
    "{visit.__class__}",
    "__import__('os').system('true')",
    "${jndi:ldap://x}",
    "visit::text",
    "CAST(visit AS TEXT)",
    "pg_sleep(10)",
    "randomblob(1000000000)",
    "[visit]",
    "`visit`",
    "\N{FULLWIDTH APOSTROPHE} OR 1=1",
    "\udc27 OR 1=1",
    "main.sqlite_master.sql",
    "x' COLLATE NOCASE OR 'a' LIKE '%",
]


def column(name: str) -> ColumnElement[object]:
    if name not in COLUMNS:
        raise UnknownKeyError(name, COLUMNS)
    return TABLE.c[name]


@pytest.fixture(scope="module")
def sqlite_engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    TABLE.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    TABLE.metadata.create_all(engine)
    yield engine
    TABLE.metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite_engine", "postgres_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


def found_by_sql(engine: Engine, condition: Condition, table: Sequence[Row]) -> list[int]:
    with engine.connect() as connection, connection.begin() as transaction:
        numbered = [{"id": number, **row} for number, row in enumerate(table)]
        connection.execute(insert(TABLE), numbered)
        query = select(TABLE.c.id).where(to_sql(condition, column)).order_by(TABLE.c.id)
        found = list(connection.scalars(query))
        transaction.rollback()
    return found


def found_by_python(condition: Condition, table: Sequence[Row]) -> list[int]:
    return [number for number, row in enumerate(table) if evaluate(condition, row)]


@given(conditions(), st.lists(rows(), min_size=1, max_size=12))
def test_sqlite_finds_what_python_finds(
    sqlite_engine: Engine, condition: Condition, table: list[Row]
) -> None:
    assert found_by_sql(sqlite_engine, condition, table) == found_by_python(condition, table)


@settings(max_examples=60, deadline=None)  # each is a round trip to a server
@given(conditions(), st.lists(rows(), min_size=1, max_size=12))
def test_postgresql_finds_what_python_finds(
    postgres_engine: Engine, condition: Condition, table: list[Row]
) -> None:
    assert found_by_sql(postgres_engine, condition, table) == found_by_python(condition, table)


@pytest.mark.parametrize(
    "condition",
    [
        Everything(),
        Not(Everything()),
        And(()),
        Or(()),
        Membership("visit"),
        Membership("visit", negated=True),
        Not(Membership("visit", (1,), (), negated=True)),
        Membership("visit", (), (Range(-(2**63), 2**63 - 1, 2),)),
        Membership("visit", (), (Range(-7, 3, 5),)),
        Membership("visit", tuple(range(-7, LONG_LIST))),
        Membership("visit", (2**63 - 1, *range(LONG_LIST)), negated=True),
        Membership("object", ("z'z", '"%\\', "é", "", *map(str, range(LONG_LIST)))),
        Membership("filter", ("\U0001f52d", *map(str, range(LONG_LIST))), negated=True),
        Membership("seeing", (3.25, *(number / 8 for number in range(100, 100 + LONG_LIST)))),
        Membership("visit", (), tuple(Range(3 * n, 3 * n + 1) for n in range(3000))),
        any_of(*(from_keywords({"visit": n, "ccd": n}) for n in range(3000))),
        all_of(*(Comparison("visit", "!=", n) for n in range(3, 3000))),
        Comparison("filter", ">=", "Z"),
        Comparison("filter", "<", "b"),
    ],
    ids=lambda condition: str(condition)[:60],
)
def test_databases_agree_with_python_at_the_edges(engine: Engine, condition: Condition) -> None:
    assert found_by_sql(engine, condition, EDGES) == found_by_python(condition, EDGES)


def test_the_edges_are_found_as_sql_has_it() -> None:
    def find(condition: Condition) -> list[int]:
        return found_by_python(condition, EDGES)

    assert find(parse_where("visit != 1")) == [1, 2, 4, 5]
    assert find(parse_where("not visit = 1")) == [1, 2, 4, 5]
    assert find(parse_where("not (visit = 1 and ccd = 1)")) == [1, 2, 3, 4, 5]
    assert find(parse_where("visit = 2 or ccd = 3")) == [1, 3]
    assert find(parse_where("visit not in (1, 3..9)")) == [1, 2, 4]
    assert find(Membership("visit", negated=True)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "filter = {}", "filter = 'x{}", "{} = 'x'", "({}"])
def test_hostile_text_as_an_expression_is_refused_or_bound(around: str, text: str) -> None:
    try:
        condition = parse_where(around.format(text))
        sql = to_sql(condition, column).compile(dialect=sqlite.dialect())
    except (ExpressionError, UnknownKeyError) as error:
        assert error.message  # noqa: PT017 - either outcome is right
    else:
        assert str(sql) == "raw.filter = ?"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("expression", ["filter = :v", "filter in (:v, 'x')", "filter = {}"])
def test_hostile_text_as_a_value_finds_itself(
    sqlite_engine: Engine, expression: str, text: str
) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    if "\0" in text or "\udc27" in text:
        with pytest.raises(ExpressionError, match=r"NUL|surrogate"):
            parse_where(expression.format(quoted), {"v": text})
        return
    condition = parse_where(expression.format(quoted), {"v": text})
    assert set(bind_values(condition).values()) <= {text, "x"}
    table: list[Row] = [{**EDGES[0], "filter": "other"}, {**EDGES[0], "filter": text}]
    assert found_by_sql(sqlite_engine, condition, table) == [1]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_of_filters_never_reach_sql(text: str) -> None:
    with pytest.raises((ExpressionError, UnknownKeyError)):
        to_sql(from_keywords({text: 5}), column)


@given(conditions())
def test_sql_holds_no_value_and_its_binds_are_named(condition: Condition) -> None:
    compiled = to_sql(condition, column).compile(dialect=sqlite.dialect(paramstyle="named"))
    expected = bind_values(condition)
    assert compiled.params == expected
    assert list(expected) == [f"c{number}" for number in range(len(expected))]
    assert "'" not in compiled.string


@given(conditions())
def test_equal_structures_make_equal_sql(condition: Condition) -> None:
    def other_value(_: str, value: object) -> KeyValue:  # in the same order as the values
        if isinstance(value, str):
            return f"x{value}"
        return value // 2 if isinstance(value, int) else value / 2  # type: ignore[operator]

    def sql(condition: Condition) -> str:
        return str(to_sql(condition, column).compile(dialect=postgresql.dialect()))

    other = cast_condition(condition, other_value)
    assume(structure(condition) == structure(other))
    assert sql(condition) == sql(other)
    assert len(bind_values(condition)) == len(bind_values(other))


def test_one_compiled_statement_serves_every_condition_of_its_structure() -> None:
    first = parse_where("visit in (1, 2, 5..9, 0..8:2) and filter = 'a'")
    second = parse_where("visit in (7, 8, 0..1, 3..9:3) and filter = 'b'")
    assert structure(first) == structure(second)
    compiled = to_sql(first, column).compile(dialect=sqlite.dialect(paramstyle="named"))
    raw = sqlite3.connect(":memory:")
    raw.execute("CREATE TABLE raw (visit INTEGER, filter TEXT)")
    raw.executemany("INSERT INTO raw VALUES (?, ?)", [(n, f) for n in range(10) for f in "ab"])
    query = f"SELECT visit, filter FROM raw WHERE {compiled}"
    for condition in (first, second):
        got = set(raw.execute(query, bind_values(condition)))
        everything = [{"visit": n, "filter": f} for n in range(10) for f in "ab"]
        assert got == {tuple(row.values()) for row in everything if evaluate(condition, row)}
    raw.close()


def test_the_length_of_a_list_changes_the_structure_rarely() -> None:
    shapes = {structure(Membership("visit", tuple(range(1, n)))) for n in range(2, 3000)}
    assert len(shapes) == 11  # 1, 2, 4, ... 512, and one for all the longer ones
    kinds = [1, 1.0, "1"]
    assert len({structure(Comparison("visit", "=", value)) for value in kinds}) == 3


def test_two_conditions_fit_into_one_statement_by_their_prefixes() -> None:
    condition = parse_where("visit = 5")
    both = to_sql(condition, column, "a") & to_sql(condition, column, "b")
    assert both.compile().params == bind_values(condition, "a") | bind_values(condition, "b")


def test_more_values_than_a_database_takes_are_refused() -> None:
    ranges = tuple(Range(number, number + 1) for number in range(MAX_BINDS // 2 + 1))
    with pytest.raises(ExpressionError, match="20000 are allowed"):
        to_sql(Membership("visit", (), ranges), column)


def test_as_many_values_as_are_allowed_run(engine: Engine) -> None:
    condition = any_of(*(Comparison("visit", "=", number) for number in range(MAX_BINDS)))
    assert found_by_sql(engine, condition, EDGES) == [0, 1, 5]


def test_an_unknown_key_is_refused_by_the_column_look_up() -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        to_sql(parse_where("visist = 5"), column)


def test_a_cast_condition_is_accepted_by_strictly_typed_columns(postgres_engine: Engine) -> None:
    types = KeyTypes(COLUMNS)
    written = from_id({"visit": ["1", "002"], "seeing": range(4), "object": range(3)})
    condition = cast_condition(written, types.cast)
    table: list[Row] = [
        {"visit": 2, "ccd": None, "seeing": 2.5, "filter": None, "object": "1"},
        {"visit": 2, "ccd": None, "seeing": 3.5, "filter": None, "object": "1"},
    ]
    assert found_by_sql(postgres_engine, condition, table) == [0]
