"""Rows on stdout: as a table for people, as JSON, JSON lines or CSV for programs."""

from __future__ import annotations

import csv
import json
import math
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from cli.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["write_fields", "write_rows"]

_GAP = "  "


def write_rows(rows: Iterable[Mapping[str, object]], columns: Sequence[str], form: str) -> int:
    """Write rows to stdout and return how many there were.

    Parameters
    ----------
    rows
        By column: numbers, texts, None, and lists or mappings of these.
    columns
        The columns in order.
    form
        ``table``, ``json`` (one list), ``jsonl`` (an object on each line) or
        ``csv`` (with a header line). All but the table are written as the
        rows come.
    """
    if form == "json":
        return _write_json(rows, columns)
    if form == "jsonl":
        return _write_json_lines(rows, columns)
    if form == "csv":
        return _write_csv(rows, columns)
    return _write_table([[_as_text(row.get(name)) for name in columns] for row in rows], columns)


def write_fields(fields: Mapping[str, object], form: str) -> None:
    """Write one thing with named fields: a line for each as a table, else as one row.

    Parameters
    ----------
    fields
        As one row of `write_rows`.
    form
        As for `write_rows`.
    """
    if form != "table":
        write_rows([fields], list(fields), form)
        return
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        lines = _as_lines(value)
        click.echo(f"{name:{width}}{_GAP}{lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(" " * width + _GAP + line)


def _as_lines(value: object) -> list[str]:
    if isinstance(value, list) and value:
        return [_as_text(one) for one in value]
    return [_as_text(value)]


def _as_json(row: Mapping[str, object], columns: Sequence[str]) -> str:
    """Return one line of ASCII, which no terminal acts on."""
    plain = {name: _plain(row.get(name)) for name in columns}
    return json.dumps(plain, ensure_ascii=True).replace("\x7f", "\\u007f")


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such numbers
    return value


def _write_json(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> int:
    count = 0
    for row in rows:
        click.echo(("[\n  " if count == 0 else ",\n  ") + _as_json(row, columns), nl=False)
        count += 1
    click.echo("\n]" if count else "[]")
    return count


def _write_json_lines(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> int:
    count = 0
    for row in rows:
        click.echo(_as_json(row, columns))
        count += 1
    return count


def _write_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> int:
    is_shown = sys.stdout.isatty()

    def cell(value: object) -> object:
        if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=True)
        return safe_text(value) if is_shown and isinstance(value, str) else value

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])
        count += 1
    return count


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return safe_text(" ".join(f"{key}={one}" for key, one in value.items()))
    if isinstance(value, list):
        return safe_text(", ".join(map(str, value)))
    return safe_text(str(value))


def _write_table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> int:
    if not rows:
        return 0
    lines = list(_aligned([columns, *rows]))
    if sys.stdout.isatty() and max(map(len, lines)) <= get_terminal_size().columns:
        _write_rich_table(rows, columns)
    else:  # cells that are folded could not be copied
        for line in lines:
            click.echo(line)
    return len(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()


def _write_rich_table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    """Write for a terminal; rich honours NO_COLOR."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
