"""Columns of a table become rows of a reference catalog."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import ColumnNotFoundError, ReferenceCatalogError
from imaging.reference.column_map import ROLES, ColumnSource
from imaging.reference.epochs import mjd_of_epoch
from imaging.reference.star_motion import FastestStars
from imaging.reference.units import (
    epoch_format,
    epochs_in_mjd,
    fluxes_of_magnitudes,
    numbers,
    require_magnitudes,
    unit_factor,
)
from imaging.table.content import TableContent, content_of_columns
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from imaging.reference.column_map import Brightness, ColumnMap
    from imaging.reference.input_table import Chunk, InputTable

__all__ = ["RowMaker", "reference_schema"]

_LONGEST_TEXT: Final = 64
_LARGEST_EXACT: Final = 2.0**53
_MOTION: Final = ("pm_ra", "pm_dec", "pm_ra_err", "pm_dec_err")
_PARALLAX: Final = ("parallax", "parallax_err")
_PER_MAGNITUDE: Final = 0.4 * math.log(10)


def reference_schema(columns: ColumnMap, sample: Chunk, *, has_types: bool) -> Schema:
    """Return the fields of a reference catalog, called as in those of the LSST stack.

    Parameters
    ----------
    columns
        Which columns become what.
    sample
        Some rows of them.
    has_types
        Whether integers are known to be integers in all rows.

    Raises
    ------
    ReferenceCatalogError
        If a column that is kept has a name that is taken.
    """
    roles = [role for word, role in ROLES.items() if word in columns.roles or word == "id"]
    with_errors = [one.name for one in columns.brightnesses if one.error is not None]
    fields = [
        *(Field(role.field, role.kind, role.doc, role.unit) for role in roles),
        *(
            Field(f"{one.name}_flux", "D", f"flux in {one.name}", "nJy")
            for one in columns.brightnesses
        ),
        *(Field(f"{name}_fluxErr", "D", f"flux error in {name}", "nJy") for name in with_errors),
    ]
    fields += [_kept(name, sample[name], has_types=has_types) for name in columns.keep]
    if set(_MOTION) & columns.roles.keys():
        fields.append(Field("pm_flag", "Flag", "set if the proper motion or its error is bad"))
    if set(_PARALLAX) & columns.roles.keys():
        fields.append(Field("parallax_flag", "Flag", "set if the parallax or its error is bad"))
    names = [field.name for field in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReferenceCatalogError(f"Fields of these names are there twice: {', '.join(twice)}.")
    return Schema(fields)


def _kept(name: str, values: NDArray[np.generic], *, has_types: bool) -> Field:
    kind = values.dtype.kind
    if kind in "iu":
        return Field(name, "L" if has_types else "D")
    if kind == "f":
        return Field(name, "F" if values.dtype.itemsize <= 4 else "D")  # noqa: PLR2004 - bytes of a single
    if kind == "b":
        return Field(name, "Flag")
    if kind in "SU":
        size = values.dtype.itemsize if kind == "S" else _LONGEST_TEXT
        return Field(name, "String", size=max(size, 1))
    raise ReferenceCatalogError(f"{name} holds {values.dtype}, which no catalog keeps.")


class RowMaker:
    """Makes rows of chunks of one table.

    Parameters
    ----------
    table
        The table.
    columns
        Which of its columns become what.
    schema
        The fields.
    sample
        Some rows of the table.

    Raises
    ------
    ColumnNotFoundError
        If the table lacks a column.
    ReferenceCatalogError
        If a column has no unit, or one of something else.

    Attributes
    ----------
    wanted : tuple of str
        The columns that it needs.
    notes : list of str
        What was taken for granted.
    left_out : int
        How many rows had no position.
    fastest : FastestStars or None
        What bounds the motion of the stars so far.
    """

    def __init__(
        self, table: InputTable, columns: ColumnMap, schema: Schema, sample: Chunk
    ) -> None:
        self.wanted = self.wanted_of(table, columns)
        self.notes: list[str] = []
        self.left_out = 0
        self.fastest: FastestStars | None = None
        self._table, self._columns, self._schema = table, columns, schema
        self._factors = dict(self._role_factors())
        self._fluxes = {one.name: self._flux_factors(one) for one in columns.brightnesses}
        self._epoch = self._epoch_format(sample)

    def _unit(self, source: ColumnSource) -> str:
        return source.unit or self._table.units.get(source.column, "")

    def _role_factors(self) -> Iterator[tuple[str, float]]:
        for word, source in self._columns.roles.items():
            target = ROLES[word].unit
            if word in {"id", "epoch"}:
                continue
            unit = self._unit(source)
            if not unit and word in {"ra", "dec"}:
                unit = "deg"
                self.notes.append(f"{source.column} has no unit: it is taken as degrees.")
            if not unit:
                raise self._without_unit(source.column, target)
            if unit == "rad" and target == "rad/yr":  # as the LSST stack spells it
                unit = target
            yield word, unit_factor(unit, target, source.column)

    def _without_unit(self, column: str, target: str) -> ReferenceCatalogError:
        example = {"rad": "mas", "rad/yr": "mas/yr"}.get(target, target)
        return ReferenceCatalogError(
            f"{self._table.path}: {column} has no unit. Write it behind the column: "
            f"'{column}[{example}]'."
        )

    def _flux_factors(self, one: Brightness) -> tuple[float, float]:
        if one.is_magnitude:
            for source in filter(None, (one.source, one.error)):
                require_magnitudes(self._unit(source), source.column)
            return 1.0, 1.0
        found = []
        for source in (one.source, one.error or one.source):
            unit = self._unit(source) or self._unit(one.source)
            if not unit:
                raise self._without_unit(source.column, "nJy")
            found.append(unit_factor(unit, "nJy", source.column))
        return found[0], found[1]

    def _epoch_format(self, sample: Chunk) -> str:
        source = self._columns.roles.get("epoch")
        if source is None or source.column not in sample:
            return ""
        values = np.ma.compressed(np.ma.asarray(sample[source.column]))
        first = values[0] if len(values) else 0.0
        text = first.decode() if isinstance(first, bytes) else first
        form, note = epoch_format(self._unit(source), text, source.column)
        if note:
            self.notes.append(note)
        return form

    @staticmethod
    def wanted_of(table: InputTable, columns: ColumnMap) -> tuple[str, ...]:
        """Return the columns of a table that are needed.

        Raises
        ------
        ColumnNotFoundError
            If it lacks one.
        """
        wanted = _wanted(columns, table.names)
        missing = [name for name in wanted if name not in table.names]
        if missing:
            raise ColumnNotFoundError(missing, table.names, table.path)
        return wanted

    def rows(self, chunk: Chunk, first_id: int) -> TableContent:
        """Return rows of a catalog.

        Parameters
        ----------
        chunk
            Values of the columns.
        first_id
            Number of the first row, for catalogs without numbers of their own.

        Raises
        ------
        ReferenceCatalogError
            If a value cannot be used.
        """
        count = len(next(iter(chunk.values())))
        values: dict[str, NDArray[np.generic]] = {}
        for word, factor in self._factors.items():
            column = self._columns.roles[word].column
            values[ROLES[word].field] = self._numbers(chunk, column) * factor
        ra, dec = values["coord_ra"], values["coord_dec"]
        inside = np.isfinite(ra) & (np.abs(dec) <= math.pi / 2)
        self.left_out += count - int(inside.sum())
        values["coord_ra"] = _wrapped(ra)
        values["id"] = self._identifiers(chunk, first_id, count)
        if "epoch" in self._columns.roles:
            values["epoch"] = self._epochs(chunk, count)
        self._add_fluxes(values, chunk)
        for name in self._columns.keep:
            values[name] = self._kept(chunk, name)
        self._add_flags(values)
        chosen = {name: column[inside] for name, column in values.items()}
        self._watch(chosen)
        return content_of_columns(self._schema, chosen, int(inside.sum()))

    def _numbers(self, chunk: Chunk, column: str) -> NDArray[np.float64]:
        return numbers(chunk[column], column, self._columns.missing)

    def _identifiers(self, chunk: Chunk, first_id: int, count: int) -> NDArray[np.int64]:
        source = self._columns.roles.get("id")
        if source is None:
            return np.arange(first_id, first_id + count, dtype=np.int64)
        given = chunk[source.column]
        if np.ma.getmaskarray(given).any():
            raise ReferenceCatalogError(f"{source.column} has rows without a number.")
        values = np.ma.getdata(given)
        if values.dtype.kind == "f":
            is_exact = np.abs(values) <= _LARGEST_EXACT
            if not (is_exact & (values == np.trunc(values))).all():
                raise ReferenceCatalogError(f"{source.column} holds numbers that are not whole.")
        elif values.dtype.kind not in "iu" or _is_too_large(values):
            raise ReferenceCatalogError(
                f"{source.column} holds no integers of 64 bits. Leave out --id to number the rows."
            )
        return values.astype(np.int64)

    def _epochs(self, chunk: Chunk, count: int) -> NDArray[np.float64]:
        source = self._columns.roles["epoch"]
        if source.column not in chunk:
            return np.full(count, mjd_of_epoch(_constant_epoch(source)))
        missing = self._columns.missing
        return epochs_in_mjd(chunk[source.column], self._epoch, source.column, missing)

    def _add_fluxes(self, values: dict[str, NDArray[np.generic]], chunk: Chunk) -> None:
        for one in self._columns.brightnesses:
            factor, error_factor = self._fluxes[one.name]
            flux = self._numbers(chunk, one.source.column)
            flux = fluxes_of_magnitudes(flux) if one.is_magnitude else flux * factor
            values[f"{one.name}_flux"] = flux
            if one.error is not None:
                error = self._numbers(chunk, one.error.column)
                values[f"{one.name}_fluxErr"] = (
                    flux * error * _PER_MAGNITUDE if one.is_magnitude else error * error_factor
                )

    def _kept(self, chunk: Chunk, name: str) -> NDArray[np.generic]:
        values = chunk[name]
        field = self._schema.find(name).field
        if field.type in {"D", "F"}:
            found = self._numbers(chunk, name)
            if values.dtype.kind in "iu" and (np.abs(found) > _LARGEST_EXACT).any():
                raise ReferenceCatalogError(
                    f"{name} holds integers that are too large to be kept from a text file."
                )
            return found
        if np.ma.getmaskarray(values).any():
            if field.type not in {"String", "Flag"}:
                raise ReferenceCatalogError(f"{name} has rows without a value: it cannot be kept.")
            return np.ma.filled(np.ma.asarray(values), "" if field.type == "String" else False)
        return np.ma.getdata(values)

    def _add_flags(self, values: dict[str, NDArray[np.generic]]) -> None:
        for flag, words in (("pm_flag", _MOTION), ("parallax_flag", _PARALLAX)):
            fields = [ROLES[word].field for word in words if word in self._columns.roles]
            if fields:
                values[flag] = ~np.all([np.isfinite(values[name]) for name in fields], axis=0)

    def _watch(self, values: Mapping[str, NDArray[np.generic]]) -> None:
        """Remember the fastest star, the largest parallax, and the range of epochs."""
        if not len(values["id"]):
            return
        found = FastestStars(
            _largest(np.hypot(values.get("pm_ra", 0.0), values.get("pm_dec", 0.0))),
            _largest(np.abs(values.get("parallax", 0.0))),
            *_range(values.get("epoch")),
        )
        self.fastest = found if self.fastest is None else self.fastest.joined(found)


def _wanted(columns: ColumnMap, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that are needed; of an epoch that is a constant there is none."""
    found = [
        source.column
        for word, source in columns.roles.items()
        if word != "epoch" or source.column in names or not _is_constant(source)
    ]
    for one in columns.brightnesses:
        found += [source.column for source in (one.source, one.error) if source is not None]
    return tuple(dict.fromkeys([*found, *columns.keep]))


def _is_constant(source: ColumnSource) -> bool:
    try:
        mjd_of_epoch(_constant_epoch(source))
    except ValueError:
        return False
    return True


def _constant_epoch(source: ColumnSource) -> str | float:
    """Return the epoch that stands where a column could."""
    text = source.column
    try:
        number = float(text)
    except ValueError:
        return text
    form, _ = epoch_format(source.unit, number, "epoch")
    return float(epochs_in_mjd(np.array([number]), form, "epoch", None)[0])


def _is_too_large(values: NDArray[np.generic]) -> bool:
    return bool(values.size) and int(values.max()) > np.iinfo(np.int64).max


def _wrapped(ra: NDArray[np.generic]) -> NDArray[np.float64]:
    turned = np.asarray(ra, np.float64) % (2 * np.pi)
    return np.where(turned >= 2 * np.pi, 0.0, turned)


def _largest(values: NDArray[np.float64]) -> float:
    known = np.asarray(values)[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def _range(epochs: NDArray[np.generic] | None) -> tuple[float, float]:
    usual = FastestStars()
    known = np.zeros(0) if epochs is None else np.asarray(epochs, np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return usual.latest, usual.earliest  # no range, which leaves any other as it is
    return float(known.min()), float(known.max())
