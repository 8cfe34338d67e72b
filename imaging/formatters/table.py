"""Plain tables in a data butler."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from imaging.formatters.parameters import FITS_EXTENSIONS, hdu_parameter, refuse_component

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from astropy.table import Table
    from numpy.typing import NDArray

    from imaging.fits.metadata import Metadata

__all__ = ["TableFormatter"]


class TableFormatter:
    """`astropy.table.Table` in FITS files."""

    extensions = FITS_EXTENSIONS
    components = frozenset({"len", "metadata", "schema"})
    read_parameters = frozenset({"columns", "hdu"})
    write_parameters: frozenset[str] = frozenset()

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Table | Metadata | int:
        """Return the table, some of its columns, its header, length or schema.

        Parameters
        ----------
        path
            The file.
        component
            ``len`` (number of rows), ``metadata`` (the table's own header)
            or ``schema`` (the table without rows): nothing but headers is read.
        parameters
            ``columns`` (names), ``hdu`` (number or EXTNAME); see
            `imaging.fits.table.read_table`.

        Raises
        ------
        ColumnNotFoundError
            If a column does not exist.
        FitsFileError
            If the file cannot be read.
        """
        from imaging.fits import table as fits_table

        hdu = hdu_parameter(parameters)
        if component == "len":
            return fits_table.read_table_length(path, hdu=hdu)
        if component == "metadata":
            return fits_table.read_table_metadata(path, hdu=hdu)
        if component == "schema":
            return fits_table.read_table_schema(path, hdu=hdu)
        refuse_component(component, self.components)
        columns = cast("Sequence[str] | None", parameters.get("columns"))
        return fits_table.read_table(path, columns=columns, hdu=hdu)

    def write(self, obj: object, path: str, **parameters: object) -> None:  # noqa: ARG002 - the shape of a formatter
        """Write a table.

        Parameters
        ----------
        obj
            A table of astropy, a structured array of numpy or a DataFrame of pandas.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no table.
        """
        from imaging.fits.table import write_table

        write_table(cast("NDArray[np.void]", obj), path)
