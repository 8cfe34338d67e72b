"""Tables in Parquet files, as astropy tables; needs pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.errors import FormatterError, MissingDependencyError, ParameterError, suggest

if TYPE_CHECKING:
    from types import ModuleType

    from astropy.table import Table

__all__ = ["ParquetFormatter"]


def _require_parquet() -> ModuleType:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingDependencyError("pyarrow", "parquet", "Reading and writing Parquet") from error
    module: ModuleType = pyarrow.parquet
    return module


class ParquetFormatter:
    """An astropy table in a Parquet file; pandas data frames are written too."""

    extensions = (".parq", ".parquet")
    components = frozenset({"len", "schema"})
    read_parameters = frozenset({"columns"})
    write_parameters: frozenset[str] = frozenset()

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Return the table, the number of its rows (``len``) or its empty copy (``schema``)."""
        parquet = _require_parquet()
        from astropy.table import Table

        file = parquet.ParquetFile(path)
        if component == "len":
            return int(file.metadata.num_rows)
        names = _checked_columns(parameters.get("columns"), file.schema_arrow.names)
        if component == "schema":
            empty = file.schema_arrow.empty_table()
            return Table({n: empty[n].to_numpy() for n in empty.column_names})
        return Table.read(path, format="parquet", include_names=names)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write a table to a new file."""
        del parameters
        _require_parquet()
        _as_table(obj).write(path, format="parquet")


def _checked_columns(columns: object, known: list[str]) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not hasattr(columns, "__iter__"):
        raise ParameterError(f"columns= takes a list of names, not {columns!r}.")
    names = [str(name) for name in columns]
    if not names:
        raise ParameterError("columns=[] names no column. Leave it out to read all of them.")
    for name in names:
        if name not in known:
            raise ParameterError(f"There is no column {name!r}.{suggest(name, known)}")
    return names


def _as_table(obj: object) -> Table:
    from astropy.table import Table

    if isinstance(obj, Table):
        return obj
    if type(obj).__module__.split(".")[0] == "pandas" and hasattr(obj, "columns"):
        return Table.from_pandas(obj)
    raise FormatterError(f"A table is wanted, not {type(obj).__qualname__}.")
