"""The fields of a binary table's rows: what the TFORM cards mean for NumPy, and back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError, HduNotFoundError, ParameterTypeError
from imaging.fits.cards import Card, to_card_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.fits.cards import CardValue
    from imaging.fits.hdus import Hdu

__all__ = [
    "COLUMN_CARDS",
    "MAX_FIELDS",
    "TEXT_CARD",
    "Field",
    "described_field",
    "field_begins",
    "form_cards",
    "read_fields",
    "require_binary_table",
    "split_header",
]

MAX_FIELDS = 999
"""The standard's; three digits are all that the names of cards leave."""
COLUMN_CARDS = re.compile(
    r"(T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM|DOC|COMM|CCLS|UCD|UTYP|DESC|DMIN|DMAX|LMIN|LMAX"
    r"|CTYP|CUNI|CRPX|CRVL|CDLT|CROT)|SBTXT)(\d{1,3})"
)
"""Cards about one column each. TFLAGn is none: the LSST stack numbers flags in it."""

TEXT_CARD = "SBTXT"
"""Beginning of the name of a card that says that a column of bytes holds texts."""

_LARGEST_ROW = 2**31 - 1  # NumPy's

_FORM = re.compile(r"\s*(\d{0,18})([LXBIJKAEDCMPQ])([LXBIJKAEDCM]?)")
_DIMENSIONS = re.compile(r"\s*\(([\d,\s]{1,200})\)\s*")
_VALUES = {
    "L": np.dtype(np.bool_),
    "X": np.dtype(np.uint8),
    "B": np.dtype(np.uint8),
    "I": np.dtype(np.int16),
    "J": np.dtype(np.int32),
    "K": np.dtype(np.int64),
    "E": np.dtype(np.float32),
    "D": np.dtype(np.float64),
    "C": np.dtype(np.complex64),
    "M": np.dtype(np.complex128),
}
_DESCRIPTORS: dict[str, np.dtype[np.generic]] = {"P": np.dtype(">i4"), "Q": np.dtype(">i8")}
_ZERO_POINTS = {"B": -(2**7), "I": 2**15, "J": 2**31, "K": 2**63}
_LETTERS = {dtype.str[1:]: letter for letter, dtype in _VALUES.items() if letter != "X"}
_FLIPPED = {"i1": "B", "u2": "I", "u4": "J", "u8": "K"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column: where its bytes are in a row, and what they are.

    Parameters
    ----------
    name
        Name of the column.
    letter
        Type of the values as FITS calls it.
    dtype
        Type of one value in the machine's byte order; a text is one value.
    shape
        Shape of the values in one row, empty for a single one.
    width
        Number of bytes in a row of the file.
    begin
        The first of them.
    bits
        Number of bits of an X column.
    is_flipped
        Whether the highest bit is stored inverted: FITS's way of having
        integers of the other signedness.
    descriptor
        Type of the two numbers that say how many values there are and where
        in the heap, None for values that are in the row itself.
    """

    name: str
    letter: str
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    width: int
    begin: int = 0
    bits: int = 0
    is_flipped: bool = False
    descriptor: np.dtype[np.generic] | None = None

    @property
    def unit(self) -> int:
        """Number of bytes that change their order together."""
        if self.letter in "AXLB":
            return 1
        return self.dtype.itemsize // (2 if self.letter in "CM" else 1)


def split_header(hdu: Hdu) -> tuple[list[Card], dict[int, dict[str, CardValue]]]:
    """Return the cards that are not about columns, and those that are, by number and name.

    Parameters
    ----------
    hdu
        The header of a table. What stands in a comment is dropped.

    Raises
    ------
    FitsFileError
        If the number of columns is not possible.
    HduNotFoundError
        If it is no binary table.
    """
    require_binary_table(hdu)
    others: list[Card] = []
    by_field: dict[int, dict[str, CardValue]] = {}
    count = hdu.integer("TFIELDS", MAX_FIELDS)
    for card in hdu.header.cards:
        match = COLUMN_CARDS.fullmatch(card.name)
        if match and 1 <= int(match[2]) <= count:
            by_field.setdefault(int(match[2]), {})[match[1]] = card.value
        else:
            others.append(card)
    return others, by_field


def require_binary_table(hdu: Hdu) -> None:
    """Check that an HDU is a binary table, which may be one of compressed pixels.

    Raises
    ------
    HduNotFoundError
        If it is a table of text, or none.
    """
    kind = hdu.header.get("XTENSION")
    if kind == "TABLE":
        reason = (
            f"HDU {hdu.index} is a table of text (ASCII), not a binary one: read it as an astropy "
            "table, or choose another with hdu="
        )
        raise HduNotFoundError(hdu.path, reason)
    if kind != "BINTABLE":
        reason = f"HDU {hdu.index} is not a table: choose another with hdu="
        raise HduNotFoundError(hdu.path, reason)


def read_fields(hdu: Hdu, by_field: dict[int, dict[str, CardValue]]) -> list[Field]:
    """Return the columns of a binary table.

    Parameters
    ----------
    hdu
        Its header.
    by_field
        The cards of each column, as `split_header` returns them.

    Raises
    ------
    FitsFileError
        If a column is not possible, two have one name, or they do not fill a row exactly.
    """
    fields: dict[str, Field] = {}
    begin = 0
    for number in range(1, hdu.integer("TFIELDS", MAX_FIELDS) + 1):
        field = _read_field(hdu, number, by_field.get(number, {}), begin)
        if field.name in fields:
            reason = f"HDU {hdu.index}: two of its columns are called {field.name!r}"
            raise FitsFileError(hdu.path, reason)
        fields[field.name] = field
        begin += field.width
    if begin != hdu.integer("NAXIS1"):
        width = hdu.header["NAXIS1"]
        reason = f"HDU {hdu.index}: its columns take {begin} bytes of rows of {width}"
        raise FitsFileError(hdu.path, reason)
    return list(fields.values())


def _read_field(hdu: Hdu, number: int, cards: dict[str, CardValue], begin: int) -> Field:
    name = str(cards.get("TTYPE") or "").strip() or f"col{number}"
    match = _FORM.match(str(cards.get("TFORM")))
    if match is None or (match[2] in "PQ") != bool(match[2] in "PQ" and match[3]):
        reason = f"HDU {hdu.index}: TFORM{number} = {cards.get('TFORM')!r} is not possible"
        raise FitsFileError(hdu.path, reason)
    repeat = int(match[1] or 1)
    if repeat > 8 * hdu.integer("NAXIS1", _LARGEST_ROW) and match[2] not in "PQ":
        reason = f"HDU {hdu.index}: TFORM{number} = {cards.get('TFORM')!r} does not fit in a row"
        raise FitsFileError(hdu.path, reason)
    letter = match[3] if match[2] in "PQ" else match[2]
    dtype, is_flipped = _value_type(hdu, name, letter, cards)
    if match[2] in "PQ":
        descriptor = _DESCRIPTORS[match[2]]
        if repeat > 1:
            reason = f"HDU {hdu.index}: TFORM{number} = {cards.get('TFORM')!r} is not possible"
            raise FitsFileError(hdu.path, reason)
        width = 2 * descriptor.itemsize * repeat
        return Field(name, letter, dtype, (), width, begin, 0, is_flipped, descriptor)
    bits = repeat if letter == "X" else 0
    count = -(-repeat // 8) if letter == "X" else repeat
    width = count * dtype.itemsize
    is_list = letter == "X" or dtype.kind == "S" or bool(match[1] and count != 1)
    shape = _shape(count, "" if letter == "X" else str(cards.get("TDIM", "")), is_list=is_list)
    if dtype.kind == "S" and count:
        length, shape = (shape[-1], shape[:-1]) if shape else (1, ())
        dtype = np.dtype(f"S{length}")
    return Field(name, letter, dtype, shape, width, begin, bits, is_flipped)


def _value_type(
    hdu: Hdu, name: str, letter: str, cards: dict[str, CardValue]
) -> tuple[np.dtype[np.generic], bool]:
    """Return the type of one value, and whether its highest bit is inverted."""
    scale, zero = cards.get("TSCAL", 1), cards.get("TZERO", 0)
    if scale == 1 and zero == _ZERO_POINTS.get(letter):
        return np.dtype({1: "i1", 2: "u2", 4: "u4", 8: "u8"}[_VALUES[letter].itemsize]), True
    if scale != 1 or zero != 0:
        reason = (
            f"HDU {hdu.index}: column {name!r} is scaled (TSCAL, TZERO), which is not done here: "
            "read it as an astropy table"
        )
        raise FitsFileError(hdu.path, reason)
    is_text = letter == "A" or (letter == "B" and TEXT_CARD in cards)
    return np.dtype("S1") if is_text else _VALUES[letter], False


def _shape(count: int, dimensions: str, *, is_list: bool) -> tuple[int, ...]:
    """Return the shape of the bytes or numbers of one row."""
    match = _DIMENSIONS.fullmatch(dimensions)
    if match:
        shape = tuple(int(word) for word in reversed(match[1].split(",")) if word.strip())
        if math.prod(shape) == count and len(shape) <= 30:  # noqa: PLR2004 - NumPy has 32 at most
            return shape
    return (count,) if is_list else ()


def field_begins(dtype: np.dtype[np.generic]) -> dict[str, int]:
    """Return the first byte of each field of a structured type."""
    return {name: about[1] for name, about in (dtype.fields or {}).items()}


def described_field(
    name: str, dtype: np.dtype[np.generic], bits: int | None, *, is_printable: bool = True
) -> Field:
    """Return how a column of an array is written.

    Parameters
    ----------
    name
        Name of the column.
    dtype
        Its type, with the shape if there are several values in a row.
    bits
        Number of bits if it is an X column, which has them in bytes.
    is_printable
        Whether texts are printable ASCII, which is all that FITS has; others
        are written as bytes, with a card that says that they are texts.

    Raises
    ------
    ParameterTypeError
        If FITS has no such type, or the bits do not fill the bytes.
    """
    base, shape = dtype.base, dtype.shape
    kind = base.str[1:]
    if bits is not None:
        if kind != "u1" or shape != (-(-bits // 8),):
            message = f"Column {name!r}: {bits} bits need {-(-bits // 8)} bytes, not {dtype}."
            raise ParameterTypeError(message)
        return Field(name, "X", base, shape, dtype.itemsize, bits=bits)
    if base.kind == "S":
        return Field(name, "A" if is_printable else "B", base, shape, dtype.itemsize)
    letter = _LETTERS.get(kind) or _FLIPPED.get(kind)
    if letter is None or base.names is not None:
        message = (
            f"Column {name!r}: a FITS table has no values of type {base}. It has booleans, integers"
            " of 8 to 64 bits, floating point and complex numbers, and texts as bytes ('S')."
        )
        raise ParameterTypeError(message)
    native = base.newbyteorder("=")
    return Field(name, letter, native, shape, dtype.itemsize, is_flipped=kind in _FLIPPED)


def form_cards(field: Field, number: int, longest: int = 0) -> Iterator[Card]:
    """Yield the cards that say what a column is.

    Parameters
    ----------
    field
        The column.
    number
        Counted from 1.
    longest
        For values in the heap, the largest number of them in a row.
    """
    yield Card(f"TTYPE{number}", to_card_value("The name of a column", field.name))
    if field.descriptor is not None:
        pointer = "P" if field.descriptor == _DESCRIPTORS["P"] else "Q"
        yield Card(f"TFORM{number}", f"1{pointer}{field.letter}({longest})")
    else:
        count = field.bits if field.letter == "X" else math.prod(field.shape)
        is_text = field.dtype.kind == "S"
        length = field.dtype.itemsize if is_text else 1
        yield Card(f"TFORM{number}", f"{count * length}{field.letter}")
        shape: tuple[int, ...] = (*field.shape, length) if is_text else field.shape
        is_plain = len(shape) == 1 and (shape[0] != 1 or is_text)
        if shape and not is_plain and field.letter != "X" and 0 not in shape:
            yield Card(f"TDIM{number}", f"({','.join(map(str, reversed(shape)))})")
    if field.letter == "B" and field.dtype.kind == "S":
        yield Card(f"{TEXT_CARD}{number}", "utf-8", "these bytes are texts")
    if field.is_flipped:
        yield Card(f"TSCAL{number}", 1)
        yield Card(f"TZERO{number}", _ZERO_POINTS[field.letter])
