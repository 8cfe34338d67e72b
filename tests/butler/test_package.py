"""What `import butler` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import butler
from butler.errors import ButlerError


def test_every_public_name_is_offered_before_it_is_imported() -> None:
    text = "import butler; print(*dir(butler)); print(*[vars(butler).get('Butler')])"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    offered, imported = done.stdout.splitlines()
    assert offered.split() == sorted(butler.__all__)
    assert imported == "None"


@pytest.mark.parametrize("name", butler.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(butler, name) is not None


def test_the_root_of_all_errors_is_the_one_of_the_error_tree() -> None:
    assert butler.ButlerError is ButlerError


def test_other_names_are_missing() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Buttler'"):
        getattr(butler, "Buttler")  # noqa: B009 - mypy knows that it is not there
