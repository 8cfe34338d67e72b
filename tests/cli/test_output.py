from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.output import write_fields, write_rows

ROWS = [
    {"visit": 903334, "filter": "HSC-R", "expTime": 30.0, "none": None},
    {"visit": 903986, "filter": 'a,"b"\nc', "expTime": 1e-9, "none": None},
]
COLUMNS = ("visit", "filter", "expTime", "none")

CELLS = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def test_json_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_rows(iter(ROWS), COLUMNS, "json") == 2
    assert json.loads(capsys.readouterr().out) == ROWS


def test_json_lines_are_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_rows(iter(ROWS), COLUMNS, "jsonl") == 2
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == ROWS


def test_csv_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_rows(iter(ROWS), COLUMNS, "csv") == 2
    read = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["filter"] for row in read] == ["HSC-R", 'a,"b"\nc']
    assert [int(row["visit"]) for row in read] == [903334, 903986]
    assert [float(row["expTime"]) for row in read] == [30.0, 1e-9]


def test_table_lines_up_and_has_no_trailing_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"a": 1, "b": "x"}, {"a": 1000, "b": None}], ("a", "b"), "table")
    assert capsys.readouterr().out == "a     b\n1     x\n1000\n"


@pytest.mark.parametrize(
    ("form", "text"), [("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", "a\n")]
)
def test_no_rows(form: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert write_rows([], ("a",), form) == 0
    assert capsys.readouterr().out == text


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_terminal_escapes_are_shown_escaped(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"a": "\x1b[31m\x7f\x9b\u202e\udcff"}], ("a",), form)
    assert all(" " <= char <= "~" or char == "\n" for char in capsys.readouterr().out)


@given(st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), max_size=5))
def test_any_row_survives_json_lines(rows: list[dict[str, object]]) -> None:
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        write_rows(rows, ("a", "b"), "jsonl")
        written = sys.stdout.getvalue()
    finally:
        sys.stdout = out
    assert [json.loads(line) for line in written.splitlines()] == rows


def test_number_that_json_does_not_have_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"a": float("nan")}], ("a",), "json")
    assert json.loads(capsys.readouterr().out) == [{"a": None}]


def test_fields_are_lines_for_people_and_one_row_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fields = {"root": "/data", "chain": ["/a", "/b"], "writable": True}
    write_fields(fields, "table")
    assert capsys.readouterr().out == (
        "root      /data\nchain     /a\n          /b\nwritable  yes\n"
    )
    write_fields(fields, "json")
    assert json.loads(capsys.readouterr().out) == [fields]


def on_terminal(environment: dict[str, str], name: str = "\x1b[31mred") -> bytes:
    """What a table looks like on a terminal."""
    code = (
        "from cli.output import write_rows\n"
        f"write_rows([{{'visit': 1, 'name': {name!r}}}], ('visit', 'name'), 'table')\n"
    )
    plain = {name: os.environ[name] for name in os.environ if not name.endswith("_COLOR")}
    master, slave = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", code],
        stdout=slave,
        env={**plain, "TERM": "xterm-256color", **environment},
        check=True,
    )
    os.close(slave)
    written = os.read(master, 10_000)
    os.close(master)
    return written


def test_terminal_gets_colour_unless_the_user_wants_none() -> None:
    assert b"\x1b[1m" in on_terminal({})
    assert b"\x1b[31m" not in on_terminal({})
    plain = on_terminal({"NO_COLOR": "1"})
    assert b"\x1b[3" not in plain
    assert rb"\x1b[31mred" in plain


def test_row_that_is_wider_than_the_terminal_is_not_folded() -> None:
    assert b"x" * 300 in on_terminal({"COLUMNS": "80"}, "x" * 300)
