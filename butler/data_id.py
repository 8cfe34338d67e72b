"""Data IDs: what a user says to name a dataset, as typed, immutable values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

from butler.errors import DataIdError, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["DataId", "KeyType", "KeyTypes", "KeyValue"]

KeyValue: TypeAlias = int | float | str
KeyType: TypeAlias = Literal["int", "float", "str"]

_PYTHON_TYPES: dict[str, type[KeyValue]] = {"int": int, "float": float, "str": str}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NOT_CANONICAL = re.compile(r"[%,\x00-\x1f\x7f]")
_NEEDS_QUOTES = re.compile(r'"|-?[0-9]+\.\.')
_PLAIN = frozenset(_PYTHON_TYPES.values())
_LARGEST_INT = 2**63 - 1  # what a column of both databases holds


class _NumpyScalar(Protocol):
    """A NumPy scalar, seen from a module that does not import NumPy."""

    def item(self) -> object:
        """Return the value as a Python scalar."""


def _plain(key: object, value: object) -> KeyValue:
    """Return ``value`` as exactly an int, float or str, or raise `DataIdError`."""
    if type(key) is not str or not key:
        message = f"A data-ID key is a word, not {key!r}."
        raise DataIdError(message)
    if type(value) not in _PLAIN:
        value = _python_scalar(value)
    if type(value) is int:
        if -_LARGEST_INT <= value <= _LARGEST_INT:
            return value
    elif type(value) is str:
        return _plain_text(key, value)
    elif type(value) is float and isfinite(value):
        return value + 0.0  # -0.0 and 0.0 are one value, so they get one spelling
    message = (
        f"{key}={value!r} cannot be part of a data ID: "
        f"a value is a finite number of at most 64 bits or a text, not {type(value).__name__}."
    )
    raise DataIdError(message)


def _python_scalar(value: object) -> object:
    """Return a NumPy scalar or an instance of a subclass as the plain value it holds."""
    if getattr(type(value), "item", None) is not None and getattr(value, "shape", None) == ():
        return cast("_NumpyScalar", value).item()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__index__(value)
    return float.__float__(value) if isinstance(value, float) else value


def _plain_text(key: str, text: str) -> str:
    """Return ``text`` in its composed Unicode form, refusing what no file name can hold."""
    if not text:
        message = f"The value of {key!r} is empty. Leave the key out to have it completed."
        raise DataIdError(message)
    if text.isascii():
        if "\0" not in text:
            return text
    else:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            if "\0" not in text:
                return unicodedata.normalize("NFC", text)
    message = f"{key}={text!r} holds a character that no file name and no database can hold."
    raise DataIdError(message)


class KeyTypes(Mapping[str, KeyType]):
    """The data-ID keys that a camera knows, with their types.

    Parameters
    ----------
    types
        Key to ``"int"``, ``"float"`` or ``"str"``.
    context
        Whose keys these are, for messages.
    """

    __slots__ = ("_python", "_types", "context")

    def __init__(self, types: Mapping[str, KeyType], context: str = "this camera") -> None:
        self._types = dict(types)
        self._python = {key: _PYTHON_TYPES[name] for key, name in self._types.items()}
        self.context = context

    def __getitem__(self, key: str) -> KeyType:
        return self._types[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __repr__(self) -> str:
        return f"KeyTypes({self._types!r}, {self.context!r})"

    def python_type(self, key: str) -> type[KeyValue]:
        """Return the Python type of a key's values, or raise `UnknownKeyError`."""
        try:
            return self._python[key]
        except KeyError:
            raise UnknownKeyError(key, self._types, self.context) from None

    def cast(self, key: str, value: object) -> KeyValue:
        """Return ``value`` as the type of ``key``.

        Parameters
        ----------
        key
            One of the camera's keys.
        value
            A number, a text or a NumPy scalar. ``"016"`` and ``16.0`` become
            16 for an integer key, 16 becomes ``"16"`` for a text key.

        Raises
        ------
        UnknownKeyError
            If the camera has no such key.
        DataIdError
            If the value cannot be of that type without loss.
        """
        wanted = self.python_type(key)
        plain = _plain(key, value)
        if type(plain) is wanted:
            return plain
        converted: KeyValue | None = None
        if wanted is int:
            converted = _integer(plain)
        elif wanted is float:
            converted = _number(plain)
        elif isinstance(plain, int):
            converted = str(plain)
        if converted is None:
            message = (
                f"{key}={value!r} does not fit: values of {key!r} are of type {wanted.__name__}."
            )
            raise DataIdError(message)
        return converted


def _integer(value: KeyValue) -> int | None:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            return None
        value = int(value)
    elif isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if -_LARGEST_INT <= value <= _LARGEST_INT else None


