"""What a catalog can be made into, and from: tables of other libraries, and files."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from imaging.table import arrow, conversions, files
from imaging.table.attachments import Attachments
from imaging.table.gen2_names import ExchangeNames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from astropy.table import Table
    from numpy.typing import ArrayLike
    from pandas import DataFrame

    from imaging.table.content import TableContent
    from imaging.table.schemas.schema import Schema

__all__ = ["Exchange"]


class Exchange(ExchangeNames):
    """Reading, writing and converting of catalogs."""

    __slots__ = ()

    kind: ClassVar[str] = "BASE"
    """What the LSST stack calls such a catalog in files."""

    @property
    @abstractmethod
    def content(self) -> TableContent:
        """The rows and what belongs to them: views if the records are neighbours in memory."""

    @classmethod
    @abstractmethod
    def of_content(cls, content: TableContent) -> Self:
        """Return a catalog of given rows, which are not copied."""

    @classmethod
    @abstractmethod
    def required_fields(cls) -> tuple[str, ...]:
        """Return the names of the fields that all such catalogs have."""

    def to_astropy(
        self,
        *,
        copy: bool = False,
        kind: type[Table] | None = None,
        unviewable: Literal["copy", "raise", "skip"] = "copy",
    ) -> Table:
        """Return a table of astropy with units and descriptions.

        Parameters
        ----------
        copy
            Whether all columns are copies. Otherwise changing one changes the
            catalog, except for flags (booleans there) and texts.
        kind
            The class of the table: `astropy.table.Table` or one derived from it.
        unviewable
            What is done with flags and texts, of which there are no views:
            they are copied, or left out, or an error is raised.

        Raises
        ------
        ParameterValueError
            If ``unviewable`` is something else, or "raise" and there are such fields.
        """
        return conversions.to_astropy(self.content, copy=copy, kind=kind, unviewable=unviewable)

    def to_pandas(self) -> DataFrame:
        """Return a data frame; a field of arrays becomes a column for each element.

        Raises
        ------
        MissingLibraryError
            If pandas is not installed.
        """
        return conversions.to_pandas(self.content)

    def to_arrow(self) -> pa.Table:
        """Return a table of Arrow.

        Raises
        ------
        MissingLibraryError
            If pyarrow is not installed.
        """
        return arrow.to_arrow(self.content)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike], schema: Schema | None = None) -> Self:
        """Return a catalog of columns, which are copied.

        Parameters
        ----------
        arrays
            Values by name.
        schema
            The fields; by default those that fit the arrays.

        Raises
        ------
        ParameterValueError
            If the columns do not have one length, or a value does not fit.
        SchemaError
            If there is no type of fields for an array.
        """
        return cls.of_content(conversions.from_arrays(arrays, schema))

    @classmethod
    def from_astropy(cls, table: Table, schema: Schema | None = None) -> Self:
        """Return a catalog of the columns of a table, which are copied.

        Parameters
        ----------
        table
            Of astropy. Masked floating-point values become NaN.
        schema
            The fields; by default those that fit the columns. Radians in 64
            bits are then of type ``Angle``.

        Raises
        ------
        SchemaError
            If there is no type of fields for a column, or it has masked values.
        """
        return cls.of_content(conversions.from_astropy(table, schema))

    def write_fits(self, path: str) -> None:
        """Write a FITS file with all columns, aliases, metadata and footprints.

        Parameters
        ----------
        path
            The file; one that exists is replaced by the whole of it, or not at all.

        Raises
        ------
        FitsFileError
            If it cannot be written.
        """
        files.write_content(self.content, path, self.kind)

    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        columns: Sequence[str] | None = None,
        hdu: int | str | None = None,
        footprints: bool = True,
    ) -> Self:
        """Read a catalog from a FITS file.

        Parameters
        ----------
        path
            One that `write_fits` or the LSST stack wrote, or any with a binary table.
        columns
            Names or aliases of the fields to read; by default all.
        hdu
            Number or EXTNAME; by default the first table.
        footprints
            Whether records have their footprints.

        Returns
        -------
        Self
            Owning its memory. Footprints are read from the file when the
            first is asked for.

        Raises
        ------
        ColumnNotFoundError
            If there is no such field.
        FitsFileError
            If the file cannot be read, is not complete, or its table lacks
            fields that such a catalog needs.
        """
        content = files.read_content(
            path, columns=columns, hdu=hdu, required=cls.required_fields(), kind=cls.kind
        )
        if not footprints:
            content = replace(content, attachments=Attachments(), numbers=content.numbers[:0])
        return cls.of_content(content)

    def write_parquet(self, path: str) -> None:
        """Write the columns to a Parquet file; footprints are not kept there.

        Parameters
        ----------
        path
            The file; one that exists is replaced by the whole of it, or not at all.

        Raises
        ------
        FitsFileError
            If it cannot be written.
        MissingLibraryError
            If pyarrow is not installed.
        """
        arrow.write_parquet(self.content, path)

    @classmethod
    def read_parquet(cls, path: str, *, columns: Sequence[str] | None = None) -> Self:
        """Read the columns of a Parquet file.

        Parameters
        ----------
        path
            One that `write_parquet` wrote, or another.
        columns
            Names or aliases of the fields to read; by default all.

        Raises
        ------
        ColumnNotFoundError
            If there is no such field.
        FitsFileError
            If it cannot be read.
        MissingLibraryError
            If pyarrow is not installed.
        """
        return cls.of_content(arrow.read_parquet(path, columns))
