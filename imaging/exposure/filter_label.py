"""The filter of an exposure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError
from imaging.exposure.gen2_names import FilterLabelNames
from imaging.fits.cards import to_card_value

if TYPE_CHECKING:
    from imaging.fits.metadata import Metadata

__all__ = ["FilterLabel"]

_UNKNOWN = frozenset({"", "_unknown_", "unknown"})


@dataclass(frozen=True, slots=True)
class FilterLabel(FilterLabelNames):
    """A filter by its band and by the name of the piece of glass.

    Parameters
    ----------
    band
        What it transmits, in the words of astronomy: ``r``. None if not known.
    physical
        The filter in the telescope: ``HSC-R2``. None if not known.

    Raises
    ------
    MetadataError
        If a name is not printable ASCII, which a FITS header needs.
    ParameterTypeError
        If a name is no text.
    """

    band: str | None = None
    physical: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("band", self.band), ("physical", self.physical)):
            if value is not None and not isinstance(value, str):
                message = f"The {name} of a filter is a text, not {value!r}."
                raise ParameterTypeError(message)
            object.__setattr__(self, name, to_card_value(name, value) or None)

    @property
    def name(self) -> str:
        """The name of the glass, or the band where that is not known; may be empty."""
        return self.physical or self.band or ""

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> FilterLabel | None:
        """Return the filter that the card FILTER names, or None.

        Parameters
        ----------
        metadata
            A header. A name of one letter is a band (the LSST stack wrote
            those until 2020), a longer one is that of the glass.
        """
        value = metadata.get("FILTER")
        if not isinstance(value, str) or value.strip().lower() in _UNKNOWN:
            return None
        name = value.strip()
        return cls(band=name) if len(name) == 1 else cls(physical=name)

    def __str__(self) -> str:
        known = (("band", self.band), ("physical", self.physical))
        return ", ".join(f"{name} {value!r}" for name, value in known if value) or "no filter"
