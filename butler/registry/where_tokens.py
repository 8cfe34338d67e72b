"""The words of a ``where`` expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from butler.errors import ExpressionError
from butler.registry.literal import KEYWORDS

if TYPE_CHECKING:
    from butler.data_id import KeyValue

__all__ = ["MAX_TEXT", "Token", "TokenKind", "bare_word", "tokenize"]

MAX_TEXT: Final = 10_000  # characters
TokenKind: TypeAlias = Literal["name", "keyword", "value", "bind", "operator", "mark", "end"]

# Alternatives are tried in this order; none of them can match in two ways, so
# the time is linear in the text.
_TOKEN: Final = re.compile(
    r"""
      (?P<blank>[ \t\r\n]+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<range>\.\.)
    | (?P<date>[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?[T0-9:.Z+-]*)
    | (?P<float>(?:[0-9]+\.(?!\.)[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)
    | (?P<int>[0-9]+)
    | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<bind>:[A-Za-z_][A-Za-z0-9_]*)
    | (?P<operator><=|>=|<>|!=|==|=(?![<>])|<|>)
    | (?P<mark>[()\[\],:+-])
    """,
    re.VERBOSE,
)
_BARE_WORD: Final = re.compile(r"[^\s()\[\],'\"=<>!]+")
_MAX_DIGITS: Final = 40  # no number of 64 bits is written longer, leading zeros aside
_SAME_OPERATOR: Final = {"==": "=", "<>": "!="}
_INSTEAD: Final = {
    "&&": "write and",
    "&": "write and",
    "||": "write or",
    "|": "write or",
    "!": "write not",
    "~": "write not",
    "=>": "write >=",
    "=<": "write <=",
    "'": "the quote is never closed",
    '"': "the quote is never closed",
    "`": "text is quoted with ' or \"",
    "\N{LEFT SINGLE QUOTATION MARK}": "text is quoted with ' or \"",
    "\N{RIGHT SINGLE QUOTATION MARK}": "text is quoted with ' or \"",
    "\N{LEFT DOUBLE QUOTATION MARK}": "text is quoted with ' or \"",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "text is quoted with ' or \"",
    "^": "write a list, visit in (1, 2)",
    "*": "arithmetic and wildcards are not supported",
    "/": "arithmetic is not supported, and a date or a path must be quoted",
    "%": "arithmetic is not supported: every second value of 0..10 is 0..10:2",
    ";": "one expression is all there can be",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word; ``value`` is what a number or a quoted text stands for."""

    kind: TokenKind
    text: str
    position: int
    value: KeyValue = ""


def tokenize(text: str) -> list[Token]:
    """Split an expression into its words, the last of them the end.

    Parameters
    ----------
    text
        The expression, at most `MAX_TEXT` characters.

    Raises
    ------
    ExpressionError
        Where something is no word of the language.
    """
    if len(text) > MAX_TEXT:
        message = (
            f"The expression has {len(text)} characters, {MAX_TEXT} are allowed: "
            "give long lists as bound values, visit in :visits."
        )
        raise ExpressionError(message)
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _stray_character(text, position)
        if found.lastgroup != "blank":
            tokens.append(_token(found, text))
        position = found.end()
    return [*tokens, Token("end", "", len(text))]


def bare_word(text: str, position: int) -> str:
    """Return the run of characters at a position that somebody forgot to quote."""
    found = _BARE_WORD.match(text, position)
    return found[0] if found else ""


def _token(found: re.Match[str], text: str) -> Token:
    group, word, position = found.lastgroup, found[0], found.start()
    if group == "name":
        keyword = word.lower()
        return Token("keyword", keyword, position) if keyword in KEYWORDS else _name(word, position)
    if group == "string":
        quotes = word[0]
        return Token("value", word, position, word[1:-1].replace(quotes * 2, quotes))
    if group in ("int", "float", "date"):
        return _number(found, text)
    if group == "operator":
        return Token("operator", _SAME_OPERATOR.get(word, word), position)
    return Token("bind" if group == "bind" else "mark", word, position)


def _name(word: str, position: int) -> Token:
    return Token("name", word, position)


def _number(found: re.Match[str], text: str) -> Token:
    word, position = found[0], found.start()
    if found.lastgroup == "date":
        message = f"dates must be quoted: '{word}'"
        raise ExpressionError(message, text, position)
    following = text[found.end() : found.end() + 1]
    if following.isalpha() or following == "_":
        message = f"text must be quoted: '{bare_word(text, position)}'"
        raise ExpressionError(message, text, position)
    if len(word) > _MAX_DIGITS:
        message = f"a number of {len(word)} characters is too long"
        raise ExpressionError(message, text, position)
    return Token("value", word, position, int(word) if found.lastgroup == "int" else float(word))


def _stray_character(text: str, position: int) -> ExpressionError:
    for length in (2, 1):
        stray = text[position : position + length]
        if stray in _INSTEAD:
            return ExpressionError(f"{stray} is not understood: {_INSTEAD[stray]}", text, position)
    message = f"{text[position]!r} is not understood: text must be quoted"
    return ExpressionError(message, text, position)
