"""FITS header cards: from 80 characters to a name, a value and a comment, and back.

Reading is lenient: whatever a telescope wrote becomes some card. Writing
makes only what the FITS standard 4.0 allows; names that are longer than
eight characters are written in the HIERARCH convention, and texts that are
longer than a card on CONTINUE cards.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

from imaging.errors import MetadataError, ParameterTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "CARD_LENGTH",
    "COMMENTARY",
    "Card",
    "CardValue",
    "check_name",
    "format_card",
    "parse_cards",
    "require_kind",
    "to_card_value",
]

_Kind = TypeVar("_Kind")

CardValue: TypeAlias = bool | int | float | complex | str | None

CARD_LENGTH = 80
COMMENTARY = frozenset({"COMMENT", "HISTORY", ""})

_STANDARD_NAME = re.compile(r"[A-Z0-9_-]{1,8}")
_LONG_NAME = re.compile(r"[!-<>-~]+(?: [!-<>-~]+)*")
_RESERVED = frozenset({"CONTINUE", "END", "HIERARCH"})
_UNPRINTABLE = re.compile(r"[^ -~]")
_INTEGER = re.compile(r"[+-]?\d+")
_REAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?")
_COMPLEX = re.compile(r"\(\s*([^,\s]+)\s*,\s*([^,\s]+)\s*\)")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_LONGEST_NAME = 60  # leaves room for a number on a HIERARCH card
_TEXT_LENGTH = 67  # of a quoted text on a card, with room for a closing "&"


class Card(NamedTuple):
    """One entry of a header."""

    name: str
    """Keyword in upper case; COMMENT, HISTORY and the empty one may be repeated."""
    value: CardValue
    """What the card says; None where the header defines no value."""
    comment: str = ""
    """What stands after the slash."""


def to_card_value(name: str, value: object) -> CardValue:
    """Return a value as a header holds it.

    Parameters
    ----------
    name
        The keyword, for the message.
    value
        A boolean, number or text, also as a NumPy scalar, or None. Blanks at
        the end of a text are dropped: they have no meaning in FITS.

    Raises
    ------
    MetadataError
        If a header cannot hold the value.
    """
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "size", 1) == 1:
        is_masked = bool(getattr(value, "mask", False))
        value = value.item()
        if is_masked:
            raise MetadataError(f"{name}: the value is masked. Use None for one that is not known.")
    if isinstance(value, str):
        if _UNPRINTABLE.search(value):
            message = f"{name} = {value!r}: a FITS header holds printable ASCII characters only."
            raise MetadataError(message)
        return value.rstrip(" ")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | complex):
        parts = (value.real, value.imag)
        if all(math.isfinite(part) for part in parts):
            return value
        message = f"{name} = {value}: a FITS header holds finite numbers only. Use None instead."
        raise MetadataError(message)
    message = (
        f"{name}: a header holds booleans, numbers and texts, not {type(value).__name__}. "
        "Lists of them make cards that are repeated."
    )
    raise MetadataError(message)


def require_kind(name: str, value: CardValue, kind: type[_Kind]) -> _Kind:
    """Return a value that is of a kind; a whole number is also a floating-point one.

    Raises
    ------
    ParameterTypeError
        If it is of another kind.
    """
    known: tuple[type, ...] = (int, float) if kind is float else (kind,)
    if not isinstance(value, known) or (isinstance(value, bool) and kind is not bool):
        message = f"Card {name!r} is {value!r}, which is no {kind.__name__}."
        raise ParameterTypeError(message)
    return cast("_Kind", value)


def parse_cards(text: str) -> Iterator[Card]:
    """Yield the cards of a header, without END.

    Parameters
    ----------
    text
        Cards of 80 characters each, up to END or to the end of the text.
        Unprintable characters are replaced by question marks.
    """
    if not (text.isascii() and text.isprintable()):
        text = _UNPRINTABLE.sub("?", text)
    pending: Card | None = None
    for start in range(0, len(text), CARD_LENGTH):
        line = text[start : start + CARD_LENGTH]
        name = line[:8].rstrip().upper()
        if name == "END":
            break
        if name == "CONTINUE" and pending is not None and _is_continued(pending):
            pending = _joined(pending, line)
            continue
        if pending is not None:
            yield pending
        pending = _parse_card(name, line)
    if pending is not None:
        yield pending


@lru_cache(maxsize=4096)  # the planes of an exposure, and the files of a night, share most cards
def _parse_card(name: str, line: str) -> Card | None:
    if line[8:9] == "=" and name not in COMMENTARY:
        return Card(name, *_parse_value(line[9:]))
    if name == "HIERARCH" and "=" in line:
        long_name, _, rest = line[8:].partition("=")
        return Card(" ".join(long_name.upper().split()), *_parse_value(rest))
    remark = line[8:].rstrip()
    return Card(name, remark) if name or remark else None


def _parse_value(field: str) -> tuple[CardValue, str]:
    stripped = field.strip()
    if stripped.startswith("'"):
        match = _QUOTED.match(stripped)
        if match is None:
            return stripped[1:].rstrip(), ""
        rest = stripped[match.end() :].partition("/")[2]
        return match[1].replace("''", "'").rstrip(" "), rest.strip()
    word, _, comment = stripped.partition("/")
    return _parse_number(word.rstrip()), comment.strip()


def _parse_number(word: str) -> CardValue:
    if not word:
        return None
    if word in {"T", "F"}:
        return word == "T"
    if _INTEGER.fullmatch(word):
        return int(word)
    if _REAL.fullmatch(word):
        number = float(word.upper().replace("D", "E"))
        return number if math.isfinite(number) else word
    match = _COMPLEX.fullmatch(word)
    if match and _REAL.fullmatch(match[1]) and _REAL.fullmatch(match[2]):
        return complex(*(float(part.upper().replace("D", "E")) for part in match.groups()))
    return word


def _is_continued(card: Card) -> bool:
    return isinstance(card.value, str) and card.value.endswith("&")


def _joined(card: Card, line: str) -> Card:
    more, comment = _parse_value(line[8:])
    text = f"{str(card.value).removesuffix('&')}{more if isinstance(more, str) else ''}"
    return Card(card.name, text, " ".join(filter(None, (card.comment, comment))))


def check_name(name: str) -> str:
    """Return a keyword in upper case.

    Raises
    ------
    MetadataError
        If no card can have this name.
    """
    if not isinstance(name, str):
        raise MetadataError(f"The name of a card is a text, not {name!r}.")
    upper = name.upper()
    is_name = upper == "" or _LONG_NAME.fullmatch(upper)
    if is_name and upper not in _RESERVED and len(upper) <= _LONGEST_NAME:
        return upper
    message = (
        f"{name!r} cannot be the name of a card: it has printable ASCII characters other than "
        f"'=', {_LONGEST_NAME} at most, and is none of {', '.join(sorted(_RESERVED))}."
    )
    raise MetadataError(message)


def format_card(card: Card) -> str:
    """Return a card as a header holds it.

    Parameters
    ----------
    card
        Its comment is cut where it does not fit.

    Returns
    -------
    str
        A multiple of 80 characters: long texts take several cards.

    Raises
    ------
    MetadataError
        If the value does not fit beside a long name.
    """
    if card.name in COMMENTARY and isinstance(card.value, str):
        return "".join(_commentary(card.name, card.value))
    if _STANDARD_NAME.fullmatch(card.name):
        start = f"{card.name:<8}= "
    else:
        start = f"HIERARCH {card.name} = "
    if isinstance(card.value, str):
        return "".join(_text_cards(start, card))
    value = _format_number(card.value)
    if len(start) == 10:  # noqa: PLR2004 - a standard card: numbers end in column 30
        value = f"{value:>20}"
    return _line(card, f"{start}{value}", card.comment)


def _format_number(value: bool | complex | None) -> str:  # noqa: FBT001 - it is data
    if value is None:
        return ""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, complex):
        return f"({_format_number(value.real)}, {_format_number(value.imag)})"
    mantissa, _, exponent = repr(value).partition("e")
    point = "" if "." in mantissa else ".0"
    return f"{mantissa}{point}E{exponent}" if exponent else f"{mantissa}{point}"


def _line(card: Card, content: str, comment: str) -> str:
    if len(content) > CARD_LENGTH:
        message = (
            f"{card.name} = {card.value!r} does not fit on a card. "
            "Use a name of at most eight letters, digits, '-' and '_', or a shorter value."
        )
        raise MetadataError(message)
    if comment:
        content = f"{content} / {comment}"[:CARD_LENGTH]
    return f"{content:<{CARD_LENGTH}}"


def _commentary(name: str, text: str) -> Iterator[str]:
    width = CARD_LENGTH - 8
    for start in range(0, max(len(text), 1), width):
        yield f"{name:<8}{text[start : start + width]:<{width}}"


def _text_cards(start: str, card: Card) -> Iterator[str]:
    text = str(card.value)
    quoted = "'{:<8}'".format(text.replace("'", "''"))
    if len(start) + len(quoted) <= CARD_LENGTH or len(start) != 10:  # noqa: PLR2004 - as above
        yield _line(card, start + quoted, card.comment)
        return
    *pieces, last = _pieces(text)
    for piece in pieces:
        yield _line(card, f"{start}'{piece}&'", "")
        start = "CONTINUE  "
    yield _line(card, f"{start}'{last}'", card.comment)


def _pieces(text: str) -> Iterable[str]:
    """Cut a text so that every piece, its quotes doubled, fits on a card."""
    pieces, current = [], ""
    for letter in text:
        doubled = "''" if letter == "'" else letter
        if len(current) + len(doubled) > _TEXT_LENGTH:
            pieces.append(current)
            current = ""
        current += doubled
    return [*pieces, current]
