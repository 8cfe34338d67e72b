"""Tables in Parquet files, in a data butler; needs pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import (
    ColumnNotFoundError,
    MissingLibraryError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.formatters.parameters import refuse_component

if TYPE_CHECKING:
    from types import ModuleType

    from astropy.table import Table

    from imaging.table.source_catalog import SourceCatalog

__all__ = ["ParquetFormatter"]

_CATALOG = b"skybutler.catalog"
"""Key of the schema of a catalog in the metadata of a file; see `imaging.table.arrow`."""


class ParquetFormatter:
    """A catalog or a table of astropy in a Parquet file; data frames of pandas are written too."""

    extensions = (".parq", ".parquet")
    components = frozenset({"len", "schema"})
    read_parameters = frozenset({"columns"})
    write_parameters: frozenset[str] = frozenset()

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Table | SourceCatalog | int | object:
        """Return the table, the number of its rows, or its schema.

        Parameters
        ----------
        path
            The file. What was put as a catalog is a `SourceCatalog` again,
            without footprints; any other file is a table of astropy.
        component
            ``len``; or ``schema``, that of the catalog or a table without rows.
        parameters
            ``columns``, a list of names.

        Raises
        ------
        ColumnNotFoundError
            If a column does not exist.
        MissingLibraryError
            If pyarrow is not installed.
        ParameterTypeError, ParameterValueError
            If ``columns`` is no list, or an empty one.
        """
        refuse_component(None if component in self.components else component, self.components)
        with _require_parquet().ParquetFile(path) as file:
            stored, count = file.schema_arrow, int(file.metadata.num_rows)
        if component == "len":
            return count
        names = _checked_columns(parameters.get("columns"))
        if _CATALOG in (stored.metadata or {}):
            from imaging.table.source_catalog import SourceCatalog

            catalog = SourceCatalog.read_parquet(path, columns=names)
            return catalog.schema if component == "schema" else catalog
        from astropy.table import Table

        if component == "schema":
            empty = stored.empty_table()
            return Table({name: empty[name].to_numpy() for name in empty.column_names})
        missing = [name for name in names or () if name not in stored.names]
        if missing:
            raise ColumnNotFoundError(missing, stored.names, path)
        return Table.read(path, format="parquet", include_names=names)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write a catalog or a table.

        Parameters
        ----------
        obj
            A catalog, whose footprints are left out; a table of astropy; or a
            DataFrame of pandas.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        MissingLibraryError
            If pyarrow is not installed.
        ParameterTypeError
            If it is no table.
        """
        del parameters
        _require_parquet()
        from imaging.table.catalog import BaseCatalog

        if isinstance(obj, BaseCatalog):
            obj.write_parquet(path)
        else:
            _as_table(obj).write(path, format="parquet")


def _require_parquet() -> ModuleType:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingLibraryError("pyarrow", "parquet") from error
    module: ModuleType = pyarrow.parquet
    return module


def _checked_columns(columns: object) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not hasattr(columns, "__iter__"):
        raise ParameterTypeError(f"columns= takes a list of names, not {columns!r}.")
    names = [str(name) for name in columns]
    if not names:
        raise ParameterValueError("columns=[] names no column. Leave it out to read all of them.")
    return names


def _as_table(obj: object) -> Table:
    from astropy.table import Table

    if isinstance(obj, Table):
        return obj
    if type(obj).__module__.split(".")[0] == "pandas" and hasattr(obj, "columns"):
        return Table.from_pandas(obj)
    raise ParameterTypeError(f"A table is wanted, not {type(obj).__qualname__}.")
