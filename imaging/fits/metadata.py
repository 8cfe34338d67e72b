"""The header of a FITS file as an ordered mapping in which names may be repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from html import escape
from typing import TYPE_CHECKING, TypeAlias, TypeVar, overload

from imaging.errors import CardNotFoundError, MetadataError
from imaging.fits.cards import (
    COMMENTARY,
    Card,
    CardValue,
    check_name,
    format_card,
    parse_cards,
    to_card_value,
)
from imaging.fits.gen2_names import MetadataNames

if TYPE_CHECKING:
    from astropy.io.fits import Header

__all__ = ["Metadata"]

_Values: TypeAlias = "CardValue | list[CardValue] | tuple[CardValue, ...]"
_Default = TypeVar("_Default")
_SHOWN = 60  # cards in a notebook: two screens


class Metadata(MetadataNames, MutableMapping[str, CardValue]):
    """What a FITS header says, in the order in which it says it.

    Parameters
    ----------
    cards
        Where to begin: a mapping of names to values (a list of values makes
        a name that is repeated), or the cards themselves.

    Notes
    -----
    Names are in upper case however they are given. ``metadata[name]`` is the
    first value, `get_all` returns all of them. Assignment replaces all values
    and keeps place and comment; `add` appends another. Two are equal if they
    have the same names with the same values; comments, and the order of
    different names, do not count.
    """

    __slots__ = ("_cards", "_known_places")

    def __init__(self, cards: Mapping[str, _Values] | Iterable[Card] = ()) -> None:
        self._known_places: dict[str, list[int]] | None = None
        if isinstance(cards, Mapping):
            self._cards: list[Card] = []
            for name, value in cards.items():
                self.set(name, value)
        else:
            self._cards = list(cards)

    @property
    def _places(self) -> dict[str, list[int]]:
        """Where the cards of each name are: made for the first search, which often never comes."""
        if self._known_places is None:
            self._known_places = {}
            for place, card in enumerate(self._cards):
                self._known_places.setdefault(card.name, []).append(place)
        return self._known_places

    def _append(self, card: Card) -> None:
        self._places.setdefault(card.name, []).append(len(self._cards))
        self._cards.append(card)

    def _replace(self, cards: Iterable[Card]) -> None:
        self._cards, self._known_places = list(cards), None

    @classmethod
    def from_text(cls, text: str) -> Metadata:
        """Return the metadata in the text of a header, cards of 80 characters each."""
        return cls(parse_cards(text))

    @classmethod
    def from_header(cls, header: Header) -> Metadata:
        """Return the metadata of a header of astropy."""
        return cls.from_text(header.tostring(endcard=False, padding=False))

    def to_header(self) -> Header:
        """Return a header of astropy with the same cards."""
        from astropy.io.fits import Header

        return Header.fromstring("".join(map(format_card, self._cards)))

    @property
    def cards(self) -> tuple[Card, ...]:
        """All cards in their order."""
        return tuple(self._cards)

    def __getitem__(self, name: str) -> CardValue:
        return self._cards[self._require(name)[0]].value

    def __setitem__(self, name: str, value: _Values) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        self.remove(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.upper() in self._places

    def _require(self, name: str) -> list[int]:
        places = self._places.get(_upper(name))
        if places is None:
            raise CardNotFoundError(name, self._places)
        return places

    @overload
    def get(self, name: str, /) -> CardValue: ...
    @overload
    def get(self, name: str, /, default: CardValue) -> CardValue: ...
    @overload
    def get(self, name: str, /, default: _Default) -> CardValue | _Default: ...
    def get(self, name: str, /, default: object = None) -> object:
        """Return the first value of a name, or a default if there is no such card."""
        places = self._places.get(_upper(name))  # no error is made only to be caught
        return default if places is None else self._cards[places[0]].value

    def get_all(self, name: str) -> list[CardValue]:
        """Return all values of a name in their order, none if there is no such card."""
        return [self._cards[place].value for place in self._places.get(_upper(name), ())]

    def get_comment(self, name: str) -> str:
        """Return the comment of the first card of a name.

        Raises
        ------
        CardNotFoundError
            If there is none.
        """
        return self._cards[self._require(name)[0]].comment

    def add(self, name: str, value: CardValue, comment: str = "") -> None:
        """Append a card; the name may be there already.

        Parameters
        ----------
        name
            Keyword; longer ones than eight characters are written as HIERARCH.
        value
            A boolean, number, text or None, also as a NumPy scalar.
        comment
            What it means, with its unit in brackets.

        Raises
        ------
        MetadataError
            If a FITS header cannot hold it.
        """
        self._append(self._checked(name, value, comment))

    def set(self, name: str, value: _Values, comment: str | None = None) -> None:
        """Replace the values of a name where its first card stands, or append it.

        Parameters
        ----------
        name
            Keyword.
        value
            The new value, or a list of values.
        comment
            The new comment; None keeps the one that is there.

        Raises
        ------
        MetadataError
            If a FITS header cannot hold it.
        """
        values = value if isinstance(value, list | tuple) else (value,)
        if comment is None:
            comment = self.get_comment(name) if name in self else ""
        new = [self._checked(name, single, comment) for single in values]
        places = self._places.get(check_name(name), ())
        if len(places) == len(new):
            for place, card in zip(places, new, strict=True):
                self._cards[place] = card
        elif places:
            kept = [card for card in self._cards if card.name != name.upper()]
            self._replace([*kept[: places[0]], *new, *kept[places[0] :]])
        else:
            for card in new:
                self._append(card)

    def remove(self, name: str) -> None:
        """Remove all cards of a name.

        Raises
        ------
        CardNotFoundError
            If there is none.
        """
        self._require(name)
        self._replace([card for card in self._cards if card.name != name.upper()])

    @staticmethod
    def _checked(name: str, value: object, comment: str) -> Card:
        upper = check_name(name)
        new = Card(upper, to_card_value(upper, value), str(to_card_value(upper, comment)))
        if upper in COMMENTARY and not (isinstance(new.value, str) and not comment):
            message = f"{upper or 'A blank card'} holds a text and no comment, not {new.value!r}."
            raise MetadataError(message)
        return new

    def without(self, names: Iterable[str]) -> Metadata:
        """Return a copy that lacks some names, whether or not they are here."""
        dropped = frozenset(names)
        return Metadata(card for card in self._cards if card.name not in dropped)

    def copy(self) -> Metadata:
        """Return an equal mapping that changes by itself."""
        return Metadata(self._cards)

    def to_dict(self) -> dict[str, CardValue | list[CardValue]]:
        """Return names and values; a repeated name has the list of its values."""
        return {
            name: self[name] if len(places) == 1 else self.get_all(name)
            for name, places in self._places.items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Metadata):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __str__(self) -> str:
        return "\n".join(map(_as_text, self._cards))

    def __repr__(self) -> str:
        return (
            f"<Metadata: {len(self._cards)} cards>\n{self}" if self._cards else "<Metadata: empty>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(card.name)}</td><td>{escape(str(card.value))}</td>"
            f"<td>{escape(card.comment)}</td></tr>"
            for card in self._cards[:_SHOWN]
        )
        more = len(self._cards) - _SHOWN
        rest = f"<p>and {more} more cards</p>" if more > 0 else ""
        return f"<table><tr><th>name</th><th>value</th><th>comment</th></tr>{rows}</table>{rest}"


def _upper(name: str) -> str:
    try:
        return name.upper()
    except AttributeError:
        raise MetadataError(f"Cards are found by their names, not by {name!r}.") from None


def _as_text(card: Card) -> str:
    if card.name in COMMENTARY:
        return f"{card.name:<8} {card.value}"
    comment = f" / {card.comment}" if card.comment else ""
    return f"{card.name:<8} = {card.value!r}{comment}"
