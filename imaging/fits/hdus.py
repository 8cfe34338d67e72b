"""The parts of a FITS file: where each begins and what its header says."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from imaging.errors import FitsFileError, HduNotFoundError, ParameterTypeError
from imaging.fits.cards import CARD_LENGTH
from imaging.fits.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.fits.source import FitsSource

__all__ = ["BLOCK", "Hdu", "find_hdu", "iter_hdus", "padding"]

BLOCK = 2880
_MAX_HEADER_BLOCKS = 2000  # 72,000 cards; the longest real header known has 40 blocks
_MAX_AXES = 99  # the standard allows 999, cfitsio crashes there
_SIZES = {8, 16, 32, 64, -32, -64}
_LAYOUT = re.compile(
    r"(?:XTENSION|Z?BITPIX|Z?NAXIS\d*|[PG]COUNT|TFIELDS|GROUPS|EXTNAME|ZIMAGE) *=|END {5}",
    re.IGNORECASE,
)
_LAYOUT_LETTERS = frozenset("BEGNPTXZbegnptxz")
_END = b"END     "
_FILLING = b" \0\t\r\n\x1a"  # what tapes, text editors and copying in blocks leave at the end
_NOT_FITS = "it is not a FITS file: it does not begin with SIMPLE"


def padding(size: int) -> int:
    """Return how many bytes fill the last block of 2880."""
    return -size % BLOCK


@dataclass(frozen=True)
class Hdu:
    """A header and where its data lie.

    Parameters
    ----------
    path
        The file.
    index
        0 for the primary header.
    text
        The header as it stands in the file.
    data_offset
        First byte of the data.
    """

    path: str
    index: int
    text: str
    data_offset: int

    @cached_property
    def header(self) -> Metadata:
        """All its cards."""
        return Metadata.from_text(self.text)

    @cached_property
    def layout(self) -> Metadata:
        """Those of its cards that say where its data end, and what they are.

        To find an HDU costs a tenth of what it takes to understand all cards
        of those before it.
        """
        if "header" in self.__dict__:
            return self.header
        letters = self.text[::CARD_LENGTH]  # the first of each card rules most cards out
        places = [CARD_LENGTH * n for n, letter in enumerate(letters) if letter in _LAYOUT_LETTERS]
        lines = [self.text[at : at + CARD_LENGTH] for at in places if _LAYOUT.match(self.text, at)]
        return Metadata.from_text("".join(lines))

    def integer(self, name: str, largest: int | None = None) -> int:
        """Return a card that holds a count.

        Raises
        ------
        FitsFileError
            If it is absent, negative, larger than ``largest``, or no integer.
        """
        value = self.layout.get(name)
        value = self.header.get(name) if value is None else value
        is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if not isinstance(value, int) or not is_count or (largest and value > largest):
            raise FitsFileError(self.path, f"HDU {self.index}: {name} = {value!r} is not possible")
        return value

    @cached_property
    def name(self) -> str:
        """EXTNAME in upper case, or an empty text."""
        name = str(self.layout.get("EXTNAME", ""))
        return (str(self.header["EXTNAME"]) if name.endswith("&") else name).upper()

    @cached_property
    def is_compressed(self) -> bool:
        """Whether pixels are stored as tiles in a table."""
        return self.layout.get("ZIMAGE") is True

    @cached_property
    def is_table(self) -> bool:
        """Whether it is a table of rows and columns."""
        return self.layout.get("XTENSION") in {"BINTABLE", "TABLE"} and not self.is_compressed

    @cached_property
    def bitpix(self) -> int:
        """Type of the pixels as FITS says it, negative for floating point."""
        name = "ZBITPIX" if self.is_compressed else "BITPIX"
        value = self.layout.get(name)
        if isinstance(value, int) and value in _SIZES:
            return value
        raise FitsFileError(self.path, f"HDU {self.index}: {name} = {value!r} is not possible")

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array, the slowest axis first; of the image if it is compressed."""
        prefix = "ZNAXIS" if self.is_compressed else "NAXIS"
        axes = self.integer(prefix, _MAX_AXES)
        return tuple(self.integer(f"{prefix}{axis}") for axis in range(axes, 0, -1))

    @cached_property
    def image_shape(self) -> tuple[int, int] | None:
        """Height and width if there are pixels in two dimensions; axes of length 1 do not count."""
        if self.is_table:
            return None
        shape = self.shape
        while len(shape) > 2 and shape[0] == 1:  # noqa: PLR2004 - an image
            shape = shape[1:]
        if len(shape) != 2 or not all(shape):  # noqa: PLR2004 - as above
            return None
        return shape[0], shape[1]

    @cached_property
    def data_size(self) -> int:
        """Number of bytes of the data, without the padding."""
        value = self.layout.get("BITPIX")
        if not isinstance(value, int) or value not in _SIZES:
            raise FitsFileError(self.path, f"HDU {self.index}: BITPIX = {value!r} is not possible")
        axes = self.integer("NAXIS", _MAX_AXES)
        lengths = [self.integer(f"NAXIS{axis}") for axis in range(1, axes + 1)]
        if not lengths:
            return 0
        groups = self.integer("GCOUNT") if "GCOUNT" in self.layout else 1
        extra = self.integer("PCOUNT") if "PCOUNT" in self.layout else 0
        if lengths[0] == 0 and self.layout.get("GROUPS") is True:
            lengths = lengths[1:]
        return abs(value) // 8 * groups * (extra + math.prod(lengths))