def _number(value: KeyValue) -> float | None:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    return number + 0.0 if isfinite(number) else None


class DataId(Mapping[str, KeyValue]):
    """An immutable, hashable mapping of data-ID keys to values.

    Parameters
    ----------
    mapping
        Keys and values, for instance another data ID.
    **keys
        Further keys, which win over those of ``mapping``.

    Raises
    ------
    DataIdError
        If a value is no finite number and no text, or is empty.

    Notes
    -----
    NumPy scalars become Python scalars, and text its composed Unicode form
    (NFC), because two spellings of one name must not be two datasets.
    """

    __slots__ = ("_hash", "_values")

    _values: dict[str, KeyValue]
    _hash: int | None

    def __init__(self, mapping: Mapping[str, object] | None = None, /, **keys: object) -> None:
        if type(mapping) is DataId:
            values = mapping.to_dict()
        elif mapping:
            values = {key: _plain(key, value) for key, value in mapping.items()}
        else:
            values = {}
        for key, value in keys.items():
            values[key] = _plain(key, value)
        self._values = values
        self._hash = None

    @classmethod
    def trusted(cls, values: dict[str, KeyValue]) -> DataId:
        """Wrap values that are known to be plain, as those of a registry are.

        Parameters
        ----------
        values
            Not copied: it belongs to the data ID from now on.
        """
        return cls._of(values)

    @classmethod
    def _of(cls, values: dict[str, KeyValue]) -> DataId:
        """Wrap values that are known to be plain."""
        made = cls.__new__(cls)
        made._values = values  # noqa: SLF001 - a constructor beside __init__
        made._hash = None  # noqa: SLF001
        return made

    def __getitem__(self, key: str) -> KeyValue:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DataId):
            return self._values == other._values
        if isinstance(other, Mapping):
            return self._values == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._values.items()))
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return DataId, (self._values,)

    def __str__(self) -> str:
        return " ".join([f"{key}={value}" for key, value in self._values.items()])

    def __repr__(self) -> str:
        return f"DataId({self._values!r})"

    def to_dict(self) -> dict[str, KeyValue]:
        """Return the keys and values as a new dictionary."""
        return dict(self._values)

    def cast(self, types: KeyTypes) -> DataId:
        """Return this data ID with every value of its key's type.

        Raises
        ------
        UnknownKeyError
            If a key is none of ``types``.
        DataIdError
            If a value cannot be of its key's type without loss.
        """
        python = types._python  # noqa: SLF001 - the hot path of every get and put
        for key, value in self._values.items():
            if python.get(key) is not type(value):
                break
        else:
            return self
        return self._of({key: types.cast(key, value) for key, value in self._values.items()})

    def updated(self, other: Mapping[str, object]) -> DataId:
        """Return this data ID with the keys of ``other`` added; those of ``other`` win."""
        if not other:
            return self
        more = other if type(other) is DataId else DataId(other)
        return self._of({**self._values, **more._values})  # noqa: SLF001

    def subset(self, keys: Iterable[str]) -> DataId:
        """Return the data ID of those ``keys`` that are here, in the order of ``keys``."""
        values = self._values
        return self._of({key: values[key] for key in keys if key in values})

    def without(self, keys: Iterable[str]) -> DataId:
        """Return this data ID with ``keys`` left out."""
        left_out: AbstractSet[str] = frozenset(keys)
        return self._of({k: value for k, value in self._values.items() if k not in left_out})

    def canonical(self, keys: Sequence[str]) -> str:
        """Return the text that is equal for equal data IDs and for no others.

        Parameters
        ----------
        keys
            The keys that count, in the order that counts. All must be here.

        Returns
        -------
        str
            The values joined by commas, each with ``%``, ``,`` and control
            characters percent-encoded.

        Raises
        ------
        DataIdError
            If a key is missing.
        """
        parts = []
        values = self._values
        for key in keys:
            try:
                value = values[key]
            except KeyError:
                message = f"The data ID {self} lacks the key {key!r}."
                raise DataIdError(message) from None
            if type(value) is str:
                if _NOT_CANONICAL.search(value):
                    value = _NOT_CANONICAL.sub(lambda match: f"%{ord(match[0]):02X}", value)
                parts.append(value)
            else:
                parts.append(repr(value))
        return ",".join(parts)

    def as_arguments(self) -> str:
        """Return what the option ``--id`` takes to mean this data ID, quoted for a shell."""
        from json import dumps
        from shlex import quote

        words = []
        for key, value in self._values.items():
            text = str(value)
            if isinstance(value, str) and ("^" in text or _NEEDS_QUOTES.match(text)):
                text = dumps(text, ensure_ascii=False)
            words.append(quote(f"{key}={text}"))
        return " ".join(words)
