"""``-c field=value``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.tasks import EveryConfig

from pipelines.configuration.overrides import set_field
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config() -> EveryConfig:
    return EveryConfig()


@pytest.mark.parametrize(
    ("override", "name", "expected"),
    [
        ("doWrite=False", "doWrite", False),
        ("binSize=64", "binSize", 64),
        ("binSize = 64", "binSize", 64),
        ("title=64", "title", "64"),
        ("title=two words", "title", "two words"),
        ("title=a=b", "title", "a=b"),
        ("note=None", "note", None),
        ("limit=0.25", "limit", 0.25),
        ("limit=1e-3", "limit", 1e-3),
        ("statistic=MEDIAN", "statistic", "MEDIAN"),
        ("planes=SAT", "planes", ["SAT"]),
        ("planes=SAT,BAD", "planes", ["SAT", "BAD"]),
        ("planes=['SAT','BAD']", "planes", ["SAT", "BAD"]),
        ("planes=[]", "planes", []),
        ("radii=3,4.5", "radii", [3.0, 4.5]),
        ("radii=7", "radii", [7.0]),
    ],
)
def test_value_is_understood_by_the_kind_of_field(
    config: EveryConfig, override: str, name: str, expected: object
) -> None:
    set_field(config, override)
    found = getattr(config, name)
    assert (list(found) if isinstance(expected, list) else found) == expected


def test_mapping_is_a_literal(config: EveryConfig) -> None:
    set_field(config, "gains={'A': 2.0, 'B': 3.0}")
    assert dict(config.gains) == {"A": 2.0, "B": 3.0}


def test_field_of_a_subtask_is_set(config: EveryConfig) -> None:
    set_field(config, "scale.factor=7")
    assert config.scale.factor == 7.0


@pytest.mark.parametrize("path", ["plugins['other'].offset", "plugins[other].offset"])
def test_field_of_a_plugin_is_set(config: EveryConfig, path: str) -> None:
    set_field(config, f"{path}=3")
    assert config.plugins["other"].offset == 3.0


def test_plugins_are_chosen_by_name(config: EveryConfig) -> None:
    set_field(config, "plugins.names=plain,other")
    assert sorted(config.plugins.names) == ["other", "plain"]
    set_field(config, "choice.name=other")
    assert config.choice.name == "other"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("doWrite", "not of the form field=value"),
        ("=3", "not of the form field=value"),
        ("dowrite=False", "Did you mean 'doWrite'"),
        ("scale.fcator=1", "Did you mean 'scale.factor'"),
        ("nothing.at.all=1", "has no field"),
        ("doWrite=true", "spelled True or False"),
        ("binSize=big", "binSize cannot be 'big'.*Expected type int"),
        ("limit=2", "limit cannot be '2'"),
        ("statistic=MODE", "statistic cannot be 'MODE'"),
        ("radii=big", "radii cannot be 'big'"),
        ("plugins.names=unknown", "plugins.names cannot be"),
        ("plugins[unknown].factor=1", "has no field"),
        ("plugins['other']=1", "not a field of one"),
        ("a b=1", "no path"),
        ("__class__=1", "has no field"),
    ],
)
def test_what_cannot_be_says_why(config: EveryConfig, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        set_field(config, override)


@pytest.mark.parametrize("name", ["binSize", "title", "planes", "gains", "doWrite"])
def test_value_is_never_executed(config: EveryConfig, name: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    attack = f"{name}=__import__('pathlib').Path({str(canary)!r}).touch()"
    with suppress(ConfigError):
        set_field(config, attack)
    assert not canary.exists()


def test_history_names_the_command_line(config: EveryConfig) -> None:
    set_field(config, "scale.factor=7")
    assert "scale.factor=7" in config.scale.value.formatHistory("factor")
