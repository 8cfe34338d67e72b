"""JSON, YAML, plain text and configuration text."""

from __future__ import annotations

import json

from butler.errors import FormatterError
from butler.formatters.plain_data import as_plain_data
from butler.safe_yaml import dump_yaml, load_yaml

__all__ = ["ConfigFormatter", "JsonFormatter", "TextFormatter", "YamlFormatter"]

_LARGEST_YAML = 1 << 26


class _InMemory:
    """What formatters of small files have in common: they are made in memory."""

    extensions: tuple[str, ...]
    components: frozenset[str] = frozenset()
    read_parameters: frozenset[str] = frozenset()
    write_parameters: frozenset[str] = frozenset()

    def dump(self, obj: object) -> bytes:
        """Return the content of the file."""
        return self._encode(obj).encode("utf-8")

    def load(self, content: bytes, component: str | None = None) -> object:
        """Return the object in the content of a file."""
        del component  # there are none
        try:
            return self._decode(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise FormatterError(f"The file is not UTF-8 text: {error}") from error

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Return the object in a file."""
        del parameters
        with open(path, "rb") as file:
            return self.load(file.read(), component)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an object to a new file."""
        del parameters
        content = self.dump(obj)
        with open(path, "xb") as file:
            file.write(content)

    def _encode(self, obj: object) -> str:
        raise FormatterError(f"{type(self).__name__} cannot write {type(obj).__qualname__}.")

    def _decode(self, text: str) -> object:
        return text


class JsonFormatter(_InMemory):
    """Plain data as JSON; NumPy numbers and arrays become numbers and lists.

    NaN and infinities are written as Python's ``json`` does (``NaN``), since
    measured quantities hold them.
    """

    extensions = (".json",)

    def _encode(self, obj: object) -> str:
        return json.dumps(as_plain_data(obj), ensure_ascii=False, separators=(", ", ": ")) + "\n"

    def _decode(self, text: str) -> object:
        try:
            return json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise FormatterError(f"The file is not JSON: {error}") from error


class YamlFormatter(_InMemory):
    """Plain data as YAML, read by the safe loader, without tags and aliases."""

    extensions = (".yaml", ".yml")

    def _encode(self, obj: object) -> str:
        return dump_yaml(as_plain_data(obj))

    def _decode(self, text: str) -> object:
        return load_yaml(text, "The file", largest=_LARGEST_YAML)


class TextFormatter(_InMemory):
    """Text, in UTF-8."""

    extensions: tuple[str, ...] = (".txt", ".log")

    def _encode(self, obj: object) -> str:
        if not isinstance(obj, str):
            raise FormatterError(f"Text is wanted, not {type(obj).__qualname__}.")
        return obj


class ConfigFormatter(TextFormatter):
    """Configuration as text; what a repository holds is data and never executed.

    An object that can write itself (``saveToString`` of ``lsst.pex.config``)
    is asked to.
    """

    extensions = (".py",)

    def _encode(self, obj: object) -> str:
        save = getattr(obj, "saveToString", None)
        return super()._encode(save() if callable(save) else obj)
