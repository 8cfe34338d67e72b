from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.conditions import conditions

from butler.errors import ExpressionError
from butler.registry.condition import (
    And,
    Comparison,
    Condition,
    Everything,
    Membership,
    Not,
    Or,
    Range,
    render,
)
from butler.registry.where import (
    MAX_BOUND,
    MAX_DEPTH,
    MAX_ENTRIES,
    MAX_TERMS,
    parse_where,
)
from butler.registry.where_tokens import MAX_TEXT

_VISIT = Comparison("visit", "=", 5)
_CCD = Comparison("ccd", "=", 6)
_FILTER = Comparison("filter", "=", "HSC-R")

GOOD: list[tuple[str, Condition]] = [
    ("visit = 5", _VISIT),
    ("visit == 5", _VISIT),
    ("visit=5", _VISIT),
    ("  visit\n=\t5  ", _VISIT),
    ("5 = visit", _VISIT),
    ("visit = 0005", _VISIT),
    ("visit = +5", _VISIT),
    ("visit = -5", Comparison("visit", "=", -5)),
    ("visit = - 5", Comparison("visit", "=", -5)),
    ("visit != 5", Comparison("visit", "!=", 5)),
    ("visit <> 5", Comparison("visit", "!=", 5)),
    ("visit < 5", Comparison("visit", "<", 5)),
    ("5 < visit", Comparison("visit", ">", 5)),
    ("5 >= visit", Comparison("visit", "<=", 5)),
    ("expTime > 30.5", Comparison("expTime", ">", 30.5)),
    ("expTime > 3.", Comparison("expTime", ">", 3.0)),
    ("expTime > .5", Comparison("expTime", ">", 0.5)),
    ("expTime > 1e-3", Comparison("expTime", ">", 1e-3)),
    ("expTime > -1.5E+3", Comparison("expTime", ">", -1500.0)),
    ("visit.expTime > 30", Comparison("visit.expTime", ">", 30)),
    ("visit = 9223372036854775807", Comparison("visit", "=", 2**63 - 1)),
    ("visit = -9223372036854775808", Comparison("visit", "=", -(2**63))),
    ("filter = 'HSC-R'", _FILTER),
    ('filter = "HSC-R"', _FILTER),
    ("object = 'O''Brien'", Comparison("object", "=", "O'Brien")),
    ('object = "a ""b"""', Comparison("object", "=", 'a "b"')),
    ("object = 'a \"b\"'", Comparison("object", "=", 'a "b"')),
    ("object = ''", Comparison("object", "=", "")),
    ("object = 'éß 星'", Comparison("object", "=", "éß 星")),
    ("dateObs >= '2013-11-02'", Comparison("dateObs", ">=", "2013-11-02")),
    ("object = 'x and y or (z'", Comparison("object", "=", "x and y or (z")),
    ("visit = 5 and ccd = 6", And((_VISIT, _CCD))),
    ("visit = 5 AND ccd = 6", And((_VISIT, _CCD))),
    ("visit = 5 Or ccd = 6", Or((_VISIT, _CCD))),
    ("not visit = 5", Not(_VISIT)),
    ("NOT not visit = 5", Not(Not(_VISIT))),
    ("not visit = 5 and ccd = 6", And((Not(_VISIT), _CCD))),
    ("not (visit = 5 and ccd = 6)", Not(And((_VISIT, _CCD)))),
    ("visit = 5 and ccd = 6 or filter = 'HSC-R'", Or((And((_VISIT, _CCD)), _FILTER))),
    ("visit = 5 and (ccd = 6 or filter = 'HSC-R')", And((_VISIT, Or((_CCD, _FILTER))))),
    ("(visit = 5 and ccd = 6) and filter = 'HSC-R'", And((_VISIT, _CCD, _FILTER))),
    ("((visit = 5))", _VISIT),
    ("visit in (1, 2)", Membership("visit", (1, 2))),
    ("visit IN (1)", Membership("visit", (1,))),
    ("visit in [1, 2]", Membership("visit", (1, 2))),
    ("visit in (2, 1, 2)", Membership("visit", (2, 1))),
    ("visit not in (1, 2)", Membership("visit", (1, 2), (), negated=True)),
    ("not visit in (1)", Not(Membership("visit", (1,)))),
    ("visit in (5..9)", Membership("visit", (), (Range(5, 9),))),
    ("visit in (-9..-5)", Membership("visit", (), (Range(-9, -5),))),
    (
        "visit in (1, 2, 5..9, 10..20:2)",
        Membership("visit", (1, 2), (Range(5, 9), Range(10, 20, 2))),
    ),
    ("seeing in (0.5..0.9)", Membership("seeing", (), (Range(0.5, 0.9),))),
    ("dateObs in ('a'..'b', 'c')", Membership("dateObs", ("c",), (Range("a", "b"),))),
    ("visit between 1 and 9", Membership("visit", (), (Range(1, 9),))),
    ("visit not between 1 and 9", Membership("visit", (), (Range(1, 9),), negated=True)),
    (
        "visit between 1 and 9 and ccd = 6",
        And((Membership("visit", (), (Range(1, 9),)), _CCD)),
    ),
    (
        "10 < visit <= 20",
        And((Comparison("visit", ">", 10), Comparison("visit", "<=", 20))),
    ),
    ("", Everything()),
    ("  \n", Everything()),
]

