"""The --id argument, as the LSST stack's command-line tasks take it."""

from __future__ import annotations

import itertools

import pytest

from butler.errors import ExpressionError
from butler.id_syntax import LARGEST_RANGE, expand_id, parse_id


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("visit=22", ["22"]),
        ("visit=1^3", ["1", "3"]),
        ("visit=1..4", [1, 2, 3, 4]),
        ("visit=0..8:2", [0, 2, 4, 6, 8]),
        ("visit=0..9:4", [0, 4, 8]),
        ("visit=5..5", [5]),
        ("visit=-2..1", [-2, -1, 0, 1]),
        ("visit=1..2^7^10..12", [1, 2, "7", 10, 11, 12]),
        ("patch=1,1^2,3", ["1,1", "2,3"]),
        ("filter=HSC-R", ["HSC-R"]),
        ("field=a=b", ["a=b"]),
        ("dateObs=2013-11-02", ["2013-11-02"]),
        ("name=1..a", ["1..a"]),
        ('name="a^b"^c', ["a^b", "c"]),
        (r'name="a\"b"', ['a"b']),
        ('name="1..2"', ["1..2"]),
    ],
)
def test_an_argument_gives_its_alternatives(argument: str, values: list[object]) -> None:
    (found,) = parse_id([argument]).values()
    assert list(found) == values


def test_several_keys_give_their_cross_product_with_the_first_slowest() -> None:
    ids = [str(data_id) for data_id in expand_id(parse_id(["visit=1^2", "ccd=3..4"]))]
    assert ids == ["visit=1 ccd=3", "visit=1 ccd=4", "visit=2 ccd=3", "visit=2 ccd=4"]


def test_no_arguments_mean_everything() -> None:
    assert [data_id.to_dict() for data_id in expand_id(parse_id([]))] == [{}]


def test_a_key_that_comes_twice_is_refused_with_the_way_out() -> None:
    with pytest.raises(ExpressionError, match=r"visit=1\^2"):
        parse_id(["visit=1", "visit=2"])


@pytest.mark.parametrize(
    "argument",
    ["visit", "visit=", "=1", "my key=1", "1=1", "visit=1^", "visit=^1", "visit=1^^2", 'n="\\x"'],
)
def test_a_malformed_argument_is_refused(argument: str) -> None:
    with pytest.raises(ExpressionError):
        parse_id([argument])


@pytest.mark.parametrize("argument", ["ccd=8..0", "ccd=0..8:0"])
def test_a_range_that_runs_nowhere_is_refused(argument: str) -> None:
    with pytest.raises(ExpressionError, match="runs upwards"):
        parse_id([argument])


@pytest.mark.parametrize(
    "argument",
    [
        f"ccd=1..{LARGEST_RANGE + 1}",
        "ccd=0..9999999999999999999",
        f"ccd=1..{LARGEST_RANGE}^5",
    ],
)
def test_a_range_of_too_many_values_is_refused(argument: str) -> None:
    with pytest.raises(ExpressionError, match="more than 10,000,000"):
        parse_id([argument])


def test_a_long_range_is_never_written_out() -> None:
    parsed = parse_id([f"visit=1..{LARGEST_RANGE}", f"ccd=1..{LARGEST_RANGE}"])
    assert isinstance(parsed["visit"], range)
    assert len(list(itertools.islice(expand_id(parsed), 3))) == 3


def test_the_message_shows_where_the_fault_is() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_id(["ccd=1^9..3"])
    assert caught.value.position == len("ccd=1^")
