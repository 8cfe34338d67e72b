"""Reading the text of a path template, in our spelling or in Gen2's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from butler.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.data_id import KeyType

__all__ = ["Field", "Part", "is_surely_reversible", "read_template"]

_OURS = re.compile(
    r"(?P<literal>(?:[^{}]|\{\{|\}\})+)"
    r"|\{(?P<key>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<spec>[^{}]*))?\}"
)
_GEN2 = re.compile(
    r"(?P<literal>(?:[^%]|%%)+)"
    r"|%\((?P<key>[A-Za-z_][A-Za-z0-9_]*)\)(?P<spec>[0-9.]*[a-z])"
)
_SPEC = re.compile(r"(?P<integer>[0-9]{0,2}d)|(?P<real>[0-9]{0,2}\.[0-9]{1,2}f)|(?P<text>s?)")
_HDU = re.compile(r"\[(?:([0-9]{1,4})|\{(\w+)\}|%\((\w+)\)d)\]\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Field:
    """The place of one key in a template.

    Attributes
    ----------
    key
        The data-ID key.
    type
        Its type.
    printf
        The ``%(key)...`` that puts a value there.
    pattern
        Regular expression of what may stand there; empty for text, whose
        expression depends on whether values are encoded.
    """

    key: str
    type: KeyType
    printf: str
    pattern: str


Part: TypeAlias = "str | Field"


def read_template(
    text: str, types: Mapping[str, KeyType]
) -> tuple[tuple[Part, ...], int | None, str | None]:
    """Return the literals and fields of a template, and the HDU or its key in the suffix.

    Parameters
    ----------
    text
        The template. One that holds ``%(`` is in Gen2's spelling.
    types
        Types of the keys whose fields do not say theirs.

    Raises
    ------
    TemplateError
        If it cannot be understood, or leads out of the repository.
    """
    found = _HDU.search(text)
    body = text[: found.start()] if found else text
    is_gen2 = "%(" in body
    parts: list[Part] = []
    position = 0
    while position < len(body):
        match = (_GEN2 if is_gen2 else _OURS).match(body, position)
        if match is None:
            message = (
                f"The template {text!r} cannot be understood from {body[position:]!r} on. "
                "A field is {key}, {key:07d}, {key:.2f} or {key:s}."
            )
            raise TemplateError(message)
        if match["key"] is None:
            parts.append(_literal(match[0], is_gen2=is_gen2))
        else:
            parts.append(_field(text, match["key"], match["spec"] or "", types))
        position = match.end()
    _check_literals(text, parts)
    if found is None:
        return tuple(parts), None, None
    return tuple(parts), int(found[1]) if found[1] else None, found[2] or found[3]


def _literal(text: str, *, is_gen2: bool) -> str:
    if is_gen2:
        return text.replace("%%", "%")
    return text.replace("{{", "{").replace("}}", "}")


def _field(text: str, key: str, spec: str, types: Mapping[str, KeyType]) -> Field:
    match = _SPEC.fullmatch(spec)
    if match is None:
        message = (
            f"The template {text!r} gives {key!r} the format {spec!r}; "
            "known are 07d (integers), .2f (real numbers) and s."
        )
        raise TemplateError(message)
    declared = types.get(key, "str")
    if match["integer"]:
        return Field(key, "int", f"%({key}){spec}", r" *-?[0-9]+")
    if match["real"]:
        return Field(key, "float", f"%({key}){spec}", r" *-?[0-9]+\.?[0-9]*")
    return _undeclared_field(key, declared)


@lru_cache(maxsize=256)
def _undeclared_field(key: str, declared: KeyType) -> Field:
    """Return a field whose template leaves the form to the type of the key."""
    if declared == "int":
        return Field(key, "int", f"%({key})d", r"-?[0-9]+")
    if declared == "float":
        return Field(key, "float", f"%({key})r", r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")
    return Field(key, "str", f"%({key})s", "")


def _check_literals(text: str, parts: Sequence[Part]) -> None:
    """Refuse what leads elsewhere before any value is put in."""
    shape = "".join(part if isinstance(part, str) else "x" for part in parts)
    if not shape or _CONTROL.search(shape):
        message = f"The template {text!r} is empty or holds control characters."
        raise TemplateError(message)
    if any(component in {"", ".", ".."} for component in shape.split("/")):
        message = (
            f"The template {text!r} is no relative path inside a repository: "
            "it may not begin or end with '/', nor hold '//', '.' or '..'."
        )
        raise TemplateError(message)


def is_surely_reversible(parts: Sequence[Part]) -> bool:
    """Return whether no two data IDs can have one path, whatever their values.

    Notes
    -----
    Each directory or file name is looked at by itself, since a value never
    holds ``/``. A name with one field that is not known from another name
    gives that field away; integers that something other than a digit ends
    give themselves away from the left. False means not proved.
    """
    pending = _components(parts)
    known: set[Field] = set()
    while pending:
        unsolved = []
        for component in pending:
            if len(_undetermined(component, known)) <= 1:
                known.update(part for part in component if isinstance(part, Field))
            else:
                unsolved.append(component)
        if len(unsolved) == len(pending):
            return False
        pending = unsolved
    return True


def _components(parts: Sequence[Part]) -> list[list[Part]]:
    """Return the literals and fields of each directory or file name."""
    components: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Field):
            components[-1].append(part)
            continue
        first, *others = part.split("/")
        components[-1].append(first)
        components.extend([other] for other in others)
    return components


def _undetermined(component: Sequence[Part], known: set[Field]) -> set[Field]:
    """Return the fields of a name that are left when it has been read from the left."""
    for index, part in enumerate(component):
        if isinstance(part, str) or part in known:
            continue
        following = component[index + 1] if index + 1 < len(component) else ""
        ends = isinstance(following, str) and not _DIGIT.match(following)
        if part.type != "int" or not ends:
            return {
                other
                for other in component[index:]
                if isinstance(other, Field) and other not in known
            }
    return set()
