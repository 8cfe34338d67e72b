from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def pairs(data: Path, *words: str) -> list[tuple[object, object]]:
    rows = run_command("ls", data, "raw", *words, "--format", "json").rows
    return [(row["visit"], row["ccd"]) for row in rows]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), [(903334, 16), (903334, 22), (903986, 16)]),
        (("--id", "visit=903334", "ccd=16"), [(903334, 16)]),
        (("--id", "visit=903334 ccd=16"), [(903334, 16)]),
        (("--id", "ccd=20..30:2"), [(903334, 22)]),
        (("--id", "visit=903334 ccd=22", "--id", "visit=903986"), [(903334, 22), (903986, 16)]),
        (("--id", "visit=903334^903986", "ccd=016"), [(903334, 16), (903986, 16)]),
        (("--id",), [(903334, 16), (903334, 22), (903986, 16)]),
        (("--where", "ccd > 16 and filter = 'HSC-R'"), [(903334, 22)]),
        (("--id", "filter=HSC-R", "--where", "ccd = 16"), [(903334, 16)]),
        (("--order-by=-visit", "--limit", "1"), [(903986, 16)]),
        (("--limit", "0"), []),
    ],
)
def test_datasets_are_chosen(data: Path, words: tuple[str, ...], found: list[object]) -> None:
    assert pairs(data, *words) == found


def test_types_are_listed_with_their_numbers(data: Path) -> None:
    (row,) = run_command("ls", data, "--format", "json").rows
    assert (row["dataset_type"], row["datasets"]) == ("raw", 3)
    every = run_command("ls", data, "--all", "--format", "json").rows
    assert {"calexp", "src"} <= {row["dataset_type"] for row in every}


def test_formats_tell_the_same(data: Path) -> None:
    words = ("ls", data, "raw", "--column", "expTime", "--long", "--format")
    rows = run_command(*words, "json").rows
    lines = [json.loads(line) for line in run_command(*words, "jsonl").stdout.splitlines()]
    table = list(csv.DictReader(io.StringIO(run_command(*words, "csv").stdout)))
    assert lines == rows
    assert [{k: str(v) for k, v in row.items()} for row in rows] == table
    assert rows[0]["expTime"] == 30.0
    assert rows[0]["repository"] == str(data)
    assert str(rows[0]["uri"]).endswith("HSC-0903334-016.fits")


def test_nothing_found_is_explained_on_stderr(data: Path) -> None:
    output = run_command("ls", data, "raw", "--id", "visit=903335")
    assert output.stdout == ""
    assert "903334" in output.stderr


def test_hidden_datasets_are_shown_when_asked(notes: Path, remark: Path) -> None:
    run_command("put", notes, "notes", remark, "--id", "visit=903334", "ccd=16")
    upper = notes.parent / "upper"
    run_command("rerun", notes.parent.parent, "upper", "--parent", "notes")
    remark.write_text('{"a": 2}')
    run_command("put", upper, "notes", remark, "--id", "visit=903334", "ccd=16")
    assert len(run_command("ls", upper, "notes", "--format", "json").rows) == 1
    assert len(run_command("ls", upper, "notes", "--all", "--format", "json").rows) == 2


def test_expression_that_cannot_be_understood_is_shown(data: Path) -> None:
    output = run_command("ls", data, "raw", "--where", "ccd >> 3", code=2)
    assert "^" in output.stderr


def test_key_twice_in_one_id_is_refused(data: Path) -> None:
    assert "twice" in run_command("ls", data, "raw", "--id", "ccd=1", "ccd=2", code=2).stderr
