"""Data IDs: typed, immutable, and one spelling for each value."""

from __future__ import annotations

import pickle
import shlex
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.data_id import DataId, KeyTypes
from butler.errors import DataIdError, UnknownKeyError
from butler.id_syntax import expand_id, parse_id

TYPES = KeyTypes(
    {"visit": "int", "ccd": "int", "filter": "str", "patch": "str", "expTime": "float"}, "hsc"
)
INTEGERS = st.integers(-(2**63) + 1, 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
VALUES = INTEGERS | FLOATS | TEXTS
TYPED_IDS = st.fixed_dictionaries(
    {}, optional={"visit": INTEGERS, "filter": TEXTS, "patch": TEXTS, "expTime": FLOATS}
)


class Band(StrEnum):
    R = "HSC-R"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int32(16), 16),
        (np.uint64(16), 16),
        (np.float32(0.5), 0.5),
        (np.float64(16.0), 16.0),
        (np.str_("HSC-R"), "HSC-R"),
        (Band.R, "HSC-R"),
    ],
)
def test_numpy_scalars_and_enumerations_become_plain_values(
    value: object, expected: object
) -> None:
    kept = DataId(key=value)["key"]
    assert (kept, type(kept)) == (expected, type(expected))


@pytest.mark.parametrize(
    "value",
    [
        True, np.True_, None, [1], (1,), {}, b"x", 1j, float("nan"), float("inf"), 2**63, -(2**64),
        np.array([1]), np.array(["a", "b"]), np.datetime64("2020-01-01"), "", "a\0b", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_by_name(value: object) -> None:
    with pytest.raises(DataIdError, match="visit"):
        DataId({"visit": value})


@pytest.mark.parametrize("key", ["", 1, None, b"visit"])
def test_what_is_no_key_is_refused(key: object) -> None:
    with pytest.raises(DataIdError, match="data-ID key"):
        DataId({key: 1})  # type: ignore[dict-item]


def test_two_unicode_spellings_of_a_name_are_one_value() -> None:
    assert DataId(field="cafe\u0301") == DataId(field="caf\u00e9")


def test_negative_zero_is_zero_in_every_form() -> None:
    assert DataId(x=-0.0).canonical(["x"]) == DataId(x=0.0).canonical(["x"]) == "0.0"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("ccd", "016", 16),
        ("ccd", "+16", 16),
        ("ccd", "-5", -5),
        ("ccd", 16.0, 16),
        ("ccd", np.float32(16), 16),
        ("expTime", 30, 30.0),
        ("expTime", "30.5", 30.5),
        ("expTime", "3e1", 30.0),
        ("patch", 11, "11"),
        ("filter", "HSC-R", "HSC-R"),
    ],
)
def test_values_are_cast_to_the_type_of_their_key(
    key: str, value: object, expected: object
) -> None:
    kept = DataId({key: value}).cast(TYPES)[key]
    assert (kept, type(kept)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ccd", "16.0"), ("ccd", "0x10"), ("ccd", "1_0"), ("ccd", " 16"), ("ccd", "\u0661"),
        ("ccd", 16.5), ("ccd", "9" * 19), ("ccd", 1e300), ("expTime", "nan"), ("expTime", "long"),
        ("expTime", "1e999"), ("patch", 1.5),
    ],
)  # fmt: skip
def test_a_value_that_would_lose_something_is_refused(key: str, value: object) -> None:
    with pytest.raises(DataIdError, match=key):
        DataId({key: value}).cast(TYPES)


def test_an_unknown_key_is_refused_with_the_right_one() -> None:
    with pytest.raises(
        UnknownKeyError, match=r"'vist' is not a data-ID key of hsc\. Did you mean 'visit'"
    ):
        DataId(vist=1).cast(TYPES)


def test_a_data_id_of_the_right_types_is_cast_to_itself() -> None:
    data_id = DataId(visit=1, filter="r")
    assert data_id.cast(TYPES) is data_id


def test_equal_data_ids_are_equal_and_hash_alike_whatever_their_order() -> None:
    one, two = DataId(visit=1, ccd=2), DataId(ccd=2, visit=1)
    assert (one, hash(one)) == (two, hash(two))
    assert one == {"visit": 1, "ccd": 2}
    assert one != DataId(visit=1)
    assert one != 5


def test_a_data_id_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DataId(visit=1)["visit"] = 2  # type: ignore[index]


def test_changing_the_copy_leaves_the_data_id() -> None:
    data_id = DataId(visit=1)
    data_id.to_dict()["visit"] = 2
    assert data_id["visit"] == 1


def test_keywords_win_over_the_mapping() -> None:
    assert DataId({"visit": 1, "ccd": 2}, ccd=3) == {"visit": 1, "ccd": 3}


def test_updated_subset_and_without_make_new_data_ids() -> None:
    data_id = DataId(visit=1, ccd=2)
    assert data_id.updated({"ccd": np.int64(3), "filter": "r"}) == {
        "visit": 1,
        "ccd": 3,
        "filter": "r",
    }
    assert list(data_id.subset(["ccd", "tract", "visit"]).items()) == [("ccd", 2), ("visit", 1)]
    assert data_id.without(["ccd", "tract"]) == {"visit": 1}
    assert data_id == {"visit": 1, "ccd": 2}


def test_canonical_text_follows_the_order_asked_for() -> None:
    data_id = DataId(visit=903334, ccd=16, filter="HSC-R")
    assert data_id.canonical(["ccd", "filter", "visit"]) == "16,HSC-R,903334"


def test_canonical_text_needs_every_key() -> None:
    with pytest.raises(DataIdError, match="'ccd'"):
        DataId(visit=1).canonical(["visit", "ccd"])


@given(st.lists(TEXTS, min_size=3, max_size=3), st.lists(TEXTS, min_size=3, max_size=3))
def test_canonical_texts_are_equal_for_equal_data_ids_alone(one: list[str], two: list[str]) -> None:
    first, second = (DataId(dict(zip("abc", texts, strict=True))) for texts in (one, two))
    assert (first.canonical("abc") == second.canonical("abc")) == (first == second)


def test_a_comma_in_a_value_does_not_join_two_values() -> None:
    keys = ["a", "b"]
    assert DataId(a="1,2", b="3").canonical(keys) != DataId(a="1", b="2,3").canonical(keys)
    assert DataId(a="1%2C2", b="3").canonical(keys) != DataId(a="1,2", b="3").canonical(keys)


def test_the_text_form_is_what_a_user_types() -> None:
    assert str(DataId(visit=903334, ccd=16)) == "visit=903334 ccd=16"
    assert DataId(visit=903334, patch="1,1").as_arguments() == "visit=903334 patch=1,1"
    assert DataId(field="NGC 891").as_arguments() == "'field=NGC 891'"


@given(TYPED_IDS)
def test_the_arguments_of_a_data_id_mean_that_data_id(values: dict[str, object]) -> None:
    data_id = DataId(values)
    words = shlex.split(data_id.as_arguments())
    (found,) = expand_id(parse_id(words))
    assert found.cast(TYPES) == data_id


@given(st.dictionaries(st.sampled_from(["visit", "a", "b"]), VALUES))
def test_data_ids_survive_pickling_and_their_own_constructor(values: dict[str, object]) -> None:
    data_id = DataId(values)
    hash(data_id)
    assert pickle.loads(pickle.dumps(data_id)) == data_id == DataId(data_id)


def test_key_types_say_what_a_key_holds() -> None:
    assert TYPES["ccd"] == "int"
    assert TYPES.python_type("expTime") is float
    assert set(pickle.loads(pickle.dumps(TYPES))) == set(TYPES)
