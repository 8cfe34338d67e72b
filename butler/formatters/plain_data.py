"""Turn what astronomers hold in memory into plain data, and refuse the rest by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from butler.errors import FormatterError

__all__ = ["as_plain_data"]


_DEEPEST = 90  # a YAML file nested more deeply than 100 levels is not read again


def as_plain_data(obj: object, where: str = "the object", depth: int = 0) -> object:
    """Return mappings, lists, text, numbers, truth values and None, nothing else.

    Parameters
    ----------
    obj
        NumPy scalars and arrays become numbers and lists, tuples and sets
        become lists, other mappings become dicts.
    where
        What is being converted, for the message.
    depth
        How deep it lies in what is being converted.

    Raises
    ------
    FormatterError
        If something else is inside, or a mapping has a key that is not text.
    """
    if obj is None or isinstance(obj, bool | int | float | str):
        return _exact(obj)
    if depth > _DEEPEST:
        raise FormatterError(f"{where[:100]}... is nested more than {_DEEPEST} levels deep.")
    depth += 1
    if isinstance(obj, Mapping):
        for key in obj:
            if not isinstance(key, str):
                raise FormatterError(
                    f"{where} has the key {key!r}, which is not text: make it text first, or it "
                    f"would come back as something else."
                )
        return {
            str(key): as_plain_data(value, f"{where}[{key!r}]", depth) for key, value in obj.items()
        }
    if isinstance(obj, Sequence | AbstractSet) and not isinstance(obj, bytes | bytearray):
        values = sorted(obj, key=repr) if isinstance(obj, AbstractSet) else obj
        return [as_plain_data(value, f"{where}[{n}]", depth) for n, value in enumerate(values)]
    to_list = getattr(obj, "tolist", None)  # NumPy scalars and arrays
    if callable(to_list):
        return as_plain_data(to_list(), where, depth)
    raise FormatterError(
        f"{where} is of type {type(obj).__module__}.{type(obj).__qualname__}, which cannot be "
        f"written as plain data (mappings, lists, text, numbers)."
    )


def _exact(obj: bool | float | str | None) -> object:  # noqa: FBT001 - a value, no switch
    """Return an instance of a subclass, as NumPy and enumerations have them, as what it holds."""
    if obj is None or isinstance(obj, bool):
        return obj
    if isinstance(obj, int):
        return int.__index__(obj)
    return float.__float__(obj) if isinstance(obj, float) else str.__str__(obj)
