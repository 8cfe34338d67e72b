"""Tasks: steps of an algorithm with a configuration, and tasks below them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import ConfigError, SubtaskError
from pipelines.task.config import Config, ConfigurableField
from pipelines.task.gen2_names import TaskGen2Names
from pipelines.task.metadata import TaskMetadata
from pipelines.task.timing import record_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from pipelines.task.metadata import Notes

__all__ = ["Task"]


class Task(TaskGen2Names["Task"]):
    """A step of an algorithm, made from a configuration.

    A task derives from this, names its configuration class in ``ConfigClass``
    and itself in ``_DefaultName``, and does its work in ``run``, which takes
    and returns objects and knows no butler.

    Parameters
    ----------
    config
        A configuration, of ``ConfigClass``; the default one if None. It is
        validated and frozen.
    name
        Within the task above; ``_DefaultName`` if None.
    parent_task
        The task above, None at the top.
    log
        A logger whose child this task logs to; by default one of the task's
        full name.

    Raises
    ------
    ConfigError
        If the configuration is of another class or not valid.

    Examples
    --------
    >>> class DoubleConfig(Config):
    ...     factor = Field[int](doc="By how much.", default=2)
    >>> class DoubleTask(Task):
    ...     ConfigClass = DoubleConfig
    ...     _DefaultName = "double"
    ...     config: DoubleConfig
    ...
    ...     def run(self, number):
    ...         return Struct(number=self.config.factor * number)
    >>> DoubleTask().run(3)
    Struct(number=6)

    Notes
    -----
    A task that makes catalogs takes ``schema`` as an argument of its own,
    adds its fields to it when it is made, and hands it on to its sub-tasks.
    """

    ConfigClass: ClassVar[type[Config]] = Config
    _DefaultName: ClassVar[str] = ""

    def __init__(
        self,
        config: Config | None = None,
        name: str | None = None,
        parent_task: Task | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self.config = self._checked(config)
        self.name = name or self._DefaultName or type(self).__name__
        self.parent_task = parent_task
        above = "" if parent_task is None else f"{parent_task.full_name}."
        self.full_name = f"{above}{self.name}"
        self.log = log.getChild(self.name) if log else logging.getLogger(self.full_name)
        self.metadata = TaskMetadata()
        self._subtasks: dict[str, Task] = {}

    def _checked(self, config: Config | None) -> Config:
        if config is None:
            config = self.ConfigClass()
        if not isinstance(config, self.ConfigClass):
            raise ConfigError(
                f"{type(self).__name__} is configured by {self.ConfigClass.__name__}, not by "
                f"{type(config).__name__}. Make one by {type(self).__name__}.ConfigClass()."
            )
        try:
            config.validate()
        except ValueError as error:
            raise ConfigError(f"{type(self).__name__} cannot be configured so: {error}") from error
        config.freeze()
        return config

    def make_subtask(self, name: str, **keywords: object) -> Task:
        """Make the task of a configurable field, and keep it as an attribute of that name.

        Parameters
        ----------
        name
            Of the field in this task's configuration, a ``ConfigurableField``
            or a ``RegistryField`` with one choice.
        **keywords
            Further arguments of the task, such as ``schema``.

        Returns
        -------
        Task
            The same as the attribute.

        Raises
        ------
        SubtaskError
            If there is no such field.
        """
        apply = getattr(getattr(self.config, name, None), "apply", None)
        if apply is None:
            raise SubtaskError(
                f"{type(self).__name__} cannot make a sub-task {name!r}: "
                f"{type(self.config).__name__} has no such field that holds a task. "
                f"Its fields are: {', '.join(self.config.names() or ['none'])}."
            )
        task: Task = apply(name=name, parent_task=self, **keywords)
        setattr(self, name, task)
        if isinstance(task, Task):
            self._subtasks[name] = task
        return task

    def timer(self, name: str) -> AbstractContextManager[None]:
        """Return a context that notes its time in the metadata; see `record_time`."""
        return record_time(self.metadata, name)

    def all_tasks(self) -> dict[str, Task]:
        """Return this task and all below it, by their full names."""
        tasks: dict[str, Task] = {self.full_name: self}
        for task in self._subtasks.values():
            tasks.update(task.all_tasks())
        return tasks

    def full_metadata(self) -> dict[str, dict[str, Notes]]:
        """Return the notes of this task and of all below it, by their full names."""
        return {name: task.metadata.to_dict() for name, task in self.all_tasks().items()}

    def empty_metadata(self) -> None:
        """Forget the notes of this task and of all below it, before another run."""
        for task in self.all_tasks().values():
            task.metadata.clear()

    def schema_catalogs(self) -> Mapping[str, object]:
        """Return an empty catalog for each dataset type of catalogs that this task writes.

        Their schemas are written once in a run, as ``TYPE_schema``.
        """
        return {}

    def all_schema_catalogs(self) -> dict[str, object]:
        """Return the empty catalogs of this task and of all below it."""
        catalogs: dict[str, object] = {}
        for task in self.all_tasks().values():
            catalogs.update(task.schema_catalogs())
        return catalogs

    @classmethod
    def make_field(cls, doc: str) -> ConfigurableField:
        """Return a field for the configuration of a task above that uses this one."""
        return ConfigurableField(target=cls, doc=doc)

    @classmethod
    def default_name(cls) -> str:
        """Return the name of the task at the top, from which its dataset types follow."""
        return cls._DefaultName or cls.__name__

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.full_name!r}>"