def iter_hdus(source: FitsSource) -> Iterator[Hdu]:
    """Yield the parts of a file, the source standing at the beginning of the data of each.

    Parameters
    ----------
    source
        Standing at the beginning. What the caller leaves unread is skipped.

    Raises
    ------
    FitsFileError
        If the file does not begin as a FITS file, a header is not possible, or
        something else than blanks stands behind the last HDU.
    """
    index = 0
    while (text := _read_header(source, index)) is not None:
        hdu = Hdu(source.path, index, text, source.position)
        size = hdu.data_size
        yield hdu
        source.skip_to(hdu.data_offset + size + padding(size))
        index += 1


def _read_header(source: FitsSource, index: int) -> str | None:
    """Return the text of the next header, or None at the end of the file."""
    blocks: list[bytes] = []
    while len(blocks) < _MAX_HEADER_BLOCKS:
        block = source.read(BLOCK)
        if not blocks and not block.startswith(b"XTENSION" if index else b"SIMPLE  "):
            if index:
                _check_filling(source, block, index)
                return None
            raise FitsFileError(source.path, _NOT_FITS if block else "it is empty")
        blocks.append(block)
        if _has_end(block):
            return b"".join(blocks).decode("latin-1")
        if len(block) < BLOCK:
            raise FitsFileError(source.path, f"the header of HDU {index} has no END")
    reason = f"the header of HDU {index} has more than {_MAX_HEADER_BLOCKS} blocks"
    raise FitsFileError(source.path, reason)


def _check_filling(source: FitsSource, block: bytes, index: int) -> None:
    """Raise an error if what stands behind an HDU is neither another nor nothing."""
    if block.strip(_FILLING):
        reason = (
            f"at byte {source.position - len(block)} there is no header of HDU {index}, nor the "
            "end of the file: it is damaged, copy it again"
        )
        raise FitsFileError(source.path, reason)


def _has_end(block: bytes) -> bool:
    place = block.find(_END)
    while place % CARD_LENGTH and place > 0:  # within another card
        place = block.find(_END, place + 1)
    return place >= 0


def find_hdu(source: FitsSource, hdu: int | str | None, kind: str) -> tuple[Hdu, Hdu]:
    """Return the primary header and the part that was asked for, the source at its data.

    Parameters
    ----------
    source
        Standing at the beginning of the file.
    hdu
        Number (0 is the primary one), EXTNAME, or None for the first of its kind.
    kind
        ``image`` (two-dimensional pixels) or ``table``.

    Raises
    ------
    HduNotFoundError
        If there is none.
    """
    if isinstance(hdu, bool) or not (hdu is None or isinstance(hdu, int | str)):
        message = f"hdu={hdu!r}: give the number of the HDU, its EXTNAME, or None."
        raise ParameterTypeError(message)
    primary = None
    seen = []
    for found in iter_hdus(source):
        primary = primary or found
        if _is_wanted(found, hdu, kind):
            return primary, found
        seen.append(f"{found.index} {found.name}".strip())
    wanted = f"no {kind}" if hdu is None else f"no HDU {hdu!r}"
    raise HduNotFoundError(source.path, f"there is {wanted} among its HDUs: {', '.join(seen)}")


def _is_wanted(found: Hdu, hdu: int | str | None, kind: str) -> bool:
    if isinstance(hdu, int):
        return found.index == hdu
    if isinstance(hdu, str):
        return found.name == hdu.upper()
    return found.is_table if kind == "table" else found.image_shape is not None
