"""Every error that the pipelines raise, as one tree.

::

    PipelineError
    ├── ConfigError(ValueError)           a configuration that cannot be used
    ├── ExposureError(ValueError)         an exposure lacks what a task needs
    ├── SubtaskError(AttributeError)      a task has no such sub-task
    └── TaskSchemaError(ValueError)       a task and a catalog do not fit each other

Each class has a ``code`` that stays the same between releases.
"""

from __future__ import annotations

__all__ = ["ConfigError", "ExposureError", "PipelineError", "SubtaskError", "TaskSchemaError"]


class PipelineError(Exception):
    """The root of every error of this package.

    Parameters
    ----------
    message
        What failed, where we looked and what to do.
    """

    code = "pipeline"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return self.message


class ConfigError(PipelineError, ValueError):
    """A configuration, or an override of one, that cannot be used."""

    code = "config"


class ExposureError(PipelineError, ValueError):
    """An exposure, or what comes with it, lacks what a task needs."""

    code = "exposure"


class SubtaskError(PipelineError, AttributeError):
    """A task has no field that a sub-task could be made from."""

    code = "subtask"


class TaskSchemaError(PipelineError, ValueError):
    """A catalog lacks a field of a task, or its schema can take no more fields."""

    code = "task_schema"
