"""Dataset types are added to repositories that are there already."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from butler.butler import Butler
from butler.edit_dataset_types import add_dataset_types
from butler.errors import PolicyError
from butler.repository.config import read_config

if TYPE_CHECKING:
    from pathlib import Path


def notes(name: str) -> dict[str, object]:
    return {name: {"template": f"{name}/{{visit}}.json", "storage_class": "Json"}}


def test_added_type_can_be_written_and_read(data: Path) -> None:
    assert add_dataset_types(data, notes("extra")) == ["extra"]
    with Butler(data) as butler:
        butler.put([1], "extra", visit=903334)
        assert butler.get("extra", visit=903334) == [1]


def test_type_that_is_there_stays_as_it_is(data: Path) -> None:
    before = read_config(str(data))
    assert add_dataset_types(data, notes("summary")) == []
    assert read_config(str(data)) == before


def test_type_that_cannot_be_one_changes_nothing(data: Path) -> None:
    before = read_config(str(data))
    with pytest.raises(PolicyError, match="noSuchKey"):
        add_dataset_types(data, {"bad": {"template": "{noSuchKey}.json", "storage_class": "Json"}})
    assert read_config(str(data)) == before


def test_two_who_add_at_once_lose_nothing(data: Path) -> None:
    names = [f"extra{n}" for n in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda name: add_dataset_types(data, notes(name)), names))
    assert set(names) <= set(read_config(str(data)).dataset_types)
