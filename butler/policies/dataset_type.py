"""Dataset types: what kinds of data a camera has, where they lie and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.policies.template import Template

__all__ = ["CalibrationRule", "Category", "DatasetType", "Validity"]

Category: TypeAlias = Literal["raw", "dataset", "calibration", "computed"]
Validity: TypeAlias = Literal["days", "until_next"]


@dataclass(frozen=True, slots=True)
class CalibrationRule:
    """How the calibration for an observation is chosen.

    Attributes
    ----------
    table
        Table of Gen2's ``calibRegistry.sqlite3``. None: valid for ever, found
        by its template alone.
    match
        Keys that must be equal to those of the observation.
    date_key
        Key of the template that the choice yields.
    observation_columns
        What is taken from the observation, first of all its date.
    begin, end
        Columns of the validity range in Gen2's table.
    validity
        How a range follows from the date of the calibration: some ``days``
        before and after it, or from it ``until_next``.
    columns
        Key to the column of Gen2's table that holds it, where that has another
        name.
    """

    table: str | None
    match: tuple[str, ...] = ()
    date_key: str = "calibDate"
    observation_columns: tuple[str, ...] = ("taiObs",)
    begin: str = "validStart"
    end: str = "validEnd"
    validity: Validity = "days"
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    def column_of(self, key: str) -> str:
        """Return the column of Gen2's table that holds a key."""
        return self.columns.get(key, key)


@dataclass(frozen=True, slots=True)
class DatasetType:
    """One kind of data.

    Attributes
    ----------
    name
        Name, as in ``butler.get(name, ...)``.
    template
        Where its files lie. None: computed by the mapper, there is no file.
    storage_class
        Name of the formatter that reads and writes it.
    description
        One line for users.
    level
        What one dataset covers, as ``"ccd"`` or ``"tract"``.
    category
        Whether it is ingested, produced, a calibration or computed.
    recipe
        Name of a write recipe (compression).
    calibration
        How one is chosen; for calibrations only.
    embedded
        Folder of the repository that may hold it without being registered.
    composite
        Component name to the dataset type that holds it.
    gen2_python
        The class that Gen2 returned, for information.
    computed_from
        Keys that a computed dataset type needs.
    keys
        The keys that name one dataset, sorted; the order of its identity.
    key_set
        The same, as a set.
    """

    name: str
    template: Template | None
    storage_class: str
    description: str = ""
    level: str = ""
    category: Category = "dataset"
    recipe: str | None = None
    calibration: CalibrationRule | None = None
    embedded: str | None = None
    composite: Mapping[str, str] | None = field(default=None, hash=False)
    gen2_python: str | None = None
    computed_from: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(init=False, repr=False, compare=False)
    key_set: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = self.computed_from if self.template is None else self.template.keys
        object.__setattr__(self, "keys", tuple(sorted(named)))
        object.__setattr__(self, "key_set", frozenset(named))

    @property
    def is_dated(self) -> bool:
        """Whether it is a calibration that has a date of its own and serves a range of time."""
        rule = self.calibration
        return rule is not None and rule.table is not None and rule.date_key in self.key_set
