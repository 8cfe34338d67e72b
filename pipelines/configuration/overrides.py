"""``-c field=value``: one field of a configuration, its value a literal."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lsst.pex.config import Config, ConfigurableInstance, DictField, ListField
from lsst.pex.config.callStack import StackFrame

from butler.errors import suggest
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["set_field"]

_STEP = re.compile(r"\.?(?P<name>[A-Za-z_]\w*)|\[(?P<quote>['\"]?)(?P<key>[^\]'\"]+)(?P=quote)\]")
_BOOLEANS = {"true", "false", "yes", "no", "on", "off"}


def set_field(config: Config, override: str) -> None:
    """Set one field.

    Parameters
    ----------
    config
        Is changed.
    override
        ``field=value``, the field as in ``isr.doBias`` or
        ``measurement.plugins['base_Kron'].nRadius``. The value is a Python
        literal, a word for a field that holds text, or words between commas
        for one that holds a list. Nothing is executed.

    Raises
    ------
    ConfigError
        If there is no such field, or it cannot have the value.
    """
    path, equals, text = override.partition("=")
    path = path.strip()
    if not equals or not path:
        raise ConfigError(f"{override!r} is not of the form field=value, as in doWrite=False.")
    steps = list(_steps(path))
    holder = config
    for step in steps[:-1]:
        holder = _take(config, holder, step, path)
    last, is_key = steps[-1]
    if is_key:
        raise ConfigError(f"{path!r} is a configuration, not a field of one. {_fields(config)}")
    _assign(config, holder, last, path, text, override)


def _steps(path: str) -> Iterator[tuple[str, bool]]:
    """Yield the names of a path, and for each whether it stands in brackets."""
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None or (position > 0 and match["name"] and path[position] != "."):
            raise ConfigError(f"{path!r} is no path to a field, such as isr.doBias.")
        yield match["name"] or match["key"], match["name"] is None
        position = match.end()


def _take(config: Config, holder: object, step: tuple[str, bool], path: str) -> Config:
    name, is_key = step
    try:
        found: Config = holder[name] if is_key else getattr(holder, name)  # type: ignore[index]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unknown(config, path) from error
    return found


def _unknown(config: Config, path: str) -> ConfigError:
    return ConfigError(
        f"{type(config).__name__} has no field {path!r}.{suggest(path, _names(config))} "
        f"To see them all: --show config"
    )


def _fields(config: Config) -> str:
    return f"Fields are, for example: {', '.join(_names(config)[:5])}."


def _names(config: Config) -> list[str]:
    return [name for name in config.names() if "(" not in name]


def _assign(config: Config, holder: object, name: str, path: str, text: str, override: str) -> None:
    if isinstance(holder, ConfigurableInstance):
        holder = holder.value
    field = holder._fields.get(name) if isinstance(holder, Config) else None
    if isinstance(holder, Config) and field is None:
        raise _unknown(config, path)
    at = [StackFrame("-c", 0, "", override)]
    errors: list[Exception] = []
    for value in _values(text, field):
        try:
            if field is None:
                setattr(holder, name, value)
            else:
                field.__set__(holder, value, at=at, label="command line")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            errors.append(error)
        else:
            return
    raise ConfigError(_refusal(path, text, errors)) from errors[-1]


def _values(text: str, field: object) -> Iterator[object]:
    """Yield what a text may mean, the likeliest first; no field stands for a choice of names."""
    literal: object = text
    is_container = field is None or isinstance(field, ListField | DictField)
    try:
        literal = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        if is_container and "," in text:
            literal = [word.strip() for word in text.split(",") if word.strip()]
    is_single = isinstance(literal, str | int | float)
    if not is_container:
        if literal is None:
            yield None
        yield text
        if not isinstance(literal, str) or literal != text:
            yield literal
        return
    # A word becomes a list of one word, never one of its letters.
    yield [literal] if is_single else literal
    if is_single and field is None:
        yield literal


def _refusal(path: str, text: str, errors: list[Exception]) -> str:
    reason = str(errors[-1]).partition("\n")[0]
    hint = ""
    if text.strip().lower() in _BOOLEANS:
        hint = " Truth is spelled True or False."
    return f"{path} cannot be {text!r}: {reason}{hint}"
