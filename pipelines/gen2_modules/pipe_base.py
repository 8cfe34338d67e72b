"""``lsst.pipe.base``."""

from __future__ import annotations

from pipelines.task.cmd_line_task import CmdLineTask
from pipelines.task.gen2_names import timeMethod
from pipelines.task.metadata import TaskMetadata
from pipelines.task.struct import Struct
from pipelines.task.task import Task

__all__ = ["CmdLineTask", "Struct", "Task", "TaskMetadata", "timeMethod"]
