"""The cards of a primary header that hold parts of an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.exposure.contents import FORMAT_CARD, PARTS_CARD, VERSION_CARD
from imaging.exposure.filter_label import FilterLabel
from imaging.fits.cards import Card

if TYPE_CHECKING:
    from imaging.exposure.info import ExposureInfo
    from imaging.fits.metadata import Metadata

__all__ = ["OWN_CARDS", "filter_from_cards", "id_from_cards", "part_cards"]

_ID, _BAND, _PHYSICAL = "SBID", "SBBAND", "SBPHYS"

OWN_CARDS = frozenset({FORMAT_CARD, VERSION_CARD, PARTS_CARD, _ID, _BAND, _PHYSICAL})
"""Names that no card of a user can have in the file of an exposure."""


def part_cards(info: ExposureInfo) -> list[Card]:
    """Return the cards for identifier and filter."""
    cards = []
    if info.id is not None:
        cards.append(Card(_ID, int(info.id), "identifier of the exposure"))
    if info.filter is not None:
        cards.append(Card(_BAND, info.filter.band or "", "band of the filter"))
        cards.append(Card(_PHYSICAL, info.filter.physical or "", "name of the filter"))
    return cards


def id_from_cards(cards: Metadata) -> int | None:
    """Return the identifier."""
    value = cards.get(_ID)
    return value if isinstance(value, int) else None


def filter_from_cards(cards: Metadata) -> FilterLabel | None:
    """Return the filter."""
    if _BAND not in cards and _PHYSICAL not in cards:
        return None
    return FilterLabel(str(cards.get(_BAND) or ""), str(cards.get(_PHYSICAL) or ""))
