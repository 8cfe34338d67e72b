"""YAML with line numbers, read without trust, for messages that say where.

Neither tags, anchors, aliases, several documents nor duplicate keys are taken,
size and depth are bounded, and ``yes`` or ``1999-01-01`` stay texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from butler.errors import PolicyError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yaml.events import Event

__all__ = ["Faults", "Node", "Section", "as_node", "read_yaml"]

_LARGEST = 1 << 20
_DEEPEST = 20
_MOST_FAULTS = 20
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_REAL = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

Scalar: TypeAlias = "str | int | float | bool | None"


@dataclass(slots=True)
class Node:
    """A value and the line it stands on; 0 where there is no file.

    Attributes
    ----------
    value
        A scalar, a list of nodes or a dictionary of them.
    line
        Line number, from 1; of the key, where the value has one.
    """

    value: Scalar | list[Node] | dict[str, Node]
    line: int


class Faults:
    """What is wrong with one file, collected to be reported together.

    Parameters
    ----------
    source
        Name of the file, for messages.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, message: str) -> None:
        """Note one fault."""
        self._found.append((line, message))

    def raise_if_any(self) -> None:
        """Raise a `PolicyError` that lists the faults in the order of their lines.

        Raises
        ------
        PolicyError
            If there is at least one.
        """
        if not self._found:
            return
        lines = [
            f"{self.source}:{line}: {message}" if line else f"{self.source}: {message}"
            for line, message in sorted(self._found)
        ]
        left_out = len(lines) - _MOST_FAULTS
        if left_out > 0:
            lines[_MOST_FAULTS:] = [f"and {left_out} more"]
        raise PolicyError("\n".join(lines))


