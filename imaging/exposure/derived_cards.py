"""Cards that are written for other programs and say nothing that is not said elsewhere.

A header of ours has the cards that the user gave, then ``SBCARDS = n``, then
n cards that repeat what the tables hold (the WCS, the time of the exposure,
...). Readers of this package leave those out, so that what is read is what
was written, whatever names the user's cards had.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imaging.fits.cards import Card
from imaging.fits.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COUNT_CARD", "with_derived", "without_derived", "without_wcs"]

COUNT_CARD = "SBCARDS"
"""How many of the cards behind it are repetitions."""

_WCS = re.compile(
    r"WCSAXES|CTYPE\d|CRPIX\d|CRVAL\d|CUNIT\d|CDELT\d|CROTA\d|(?:CD|PC|PV|PS)\d_\d+"
    r"|(?:A|B|AP|BP)_(?:ORDER|DMAX|\d+_\d+)|RADESYS|RADECSYS|EQUINOX|LONPOLE|LATPOLE|LONGPOLE|LTV\d"
)


def with_derived(metadata: Metadata, derived: Iterable[Card]) -> Metadata:
    """Return a copy with repetitions behind it.

    Parameters
    ----------
    metadata
        The user's cards.
    derived
        Repetitions; those whose names the user's cards have are left out.
    """
    kept = [card for card in metadata.cards if card.name != COUNT_CARD]
    names = {card.name for card in kept}
    added = [card for card in derived if card.name not in names]
    if not added:
        return Metadata(kept)
    count = Card(COUNT_CARD, len(added), "number of cards that follow for other programs")
    return Metadata([*kept, count, *added])


def without_derived(metadata: Metadata) -> Metadata:
    """Return a copy without the repetitions."""
    cards = metadata.cards
    places = [place for place, card in enumerate(cards) if card.name == COUNT_CARD]
    count = metadata.get(COUNT_CARD)
    if not places or not isinstance(count, int):
        return metadata.copy()
    return Metadata([*cards[: places[0]], *cards[places[0] + 1 + max(count, 0) :]])


def without_wcs(metadata: Metadata) -> Metadata:
    """Return a copy without the cards that say where on the sky the pixels are."""
    return Metadata(card for card in metadata.cards if not _WCS.fullmatch(card.name))
