"""Objects in binary tables: two cards say what a table is and how it was written."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import (
    DataFileError,
    FitsFileError,
    FormatVersionError,
    ImagingError,
    UndecodableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from imaging.fits.rows import Rows

__all__ = [
    "TYPE_CARD",
    "VERSION_CARD",
    "blaming_file",
    "check_kind",
    "decoding",
    "describe",
    "single_row",
]

TYPE_CARD = "SBTYPE"
"""Name of the card that says what a table holds."""
VERSION_CARD = "SBVERS"
"""Name of the card that says in which version of its format."""


def describe(rows: Rows, kind: str, version: int) -> Rows:
    """Return the same rows with the cards that say what they are.

    Parameters
    ----------
    rows
        The table, which stays as it is.
    kind
        What it holds, e.g. the name of a class.
    version
        Version of the format, from 1.
    """
    header = rows.header.copy()
    header.set(TYPE_CARD, kind, "what this table holds")
    header.set(VERSION_CARD, version, "version of its format")
    return replace(rows, header=header)


def single_row(values: Mapping[str, NDArray[np.generic]]) -> NDArray[np.void]:
    """Return a table of one row; an array becomes a column of arrays of its shape."""
    dtype = np.dtype([(name, value.dtype, value.shape) for name, value in values.items()])
    array = np.zeros(1, dtype)
    for name, value in values.items():
        array[name][0] = value
    return array


def check_kind(rows: Rows, known: Mapping[str, int], path: str) -> tuple[str, int]:
    """Return what a table holds, if it can be decoded here.

    Parameters
    ----------
    rows
        A table that `describe` has described.
    known
        The newest version of each kind.
    path
        The file, for messages.

    Returns
    -------
    tuple
        The kind and the version.

    Raises
    ------
    FormatVersionError
        If it is of a newer version.
    UndecodableError
        If it is of another kind, or does not say of which.
    """
    name = f"table {rows.header.get('EXTNAME', '')!r}"
    kind, version = rows.header.get(TYPE_CARD), rows.header.get(VERSION_CARD)
    if not isinstance(kind, str):
        reason = f"{name} does not say what it holds: it has no card {TYPE_CARD}"
        raise UndecodableError(path, reason)
    if kind not in known:
        reason = f"{name} holds a {kind!r}; known here are {', '.join(sorted(known))}"
        raise UndecodableError(path, reason)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        reason = f"{name}: {VERSION_CARD} = {version!r} is not a version"
        raise UndecodableError(path, reason)
    if version > known[kind]:
        reason = (
            f"{name} holds a {kind!r} of version {version}, newer than {known[kind]}, the last "
            "that is read here: update skybutler"
        )
        raise FormatVersionError(path, reason)
    return kind, version


@contextmanager
def blaming_file(path: str, verdict: str) -> Iterator[None]:
    """Turn what wrong values and missing columns lead to into an error of the file.

    Raises
    ------
    FitsFileError
        With the verdict and the reason, if the block raises. Errors of files stay as they are.
    """
    try:
        yield
    except DataFileError:
        raise
    except (ImagingError, ValueError, TypeError, LookupError) as error:
        raise FitsFileError(path, f"{verdict} ({error})") from error


@contextmanager
def decoding(rows: Rows, kind: str, path: str, what: str, version: int = 1) -> Iterator[None]:
    """Check what a table holds, and name the file if no object can be made of it.

    Parameters
    ----------
    rows, path
        As for `check_kind`.
    kind, version
        What it has to hold, and the newest version of that.
    what
        The same in words, for messages.

    Raises
    ------
    FitsFileError
        As by `blaming_file`.
    FormatVersionError, UndecodableError
        As by `check_kind`.
    """
    check_kind(rows, {kind: version}, path)
    with blaming_file(path, f"its {what} is damaged"):
        yield
