"""Configurations as people read them."""

from __future__ import annotations

import pytest
from support.tasks import EveryConfig

from pipelines.configuration.overrides import set_field
from pipelines.configuration.shown import (
    show_config,
    show_history,
    undocumented_fields,
)
from pipelines.errors import ConfigError
from pipelines.task import Config, Field


def test_every_field_is_shown_with_its_documentation() -> None:
    text = show_config(EveryConfig())
    assert "# Size of a bin in pixels.\nconfig.binSize=128" in text
    assert "# By how much it is scaled.\nconfig.scale.factor=2.0" in text


@pytest.mark.parametrize("pattern", ["binSize", "binsize", "bin*", "config.binSize"])
def test_pattern_chooses_fields(pattern: str) -> None:
    assert show_config(EveryConfig(), pattern) == "# Size of a bin in pixels.\nconfig.binSize=128"


@pytest.mark.parametrize("pattern", ["BINSIZE", "binsize:NOIGNORECASE"])
def test_case_counts_where_it_is_said(pattern: str) -> None:
    assert show_config(EveryConfig(), pattern) == ""


def test_what_is_shown_can_be_loaded() -> None:
    config, other = EveryConfig(), EveryConfig()
    set_field(config, "binSize=7")
    other.loadFromStream(show_config(config, "bin*"))
    assert other.binSize == 7


def test_history_says_where_a_value_comes_from() -> None:
    config = EveryConfig()
    set_field(config, "scale.factor=7")
    text = show_history(config, "scale.factor")
    assert text.startswith("scale.factor\n")
    assert "tasks.py" in text
    assert "7.0" in text


def test_history_of_an_unknown_field_suggests_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'binSize'"):
        show_history(EveryConfig(), "binSizes")


def test_field_without_documentation_is_seen() -> None:
    class SilentConfig(Config):
        silent = Field[int](doc="Silent", default=1)

    assert undocumented_fields(SilentConfig()) == ["silent"]
    assert undocumented_fields(EveryConfig()) == []
