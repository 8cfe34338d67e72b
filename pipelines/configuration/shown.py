"""Configurations as people read them: values with their documentation, and where they come from."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lsst.pex.config import Config, ConfigurableInstance

from butler.errors import suggest
from pipelines.configuration.field_rows import iter_parts
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsst.pex.config.callStack import StackFrame

__all__ = ["show_config", "show_history", "show_tasks", "undocumented_fields"]

_EXACT = ":NOIGNORECASE"
_LIBRARY = "lsst/pex/config/"


def show_config(config: Config, pattern: str = "") -> str:
    """Return the fields with their documentation, as a file that could be loaded.

    Parameters
    ----------
    config
        Shown.
    pattern
        Names of the fields that are shown, with ``*`` and ``?``. Case is
        ignored if it is all in lower case, unless it ends with
        ``:NOIGNORECASE``. Empty for all.
    """
    blocks = re.split(r"\n\n+", config.saveToString(skipImports=True).strip())
    matches = _matcher(pattern)
    kept = []
    for block in blocks:
        lines = block.splitlines()
        set_here = [line for line in lines if line.startswith("config.")]
        if any(matches(_name_of(line)) for line in set_here):
            kept.append(block)
    return "\n\n".join(kept)


def _name_of(line: str) -> str:
    return re.split(r"[=(]", line.removeprefix("config."), maxsplit=1)[0].strip()


def _matcher(pattern: str) -> Callable[[str], bool]:
    pattern = pattern.removeprefix("config.")
    if pattern.endswith(_EXACT):
        exact = pattern.removesuffix(_EXACT)
        return lambda name: fnmatchcase(name, exact)
    if not pattern:
        return lambda _name: True
    if pattern == pattern.lower():
        return lambda name: fnmatchcase(name.lower(), pattern)
    return lambda name: fnmatchcase(name, pattern)


def show_history(config: Config, pattern: str) -> str:
    """Return where the values of fields come from, file and line for each assignment.

    Parameters
    ----------
    config
        Shown.
    pattern
        As for `show_config`.

    Raises
    ------
    ConfigError
        If there is no such field.
    """
    matches = _matcher(pattern)
    names = [name for name in config.names() if "(" not in name and matches(name)]
    if not names:
        raise ConfigError(
            f"{type(config).__name__} has no field {pattern!r}.{suggest(pattern, config.names())}"
        )
    return "\n\n".join(_history(config, name) for name in names)


def _history(config: Config, name: str) -> str:
    *above, last = re.findall(r"\w+|\['[^']*'\]", name)
    holder: object = config
    for step in above:
        holder = holder[step[2:-2]] if step[0] == "[" else getattr(holder, step)  # type: ignore[index]
    if isinstance(holder, ConfigurableInstance):
        holder = holder.value
    if not isinstance(holder, Config):
        return name
    lines = [name]
    for value, frames, label in holder.history[last]:
        where = next((one for one in reversed(frames) if _LIBRARY not in one.filename), None)
        place = label if where is None else _place(where)
        lines.append(f"  {value!r}  {place}")
    return "\n".join(lines)


def _place(where: StackFrame) -> str:
    """Return file, line and text of an assignment; of one on the command line its text."""
    line = f":{where.lineno}" if where.lineno else ""
    return f"{where.filename}{line}  {where.content}".rstrip()


def undocumented_fields(config: Config) -> list[str]:
    """Return the fields whose documentation says nothing, those of sub-tasks and plugins too."""
    rows = (row for part in iter_parts(config, "") for row in part.rows)
    return [row.path for row in rows if len(row.doc.split()) < 2]  # noqa: PLR2004


def show_tasks(config: Config, above: str = "") -> list[str]:
    """Return a line for each sub-task: the path of its field and its class."""
    lines = []
    for name in sorted(config._fields):
        value = getattr(config, name)
        path = f"{above}{name}"
        if isinstance(value, ConfigurableInstance):
            lines.append(f"{path}: {value.target.__module__}.{value.target.__qualname__}")
            value = value.value
        if isinstance(value, Config):
            lines += show_tasks(value, f"{path}.")
    return lines
