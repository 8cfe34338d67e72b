"""Dataset types: their keys in the order of their identity."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import pytest

from butler.policies.dataset_type import CalibrationRule, DatasetType
from butler.policies.template import Template

SRC = DatasetType("src", Template("{visit:07d}/{filter}-{ccd:03d}.fits"), "Catalog")


def test_keys_are_sorted_whatever_the_template_says() -> None:
    assert SRC.keys == ("ccd", "filter", "visit")
    assert SRC.key_set == {"ccd", "filter", "visit"}


def test_keys_of_a_computed_type_are_those_it_is_computed_from() -> None:
    kind = DatasetType("id", None, "", category="computed", computed_from=("visit", "ccd"))
    assert kind.keys == ("ccd", "visit")


def test_a_dataset_type_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(SRC)) == SRC
    assert DatasetType("src", SRC.template, "Catalog") == SRC
    with pytest.raises(FrozenInstanceError):
        SRC.name = "other"  # type: ignore[misc]


def test_a_calibration_is_chosen_by_its_date_unless_it_says_otherwise() -> None:
    rule = CalibrationRule("flat", ("ccd",))
    assert (rule.date_key, rule.observation_columns) == ("calibDate", ("taiObs",))
    assert (rule.begin, rule.end) == ("validStart", "validEnd")
