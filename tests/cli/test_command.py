from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.commands import run_command

from butler.data_id import DataId
from butler.id_syntax import expand_id, parse_id
from cli.command import gather_words, split_words

if TYPE_CHECKING:
    from pathlib import Path

PAIRS_ONLY = {"--id": True}


def words_of(*arguments: str) -> list[list[str]]:
    """The words of each --id among some arguments."""
    gathered = gather_words(arguments, PAIRS_ONLY)
    return [split_words(one.removeprefix("--id=")) for one in gathered if one.startswith("--id")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--id", "visit=1", "ccd=2"], [["visit=1", "ccd=2"]]),
        (["--id", "visit=1 ccd=2"], [["visit=1", "ccd=2"]]),
        (["--id=visit=1", "ccd=2"], [["visit=1", "ccd=2"]]),
        (["--id=visit=1 ccd=2", "--all"], [["visit=1", "ccd=2"]]),
        (["--id", "visit=1", "--id", "ccd=2"], [["visit=1"], ["ccd=2"]]),
        (["--id", "visit=1^2", "DATA", "raw"], [["visit=1^2"]]),
        (["--id"], [[]]),
        (["--id", "raw"], [["raw"]]),
        (["--id", "--all"], [[]]),
        (["--id", 'name="a b=c" ccd=2'], [['name="a b=c"', "ccd=2"]]),
        (["--id", "name=a b"], [["name=a b"]]),
    ],
)
def test_words_of_an_id(arguments: list[str], words: list[list[str]]) -> None:
    assert words_of(*arguments) == words


def test_other_arguments_stay_in_order() -> None:
    arguments = ["DATA", "--id", "visit=1", "ccd=2", "--all", "raw", "--", "--id", "x=1"]
    gathered = gather_words(arguments, PAIRS_ONLY)
    assert gathered == ["DATA", "--id=visit=1\0ccd=2", "--all", "raw", "--", "--id", "x=1"]


def test_option_that_takes_any_words_ends_at_the_next_option() -> None:
    gathered = gather_words(["--bad", "a*", "b", "--mode=link", "c"], {"--bad": False})
    assert gathered == ["--bad=a*\0b", "--mode=link", "c"]


@given(
    st.dictionaries(
        st.sampled_from(["visit", "ccd", "name"]),
        st.integers(0, 10**6) | st.from_regex(r"[A-Za-z0-9_+-]{1,8}", fullmatch=True),
        min_size=1,
    )
)
def test_a_data_id_is_read_back_from_its_arguments(values: dict[str, int | str]) -> None:
    data_id = DataId(values)
    (words,) = words_of("--id", *data_id.as_arguments().split())
    (read,) = expand_id(parse_id(words))
    assert {key: str(value) for key, value in read.items()} == {
        key: str(value) for key, value in values.items()
    }


def test_a_data_id_without_its_option_gets_a_hint(data: Path) -> None:
    output = run_command("get", data, "raw", "visit=903334", "ccd=16", code=2)
    assert "--id visit=903334 ccd=16" in output.stderr


def test_other_surplus_words_get_no_such_hint(data: Path) -> None:
    assert "--id" not in run_command("get", data, "raw", "903334", code=2).stderr
    assert "stands behind" not in run_command("get", data, "raw", "--id", "a=1", "b", code=2).stderr
