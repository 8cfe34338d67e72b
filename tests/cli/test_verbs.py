from __future__ import annotations

from importlib import import_module

import click
import pytest

from cli.verbs import VERBS, function_of, module_of


@pytest.mark.parametrize("name", VERBS)
def test_verb_is_the_function_of_its_module(name: str) -> None:
    command = getattr(import_module(module_of(name)), function_of(name))
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize("name", VERBS)
def test_verb_has_a_sentence_and_an_example_in_its_help(name: str) -> None:
    command = getattr(import_module(module_of(name)), function_of(name))
    with click.Context(command) as ctx:
        lines = command.get_help(ctx).splitlines()
    assert any(line.startswith(f"  butler {name}") for line in lines)
    assert VERBS[name].endswith(".")


def test_verbs_are_sorted() -> None:
    assert list(VERBS) == sorted(VERBS)
