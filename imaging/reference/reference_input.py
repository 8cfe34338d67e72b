"""Files of which a reference catalog is made, as the rows that it will have."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ColumnNotFoundError, ReferenceCatalogError
from imaging.fits.metadata import Metadata
from imaging.reference.input_table import open_table
from imaging.reference.known_catalogs import guess_columns
from imaging.reference.row_maker import RowMaker, reference_schema
from imaging.reference.shard_rows import FORMAT_CARD
from imaging.reference.star_motion import FastestStars
from imaging.table.content import TableContent
from imaging.table.source_catalog import SimpleCatalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from imaging.reference.column_map import ColumnMap
    from imaging.reference.input_table import Chunk, InputTable

__all__ = ["ReferenceInput"]

_FORMAT_VERSION = 1


class ReferenceInput:
    """Tables that are to be one reference catalog.

    Parameters
    ----------
    files
        Their paths, at least one. All have the columns of the first.
    given
        Which columns are what, as far as the user says it.

    Raises
    ------
    ColumnNotFoundError
        If a column is not there.
    DataFileError
        If a file cannot be read.
    ReferenceCatalogError
        If it is not clear which columns are what, or in which units, or a file
        is named twice.

    Attributes
    ----------
    notes : list of str
        What was taken for granted, for the user to check.
    """

    def __init__(self, files: Sequence[str], given: ColumnMap) -> None:
        if not files:
            raise ReferenceCatalogError("There are no files to make a reference catalog of.")
        self.files = tuple(files)
        _refuse_twice(self.files)
        first = open_table(files[0])
        guessed, self.notes = guess_columns(first.names, given, lambda name: _first(first, name))
        self.columns = given.over(guessed)
        self.columns.check()
        for word in ("ra", "dec"):
            if word not in self.columns.roles:
                raise ReferenceCatalogError(
                    f"{files[0]}: which column is {word}? Say it: --{word} 'NAME[deg]'. Its "
                    f"columns are: {', '.join(first.names)}."
                )
        self._left_out = 0
        self._fastest: FastestStars | None = None
        sample = self._sample(first)
        self._schema = reference_schema(self.columns, sample, has_types=first.has_types)
        self.notes += RowMaker(first, self.columns, self._schema, sample).notes
        if "id" not in self.columns.roles:
            self.notes.append("No column of identifiers is known: rows are numbered from 1.")
        content = SimpleCatalog(self._schema).content
        self._bits, self._metadata = content.bits, Metadata({FORMAT_CARD: _FORMAT_VERSION})

    @property
    def mapping(self) -> str:
        """Which columns are what, as a text that is the same for the same catalog."""
        return self.columns.describe()

    @property
    def format_version(self) -> int:
        """Of the pieces: 1, fluxes in nJy."""
        return _FORMAT_VERSION

    @property
    def left_out(self) -> int:
        """How many rows had no position, of those that were read."""
        return self._left_out

    def _sample(self, table: InputTable) -> Chunk:
        wanted = RowMaker.wanted_of(table, self.columns)
        return next(table.iter_chunks(wanted), {name: np.zeros(0) for name in wanted})

    def iter_rows(self) -> Iterator[NDArray[np.void]]:
        """Yield the rows of the catalog, some thousands at a time, in the order of the files.

        Raises
        ------
        ColumnNotFoundError, DataFileError, ReferenceCatalogError
            As for the class.
        """
        self._left_out, self._fastest = 0, None
        count = 0
        for path in self.files:
            table = open_table(path)
            maker = RowMaker(table, self.columns, self._schema, self._sample(table))
            for chunk in table.iter_chunks(maker.wanted):
                rows = maker.rows(chunk, count + 1)
                count += len(next(iter(chunk.values())))
                yield rows.array
            self._left_out += maker.left_out
            if maker.fastest is not None:
                before = self._fastest or maker.fastest
                self._fastest = before.joined(maker.fastest)

    def write_piece(self, rows: NDArray[np.void], path: str) -> None:
        """Write rows to a new file.

        Parameters
        ----------
        rows
            From `iter_rows`.
        path
            The file.
        """
        self._catalog(rows, self._metadata).write_fits(path)

    def write_schema(self, path: str, cards: Mapping[str, str | int]) -> None:
        """Write a table without rows, whose header says what is known of all of them.

        Parameters
        ----------
        path
            The file.
        cards
            What else its header shall say.
        """
        fastest = FastestStars() if self._fastest is None else self._fastest
        metadata = Metadata({FORMAT_CARD: _FORMAT_VERSION, **fastest.to_cards(), **cards})
        metadata.set("RCCOLUMN", json.dumps(self.mapping)[1:-1])
        empty = np.zeros(0, SimpleCatalog(self._schema).content.array.dtype)
        self._catalog(empty, metadata).write_fits(path)

    def _catalog(self, rows: NDArray[np.void], metadata: Metadata) -> SimpleCatalog:  # type: ignore[type-arg]
        return SimpleCatalog.of_content(TableContent(self._schema, rows, self._bits, metadata))


def _first(table: InputTable, name: str) -> object:
    """Return the first value of a column, None if there is none."""
    if name not in table.names:
        raise ColumnNotFoundError([name], table.names, table.path)
    chunk = next(table.iter_chunks([name]), None)
    values = None if chunk is None else np.ma.compressed(np.ma.asarray(chunk[name]))
    return None if values is None or not len(values) else values[0].item()


def _refuse_twice(files: Sequence[str]) -> None:
    """Refuse a file that is named more than once: all its stars would be there twice."""
    seen: dict[str, str] = {}
    for name in files:
        place = os.path.realpath(name)
        if place in seen:
            raise ReferenceCatalogError(f"{name} is named twice, first as {seen[place]}.")
        seen[place] = name
