"""Configurations that a repository holds: read as data, compared, never executed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["differences", "parse_saved"]

_LARGEST = 1 << 22
_ROOT = "config."


def parse_saved(text: str) -> dict[str, object]:
    """Return what each field is set to.

    Parameters
    ----------
    text
        As ``Config.saveToString`` writes it.

    Returns
    -------
    dict
        Name of the field, as ``isr.doBias``, to its value: a literal, or the
        text of any other expression. The choice of a task stands under the
        name ``isr.retarget``.

    Raises
    ------
    ConfigError
        If it is no such text.
    """
    if len(text) > _LARGEST:
        raise ConfigError(f"A configuration of {len(text)} characters is none.")
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"The configuration that was saved cannot be read: {error}") from error
    fields: dict[str, object] = {}
    for one in statements:
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            name = ast.unparse(one.targets[0]).removeprefix(_ROOT)
            fields[name] = _value(name, one.value)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            name = ast.unparse(one.value.func).removeprefix(_ROOT)
            fields[name] = ", ".join(ast.unparse(part) for part in one.value.keywords)
        elif not isinstance(one, ast.Import | ast.ImportFrom | ast.Assert):
            raise ConfigError(f"Line {one.lineno} of the saved configuration sets no field.")
    return fields


def _value(name: str, node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return ast.unparse(node)
    if name.endswith(".names") and isinstance(value, list | tuple):
        return sorted(map(str, value))  # a selection has no order
    return value


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """Return one line for each field that differs, by name.

    Parameters
    ----------
    old, new
        From `parse_saved`.
    """
    nothing = object()
    lines = []
    for name in sorted({*old, *new}):
        before, after = old.get(name, nothing), new.get(name, nothing)
        if before != after:
            was = "(not there)" if before is nothing else repr(before)
            now = "(not there)" if after is nothing else repr(after)
            lines.append(f"{name}: {was} -> {now}")
    return lines
