"""The registry columns of raw files, and the header cards that fill them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import KeyType, KeyValue

__all__ = ["CalibrationHeader", "HeaderRule", "HeaderTable", "Implication", "ObservationTable"]


@dataclass(frozen=True, slots=True)
class Implication:
    """Columns that have one value for each value of others.

    Attributes
    ----------
    by
        The columns that decide, as ``("visit",)``.
    columns
        The columns that follow from them, as ``("filter", "field")``.
    """

    by: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObservationTable:
    """The registry's table of ingested files.

    Attributes
    ----------
    columns
        Column to type, in order.
    unique
        The columns that name one file; they imply all others.
    implied
        What follows from fewer columns than that.
    never_completed
        Keys that are never guessed from the registry, as ``tract``.
    """

    columns: Mapping[str, KeyType]
    unique: tuple[str, ...]
    implied: tuple[Implication, ...] = ()
    never_completed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Where one registry column comes from.

    Attributes
    ----------
    card
        The header card that holds it, or None.
    default
        What it is where the card is missing. None: unknown.
    function
        Method of the mapper that makes it from the header, or None.
    """

    card: str | None = None
    default: KeyValue | None = None
    function: str | None = None

    @property
    def origin(self) -> str:
        """Where the value comes from, for messages."""
        if self.card is not None:
            return f"it is read from {self.card}"
        return f"it is made by {self.function}"


@dataclass(frozen=True, slots=True)
class HeaderTable:
    """How the headers of a camera are read.

    Attributes
    ----------
    recognised_by
        Card to a shell pattern; a file is the camera's if one of them matches.
    columns
        Registry column to its rule.
    """

    recognised_by: Mapping[str, str]
    columns: Mapping[str, HeaderRule]


@dataclass(frozen=True, slots=True)
class CalibrationHeader:
    """How the headers of calibrations are read.

    Attributes
    ----------
    type_card
        The card that says which type it is.
    identity_card
        The card that holds the data ID, as ``filter=HSC-R ccd=16
        calibDate=2013-11-03``. It is asked first.
    columns
        Key to its rule, for what that card does not say.
    """

    type_card: str = "OBSTYPE"
    identity_card: str = "CALIB_ID"
    columns: Mapping[str, HeaderRule] = field(
        default_factory=lambda: {
            "calibDate": HeaderRule("CALIBDATE"),
            "filter": HeaderRule("FILTER"),
        }
    )
