"""Every error that the pipelines raise, as one tree.

::

    PipelineError
    ├── UnknownTaskError(LookupError)     no task has this name
    ├── UnknownStepError(ValueError)      a task has no step of this name
    ├── RunError(ValueError)              a run that cannot be begun as it was asked for
    ├── MismatchError(ValueError)         the output was made with something else
    ├── WorkerDiedError(ChildProcessError)   the process that ran a data ID has died
    ├── TooSlowError(TimeoutError)        a data ID took longer than it may
    ├── ClosedExecutorError(RuntimeError)  an executor takes no more calls
    ├── RemoteCallError(OSError)          what another process raised, as text
    ├── AstrometryError(ValueError)       an exposure cannot be placed on the sky
    ├── BackgroundError(ValueError)       a background that cannot be modelled, or evaluated
    ├── CalibrationError(LookupError)     a calibration is not there, or of something else
    ├── ConfigError(ValueError)           a configuration that cannot be used
    │   └── UntrustedFileError(PermissionError)  a file of overrides that others could have written
    ├── ExposureError(ValueError)         an exposure lacks what a task needs
    ├── CosmicRayError(ValueError)        cosmic rays that cannot be found, or too many
    ├── InstrumentError(ValueError)       a step does not know enough of the instrument
    ├── NotOfferedError(NotImplementedError)  something of Gen2 that has no place here
    ├── PhotoCalError(ValueError)         no zero point can be measured
    ├── SubtaskError(AttributeError)      a task has no such sub-task
    └── TaskSchemaError(ValueError)       a task and a catalog do not fit each other

Each class has a ``code`` that stays the same between releases.
"""

from __future__ import annotations

import signal

__all__ = [
    "AstrometryError",
    "BackgroundError",
    "CalibrationError",
    "ClosedExecutorError",
    "ConfigError",
    "CosmicRayError",
    "ExposureError",
    "InstrumentError",
    "MismatchError",
    "NotOfferedError",
    "PhotoCalError",
    "PipelineError",
    "RemoteCallError",
    "RunError",
    "SubtaskError",
    "TaskSchemaError",
    "TooSlowError",
    "UnknownStepError",
    "UnknownTaskError",
    "UntrustedFileError",
    "WorkerDiedError",
]


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


class UnknownTaskError(PipelineError, LookupError):
    """No task has this name."""

    code = "unknown_task"


class UnknownStepError(PipelineError, ValueError):
    """A task has no step of a name."""

    code = "unknown_step"


class RunError(PipelineError, ValueError):
    """A run that cannot be begun as it was asked for."""

    code = "run"


class MismatchError(PipelineError, ValueError):
    """The outputs that are there were made with another configuration or other versions."""

    code = "mismatch"


class WorkerDiedError(PipelineError, ChildProcessError):
    """The process that ran a data ID has died.

    Parameters
    ----------
    exit_code
        As `multiprocessing.Process.exitcode` has it: negative for a signal.
    """

    code = "worker_died"

    def __init__(self, exit_code: int | None) -> None:
        self.exit_code = exit_code
        super().__init__(f"The process that ran it has died: {_cause(exit_code)}.")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.exit_code,)


class TooSlowError(PipelineError, TimeoutError):
    """A data ID took longer than it may."""

    code = "too_slow"


class ClosedExecutorError(PipelineError, RuntimeError):
    """An executor that was shut down takes no more calls."""

    code = "closed_executor"


class RemoteCallError(PipelineError, OSError):
    """What another process raised, where the error itself cannot be sent."""

    code = "remote_call"


class AstrometryError(PipelineError, ValueError):
    """An exposure cannot be placed on the sky by stars whose positions are known."""

    code = "astrometry"


class NotOfferedError(PipelineError, NotImplementedError):
    """Something of the LSST stack's second generation that has no place here."""

    code = "not_offered"


class PhotoCalError(PipelineError, ValueError):
    """The zero point of an exposure cannot be measured on stars whose fluxes are known."""

    code = "photo_cal"


class BackgroundError(PipelineError, ValueError):
    """A background cannot be modelled from these pixels, or not evaluated there."""

    code = "background"


class CalibrationError(PipelineError, LookupError):
    """A calibration that a step needs is not there, or does not fit the exposure."""

    code = "calibration"


class ConfigError(PipelineError, ValueError):
    """A configuration, or an override of one, that cannot be used."""

    code = "config"


class ExposureError(PipelineError, ValueError):
    """An exposure, or what comes with it, lacks what a task needs."""

    code = "exposure"


class UntrustedFileError(ConfigError, PermissionError):
    """A file of overrides, which is executed, could have been written by somebody else."""

    code = "untrusted_file"


class CosmicRayError(PipelineError, ValueError):
    """Cosmic rays cannot be looked for, or there are too many to be believed."""

    code = "cosmic_ray"


class InstrumentError(PipelineError, ValueError):
    """A step needs to know something of the instrument that the exposure does not say."""

    code = "instrument"


class SubtaskError(PipelineError, AttributeError):
    """A task has no field that a sub-task could be made from."""

    code = "subtask"


class TaskSchemaError(PipelineError, ValueError):
    """A catalog lacks a field of a task, or its schema can take no more fields."""

    code = "task_schema"


def _cause(exit_code: int | None) -> str:
    if exit_code is None:
        return "nobody knows how"
    if exit_code >= 0:
        return f"it ended with code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"it was ended by {name}{hint}"
