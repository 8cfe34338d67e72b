"""Turn what astronomers hold in memory into plain data, and refuse the rest by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from butler.errors import FormatterError

__all__ = ["as_plain_data"]


def as_plain_data(obj: object, where: str = "the object") -> object:
    """Return mappings, lists, text, numbers, truth values and None, nothing else.

    Parameters
    ----------
    obj
        NumPy scalars and arrays become numbers and lists, tuples and sets
        become lists, other mappings become dicts.
    where
        What is being converted, for the message.

    Raises
    ------
    FormatterError
        If something else is inside, or a mapping has a key that is not text.
    """
    if obj is None or isinstance(obj, str | bool | int | float):
        return obj
    if isinstance(obj, Mapping):
        for key in obj:
            if not isinstance(key, str):
                raise FormatterError(
                    f"{where} has the key {key!r}, which is not text: make it text first, or it "
                    f"would come back as something else."
                )
        return {key: as_plain_data(value, f"{where}[{key!r}]") for key, value in obj.items()}
    if isinstance(obj, Sequence | AbstractSet) and not isinstance(obj, bytes | bytearray):
        values = sorted(obj, key=repr) if isinstance(obj, AbstractSet) else obj
        return [as_plain_data(value, f"{where}[{n}]") for n, value in enumerate(values)]
    to_list = getattr(obj, "tolist", None)  # NumPy scalars and arrays
    if callable(to_list):
        return as_plain_data(to_list(), where)
    raise FormatterError(
        f"{where} is of type {type(obj).__module__}.{type(obj).__qualname__}, which cannot be "
        f"written as plain data (mappings, lists, text, numbers)."
    )
