"""Saved configurations are data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tasks import EveryConfig, OtherScaleTask

from pipelines.configuration.overrides import set_field
from pipelines.configuration.saved import differences, parse_saved
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def saved(config: EveryConfig) -> dict[str, object]:
    return parse_saved(config.saveToString())


def test_every_field_is_read_as_its_value() -> None:
    config = EveryConfig()
    config.scale.factor = 7.0
    fields = saved(config)
    assert fields["doWrite"] is True
    assert fields["planes"] == ["BAD"]
    assert fields["gains"] == {"A": 1.0}
    assert fields["scale.factor"] == 7.0
    assert fields["plugins.names"] == ["plain"]
    assert fields["plugins['other'].offset"] == 1.0


def test_equal_configurations_have_no_differences() -> None:
    assert differences(saved(EveryConfig()), saved(EveryConfig())) == []


def test_difference_names_field_and_values() -> None:
    config = EveryConfig()
    set_field(config, "binSize=64")
    assert differences(saved(EveryConfig()), saved(config)) == ["binSize: 128 -> 64"]


def test_another_subtask_is_a_difference() -> None:
    config = EveryConfig()
    config.scale.retarget(OtherScaleTask)
    lines = differences(saved(EveryConfig()), saved(config))
    assert any("scale.retarget" in line and "OtherScaleTask" in line for line in lines)


def test_order_of_chosen_plugins_is_no_difference() -> None:
    one = parse_saved("config.plugins.names=['a', 'b']")
    assert differences(one, parse_saved("config.plugins.names=['b', 'a']")) == []


@given(st.floats(), st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_values_of_any_kind_survive(number: float, title: str, planes: list[str]) -> None:
    one, other = EveryConfig(), EveryConfig()
    for config in (one, other):
        config.gains["A"] = number
        config.title = title
        config.planes = planes
    assert differences(saved(one), saved(other)) == []
    assert saved(one)["title"] == title


def test_nothing_of_a_saved_configuration_is_executed(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    parse_saved(f"import os\nconfig.x = open({str(canary)!r}, 'w')\n")
    assert not canary.exists()


@pytest.mark.parametrize("text", ["config.x = (", "print", "while True: pass", "x" * (1 << 23)])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_saved(text)
