"""What tasks are made of, for whoever writes one.

::

    from pipelines.task import Config, Field, Struct, Task
"""

from __future__ import annotations

from pipelines.task.cmd_line_task import CmdLineTask
from pipelines.task.config import (
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
    make_registry,
    register_configurable,
)
from pipelines.task.metadata import TaskMetadata
from pipelines.task.struct import Struct
from pipelines.task.task import Task
from pipelines.task.timing import record_time, time_method

__all__ = [
    "ChoiceField",
    "CmdLineTask",
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
    "Struct",
    "Task",
    "TaskMetadata",
    "make_registry",
    "record_time",
    "register_configurable",
    "time_method",
]