class Section:
    """A mapping of a file, asked field by field; what is wrong goes to the faults.

    Parameters
    ----------
    node
        The mapping.
    where
        What it describes, for messages.
    faults
        Collects what is wrong.
    """

    __slots__ = ("_asked", "_fields", "faults", "line", "where")

    def __init__(self, node: Node | None, where: str, faults: Faults) -> None:
        self.where, self.faults = where, faults
        self.line = node.line if node else 0
        self._asked: set[str] = set()
        self._fields: dict[str, Node] = {}
        if node is not None and isinstance(node.value, dict):
            self._fields = node.value
        elif node is not None and node.value is not None:
            faults.add(node.line, f"{where} must be a mapping of names to values.")

    def items(self) -> Iterator[tuple[str, Node]]:
        """Iterate over all fields, as of a section whose names are the user's."""
        self._asked.update(self._fields)
        return iter(self._fields.items())

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, as of a section whose names are the user's."""
        self._asked.update(self._fields)
        return tuple(self._fields)

    def get(self, name: str) -> Node | None:
        """Return a field, or None."""
        self._asked.add(name)
        return self._fields.get(name)

    def line_of(self, name: str) -> int:
        """Return the line of a field, or that of the section."""
        node = self._fields.get(name)
        return node.line if node else self.line

    def text(self, name: str, default: str | None = "", *, needed: bool = False) -> str | None:
        """Return a text field; a number is not taken for one."""
        node = self.get(name)
        if node is None or node.value is None:
            if needed:
                self.faults.add(self.line, f"{self.where} lacks {name!r}.")
            return default
        if not isinstance(node.value, str):
            self.faults.add(node.line, f"{name!r} of {self.where} must be a text.")
            return default
        return node.value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, each once; a missing one is empty."""
        node = self.get(name)
        if node is None or node.value is None:
            return ()
        words = node.value if isinstance(node.value, list) else []
        found = [word.value for word in words if isinstance(word.value, str)]
        if not isinstance(node.value, list) or len(found) != len(words):
            self.faults.add(node.line, f"{name!r} of {self.where} must be a list of texts.")
        for word in {word for word in found if found.count(word) > 1}:
            self.faults.add(node.line, f"{name!r} of {self.where} names {word!r} twice.")
        return tuple(found)

    def known_texts(self, name: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """Return a list of texts, each of which must be one of ``known``."""
        words = self.texts(name)
        for word in words:
            self.check_known(word, known, f"{name!r} of {self.where} names", what, name)
        return words

    def check_known(
        self, word: str, known: Iterable[str], head: str, what: str, name: str = ""
    ) -> None:
        """Note a fault if ``word`` is none of ``known``."""
        if word not in known:
            line = self.line_of(name)
            self.faults.add(line, f"{head} {word!r}, which is no {what}.{suggest(word, known)}")

    def finish(self) -> None:
        """Note the fields that nothing asked for."""
        for name, node in self._fields.items():
            if name not in self._asked:
                known = suggest(name, self._asked)
                self.faults.add(node.line, f"{self.where} has no field {name!r}.{known}")


def as_node(value: object, line: int = 0) -> Node:
    """Return plain dictionaries, lists and scalars as nodes without lines.

    Raises
    ------
    PolicyError
        If there is something else among them.
    """
    if isinstance(value, dict):
        return Node({str(key): as_node(item, line) for key, item in value.items()}, line)
    if isinstance(value, (list, tuple)):
        return Node([as_node(item, line) for item in value], line)
    if value is None or isinstance(value, (str, int, float, bool)):
        return Node(value, line)
    message = f"A policy is made of texts, numbers, lists and mappings, not of {value!r}."
    raise PolicyError(message)


def read_yaml(text: str, source: str) -> Node:
    """Return the one document of ``text``.

    Parameters
    ----------
    text
        The YAML text.
    source
        Name of the file, for messages.

    Raises
    ------
    PolicyError
        If it is no YAML, or uses what is refused; with the line.
    """
    import yaml

    if len(text) > _LARGEST:
        message = f"{source} is larger than {_LARGEST} characters, which no policy is."
        raise PolicyError(message)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(source)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        message = f"{source}:{line}: {error.problem or error.context}"
        raise PolicyError(message) from error
    except yaml.YAMLError as error:
        message = f"{source}: {error}"
        raise PolicyError(message) from error
    return builder.root or Node({}, 1)


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Builder:
    """Makes nodes of the parser's events."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[str | None] = []
        self._key_lines: list[int] = []

    def take(self, event: Event) -> None:
        """Take the next event of the parser."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._refuse(event)
            self._add(self._scalar(event), event)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._refuse(event)
            node = self._add({} if kind == "MappingStartEvent" else [], event)
            self._open.append(node)
            self._keys.append(None)
            self._key_lines.append(0)
            if len(self._open) > _DEEPEST:
                raise self._error(event, f"nested deeper than {_DEEPEST} levels")
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._open.pop()
            self._keys.pop()
            self._key_lines.pop()
        elif kind == "AliasEvent":
            raise self._error(event, "an alias (*name) is refused; write the value again")
        elif kind == "DocumentStartEvent" and self.root is not None:
            raise self._error(event, "a second document is refused")

    def _error(self, event: Event, message: str) -> PolicyError:
        return PolicyError(f"{self.source}:{_line(event)}: {message}.")

    def _refuse(self, event: Event) -> None:
        if getattr(event, "anchor", None):
            raise self._error(event, "an anchor (&name) is refused")
        if getattr(event, "tag", None) not in {None, "!"}:
            raise self._error(event, "a tag (!name) is refused")

    def _scalar(self, event: Event) -> Scalar:
        text: str = getattr(event, "value", "")
        if getattr(event, "style", None):  # quoted or a block
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not text or text[0] not in "+-0123456789":
            return text
        if _INTEGER.fullmatch(text) and len(text) <= 20:  # noqa: PLR2004 - 64 bits
            return int(text)
        return float(text) if _REAL.fullmatch(text) else text

    def _add(self, value: Scalar | list[Node] | dict[str, Node], event: Event) -> Node:
        """Put a value where it belongs: a key, an element, or the document."""
        node = Node(value, _line(event))
        if not self._open:
            self.root = node
            return node
        holder = self._open[-1].value
        key = self._keys[-1]
        if isinstance(holder, list):
            holder.append(node)
        elif isinstance(holder, dict) and key is None:
            text = getattr(event, "value", None)
            if text is None:
                raise self._error(event, "a key must be a text")
            if text in holder:
                raise self._error(event, f"{text!r} comes twice")
            self._keys[-1], self._key_lines[-1] = text, node.line
        elif isinstance(holder, dict) and key is not None:
            node.line = self._key_lines[-1]
            holder[key] = node
            self._keys[-1] = None
        return node
