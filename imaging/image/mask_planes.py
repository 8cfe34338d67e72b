"""The named bits of a mask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import SupportsIndex, TypeAlias, TypeVar, overload

from imaging.errors import (
    MaskPlaneError,
    ParameterTypeError,
    ParameterValueError,
    closest_words,
)
from imaging.fits.cards import Card
from imaging.fits.metadata import Metadata

__all__ = ["MAX_PLANES", "STANDARD_PLANES", "MaskPlanes", "Names"]

MAX_PLANES = 31
"""As many as a signed integer of 32 bits has beside its sign."""

STANDARD_PLANES: Mapping[str, str] = {
    "BAD": "a pixel that the detector is known to have badly",
    "SAT": "saturated, or bled into from a saturated pixel",
    "INTRP": "interpolated from its neighbours",
    "CR": "hit by a cosmic ray",
    "EDGE": "too close to the edge to be computed",
    "DETECTED": "part of a detected source",
    "DETECTED_NEGATIVE": "part of a detected source of negative flux",
    "SUSPECT": "of doubtful value, for example close to saturation",
    "NO_DATA": "without data",
}
"""Names and meanings of the planes that every new mask has, from bit 0 on."""

Names: TypeAlias = str | Iterable[str]
"""One name or several, as Gen2's functions take them."""

_ALIASES = {"INTERP": "INTRP", "INTR": "INTRP"}
_PREFIX = "MP_"
_Default = TypeVar("_Default")
_NAME = re.compile(r"[A-Z0-9][A-Z0-9_-]*")


