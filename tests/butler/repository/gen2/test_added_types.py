from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from butler.mapper_lookup import find_mapper
from butler.repository.gen2.added_types import with_added_types

if TYPE_CHECKING:
    from butler.policies.policy import Policy


@pytest.fixture
def policy() -> Policy:
    return find_mapper("hsc").policy


def test_known_type_keeps_what_is_not_declared(policy: Policy) -> None:
    merged = with_added_types(policy, {"raw": {"template": "raw/v%(visit)d.fits.gz"}}, "cfg")
    raw = merged.dataset_type("raw")
    assert raw.template is not None
    assert raw.template.text == "raw/v%(visit)d.fits.gz"
    assert raw.storage_class == policy.dataset_type("raw").storage_class
    assert (raw.category, raw.keys) == ("raw", ("visit",))
    assert policy.dataset_type("raw").keys != ("visit",)


@pytest.mark.parametrize(
    ("storage", "expected"),
    [("FitsCatalogStorage", "Catalog"), ("YamlStorage", "Yaml"), ("ConfigStorage", "Config")],
)
def test_new_type_gets_the_storage_class_of_its_storage(
    policy: Policy, storage: str, expected: str
) -> None:
    entry = {"template": "m/%(visit)d.x", "storage": storage, "description": "Mine", "level": "Ccd"}
    kind = with_added_types(policy, {"mine": entry}, "cfg").dataset_type("mine")
    assert (kind.storage_class, kind.description, kind.level) == (expected, "Mine", "ccd")
    assert kind.category == "dataset"


def test_new_keys_join_those_of_the_camera(policy: Policy) -> None:
    entry = {"template": "m/%(subfilter)d/%(visit)d.fits", "storage": "FitsStorage"}
    merged = with_added_types(policy, {"mine": entry}, "cfg")
    assert merged.keys["subfilter"] == "int"
    assert "subfilter" not in policy.keys


def test_calibration_keeps_its_rule(policy: Policy) -> None:
    entry = {
        "category": "calibrations",
        "template": "QE/%(calibDate)s/qe-%(ccd)03d.fits",
        "tables": "qe",
        "columns": ["ccd", "taiObs"],
        "validStartName": "begin",
    }
    rule = with_added_types(policy, {"qe": entry}, "cfg").dataset_type("qe").calibration
    assert rule is not None
    assert (rule.table, rule.match, rule.begin, rule.end) == ("qe", ("ccd",), "begin", "validEnd")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"storage": "FitsStorage"}, "it has no template"),
        ({"template": "../%(visit)d.fits"}, "mine is left out"),
        ({"template": "m/%(visit)s.fits%(x"}, "mine is left out"),
        ({"template": "m/%(filter)d.fits"}, "mine is left out"),
    ],
)
def test_what_cannot_be_translated_is_left_out_with_a_warning(
    policy: Policy, entry: dict[str, object], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        merged = with_added_types(policy, {"mine": entry}, "cfg")
    assert "mine" not in merged.dataset_types
    assert said in caplog.text
