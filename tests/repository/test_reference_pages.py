"""Every field of every installed task is documented, on pages that are up to date."""

from __future__ import annotations

import pytest
from support.shared_data import REPOSITORY

from pipelines.configuration.reference_pages import reference_pages
from pipelines.configuration.shown import undocumented_fields
from pipelines.task_lookup import find_task, task_names

FOLDER = REPOSITORY / "docs" / "configuration"
MAKE = "python -m pipelines.configuration.reference_pages docs/configuration"


def test_pages_are_up_to_date() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    expected = reference_pages()
    stale = [name for name in {**found, **expected} if found.get(name) != expected.get(name)]
    assert sorted(stale) == [], f"To write them anew: {MAKE}"


@pytest.mark.parametrize("name", task_names())
def test_every_field_says_what_it_is_for(name: str) -> None:
    assert undocumented_fields(find_task(name).ConfigClass()) == []


@pytest.mark.parametrize("name", task_names())
def test_every_task_declares_what_it_reads_and_writes(name: str) -> None:
    task = find_task(name)
    config = task.ConfigClass()
    assert task.input_types(config)
    assert task.output_types(config)
