"""Aperture corrections: the factor of each kind of flux as a function of the position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.exposure.bounded_field import BoundedField, pack_fields, unpack_fields
from imaging.fits.persisted import decoding, describe
from imaging.fits.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ApertureCorrections"]

_KIND = "ApertureCorrections"


class ApertureCorrections(MutableMapping[str, BoundedField]):
    """Names of flux fields, each with the field that its values are to be multiplied with.

    Parameters
    ----------
    fields
        Where to begin. For a measurement ``base_PsfFlux`` there are commonly
        ``base_PsfFlux_instFlux`` and ``base_PsfFlux_instFluxErr``.

    Raises
    ------
    ParameterTypeError
        If a name is no text, or a value is no field.
    """

    __slots__ = ("_fields",)
    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __init__(
        self, fields: Mapping[str, BoundedField] | Iterable[tuple[str, BoundedField]] = ()
    ) -> None:
        self._fields: dict[str, BoundedField] = {}
        self.update(fields)

    def __getitem__(self, name: str) -> BoundedField:
        return self._fields[name]

    def __setitem__(self, name: str, field: BoundedField) -> None:
        if not isinstance(name, str) or not isinstance(field, BoundedField):
            message = f"A name and a field are needed, not {name!r} and {field!r}."
            raise ParameterTypeError(message)
        if not name or name != name.strip(" \0"):
            message = f"{name!r} cannot be the name of an aperture correction."
            raise ParameterValueError(message)
        self._fields[name] = field

    def __delitem__(self, name: str) -> None:
        del self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def copy(self) -> ApertureCorrections:
        """Return an equal mapping that changes by itself; the fields cannot be changed."""
        return ApertureCorrections(self._fields)

    def scale(self, factor: float) -> None:
        """Multiply all fields in place."""
        self._fields = {name: field * factor for name, field in self._fields.items()}

    def to_rows(self) -> Rows:
        """Return the fields as a table: one row for each factor of a field."""
        return describe(Rows(pack_fields(list(self._fields.items()))), _KIND, 1)

    @classmethod
    def from_rows(cls, rows: Rows, path: str = "table") -> ApertureCorrections:
        """Return what `to_rows` wrote; see `imaging.fits.persisted.decoding`."""
        with decoding(rows, _KIND, path, "table of aperture corrections"):
            return cls(unpack_fields(rows.array, path))

    def __repr__(self) -> str:
        return f"<ApertureCorrections: {', '.join(self._fields) or 'none'}>"
