from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import given
from support.conditions import COLUMNS, conditions, rows

from butler.data_id import KeyTypes
from butler.errors import DataIdError, ExpressionError, UnknownKeyError
from butler.id_syntax import parse_id
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
    leaves,
    names,
    render,
)
from butler.registry.where import parse_where

A, B, C = (Comparison(name, "=", 1) for name in "abc")
CAST = KeyTypes(COLUMNS).cast

FILTERS: list[tuple[object, Condition]] = [
    (5, Comparison("visit", "=", 5)),
    ("HSC-R", Comparison("visit", "=", "HSC-R")),
    ("HSC-*", Comparison("visit", "=", "HSC-*")),
    (0.5, Comparison("visit", "=", 0.5)),
    (np.int16(5), Comparison("visit", "=", 5)),
    (np.float32(0.5), Comparison("visit", "=", 0.5)),
    (np.str_("x"), Comparison("visit", "=", "x")),
    (np.array(5), Comparison("visit", "=", 5)),
    ([1, 2], Membership("visit", (1, 2))),
    ((2, 1, 2), Membership("visit", (2, 1))),
    ({3, 1, 2}, Membership("visit", (1, 2, 3))),
    ({"b", "a"}, Membership("visit", ("a", "b"))),
    ([np.int64(1), 2], Membership("visit", (1, 2))),
    (np.array([1, 2], dtype=">i4"), Membership("visit", (1, 2))),
    (np.array(["a", "b"]), Membership("visit", ("a", "b"))),
    (Table({"visit": [1, 2]})["visit"], Membership("visit", (1, 2))),
    ((number for number in (1, 2)), Membership("visit", (1, 2))),
    ({1: "x"}.keys(), Membership("visit", (1,))),
    (range(1, 10), Membership("visit", (), (Range(1, 9),))),
    (range(1, 10, 3), Membership("visit", (), (Range(1, 7, 3),))),
    (range(10, 0, -3), Membership("visit", (), (Range(1, 10, 3),))),
    (range(5, 6), Membership("visit", (), (Range(5, 5),))),
    (range(5, 5), Membership("visit")),
    ([7, range(1, 4)], Membership("visit", (7,), (Range(1, 3),))),
    ([], Membership("visit")),
]

REFUSED: list[tuple[object, str]] = [
    (None, "leave visit out"),
    ([1, None], "leave visit out"),
    (np.ma.masked_array([1, 2], mask=[False, True]), "leave visit out"),
    (slice(1, 5), r"visit=range\(1, 5\)"),
    (slice(None, 5), r"visit=range\(0, 5\)"),
    (True, "write a number"),
    (np.True_, "write a number"),
    (b"HSC-R", "decode the bytes"),
    (np.array([b"HSC-R"]), "decode the bytes"),
    (dt.date(2013, 11, 2), "write a date as text, '2013-11-02'"),
    (np.datetime64("2013-11-02"), "write a date as text, '2013-11-02'"),
    ([[1, 2]], "one plain level"),
    (np.ones((2, 2)), "one plain level"),
    ({"a": 1}, "write a number"),
    ({1j, 2j}, "write a number"),
    (object(), "write a number"),
    (float("nan"), "nan"),
    (np.inf, "inf"),
    (2**63, "64 bits"),
    (range(2**64), "64 bits"),
    ("a\0", "NUL"),
    ("\udc80", "surrogate"),
]


@pytest.mark.parametrize(
    ("given_filter", "expected"), FILTERS, ids=lambda case: type(case).__name__
)
def test_keyword_filters_take_values_and_collections(
    given_filter: object, expected: Condition
) -> None:
    found = from_keywords({"visit": given_filter})
    assert found == expected
    assert render(found) == render(expected)  # 5 and 5.0 are equal, and not the same
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(("given_filter", "advice"), REFUSED, ids=lambda case: type(case).__name__)
def test_keyword_filters_refuse_what_has_no_meaning_with_advice(
    given_filter: object, advice: str
) -> None:
    with pytest.raises(ExpressionError, match=advice):
        from_keywords({"visit": given_filter})


def test_several_filters_must_all_hold() -> None:
    found = from_keywords({"visit": 5, "filter": ["HSC-R"]})
    assert found == And((Comparison("visit", "=", 5), Membership("filter", ("HSC-R",))))
    assert from_keywords({}) == Everything()