BOUND: list[tuple[str, dict[str, object], Condition]] = [
    ("visit = :v", {"v": 5}, _VISIT),
    (":v < visit", {"v": 5}, Comparison("visit", ">", 5)),
    ("filter = :f", {"f": "'; drop table raw"}, Comparison("filter", "=", "'; drop table raw")),
    ("visit = :v", {"v": np.int32(5)}, _VISIT),
    ("filter = :f", {"f": np.str_("HSC-R")}, _FILTER),
    ("visit in :v", {"v": [1, 2]}, Membership("visit", (1, 2))),
    ("visit in :v", {"v": np.array([1, 2])}, Membership("visit", (1, 2))),
    ("visit in :v", {"v": 5}, Membership("visit", (5,))),
    ("visit not in :v", {"v": range(1, 9, 3)}, Membership("visit", (), (Range(1, 7, 3),), True)),
    ("visit in (:a, :b, 7)", {"a": 1, "b": (2, 3)}, Membership("visit", (1, 2, 3, 7))),
    ("visit in (:a..:b)", {"a": 1, "b": 9}, Membership("visit", (), (Range(1, 9),))),
    ("visit between :a and :b", {"a": 1, "b": 9}, Membership("visit", (), (Range(1, 9),))),
    ("visit in :v", {"v": []}, Membership("visit")),
    ("visit = :v", {"v": 5, "unused": None}, _VISIT),
]

