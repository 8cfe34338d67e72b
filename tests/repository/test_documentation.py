"""Every command stands in the documentation, as it is typed."""

from __future__ import annotations

import re

import pytest
from support.house_rules import undocumented_commands
from support.shared_data import REPOSITORY

from cli.main import butler
from cli.verbs import VERBS

PAGE = (REPOSITORY / "docs" / "cli.md").read_text()


def test_every_command_is_documented() -> None:
    assert undocumented_commands(VERBS, PAGE) == []


@pytest.mark.parametrize("name", VERBS)
def test_every_command_has_an_example(name: str) -> None:
    assert re.search(rf"^butler {name}\b", PAGE, re.MULTILINE)


def test_no_command_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(r"\bbutler ([a-z][a-z-]*)\b", " ".join(re.findall(r"`[^`]+`", PAGE))))
    named |= set(re.findall(r"^butler ([a-z-]+)", PAGE, re.MULTILINE))
    assert named - set(VERBS) == set()


def test_group_is_called_butler() -> None:
    assert butler.name == "butler"
