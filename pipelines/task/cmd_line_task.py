"""Tasks that speak to a butler, and can therefore be run from the command line."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, cast

from butler.entry_points import all_entry_points, load_entry_point
from butler.errors import suggest
from pipelines.errors import UnknownStepError
from pipelines.task.gen2_names import CmdLineTaskGen2Names
from pipelines.task.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.data_ref import DataRef
    from pipelines.task.config import Config
    from pipelines.task.struct import Struct

__all__ = ["CmdLineTask"]

_COMMAND_GROUP = "skybutler.task_commands"


class CmdLineTask(CmdLineTaskGen2Names["Struct"], Task, ABC):
    """A task that is run for one data ID after another: ``butler run TASK REPO --id ...``.

    Its ``run`` takes and returns objects; `run_data_ref` gets them from a
    butler, calls ``run`` and puts the results. What it may get and put it
    declares, so that the driver knows what is needed and what is done.

    Parameters
    ----------
    config, name, parent_task, log
        As for `Task`.
    """

    data_type: ClassVar[str] = "raw"
    """The dataset type that ``--id`` selects from."""
    steps: ClassVar[tuple[str, ...]] = ()
    """What a data ID goes through, in this order, if the outputs of some steps can be reused."""
    reused_steps: tuple[str, ...] = ()
    """Those of them that are not done again for a data ID whose outputs are there."""

    @abstractmethod
    def run_data_ref(self, ref: DataRef) -> Struct:
        """Read what is needed for a data ID, run, write the results.

        Parameters
        ----------
        ref
            The data ID and the butler.

        Returns
        -------
        Struct
            What ``run`` returned.
        """

    @classmethod
    def parse_and_run(
        cls,
        args: Sequence[str] | None = None,
        config: Config | None = None,
        *,
        returns_results: bool = False,
    ) -> Struct:
        """Run the task as its Gen2 command would.

        Parameters
        ----------
        args
            Words as in a shell, the repository first:
            ``["DATA", "--rerun", "one", "--id", "visit=903334"]``. By default those
            of this process.
        config
            In place of the defaults; overrides of the camera and of ``args``
            come on top. It is changed.
        returns_results
            Whether ``result`` of each data ID is what `run_data_ref` returned;
            otherwise it is None.

        Returns
        -------
        Struct
            ``resultList``: a `Struct` for each data ID that was run, with
            ``exitStatus`` (0, or 1 after a failure), ``dataRef``, ``metadata``
            and ``result``; ``parsedCmd``: ``butler`` and ``config``.

        Raises
        ------
        SystemExit
            If something failed, unless ``--noExit`` is among the words, after
            Ctrl-C, and after ``--help``, ``--show`` and the like.
        """
        command = load_entry_point(all_entry_points(_COMMAND_GROUP)["gen2"])
        run = cast("Callable[..., Struct]", command)
        words = sys.argv[1:] if args is None else args
        return run(cls, words, config, returns_results=returns_results)

    @classmethod
    def apply_overrides(cls, config: Config) -> None:
        """Change the configuration of a run after the camera's files, before the command line."""

    @classmethod
    def input_types(cls, config: Config) -> tuple[str, ...]:  # noqa: ARG003 - for those who derive
        """Return the dataset types that a configuration reads for each data ID."""
        return (cls.data_type,)

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:  # noqa: ARG003 - as above
        """Return the dataset types that a configuration writes for each data ID.

        The configuration, the metadata and the schemas are none of them.
        """
        return ()

    @classmethod
    def steps_through(cls, step: str) -> tuple[str, ...]:
        """Return a step and those before it.

        Parameters
        ----------
        step
            One of ``steps``, or ``"all"``.

        Raises
        ------
        UnknownStepError
            If there is no such step.
        """
        if step == "all" and cls.steps:
            return cls.steps
        if step not in cls.steps:
            known = (*cls.steps, "all") if cls.steps else ()
            raise UnknownStepError(
                f"{cls.__name__} has no step {step!r} whose outputs could be reused."
                f"{suggest(step, known)} Its steps are: {', '.join(known) or 'none'}."
            )
        return cls.steps[: cls.steps.index(step) + 1]

    @classmethod
    def config_type(cls) -> str:
        """Return the dataset type of the configuration."""
        return f"{cls.default_name()}_config"

    @classmethod
    def selection_type(cls) -> str:
        """Return the dataset type of what the last run was asked for."""
        return f"{cls.default_name()}_selection"

    @classmethod
    def metadata_type(cls) -> str:
        """Return the dataset type of the metadata of each data ID."""
        return f"{cls.default_name()}_metadata"

    @classmethod
    def log_type(cls) -> str:
        """Return the dataset type of the log of each data ID."""
        return f"{cls.default_name()}_log"
