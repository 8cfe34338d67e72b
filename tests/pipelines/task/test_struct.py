"""What tasks return."""

from __future__ import annotations

import pickle

import pytest

from pipelines.task import Struct


def test_values_are_attributes() -> None:
    assert Struct(exposure=1, background=2).background == 2


def test_missing_value_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = Struct(exposure=1).background


def test_structs_of_equal_values_are_equal() -> None:
    assert Struct(a=1) == Struct(a=1)
    assert Struct(a=1) != Struct(a=2)


def test_names_of_methods_are_refused() -> None:
    with pytest.raises(TypeError, match="to_dict"):
        Struct(to_dict=1)


def test_copy_holds_the_same_objects() -> None:
    values = [1]
    struct = Struct(values=values)
    other = struct.copy()
    other.more = 2
    assert other.values is values
    assert struct.to_dict() == {"values": [1]}


def test_struct_survives_a_pickle() -> None:
    assert pickle.loads(pickle.dumps(Struct(a=1))) == Struct(a=1)


def test_gen2_spellings_are_the_same() -> None:
    struct = Struct(a=1)
    struct.mergeItems(Struct(b=2, c=3), "b")
    assert struct.getDict() == struct.to_dict() == {"a": 1, "b": 2}
