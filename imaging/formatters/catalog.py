"""Catalogs in a data butler."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from imaging.formatters.parameters import FITS_EXTENSIONS, hdu_parameter, refuse_component
from imaging.formatters.table import TableFormatter
from imaging.table.read_flags import NO_FOOTPRINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.table import Table

    from imaging.fits.metadata import Metadata
    from imaging.table.catalog import BaseCatalog
    from imaging.table.record import BaseRecord, SimpleRecord
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SimpleCatalog, SourceCatalog

    AnyCatalog: TypeAlias = SourceCatalog | SimpleCatalog[SimpleRecord] | BaseCatalog[BaseRecord]

__all__ = ["CatalogFormatter"]


class CatalogFormatter:
    """`imaging.table.source_catalog.SourceCatalog` and its like in FITS files.

    What is put comes back as what it was: a catalog with its schema and its
    footprints, or a table of astropy. A file tells which it is by the cards
    that the LSST stack and this package write about a catalog; a table of any
    other program is one of astropy.
    """

    extensions = FITS_EXTENSIONS
    components = frozenset({"len", "metadata", "schema"})
    read_parameters = frozenset({"columns", "flags", "hdu"})
    write_parameters: frozenset[str] = frozenset()

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> AnyCatalog | Schema | Table | Metadata | int:
        """Return the catalog, some of its fields, its header, length or schema.

        Parameters
        ----------
        path
            The file.
        component
            ``len`` (number of records), ``metadata`` (header cards) or
            ``schema`` (of a table of astropy: one without rows): nothing but
            headers is read.
        parameters
            ``columns`` (names or aliases), ``hdu`` (number or EXTNAME);
            ``flags``, of which 1 leaves footprints out and 2, by which Gen2
            left out their pixels, is of no effect: footprints are read when
            the first is asked for.

        Raises
        ------
        ColumnNotFoundError
            If a field does not exist.
        FitsFileError
            If the file cannot be read.
        """
        refuse_component(None if component in self.components else component, self.components)
        hdu = hdu_parameter(parameters)
        known = {name: value for name, value in parameters.items() if name != "flags"}
        if not _is_catalog(path, hdu):
            return TableFormatter().read(path, component, **known)
        from imaging.table import files
        from imaging.table.source_catalog import read_catalog

        if component == "len":
            return files.read_length(path, hdu=hdu)
        if component == "metadata":
            return files.read_metadata_of(path, hdu=hdu)
        if component == "schema":
            return files.read_schema(path, hdu=hdu)
        columns = cast("Sequence[str] | None", parameters.get("columns"))
        footprints = not cast("int", parameters.get("flags") or 0) & NO_FOOTPRINTS
        return read_catalog(path, columns=columns, hdu=hdu, footprints=footprints)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write a catalog or a table.

        Parameters
        ----------
        obj
            A catalog with its footprints; or a table of astropy, a structured
            array of numpy or a DataFrame of pandas.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is neither.
        """
        from imaging.table.catalog import BaseCatalog

        if isinstance(obj, BaseCatalog):
            obj.write_fits(path)
        else:
            TableFormatter().write(obj, path, **parameters)


def _is_catalog(path: str, hdu: int | str | None) -> bool:
    """Tell whether the header of a table has what makes it a catalog."""
    from imaging.fits.hdus import find_hdu
    from imaging.fits.source import open_source

    with open_source(path) as source:
        header = find_hdu(source, hdu, "table")[1].header
    return any(name in header for name in ("AFW_TABLE_VERSION", "AFW_TYPE", "TCCLS1"))
