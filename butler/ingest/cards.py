"""One FITS header card: 80 bytes to a Python value and back.

Only what the FITS standard defines is read. A card that says something else
(``NaN``, a string without its closing quote, a control character) is refused
when its value is asked for, never guessed at: two readers that guess
differently would give one file two data IDs.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

from butler.errors import IngestError

__all__ = ["CARD_SIZE", "CardValue", "format_card", "parse_value"]

CardValue: TypeAlias = str | int | float | bool | None

CARD_SIZE = 80

_VALUE = re.compile(
    r"""\ *+(?:
        '(?P<text>(?:[^']++|'')*+)'
      | (?P<number>[+-]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[EDed][+-]?+[0-9]++)?+)
      | (?P<logical>[TF])
      |                                  # nothing: the value is undefined
    )\ *+(?:/(?P<comment>.*+))?+""",
    re.VERBOSE | re.DOTALL,
)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_PLAIN_KEYWORD = re.compile(r"[A-Z0-9_-]{1,8}")
_PLAIN_INTEGER = re.compile(r"[+-]?[0-9]+")
_PRINTABLE_KEYWORD = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

_CONTINUE = "CONTINUE  "
# Beyond this an integer fits no column of any registry.
_LARGEST_INTEGER = (1 << 63) - 1


def parse_value(text: str, start: int, keyword: str) -> tuple[CardValue, str]:
    """Read the value that begins at an offset of a header.

    Parameters
    ----------
    text
        The whole header, one character for each byte, cards from offset 0.
    start
        Offset just behind the value indicator of the card.
    keyword
        Name of the card, for the error.

    Returns
    -------
    value : CardValue
        Strings without trailing blanks and with their ``CONTINUE`` cards
        appended; None where the card gives no value.
    comment : str
        What stands behind the slash; unprintable characters are shown as ``?``.

    Raises
    ------
    IngestError
        If the value is not one that the FITS standard knows, is not finite,
        is an integer beyond 64 bits, or holds unprintable characters.

    Notes
    -----
    Comments are not judged: a degree sign in the comment of ``EXPTIME`` takes
    nothing away from the exposure time.
    """
    end = start - start % CARD_SIZE + CARD_SIZE
    match = _VALUE.fullmatch(text, start, end)
    if match is None:
        raise _unreadable(keyword, text, end, _guess_reason(text[start:end]))
    string, number, logical, comment = match.groups()
    value: CardValue
    if string is not None:
        value, comment = _join_string(text, end, keyword, string, comment)
    elif number is not None:
        value = _to_number(number)
        if value is None:
            raise _unreadable(keyword, text, end, "the number is too large")
    else:
        value = None if logical is None else logical == "T"
    return value, _UNPRINTABLE.sub("?", comment).strip() if comment else ""


def _to_number(number: str) -> int | float | None:
    """Return the number, or None if it is not finite or beyond 64 bits."""
    if _PLAIN_INTEGER.fullmatch(number):
        integer = int(number)
        return integer if -_LARGEST_INTEGER <= integer <= _LARGEST_INTEGER else None
    real = float(number.upper().replace("D", "E"))
    return real if math.isfinite(real) else None


def _join_string(
    text: str, end: int, keyword: str, string: str, comment: str | None
) -> tuple[str, str | None]:
    """Append the pieces of a long string, and check what it holds."""
    pieces = [string.replace("''", "'").rstrip(" ")]
    while pieces[-1].endswith("&") and text.startswith(_CONTINUE, end):
        match = _VALUE.fullmatch(text, end + len(_CONTINUE), end + CARD_SIZE)
        end += CARD_SIZE
        if match is None or match["text"] is None:
            raise _unreadable(keyword, text, end, "its CONTINUE card holds no string")
        pieces[-1] = pieces[-1][:-1]
        pieces.append(match["text"].replace("''", "'").rstrip(" "))
        comment = match["comment"] or comment
    value = "".join(pieces)
    if not (value.isascii() and value.isprintable()):
        raise _unreadable(keyword, text, end, "it holds unprintable characters")
    return value, comment


def _guess_reason(text: str) -> str:
    value = text.lstrip(" ")
    if value.startswith("'"):
        closed = value.replace("''", "").count("'") > 1
        return "what follows the string is no comment" if closed else "its quote is not closed"
    if _UNPRINTABLE.search(value.partition("/")[0]):
        return "it holds unprintable characters"
    if value.startswith("("):
        return "complex numbers are not read"
    return "it is neither a string, a finite number nor T or F"


def _unreadable(keyword: str, text: str, end: int, reason: str) -> IngestError:
    card = ascii(text[end - CARD_SIZE : end].rstrip(" "))
    return IngestError(f"card {keyword} cannot be read, {reason}: {card}")


def format_card(keyword: str, value: CardValue, comment: str = "") -> bytes:
    """Write one card, and its ``CONTINUE`` cards if the string is long.

    Parameters
    ----------
    keyword
        Written as ``HIERARCH`` if it is not a standard keyword.
    value
        None leaves the value undefined. Trailing blanks of a string have no
        meaning in FITS.
    comment
        Cut where the card ends; left out of strings that need several cards.

    Returns
    -------
    bytes
        A multiple of 80.

    Raises
    ------
    IngestError
        If the card cannot be written: the keyword or value is not printable
        ASCII, the number is not finite, or both together are too long.
    """
    name = keyword.upper()
    if not _PRINTABLE_KEYWORD.fullmatch(name) or "=" in name:
        reason = f"{keyword!r} cannot be the keyword of a card"
        raise IngestError(reason)
    head = f"{name:<8}= " if _PLAIN_KEYWORD.fullmatch(name) else f"HIERARCH {name} = "
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()):
            reason = f"{keyword} cannot be written, {value!r} is not printable ASCII"
            raise IngestError(reason)
        cards = _format_string(head, value.rstrip(" "))
    else:
        cards = [head + _format_plain(keyword, value)]
    if len(cards) == 1 and comment:
        cards[0] = f"{cards[0]} / {comment}"[:CARD_SIZE]
    if any(len(card) > CARD_SIZE for card in cards):
        reason = f"{keyword} cannot be written, keyword and value do not fit into one card"
        raise IngestError(reason)
    return "".join(card.ljust(CARD_SIZE) for card in cards).encode("ascii", "replace")


def _format_plain(keyword: str, value: float | None) -> str:
    """Write what is no string, flush right as the standard's fixed format asks."""
    if value is None:
        return " " * 20
    if isinstance(value, bool):
        return f"{'T' if value else 'F':>20}"
    if not math.isfinite(value):
        reason = f"{keyword} cannot be written, {value} is not finite"
        raise IngestError(reason)
    return f"{str(value).upper():>20}"


def _format_string(head: str, value: str) -> list[str]:
    """Cut a string into as many cards as it needs, never within a doubled quote."""
    quoted = [character * 2 if character == "'" else character for character in value]
    if len(head) + len("".join(quoted)) + 2 <= CARD_SIZE:
        return [f"{head}'{''.join(quoted):<8}'"]
    cards, piece = [], ""
    for character in quoted:
        if len(head) + len(piece) + len(character) + len("'&'") > CARD_SIZE:
            cards.append(f"{head}'{piece}&'")
            head, piece = _CONTINUE, ""
        piece += character
    return [*cards, f"{head}'{piece}'"]
