"""``lsst.pipe.base``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.errors import NotOfferedError
from pipelines.errors import PipelineError as TaskError
from pipelines.task.cmd_line_task import CmdLineTask
from pipelines.task.gen2_names import (
    ArgumentParser,
    ButlerInitializedTaskRunner,
    TaskRunner,
    timeMethod,
)
from pipelines.task.metadata import TaskMetadata
from pipelines.task.struct import Struct
from pipelines.task.task import Task

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = [
    "ArgumentParser",
    "ButlerInitializedTaskRunner",
    "CmdLineTask",
    "Struct",
    "Task",
    "TaskError",
    "TaskMetadata",
    "TaskRunner",
    "timeMethod",
]

_THIRD: Final = "It belongs to the third generation. Derive from CmdLineTask, which has runDataRef."
_IDS: Final = "Data IDs come from --id of one dataset type: parser.add_id_argument('--id', 'raw')."
_REFUSED: Final = {
    "ConfigDatasetType": _IDS,
    "DataIdContainer": _IDS,
    "DatasetArgument": _IDS,
    "InputOnlyArgumentParser": "Outputs go to --rerun or --output. Use ArgumentParser.",
    "LegacyTaskRunner": "Use TaskRunner, or leave RunnerClass out.",
    "PipelineTask": _THIRD,
    "PipelineTaskConfig": _THIRD,
    "PipelineTaskConnections": _THIRD,
    "connectionTypes": _THIRD,
}


def __getattr__(name: str) -> NoReturn:
    if name in _REFUSED:
        raise NotOfferedError(f"lsst.pipe.base.{name} is not offered here. {_REFUSED[name]}")
    raise AttributeError(f"module 'lsst.pipe.base' has no attribute {name!r}")
