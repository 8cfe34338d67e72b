"""How the fields of one schema become those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import SchemaError
from imaging.table.schemas.gen2_names import SchemaMapperNames
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from imaging.table.schemas.fields import Field, Key

__all__ = ["SchemaMapper", "mapping_between"]


class SchemaMapper(SchemaMapperNames):
    """Which fields are copied when records go from one table to another.

    Parameters
    ----------
    input_schema
        The fields of the records that are copied.
    output_schema
        Fields that the others have already; by default none.
    """

    __slots__ = ("_input", "_output", "_pairs")

    def __init__(self, input_schema: Schema, output_schema: Schema | None = None) -> None:
        self._input = input_schema.copy()
        self._output = Schema() if output_schema is None else output_schema.copy()
        self._pairs: dict[str, str] = {}

    @property
    def input_schema(self) -> Schema:
        """The fields of the records that are copied."""
        return self._input

    @property
    def output_schema(self) -> Schema:
        """The fields of the records that are made, to which more can be added."""
        return self._output

    def add_minimal_schema(self, minimal: Schema, *, do_map: bool = True) -> None:
        """Add the fields of a minimal schema to the output, and copy those that the input has."""
        for entry in minimal:
            if entry.field.name not in self._output.names:
                self._output.add_field(entry.field)
            if do_map and entry.key in self._input:
                self._pairs[entry.field.name] = entry.field.name

    def add_output_field(self, field: Field) -> Key[np.generic]:
        """Add a field that is not copied."""
        return self._output.add_field(field)

    def add_mapping(
        self, source: str | Key[np.generic], name: str | None = None, *, replace: bool = False
    ) -> Key[np.generic]:
        """Copy a field.

        Parameters
        ----------
        source
            A field of the input.
        name
            What it is called in the output, by default the same; it is added
            if it is not there.
        replace
            Whether one of that name may be there with another type.

        Returns
        -------
        Key
            The handle in the output.

        Raises
        ------
        FieldNotFoundError
            If the input has no such field.
        SchemaError
            If the output has one of that name and another type.
        """
        field = self._input.find(source).field
        target = field if name is None else field.renamed(name)
        if target.key not in self._output:
            self._output.add_field(target, replace=replace)
        self._pairs[target.name] = field.name
        return target.key

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the names in the input and in the output of what is copied."""
        return ((source, target) for target, source in self._pairs.items())


def mapping_between(source: Schema, target: Schema) -> SchemaMapper:
    """Return a mapper between schemas of the same fields.

    Raises
    ------
    SchemaError
        If one has a field that the other lacks.
    """
    different = {entry.field.name for entry in source if entry.key not in target}
    different |= {entry.field.name for entry in target if entry.key not in source}
    if different:
        names = ", ".join(map(repr, sorted(different)))
        message = (
            f"The records have other fields than the table: {names} differ. Give a SchemaMapper, "
            "which says what to copy."
        )
        raise SchemaError(message)
    mapper = SchemaMapper(source, target)
    for entry in source:
        mapper.add_mapping(entry.key)
    return mapper
