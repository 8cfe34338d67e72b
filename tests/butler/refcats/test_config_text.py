from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.errors import FormatterError
from butler.refcats.config_text import CatalogConfig, parse_config

if TYPE_CHECKING:
    from pathlib import Path


def test_configuration_of_the_stack_is_read() -> None:
    text = """\
import lsst.meas.algorithms.ingestIndexReferenceTask
assert type(config)==lsst.meas.algorithms.ingestIndexReferenceTask.DatasetConfig, 'no'
# Version numbers of format
config.format_version=1
config.ref_dataset_name='ps1_pv3_3pi_20170110'
config.indexer['HTM'].depth=7
config.indexer.name='HTM'
"""
    assert parse_config(text, "config.py") == CatalogConfig("ps1_pv3_3pi_20170110", 1, 7)


def test_configuration_of_the_ingest_task_is_read() -> None:
    text = "config.dataset_config.format_version=0\nconfig.dataset_config.ref_dataset_name='old'\n"
    assert parse_config(text, "config.py") == CatalogConfig("old", 0)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.system('touch canary')",
        "__import__('os').mkdir('canary')",
        "config.format_version=__import__('os').mkdir('canary') or 1",
        "config.ref_dataset_name=open('canary', 'w').name",
    ],
)
def test_code_is_never_executed(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_config(text, "config.py") == CatalogConfig()
    assert not list(tmp_path.iterdir())


def test_values_of_other_types_do_not_count() -> None:
    assert parse_config("config.format_version='1'\nconfig.ref_dataset_name=5", "x").name == ""


@pytest.mark.parametrize("text", ["config.format_version=(", "\0", "(" * 5000])
def test_what_is_no_configuration_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(FormatterError, match=r"x/config\.py is not a configuration"):
        parse_config(text, "x/config.py")


def test_configuration_that_is_too_long_is_refused() -> None:
    with pytest.raises(FormatterError, match="too long"):
        parse_config("#" * (2 << 20), "config.py")


@given(st.text(min_size=1), st.integers(0, 9), st.integers(0, 12))
def test_what_is_written_is_read(name: str, version: int, depth: int) -> None:
    config = CatalogConfig(name, version, depth)
    assert parse_config(config.to_text(), "config.py") == config
