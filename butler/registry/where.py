"""The language of ``where``: text in, a typed tree out, nothing ever run.

::

    condition  = term { "or" term }                 term = factor { "and" factor }
    factor     = "not" factor | "(" condition ")" | test
    test       = operand ( operator operand { operator operand }
               | ["not"] "in" ( "(" entry { "," entry } ")" | ":bound" )
               | ["not"] "between" literal "and" literal )
    entry      = literal [ ".." literal [ ":" stride ] ]
    operand    = name | literal
    literal    = ["-" | "+"] number | 'text' | "text" | ":bound"
    operator   = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="

Square brackets may stand for the parentheses of a list, keywords are written
in any case, and a quote inside a text is doubled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from butler.errors import ExpressionError, suggest
from butler.registry.condition import (
    Comparison,
    Condition,
    Everything,
    Membership,
    Not,
    Range,
    all_of,
    any_of,
    membership_of,
)
from butler.registry.literal import check_literal, is_plural, plain_literal
from butler.registry.where_tokens import bare_word, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from butler.data_id import KeyValue
    from butler.registry.where_tokens import Token

__all__ = ["MAX_BOUND", "MAX_DEPTH", "MAX_ENTRIES", "MAX_TERMS", "parse_where"]

MAX_DEPTH: Final = 50
MAX_TERMS: Final = 200
MAX_ENTRIES: Final = 1000  # of one list that is written out
MAX_BOUND: Final = 100_000  # of one list that is bound
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CLOSING: Final = {"(": ")", "[": "]"}
_FOREIGN_WORDS: Final = {
    "is": "missing values cannot be searched for",
    "like": "texts are compared exactly, with = or in",
    "glob": "texts are compared exactly, with = or in",
    "regexp": "texts are compared exactly, with = or in",
    "xor": "there is and, or and not",
}
_FOREIGN_VALUES: Final = {
    "null": "missing values cannot be searched for",
    "none": "missing values cannot be searched for",
    "true": "there are numbers and texts only",
    "false": "there are numbers and texts only",
}


def parse_where(text: str, bind: Mapping[str, object] | None = None) -> Condition:
    """Return the condition that an expression stands for.

    Parameters
    ----------
    text
        For example ``visit in (903332, 903334..903338:2) and filter = 'HSC-R'``.
        Blank text is no condition.
    bind
        Values of ``:name`` in the text: numbers, texts, and after ``in`` also
        collections of them. Names that the text does not use are ignored.

    Raises
    ------
    ExpressionError
        If the text is not understood, with the position and what to write
        instead; also beyond 10,000 characters, `MAX_DEPTH` levels, `MAX_TERMS`
        comparisons, `MAX_ENTRIES` entries of a list and `MAX_BOUND` of a bound one.
    """
    return _Parser(text, bind or {}).parse()


class _Parser:
    """One pass over the words of one expression."""

    def __init__(self, text: str, bind: Mapping[str, object]) -> None:
        self._text, self._bind = text, bind
        self._tokens = tokenize(text)
        self._index = self._depth = self._terms = 0

    def parse(self) -> Condition:
        if self._peek().kind == "end":
            return Everything()
        condition = self._disjunction()
        if self._peek().kind != "end":
            self._fail(self._after_test())
        return condition

    def _peek(self) -> Token:
        return self._tokens[self._index]

    def _fail(self, message: str, position: int | None = None) -> NoReturn:
        at = self._peek().position if position is None else position
        raise ExpressionError(message, self._text, at)

    def _take(self) -> Token:
        token = self._peek()
        self._index += token.kind != "end"
        return token

    def _accept(self, *texts: str) -> Token | None:
        matches = self._peek().kind in ("keyword", "mark") and self._peek().text in texts
        return self._take() if matches else None

    def _disjunction(self) -> Condition:
        terms = [self._conjunction()]
        while self._accept("or"):
            terms.append(self._conjunction())
        return any_of(*terms)

    def _conjunction(self) -> Condition:
        terms = [self._factor()]
        while self._accept("and"):
            terms.append(self._factor())
        return all_of(*terms)

    def _factor(self) -> Condition:
        opening = self._accept("not", "(")
        if opening is None:
            return self._test()
        if self._depth == MAX_DEPTH:
            self._fail(f"the expression is nested over {MAX_DEPTH} levels deep", opening.position)
        self._depth += 1
        if opening.text == "not":
            condition: Condition = Not(self._factor())
        else:
            condition = self._disjunction()
            if not self._accept(")"):
                self._fail(self._after_test("this parenthesis is never closed", opening))
        self._depth -= 1
        return condition

    def _test(self) -> Condition:
        start = self._peek()
        left = self._operand()
        if self._peek().kind == "operator":
            return self._comparisons(start, left)
        self._count_term(start)
        negation = self._accept("not")
        verb = self._accept("in", "between")
        if verb is None:
            self._fail(self._no_comparison(start, negation))
        if start.kind != "name":
            self._fail(f"the name of a key must stand before {verb.text!r}", start.position)
        if verb.text == "between":
            return self._between(start.text, negated=negation is not None)
        return self._list(start.text, negated=negation is not None)

    def _comparisons(self, start: Token, left: KeyValue | None) -> Condition:
        """Read ``a < b`` and chains of it, which mean ``a < b and b < c``."""
        terms: list[Condition] = []
        while self._peek().kind == "operator":
            self._count_term(start)
            sign = self._take()
            end = self._peek()
            right = self._operand(f"{start.text} {sign.text} ")
            if start.kind == end.kind == "name":
                self._fail_unquoted(end, f"{start.text} {sign.text} ")
            if left is not None and right is not None:
                self._fail("a key must stand on one side, not a value on both", start.position)
            if right is not None:
                terms.append(Comparison(start.text, sign.text, right))
            elif left is not None:
                sign_text = _MIRRORED.get(sign.text, sign.text)
                terms.append(Comparison(end.text, sign_text, left))
            start, left = end, right
        return all_of(*terms)

    def _between(self, name: str, *, negated: bool) -> Condition:
        position = self._peek().position
        first = self._literal(f"{name} between ")
        if not self._accept("and"):
            self._fail(f"'and' is missing: {name} between 1 and 9")
        last = self._literal(f"{name} between ... and ")
        return Membership(name, (), (self._range(first, last, 1, position),), negated)

    def _list(self, name: str, *, negated: bool) -> Condition:
        if self._peek().kind == "bind":
            token = self._take()
            return self._membership(name, self._bound_values(token), token, negated=negated)
        opening = self._accept("(", "[")
        if opening is None:
            self._fail(f"a list must follow: {name} in (1, 2, 5..9)")
        values: list[object] = []
        ranges: list[Range] = []
        self._entry(name, values, ranges)
        entries = 1
        while self._accept(","):
            entries += 1
            if entries > MAX_ENTRIES:
                self._fail(
                    f"a list holds at most {MAX_ENTRIES} entries: write ranges, or bind the list"
                )
            self._entry(name, values, ranges)
        if not self._accept(_CLOSING[opening.text]):
            self._fail(f"a comma or {_CLOSING[opening.text]!r} is missing in the list")
        listed = self._membership(name, values, opening, negated=negated)
        return Membership(name, listed.values, (*listed.ranges, *ranges), negated)

    def _entry(self, name: str, values: list[object], ranges: list[Range]) -> None:
        start = self._peek()
        if start.kind == "bind" and self._tokens[self._index + 1].text != "..":
            values.extend(self._bound_values(self._take()))
            return
        first = self._literal(f"{name} in ", "(")
        if not self._accept(".."):
            values.append(first)
            return
        last = self._literal(f"{name} in ", "(")
        stride: KeyValue = 1
        if self._accept(":"):
            stride = self._literal()
        elif self._peek().kind == "bind":
            self._fail("write the stride of a range as a number")
        ranges.append(self._range(first, last, stride, start.position))

    def _range(self, first: KeyValue, last: KeyValue, stride: KeyValue, position: int) -> Range:
        try:
            return Range(first, last, stride)  # type: ignore[arg-type]
        except ExpressionError as error:
            raise ExpressionError(error.head, self._text, position) from None

    def _membership(
        self, name: str, values: Iterable[object], token: Token, *, negated: bool
    ) -> Membership:
        try:
            return membership_of(name, values, negated=negated)
        except ExpressionError as error:
            raise ExpressionError(error.head, self._text, token.position) from None

    def _operand(self, before: str = "") -> KeyValue | None:
        """Return the value of a literal, None where the name of a key stands."""
        if self._peek().kind != "name":
            return self._literal(before)
        token = self._take()
        if self._peek().text == "(":
            self._fail("functions are not supported", token.position)
        return None

    def _literal(self, before: str = "", around: str = "") -> KeyValue:
        token = self._take()
        if token.kind == "value":
            return self._checked(token.value, token)
        if token.kind == "bind":
            given = self._bound(token)
            if is_plural(given):
                self._fail(f"{token.text} holds many values: write in {token.text}", token.position)
            return self._checked(given, token)
        if token.kind == "mark" and token.text in "+-":
            number = self._take()
            if number.kind == "value" and not isinstance(number.value, str):
                sign = -1 if token.text == "-" else 1
                return self._checked(sign * number.value, token)
        if token.kind == "name":
            self._fail_unquoted(token, before, around)
        return self._fail(_expected_value(token), token.position)

    def _checked(self, value: object, token: Token) -> KeyValue:
        try:
            plain = plain_literal(value, token.text)
            check_literal(plain)
        except ExpressionError as error:
            raise ExpressionError(error.head, self._text, token.position) from None
        return plain

    def _bound(self, token: Token) -> object:
        name = token.text[1:]
        if name not in self._bind:
            self._fail(
                f"no value is bound to {token.text}.{suggest(name, self._bind)}", token.position
            )
        return self._bind[name]

    def _bound_values(self, token: Token) -> list[object]:
        given = self._bound(token)
        if isinstance(given, range):
            return [given]
        if not is_plural(given):
            return [self._checked(given, token)]
        values: list[object] = list(given)  # type: ignore[call-overload]
        if len(values) > MAX_BOUND:
            self._fail(
                f"{token.text} holds {len(values)} values, {MAX_BOUND} are allowed", token.position
            )
        return values

    def _count_term(self, token: Token) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            self._fail(
                f"the expression has over {MAX_TERMS} comparisons: write lists, visit in (1, 2)",
                token.position,
            )

    def _fail_unquoted(self, token: Token, before: str = "", around: str = "") -> NoReturn:
        """Refuse a word where a value must stand."""
        reason = _FOREIGN_VALUES.get(token.text.lower())
        if reason:
            self._fail(f"{token.text} is no value: {reason}", token.position)
        word = bare_word(self._text, token.position)
        closing = _CLOSING.get(around, "")
        self._fail(f"text must be quoted: {before}{around}'{word}'{closing}", token.position)

    def _no_comparison(self, start: Token, negation: Token | None) -> str:
        token = self._peek()
        if negation is not None:
            return "'in' or 'between' must follow 'not' here"
        if token.kind == "mark" and token.text in "+-":
            return f"arithmetic is not supported, and text must be quoted: '{start.text}...'"
        if token.kind == "name" and token.text.lower() in _FOREIGN_WORDS:
            return f"{token.text} is not supported: {_FOREIGN_WORDS[token.text.lower()]}"
        if start.kind == "name":
            return (
                f"a comparison must follow {start.text}: {start.text} = 1, {start.text} in (1, 2)"
            )
        return f"{start.text} alone is no condition: compare it with a key, visit = {start.text}"

    def _after_test(self, otherwise: str = "", opening: Token | None = None) -> str:
        """Say what is wrong where 'and', 'or', a closing parenthesis or the end was due."""
        token = self._peek()
        if token.kind == "mark" and token.text in "+-":
            return "arithmetic is not supported, and text must be quoted"
        if token.kind == "name" and token.text.lower() in _FOREIGN_WORDS:
            return f"{token.text} is not supported: {_FOREIGN_WORDS[token.text.lower()]}"
        if token.kind == "end" and opening is not None:
            return f"{otherwise} (it stands at character {opening.position + 1})"
        if token.text in (")", "]"):
            return f"{token.text} closes nothing here"
        return f"'and' or 'or' must stand before {token.text}"


def _expected_value(token: Token) -> str:
    if token.kind == "end":
        return "the expression ends where a value must follow"
    if token.kind == "keyword":
        return f"a value must stand before {token.text!r}; text must be quoted"
    if token.text in ("(", "["):
        return "one value must stand here: for several, write in (1, 2)"
    if token.text in (")", "]", ","):
        return f"a value is missing before {token.text!r}"
    return f"a value must stand here, not {token.text!r}"
