"""The fields of a configuration as rows of a table, one table for each task inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsst.pex.config import (
    ChoiceField,
    Config,
    ConfigDictField,
    ConfigurableInstance,
    DictField,
    Field,
    ListField,
    RangeField,
    RegistryField,
)
from lsst.pex.config.registry import RegistryInstanceDict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ConfigPart", "FieldRow", "iter_parts"]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field.

    Parameters
    ----------
    path
        As it is typed after ``-c``.
    kind
        What it takes, with its limits or choices.
    value
        What it has, as it is typed.
    doc
        What it is for.
    """

    path: str
    kind: str
    value: str
    doc: str


@dataclass(slots=True)
class ConfigPart:
    """The fields of one task, or of one group of fields.

    Parameters
    ----------
    path
        Of the field that holds it, empty at the top.
    name
        Of the class of the task, or of the configuration if it is no task.
    rows
        Its own fields.
    """

    path: str
    name: str
    rows: list[FieldRow] = field(default_factory=list)


def iter_parts(config: Config, name: str, path: str = "") -> Iterator[ConfigPart]:
    """Yield a configuration and all that is inside, plugins of registries included.

    Parameters
    ----------
    config
        Described with the values that it has.
    name
        Of what it configures.
    path
        Of the field that holds it.
    """
    part = ConfigPart(path, name)
    inside: list[tuple[Config, str, str]] = []
    for key in sorted(config._fields):
        value, full = getattr(config, key), f"{path}.{key}" if path else key
        part.rows.append(_row(config._fields[key], value, full))
        if isinstance(value, ConfigurableInstance):
            inside.append((value.value, value.target.__name__, full))
        elif isinstance(value, RegistryInstanceDict):
            for one in sorted(value.types):
                target = getattr(value.registry[one], "__name__", value.types[one].__name__)
                inside.append((value[one], target, f"{full}['{one}']"))
        elif isinstance(value, Config):
            inside.append((value, type(value).__name__, full))
    yield part
    for config_inside, name_inside, full in inside:
        yield from iter_parts(config_inside, name_inside, full)


def _row(described: object, value: object, path: str) -> FieldRow:
    doc = " ".join(str(getattr(described, "doc", "")).split())
    return FieldRow(path, _kind(described, value), _shown(described, value), doc)


def _kind(described: object, value: object) -> str:
    match value:
        case ConfigurableInstance():
            return "task"
        case RegistryInstanceDict():
            return "names" if _takes_several(described) else "name"
        case Config():
            return "fields"
    return _kind_of_value(described)


def _kind_of_value(described: object) -> str:
    match described:
        case ChoiceField():
            return " or ".join(repr(one) for one in described.allowed if one is not None)
        case DictField() | ConfigDictField():
            return f"{described.keytype.__name__} to {described.itemtype.__name__}"
        case ListField():
            return f"list of {described.itemtype.__name__}"
        case Field():
            limits = f" in {described.rangeString}" if isinstance(described, RangeField) else ""
            return f"{described.dtype.__name__}{limits}" + " or None" * described.optional
    return type(described).__name__


def _takes_several(described: object) -> bool:
    return isinstance(described, RegistryField) and described.multi


def _shown(described: object, value: object) -> str:
    match value:
        case ConfigurableInstance():
            return str(value.target.__name__)
        case RegistryInstanceDict():
            return ", ".join(sorted(value.names)) if _takes_several(described) else str(value.name)
        case Config():
            return type(value).__name__
        case Mapping():
            return repr(dict(value))
        case Sequence() if not isinstance(value, str):
            return repr(list(value))
    return repr(value)