# text, position of the fault, a part of the sentence that says what to do
BAD: list[tuple[str, int, str]] = [
    ("filter = HSC-R", 9, "text must be quoted: filter = 'HSC-R'"),
    ("filter = HSC", 9, "text must be quoted: filter = 'HSC'"),
    ("filter in (HSC-R, HSC-I)", 11, "text must be quoted: filter in ('HSC-R')"),
    ("filter = 2nd", 9, "text must be quoted: '2nd'"),
    ("HSC-R = filter", 3, "text must be quoted"),
    ("dateObs = 2013-11-02", 10, "dates must be quoted: '2013-11-02'"),
    ("dateObs > 2013-11-02T10:00:00.5", 10, "dates must be quoted: '2013-11-02T10:00:00.5'"),
    ("visit = 5 && ccd = 6", 10, "write and"),
    ("visit = 5 || ccd = 6", 10, "write or"),
    ("visit = 5 & ccd = 6", 10, "write and"),
    ("! visit = 5", 0, "write not"),
    ("visit => 5", 6, "write >="),
    ("visit =< 5", 6, "write <="),
    ("visit === 5", 8, "a value must stand here"),
    ("filter = 'HSC-R", 9, "the quote is never closed"),
    ("filter = \N{LEFT SINGLE QUOTATION MARK}HSC-R", 9, "text is quoted with"),
    ("visit", 5, "a comparison must follow visit"),
    ("visit 5", 6, "a comparison must follow visit"),
    ("5", 1, "5 alone is no condition"),
    ("5 = 5", 0, "a key must stand on one side"),
    ("visit =", 7, "ends where a value must follow"),
    ("visit = and ccd = 6", 8, "a value must stand before 'and'"),
    ("and visit = 5", 0, "a value must stand before 'and'"),
    ("visit = 5 and", 13, "ends where a value must follow"),
    ("visit = 5 ccd = 6", 10, "'and' or 'or' must stand before ccd"),
    ("(visit = 5", 10, "this parenthesis is never closed (it stands at character 1)"),
    ("visit = 5)", 9, ") closes nothing"),
    ("visit = ()", 8, "for several, write in"),
    ("visit in ()", 10, "a value is missing before ')'"),
    ("visit in (1,)", 12, "a value is missing before ')'"),
    ("visit in (1 2)", 12, "a comma or ')' is missing"),
    ("visit in [1, 2)", 14, "a comma or ']' is missing"),
    ("visit in 5", 9, "a list must follow"),
    ("visit in (9..5)", 10, "write the smaller end first"),
    ("visit in (1..9:0)", 10, "whole number from 1 on"),
    ("visit in (1..9:-2)", 10, "whole number from 1 on"),
    ("visit in (1..9:2.5)", 10, "whole number from 1 on"),
    ("visit in (1..'a')", 10, "from number to number"),
    ("seeing in (0.5..0.9:2)", 11, "ends must be whole numbers"),
    ("5 in (1, 2)", 0, "the name of a key must stand before 'in'"),
    ("visit not = 5", 10, "must follow 'not'"),
    ("visit between 1, 9", 15, "'and' is missing"),
    ("visit between 9 and 1", 14, "write the smaller end first"),
    ("visit + 1 = 5", 6, "arithmetic is not supported"),
    ("visit = 5 + 1", 10, "arithmetic is not supported"),
    ("visit % 2 = 1", 6, "0..10:2"),
    ("visit * 2 = 1", 6, "arithmetic"),
    ("abs(visit) = 5", 0, "functions are not supported"),
    ("visit = abs(5)", 8, "functions are not supported"),
    ("filter like 'HSC%'", 7, "compared exactly"),
    ("filter is null", 7, "missing values cannot be searched for"),
    ("filter = null", 9, "missing values cannot be searched for"),
    ("flag = True", 7, "numbers and texts only"),
    ("visit = 5; drop table raw", 9, "one expression"),
    ("visit = 5 -- ", 10, "arithmetic is not supported"),
    ("visit = 9223372036854775808", 8, "over 64 bits"),
    ("visit = " + "9" * 5000, 8, "too long"),
    ("expTime = 1e999", 10, "inf"),
    ("object = 'a\0b'", 9, "NUL"),
    ("object = '\udc80'", 9, "surrogate"),
    ("visit = 0x10", 8, "text must be quoted: '0x10'"),
    ("visit = ٣", 8, "is not understood"),
    ("vïsit = 5", 1, "is not understood"),
    ("visit = :v", 8, "no value is bound to :v"),
    ("visit = 'a' 'b'", 12, "'and' or 'or' must stand before"),
]

