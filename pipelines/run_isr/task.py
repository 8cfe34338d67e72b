"""Instrument signature removal alone: raw to postISRCCD, by the camera's own task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pipelines.isr.task import IsrTask
from pipelines.task import CmdLineTask, Config, ConfigurableField

if TYPE_CHECKING:
    import logging

    from lsst.pex.config import ConfigurableInstance

    from butler.data_ref import DataRef
    from pipelines.task import Struct, Task

__all__ = ["RunIsrConfig", "RunIsrTask"]


class RunIsrConfig(Config):
    """Which task removes the signature, and how."""

    isr = ConfigurableField(doc="What removes the signature of the instrument.", target=IsrTask)

    def setDefaults(self) -> None:
        """Write the image: nothing comes after."""
        super().setDefaults()
        self.isr.value.update(doWrite=True)


class RunIsrTask(CmdLineTask):
    """Remove the signature of the instrument from raws, and write postISRCCD.

    Parameters
    ----------
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = RunIsrConfig
    _DefaultName: ClassVar[str] = "runIsr"
    config: RunIsrConfig
    isr: IsrTask

    def __init__(
        self,
        config: Config | None = None,
        name: str | None = None,
        parent_task: Task | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        super().__init__(config, name, parent_task, log)
        self.make_subtask("isr")

    @classmethod
    def input_types(cls, config: Config) -> tuple[str, ...]:
        """Return what the camera's task reads."""
        field = _isr_of(config)
        return field.target.input_types(field.value)  # type: ignore[no-any-return]

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        """Return what the camera's task writes."""
        field = _isr_of(config)
        return field.target.output_types(field.value)  # type: ignore[no-any-return]

    def run_data_ref(self, ref: DataRef) -> Struct:
        """Let the camera's task process a raw; see `IsrTask.run_data_ref`."""
        return self.isr.run_data_ref(ref)


def _isr_of(config: Config) -> ConfigurableInstance:
    assert isinstance(config, RunIsrConfig)  # noqa: S101 - a task checks it when it is made
    return config.isr
