"""Arguments by other names."""

from __future__ import annotations

import pytest

from pipelines.keywords import renamed_keywords


@renamed_keywords(expId="exposure_id")
def add(first: int, exposure_id: int = 0) -> int:
    """Add two numbers."""
    return first + exposure_id


def test_an_argument_can_be_given_by_either_name() -> None:
    assert add(1, expId=2) == add(1, exposure_id=2) == add(1, 2) == 3  # type: ignore[call-arg]


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(TypeError, match="expid"):
        add(1, expid=2)  # type: ignore[call-arg]


def test_the_function_keeps_its_name_and_its_words() -> None:
    assert (add.__name__, add.__doc__) == ("add", "Add two numbers.")