class MaskPlanes(Mapping[str, int]):
    """Which bit of a mask has which name: a mapping that grows by `add`.

    Parameters
    ----------
    planes
        Names and their bits, from 0 to 30; or names alone, which get bits
        from 0 on. By default the standard planes.
    descriptions
        What planes mean, by name.

    Raises
    ------
    MaskPlaneError
        If two planes have the same bit, or there are more than 31.
    ParameterValueError
        If a name or bit is not possible.

    Notes
    -----
    INTERP and INTR are other names of INTRP. A mask and its views have the
    same object, so that a plane that is added to one exists in all; a copy of
    a mask has its own. Two are equal if they have the same names for the same
    bits.
    """

    __slots__ = ("_bits", "_descriptions", "_reserved")
    __hash__ = None  # type: ignore[assignment]  # it grows

    def __init__(
        self,
        planes: Mapping[str, int] | Iterable[str] | None = None,
        descriptions: Mapping[str, str] | None = None,
    ) -> None:
        if planes is None:
            planes = STANDARD_PLANES.keys()
        if isinstance(planes, str):
            planes = [planes]
        if not isinstance(planes, Iterable):
            message = f"Mask planes are names, or a mapping of names to bits, not {planes!r}."
            raise ParameterTypeError(message)
        if not isinstance(planes, Mapping):
            planes = {name: bit for bit, name in enumerate(planes)}
        self._bits: dict[str, int] = {}
        self._descriptions = {_canonical(name, ()): text for name, text in STANDARD_PLANES.items()}
        self._reserved = 0
        for name, bit in planes.items():
            both = _ALIASES.get(name) in planes  # a file may have two planes by these names
            self._insert(name if both else _canonical(name, ()), bit)
        for name, text in (descriptions or {}).items():
            self._descriptions[self._require(name)] = text

    def _insert(self, name: str, bit: int) -> None:
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            message = (
                f"{name!r} cannot name a mask plane, because it becomes part of a FITS keyword. "
                "Use capitals, digits, underscores and hyphens, for example 'BRIGHT_OBJECT'."
            )
            raise ParameterValueError(message)
        is_number = isinstance(bit, SupportsIndex) and not isinstance(bit, bool)
        if not (is_number and 0 <= bit < MAX_PLANES):
            message = f"The mask plane {name!r} cannot be bit {bit!r}; bits are 0 to 30."
            raise ParameterValueError(message)
        for other, taken in self._bits.items():
            if taken == bit or other == name:
                message = f"The mask planes {other!r} and {name!r} cannot both be bit {bit}."
                raise MaskPlaneError(message)
        self._bits[name] = int(bit)

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> MaskPlanes:
        """Return the planes of a header, whose cards are ``MP_BAD = 0`` and so on; none if none.

        Raises
        ------
        MaskPlaneError
            If two planes have the same bit.
        ParameterValueError
            If a card holds something else than a bit from 0 to 30.
        """
        bits: dict[str, int] = {}
        texts: dict[str, str] = {}
        for card in metadata.cards:
            if not card.name.startswith(_PREFIX):
                continue
            if not isinstance(card.value, int):
                message = f"{card.name} = {card.value!r}: this card holds the bit of a mask plane."
                raise ParameterValueError(message)
            name = card.name.removeprefix(_PREFIX)
            bits[name] = card.value
            if card.comment:
                texts[name] = card.comment
        return cls(bits, texts)

    def to_metadata(self) -> Metadata:
        """Return the cards that say which bit is which plane, in the order of the bits."""
        return Metadata(
            Card(f"{_PREFIX}{name}", bit, self._comment(name)) for name, bit in self.items()
        )

    def _comment(self, name: str) -> str:
        """Return the meaning as far as it fits on a card."""
        room = 80 - len(f"HIERARCH {_PREFIX}{name} = {MAX_PLANES} / ")
        return self.describe(name)[: max(room, 0)]

    @staticmethod
    def without_cards(metadata: Metadata) -> Metadata:
        """Return a copy of a header that says nothing about planes."""
        return Metadata(card for card in metadata.cards if not card.name.startswith(_PREFIX))

    def __getitem__(self, name: str) -> int:
        return self._bits[self._require(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._bits, key=self._bits.__getitem__))

    def __len__(self) -> int:
        return len(self._bits)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _canonical(name, self._bits) in self._bits

    @overload
    def get(self, name: str, /) -> int | None: ...
    @overload
    def get(self, name: str, /, default: int | _Default) -> int | _Default: ...
    def get(self, name: str, /, default: int | _Default | None = None) -> int | _Default | None:
        """Return the bit of a plane, or ``default`` if there is no such plane."""
        canonical = _canonical(name, self._bits)
        return self._bits.get(canonical, default)

    def _require(self, name: str) -> str:
        canonical = _canonical(name, self._bits)
        if canonical not in self._bits:
            raise MaskPlaneError(self._unknown([name]))
        return canonical

    def _unknown(self, names: Iterable[object]) -> str:
        missing = list(names)
        guesses = "".join(closest_words(str(name), [*self._bits, *_ALIASES]) for name in missing)
        return (
            f"There is no mask plane {', '.join(map(repr, missing))}.{guesses} "
            f"There are: {', '.join(self) or 'none'}. New ones are made with mask.add_plane."
        )

    def get_bit_mask(self, *names: Names) -> int:
        """Return the value of a pixel in which the bits of these planes are set.

        Parameters
        ----------
        names
            Names of planes, or lists of them. Without any the result is 0.

        Raises
        ------
        MaskPlaneError
            If one of them does not exist; it names all that do not.
        """
        wanted = _flat(names)
        missing = [name for name in wanted if name not in self]
        if missing:
            raise MaskPlaneError(self._unknown(missing))
        value = 0
        for name in wanted:
            value |= 1 << self[name]
        return value

    @property
    def bit_mask(self) -> int:
        """The value of a pixel in which the bits of all planes are set."""
        return self.get_bit_mask(*self)

    def describe(self, name: str) -> str:
        """Return what a plane means, or an empty text.

        Raises
        ------
        MaskPlaneError
            If there is no such plane.
        """
        return self._descriptions.get(self._require(name), "")

    def interpret(self, value: int) -> str:
        """Return the names of the planes of a pixel's value, such as ``CR,SAT``.

        Parameters
        ----------
        value
            The value. A bit without a name is shown by its number, ``bit 17``.

        Returns
        -------
        str
            The names in the order of the alphabet, as the LSST stack has them,
            then numbers.
        """
        named = sorted(name for name, bit in self.items() if int(value) >> bit & 1)
        bits = (bit for bit in range(MAX_PLANES + 1) if int(value) >> bit & 1)
        nameless = {*bits} - {*self.values()}
        return ",".join([*named, *(f"bit {bit}" for bit in sorted(nameless))])

    def add(self, name: str, description: str | None = None) -> int:
        """Add a plane, if it is not there yet, and return its bit.

        Parameters
        ----------
        name
            Capitals, digits, underscores and hyphens.
        description
            What it means.

        Raises
        ------
        MaskPlaneError
            If all bits are in use; it says which planes can be removed.
        ParameterValueError
            If a plane cannot have such a name.
        """
        canonical = _canonical(name, self._bits)
        if canonical not in self._bits:
            self._insert(canonical, self._free_bit(canonical))
        if description is not None:
            self._descriptions[canonical] = description
        return self._bits[canonical]

    def _free_bit(self, name: str) -> int:
        taken = set(self._bits.values())
        for bit in range(MAX_PLANES):
            if bit not in taken and not self._reserved >> bit & 1:
                return bit
        removable = [other for other in self if other not in STANDARD_PLANES] or list(self)
        message = (
            f"The mask plane {name!r} cannot be added: all {MAX_PLANES} bits are in use. "
            f"Remove one with mask.remove_and_clear_plane: {', '.join(removable)}."
        )
        raise MaskPlaneError(message)

    def reserve_bits(self, value: int) -> None:
        """Keep `add` from using bits that pixels have set although they have no name.

        Parameters
        ----------
        value
            The bits, as the value of a pixel.
        """
        self._reserved |= int(value)

    def release_bits(self, value: int) -> None:
        """Let `add` use bits that no pixel has any more, the opposite of `reserve_bits`."""
        self._reserved &= ~int(value)

    def update(self, other: MaskPlanes) -> None:
        """Take over planes that are numbered as these, and the bits that they reserve.

        Raises
        ------
        MaskPlaneError
            If a plane of the other has a bit that is in use here.
        """
        for name, bit in other.items():
            if self._bits.get(name) != bit:
                self._insert(name, bit)
                self._descriptions.setdefault(name, other.describe(name))
        self._reserved |= other._reserved

    def remove(self, name: str) -> int:
        """Remove a name and return its bit, which pixels may still have set.

        Parameters
        ----------
        name
            The plane. `Mask.remove_plane` keeps its bit from new planes while
            pixels have it; `Mask.remove_and_clear_plane` clears them.

        Raises
        ------
        MaskPlaneError
            If there is no such plane.
        """
        canonical = self._require(name)
        if canonical not in STANDARD_PLANES:
            self._descriptions.pop(canonical, None)
        return self._bits.pop(canonical)

    def copy(self) -> MaskPlanes:
        """Return equal planes that change by themselves."""
        other = MaskPlanes(())
        other._bits = self._bits.copy()
        other._descriptions = self._descriptions.copy()
        other._reserved = self._reserved
        return other

    def __repr__(self) -> str:
        return f"MaskPlanes({', '.join(f'{name}={bit}' for name, bit in self.items())})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{bit}</td><td>{escape(name)}</td><td>{escape(self.describe(name))}</td></tr>"
            for name, bit in self.items()
        )
        return f"<table><tr><th>bit</th><th>plane</th><th>meaning</th></tr>{rows}</table>"


def _flat(names: Iterable[Names]) -> list[str]:
    """Return the names of lists and single ones."""
    flat: list[str] = []
    for group in names:
        if not isinstance(group, str | Iterable):
            raise ParameterTypeError(f"A mask plane has a text as its name, not {group!r}.")
        flat.extend((group,) if isinstance(group, str) else group)
    return flat


def _canonical(name: str, known: Iterable[str]) -> str:
    """Return the name of which this is an alias, unless a plane has exactly this name."""
    return name if name in known else _ALIASES.get(name, name)
