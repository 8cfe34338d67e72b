"""Configuration of tasks: the classes of lsst-pex-config under one roof.

Whoever writes a task imports them from here (``from pipelines.task import Config``).
"""

from __future__ import annotations

from butler.errors import MissingDependencyError

try:
    from lsst.pex.config import (
        ChoiceField,
        Config,
        ConfigDictField,
        ConfigField,
        ConfigurableField,
        DictField,
        Field,
        FieldValidationError,
        ListField,
        RangeField,
        Registry,
        RegistryField,
        makeRegistry,
        registerConfigurable,
    )
except ImportError as error:
    raise MissingDependencyError("lsst-pex-config", "pipelines", "A task") from error

__all__ = [
    "ChoiceField",
    "Config",
    "ConfigDictField",
    "ConfigField",
    "ConfigurableField",
    "DictField",
    "Field",
    "FieldValidationError",
    "ListField",
    "RangeField",
    "Registry",
    "RegistryField",
    "make_registry",
    "register_configurable",
]

make_registry = makeRegistry
register_configurable = registerConfigurable
