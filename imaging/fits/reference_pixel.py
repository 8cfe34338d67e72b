"""Cards that count pixels: where an image begins and where its WCS is anchored.

The origin of an image stands in its header in the LSST stack's way, as a
second coordinate system called "A" that is linear, has its reference pixel at
(1, 1), and gives there the parent coordinates of the first pixel::

    CTYPE1A = 'LINEAR  '   CRPIX1A = 1   CRVAL1A = x0   CUNIT1A = 'pixel   '

DS9 shows it as "WCS A". Beside it stand LTV1 = -x0 and LTV2 = -y0, which DS9
and IRAF use for "physical" coordinates. These are written but not read: raws
of many telescopes have them with another meaning (DECam's point to its
prescan), and the LSST stack does not read them either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imaging.fits.cards import Card
from imaging.fits.metadata import Metadata
from imaging.geometry.points import Point2I

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["moved_reference", "origin_cards", "read_origin", "without_origin"]

_REFERENCE = re.compile(r"(?:CRPIX([12])[A-Z]?|LTV([12]))")
_ORIGIN = frozenset(
    f"{name}{axis}A" for name in ("CTYPE", "CRPIX", "CRVAL", "CUNIT") for axis in (1, 2)
)
_SYSTEM_A = re.compile(
    r"(?:CTYPE|CRPIX|CRVAL|CUNIT|CDELT|CROTA)\d+A|(?:CD|PC|PV|PS)\d+_\d+A|WCSAXESA|WCSNAMEA"
)


def moved_reference(metadata: Metadata, offset: Point2I) -> Metadata:
    """Return the metadata of a part of an image.

    Parameters
    ----------
    metadata
        Those of the whole, which stay as they are.
    offset
        First pixel of the part, counted from the first pixel of the whole.

    Returns
    -------
    Metadata
        A copy in which the reference pixels (CRPIX, LTV) are moved along.
    """
    steps = {"1": offset.x, "2": offset.y}
    return Metadata(_moved(card, steps) for card in metadata.cards)


def _moved(card: Card, steps: Mapping[str, int]) -> Card:
    if not card.name.startswith(("CRPIX", "LTV")):
        return card
    match = _REFERENCE.fullmatch(card.name)
    if match is None or not isinstance(card.value, int | float):
        return card
    return Card(card.name, card.value - steps[match[1] or match[2]], card.comment)


def read_origin(metadata: Metadata) -> Point2I:
    """Return the parent coordinates of the first pixel, (0, 0) where the header has none.

    Parameters
    ----------
    metadata
        Header of the HDU that holds the pixels.
    """
    if not _is_origin(metadata):
        return Point2I()
    return Point2I(*(round(_number(metadata[f"CRVAL{axis}A"])) for axis in (1, 2)))


def _is_origin(metadata: Metadata) -> bool:
    """Whether the coordinate system A is an origin and not something of the telescope's own."""
    first = {card.name: card.value for card in reversed(metadata.cards) if card.name in _ORIGIN}
    return all(
        first.get(f"CRPIX{axis}A") == 1
        and first.get(f"CTYPE{axis}A", "LINEAR") == "LINEAR"
        and _number(first.get(f"CRVAL{axis}A")).is_integer()
        for axis in ("1", "2")
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def without_origin(metadata: Metadata) -> Metadata:
    """Return a copy without the cards that hold the origin, if they do."""
    if not _is_origin(metadata):
        return metadata.copy()
    return metadata.without(_ORIGIN | {"LTV1", "LTV2"})


def origin_cards(metadata: Metadata, origin: Point2I) -> tuple[Metadata, tuple[Card, ...]]:
    """Return what goes into a file: the metadata that may stay, and the cards of the origin.

    Parameters
    ----------
    metadata
        Those of the image. Another coordinate system A and another LTV1, LTV2
        stay as they are if the origin is (0, 0), and are replaced otherwise.
    origin
        Parent coordinates of the first pixel.
    """
    others = [name for name in metadata if _SYSTEM_A.fullmatch(name) or name in {"LTV1", "LTV2"}]
    if others and origin == Point2I():
        return metadata, ()
    return metadata.without(others), tuple(_origin(origin))


def _origin(origin: Point2I) -> Iterator[Card]:
    for axis, name, begin in ((1, "column", origin.x), (2, "row", origin.y)):
        yield Card(f"LTV{axis}", -begin, f"parent {name} = this {name} - LTV{axis}")
        yield Card(f"CTYPE{axis}A", "LINEAR", "parent pixel coordinates")
        yield Card(f"CRPIX{axis}A", 1, f"the first {name}")
        yield Card(f"CRVAL{axis}A", begin, "its parent coordinate, counted from 0")
        yield Card(f"CUNIT{axis}A", "pixel", "")