@pytest.mark.parametrize("name", ["1=1 OR visit", "", "a b", "a.", "visit;", "not", "ä", "a\n"])
def test_a_name_that_the_language_cannot_spell_is_refused(name: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be the name of a key"):
        from_keywords({name: 5})


def test_an_id_means_the_same_as_its_where() -> None:
    parsed = parse_id(["visit=903334..903338:2^7", "ccd=0..8", "filter=HSC-R"])
    condition = cast_condition(from_id(parsed), CAST)
    where = "visit in (903334..903338:2, 7) and ccd in (0..8) and filter = 'HSC-R'"
    for visit in (7, 903334, 903335, 903336):
        for ccd in (8, 9):
            row = {"visit": visit, "ccd": ccd, "filter": "HSC-R"}
            assert evaluate(condition, row) == evaluate(parse_where(where), row)
    assert evaluate(condition, {"visit": 903336, "ccd": 8, "filter": "HSC-R"})


def test_conditions_join_in_their_flattest_form() -> None:
    assert all_of() == Everything()
    assert all_of(Everything(), A) == A
    assert all_of(And((A, B)), C) == And((A, B, C))
    assert all_of(A, Or((B, C))) == And((A, Or((B, C))))
    assert any_of(A) == A
    assert any_of(Or((A, B)), C) == Or((A, B, C))
    assert any_of(A, Everything()) == Everything()
    assert any_of() == Or(())
    assert not evaluate(any_of(), {})


def test_names_and_leaves_come_from_everywhere_in_the_tree() -> None:
    condition = And((A, Not(Or((B, Membership("c.d", (1,)))))))
    assert names(condition) == {"a", "b", "c.d"}
    assert [leaf.name for leaf in leaves(condition)] == ["a", "b", "c.d"]
    assert names(Everything()) == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("visit = 5", [5]),
        ("not visit = 5", [4]),
        ("visit != 5", [4]),
        ("visit = 5 or not visit = 5", [4, 5]),
        ("visit in (5)", [5]),
        ("visit not in (5)", [4]),
        ("not visit not in (5)", [5]),
        ("not (visit = 5 and ccd = 1)", [4, None]),
        ("not (visit = 5 or ccd = 1)", []),
        ("visit = 5 or ccd = 0", [5, None]),
    ],
)
def test_a_missing_value_is_neither_true_nor_false(text: str, expected: list[int | None]) -> None:
    table = [{"visit": 4}, {"visit": 5, "ccd": None}, {"visit": None, "ccd": 0}]
    found = [row["visit"] for row in table if evaluate(parse_where(text), row)]
    assert sorted(found, key=str) == expected


@given(conditions(), rows())
def test_a_condition_and_its_opposite_never_both_match(
    condition: Condition, row: dict[str, int | float | str | None]
) -> None:
    both = evaluate(condition, row), evaluate(Not(condition), row)
    assert both != (True, True)
    if None not in row.values():
        assert both != (False, False)
    assert evaluate(Not(Not(condition)), row) == both[0]


def test_text_is_never_compared_with_a_number() -> None:
    for text in ("visit = 'a'", "visit < 'a'", "visit in ('a')", "visit in ('a'..'b')"):
        with pytest.raises(ExpressionError, match="visit holds a number, and 'a' is text"):
            evaluate(parse_where(text), {"visit": 5})
    with pytest.raises(ExpressionError, match="filter holds text, and 5 is a number"):
        evaluate(parse_where("filter = 5"), {"filter": "a"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("visit = '0016'", "visit = 16"),
        ("visit in ('1', 2.0)", "visit in (1, 2)"),
        ("visit in (1, '1')", "visit in (1)"),
        ("visit between '1' and '9'", "visit in (1..9)"),
        ("visit in (1.0..9)", "visit in (1..9)"),
        ("visit in (1..9:3)", "visit in (1..9:3)"),
        ("seeing > 1", "seeing > 1.0"),
        ("seeing in (1..2)", "seeing in (1.0..2.0)"),
        ("seeing in (1..5:2)", "seeing in (1.0, 3.0, 5.0)"),
        ("object in (9..11)", "object in ('9', '10', '11')"),
        ("object = 5", "object = '5'"),
        ("not (object = 5 or ccd != '2') and visit < 3", None),
    ],
)
def test_literals_are_cast_to_the_types_of_their_keys(text: str, expected: str | None) -> None:
    cast = render(cast_condition(parse_where(text), CAST))
    assert cast == (expected or "not (object = '5' or ccd != 2) and visit < 3")


def test_what_the_cast_raises_is_passed_on() -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        cast_condition(parse_where("ccd = 1 and visist = 5"), CAST)
    with pytest.raises(DataIdError):
        cast_condition(parse_where("visit = 'HSC-R'"), CAST)
    with pytest.raises(ExpressionError, match="over 1000 values"):
        cast_condition(parse_where("object in (1..1001)"), CAST)
    with pytest.raises(ExpressionError, match="is empty"):
        cast_condition(parse_where("visit in ('10'..'9')"), CAST)
    assert cast_condition(Everything(), CAST) == Everything()


@given(conditions())
def test_a_cast_condition_stays_as_it_is(condition: Condition) -> None:
    again = cast_condition(condition, lambda _, value: value)
    assert again == condition


def test_conditions_are_values() -> None:
    one, other = (parse_where("visit in (1, 2..3) and filter = 'a'") for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    with pytest.raises(AttributeError):
        one.terms = ()  # type: ignore[misc,union-attr]


def test_a_comparison_knows_its_operators() -> None:
    with pytest.raises(ExpressionError, match="does not compare"):
        Comparison("visit", "LIKE", "x")
