"""YAML as data only: no tags that run code, no aliases that explode, bounded in size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from butler.errors import FormatterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["dump_yaml", "load_yaml"]

_LARGEST = 1 << 20
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes an object that occurs twice twice: aliases would not be read again."""

    def ignore_aliases(self, data: object) -> bool:
        """Answer that nothing is to be an alias."""
        del data
        return True


def load_yaml(text: str | bytes, source: str, *, largest: int = _LARGEST) -> object:
    """Return what a YAML document says.

    Parameters
    ----------
    text
        The document.
    source
        Where it comes from, for the message.
    largest
        Longer documents are refused, in bytes or characters.

    Raises
    ------
    FormatterError
        If it is too long, is not YAML, holds a tag or an alias, or is nested
        too deeply.
    """
    if len(text) > largest:
        raise FormatterError(f"{source} is longer than {largest} bytes: refused as a YAML file.")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            tag: str | None = getattr(event, "tag", None)
            kind = f"tags ({tag})" if tag else ""
            kind = "aliases (*name)" if isinstance(event, yaml.AliasEvent) else kind
            if kind:
                line = event.start_mark.line + 1 if event.start_mark else "?"
                raise FormatterError(f"{source}, line {line}: {kind} are refused.")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > 100:  # noqa: PLR2004 - far below Python's recursion limit
                raise FormatterError(f"{source} is nested more than 100 levels deep.")
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 2013-99-99 looks like a date
        raise FormatterError(f"{source} is not YAML that can be read safely: {error}") from error


def dump_yaml(obj: object | Mapping[str, object]) -> str:
    """Return the YAML document of plain data, keys in their order.

    Parameters
    ----------
    obj
        Mappings, sequences, text, numbers, truth values and None.

    Raises
    ------
    FormatterError
        If something else is inside.
    """
    try:
        text: str = yaml.dump(
            obj, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
        )
    except (yaml.YAMLError, RecursionError) as error:
        raise FormatterError(f"This cannot be written as YAML: {error}") from error
    return text
