"""A FITS header as a mapping from keyword to value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from butler.errors import IngestError
from butler.ingest.cards import CARD_SIZE, CardValue, format_card, parse_value

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Header"]

_COMMENTARY = tuple(f"{word:<8}= " for word in ("COMMENT", "HISTORY", "", "CONTINUE", "END"))
_HIERARCH = "HIERARCH "
_VALUE_COLUMN = 10


class Header(Mapping[str, CardValue]):
    """The value cards of one header. Immutable; compares equal card for card.

    Parameters
    ----------
    cards
        Cards of 80 bytes each, without ``END`` and what follows it. A last
        card that is short is filled with blanks.

    Raises
    ------
    KeyError
        By ``header[keyword]``, if there is no such card.
    IngestError
        By ``header[keyword]``, ``get``, ``values`` and ``items``, naming the
        card, if its value cannot be read. ``in``, iteration and `to_dict`
        never raise it: a bad card that nobody needs does no harm.

    Notes
    -----
    Keywords are upper case and found in any case; ``HIERARCH`` keywords are
    found with and without that word. ``COMMENT``, ``HISTORY`` and cards
    without a value indicator (``= `` in columns 9 and 10) are no keys.

    Of several cards with one keyword the first counts. The standard leaves
    this open and readers disagree (CFITSIO takes the last one at times); the
    first is where the standard demands the structural cards to be, so that a
    later ``NAXIS1`` cannot change what was checked, and it is what astropy
    shows to the user.

    Nothing but the offset of each card is worked out before a value is asked
    for. A header keeps its text, some 14 kB for a raw file: keep the values,
    not the headers, of a hundred thousand files.
    """

    __slots__ = ("_starts", "_text")

    def __init__(self, cards: bytes) -> None:
        short = -len(cards) % CARD_SIZE
        cards += b" " * short
        self._text = cards.decode("latin-1")
        # bytes.upper, because str.upper may change the length ("ß")
        folded = cards.upper().decode("latin-1")
        # Backwards, so that the first of several cards is the one that stays.
        self._starts = {
            folded[start - _VALUE_COLUMN : start]: start
            for start in range(len(cards) - CARD_SIZE + _VALUE_COLUMN, 0, -CARD_SIZE)
        }
        for commentary in _COMMENTARY:
            self._starts.pop(commentary, None)
        if _HIERARCH in folded:
            self._add_hierarch(folded)

    def _add_hierarch(self, folded: str) -> None:
        for offset in range(0, len(folded), CARD_SIZE):
            if not folded.startswith(_HIERARCH, offset):
                continue
            start = folded.find("=", offset + len(_HIERARCH), offset + CARD_SIZE) + 1
            keyword = folded[offset + len(_HIERARCH) : start - 1].strip(" ") if start else ""
            if keyword:
                key = f"{keyword:<8}= "
                self._starts[key] = min(start, self._starts.get(key, start))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, CardValue]) -> Self:
        """Make the header that a file with these cards would have.

        Parameters
        ----------
        mapping
            Keyword to value. ``COMMENT``, ``HISTORY`` and an empty keyword
            are left out.

        Raises
        ------
        IngestError
            If a keyword or a value cannot be written as a card.
        """
        left_out = {"COMMENT", "HISTORY", ""}
        return cls(b"".join(format_card(k, v) for k, v in mapping.items() if k not in left_out))

    def _start(self, keyword: str) -> int | None:
        return self._starts.get(f"{keyword.upper().removeprefix(_HIERARCH):<8}= ")

    def __getitem__(self, keyword: str) -> CardValue:
        start = self._start(keyword)
        if start is None:
            raise KeyError(keyword)
        return parse_value(self._text, start, keyword)[0]

    def __contains__(self, keyword: object) -> bool:
        return isinstance(keyword, str) and self._start(keyword) is not None

    def __iter__(self) -> Iterator[str]:
        for key in sorted(self._starts, key=self._starts.__getitem__):
            keyword = key[:-2].rstrip(" ")
            if key.endswith("= ") and keyword.isascii() and keyword.isprintable():
                yield keyword

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Header) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"<Header of {len(self._text) // CARD_SIZE} cards>"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._text.encode("latin-1"),)

    def cards(self) -> Iterator[tuple[str, CardValue, str]]:
        """Iterate over keyword, value and comment of the cards that can be read."""
        for keyword in self:
            try:
                value, comment = parse_value(self._text, self._starts[f"{keyword:<8}= "], keyword)
            except IngestError:
                continue
            yield keyword, value, comment

    def to_dict(self) -> dict[str, CardValue]:
        """Return the values of all cards that can be read."""
        return {keyword: value for keyword, value, _ in self.cards()}
