"""Catalogs as text and in notebooks: the first and last records, as many columns as fit."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imaging.table.schemas.schema import Schema

    _Values = Callable[[str, NDArray[np.int64]], NDArray[np.generic]]

__all__ = ["as_html", "as_text"]

_WIDTH = 100  # characters of a line
_RECORDS = 20
_NOTEBOOK_FIELDS = 40
_GAP = "..."


def as_text(schema: Schema, values: _Values, count: int) -> str:
    """Return a table of text.

    Parameters
    ----------
    schema
        The fields.
    values
        Gives the values of a field for some places in the catalog.
    count
        Number of records.
    """
    places, gap = _places(count)
    columns: list[list[str]] = []
    width = 0
    names = schema.names
    for name in names:
        column = _column(schema, name, values, places, gap)
        wide = max(map(len, column)) + 2
        if columns and width + wide > _WIDTH:
            break
        columns.append([text.rjust(wide - 2) for text in column])
        width += wide
    lines = ["  ".join(line).rstrip() for line in zip(*columns, strict=True)]
    hidden = len(names) - len(columns)
    more = f" and {hidden} more fields" if hidden else ""
    return "\n".join([*lines, f"{count} records{more}"])


def as_html(schema: Schema, values: _Values, count: int) -> str:
    """Return a table for a notebook; see `as_text`."""
    places, gap = _places(count)
    names = schema.names[:_NOTEBOOK_FIELDS]
    columns = [_column(schema, name, values, places, gap) for name in names]
    head, units, *lines = zip(*columns, strict=True) if columns else [(), ()]
    heads = "".join(
        f'<th title="{escape(schema.find(name).field.doc)}">{escape(name)}<br>{escape(unit)}</th>'
        for name, unit in zip(head, units, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in line)}</tr>" for line in lines
    )
    hidden = len(schema) - len(names)
    more = f" and {hidden} more fields" if hidden else ""
    return f"<table><tr>{heads}</tr>{body}</table><p>{count} records{more}</p>"


def _places(count: int) -> tuple[NDArray[np.int64], int | None]:
    """Return which records are shown, and before which of them some are left out."""
    if count <= _RECORDS:
        return np.arange(count), None
    half = _RECORDS // 2
    return np.r_[0:half, count - half : count], half


def _column(
    schema: Schema, name: str, values: _Values, places: NDArray[np.int64], gap: int | None
) -> list[str]:
    texts = [_as_text(value) for value in values(name, places)]
    if gap is not None:
        texts.insert(gap, _GAP)
    return [name, schema.find(name).field.units, *texts]


def _as_text(value: object) -> str:
    if isinstance(value, np.floating):
        return f"{value:.7g}"
    if isinstance(value, np.ndarray):
        with np.printoptions(threshold=4, edgeitems=1, precision=4):
            return str(value).replace("\n", "")
    return str(value)