BAD_BOUND: list[tuple[str, dict[str, object], str]] = [
    ("visit = :visist", {"visit": 5}, "Did you mean 'visit'?"),
    ("visit = :v", {"v": [1, 2]}, "write in :v"),
    ("visit = :v", {"v": None}, "leave :v out"),
    ("visit = :v", {"v": True}, "write a number, text, or a list"),
    ("visit = :v", {"v": float("nan")}, "nan"),
    ("visit = :v", {"v": 2**63}, "64 bits"),
    ("visit in :v", {"v": [1, None]}, "visit cannot be compared with None"),
    ("visit in :v", {"v": [[1]]}, "one plain level"),
    ("visit in :v", {"v": [True]}, "write a number, text, or a list"),
    ("visit in (1..9 :v)", {"v": 2}, "stride of a range as a number"),
    ("visit in :v", {"v": list(range(MAX_BOUND + 1))}, "100000 are allowed"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_good_expressions_mean_what_they_say(text: str, expected: Condition) -> None:
    found = parse_where(text)
    assert found == expected
    assert render(found) == render(expected)  # 5 and 5.0 are equal, and not the same


@pytest.mark.parametrize(("text", "bind", "expected"), BOUND)
def test_bound_values_take_the_place_of_their_names(
    text: str, bind: dict[str, object], expected: Condition
) -> None:
    assert parse_where(text, bind) == expected


@pytest.mark.parametrize(("text", "position", "advice"), BAD)
def test_bad_expressions_are_refused_at_their_fault_with_advice(
    text: str, position: int, advice: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_where(text)
    assert advice in str(caught.value)
    assert (caught.value.text, caught.value.position) == (text, position)


@pytest.mark.parametrize(("text", "bind", "advice"), BAD_BOUND)
def test_bad_bound_values_are_refused_with_advice(
    text: str, bind: dict[str, object], advice: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_where(text, bind)
    assert advice in str(caught.value)
    assert caught.value.position is not None


@given(conditions())
def test_a_rendered_condition_reads_back_to_the_same_tree(condition: Condition) -> None:
    text = render(condition)
    again = parse_where(text)
    assert again == condition
    assert render(again) == text


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_an_expression_error(text: str) -> None:
    try:
        condition = parse_where(text)
    except ExpressionError as error:
        assert error.position is not None  # noqa: PT017 - either outcome is right
    else:
        assert parse_where(render(condition)) == condition


_WORDS = [
    "visit",
    "=",
    "5",
    "'a'",
    "and",
    "or",
    "not",
    "(",
    ")",
    "in",
    "between",
    "[",
    "]",
    ",",
    "..",
    ":",
    ":b",
    "-",
    "<",
    "2.5",
    '"',
    "&",
    ";",
]


@given(st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join))
def test_any_order_of_its_words_is_a_condition_or_an_expression_error(text: str) -> None:
    try:
        condition = parse_where(text, {"b": [1, 2]})
    except ExpressionError as error:
        assert error.position is not None  # noqa: PT017 - either outcome is right
    else:
        assert parse_where(render(condition)) == condition


@pytest.mark.parametrize("opening", ["(", "not ", "not ("])
def test_nesting_is_limited(opening: str) -> None:
    levels = MAX_DEPTH // len(opening.split(" ", 1)) if opening == "not (" else MAX_DEPTH
    closing = ")" * levels if "(" in opening else ""
    assert parse_where(opening * levels + "visit = 5" + closing)
    with pytest.raises(ExpressionError, match="nested over 50 levels deep"):
        parse_where(opening * (levels + 1) + "visit = 5")


@pytest.mark.parametrize("text", ["(" * 100_000, "not " * 100_000, "visit = 5 or " * 10_000])
def test_huge_expressions_are_refused_by_their_length(text: str) -> None:
    with pytest.raises(ExpressionError, match="10000 are allowed"):
        parse_where(text)


def test_deep_nesting_within_the_length_is_no_recursion_error() -> None:
    with pytest.raises(ExpressionError, match="nested"):
        parse_where("(" * MAX_TEXT)


def test_comparisons_are_limited() -> None:
    allowed = " and ".join(["visit = 5"] * MAX_TERMS)
    found = parse_where(allowed)
    assert isinstance(found, And)
    assert len(found.terms) == MAX_TERMS
    with pytest.raises(ExpressionError, match="over 200 comparisons"):
        parse_where(f"{allowed} or ccd in (1)")
    with pytest.raises(ExpressionError, match="over 200 comparisons"):
        parse_where("visit" + " = 5 = visit" * MAX_TERMS)


def test_written_lists_are_limited_and_bound_ones_count_apart() -> None:
    allowed = ",".join(map(str, range(MAX_ENTRIES)))
    found = parse_where(f"visit in ({allowed})")
    assert isinstance(found, Membership)
    assert len(found.values) == MAX_ENTRIES
    with pytest.raises(ExpressionError, match="at most 1000 entries"):
        parse_where(f"visit in ({allowed},1)")
    bound = parse_where("visit in (:v, 7)", {"v": list(range(-2000, 0))})
    assert isinstance(bound, Membership)
    assert len(bound.values) == 2001
