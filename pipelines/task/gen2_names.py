"""Gen2's spellings of tasks and of what they return, as one-line delegations to ours.

Each calls the method of the PEP 8 name on ``self``, so that an override of
that one is what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from pipelines.errors import NotOfferedError
from pipelines.task.timing import time_method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lsst.pex.config import Config, ConfigurableField

    from butler.data_ref import DataRef

Below = TypeVar("Below")
Result = TypeVar("Result")

__all__ = [
    "ArgumentParser",
    "ButlerInitializedTaskRunner",
    "CmdLineTaskGen2Names",
    "StructGen2Names",
    "TaskGen2Names",
    "TaskRunner",
    "timeMethod",
]

timeMethod = time_method  # noqa: N816 - Gen2's spelling


class StructGen2Names:
    """`Struct` as Gen2 spelled it."""

    if TYPE_CHECKING:

        def to_dict(self) -> dict[str, object]: ...

    def getDict(self) -> dict[str, object]:
        """See `to_dict`."""
        return self.to_dict()

    def mergeItems(self, struct: StructGen2Names, *nameList: str) -> None:
        """See `merge`; without names nothing is taken over."""
        values = struct.to_dict()
        self.__dict__.update({name: values[name] for name in nameList})


_OVERRIDDEN = {
    "runDataRef": "run_data_ref",
    "getSchemaCatalogs": "schema_catalogs",
    "applyOverrides": "apply_overrides",
}


def _delegating(name: str) -> Callable[..., object]:
    def delegate(self: object, *args: object) -> object:
        return getattr(self, name)(*args)

    return delegate


class TaskGen2Names(Generic[Below]):
    """`Task` as Gen2 spelled it.

    A class that overrides one of Gen2's methods alone, as tasks do that were
    written for Gen2, is called by ours too.
    """

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        for old, new in _OVERRIDDEN.items():
            if old in vars(cls) and new not in vars(cls) and not cls.__name__.endswith("Gen2Names"):
                delegate = _delegating(old)
                is_of_class = isinstance(vars(cls)[old], classmethod)
                setattr(cls, new, classmethod(delegate) if is_of_class else delegate)

    if TYPE_CHECKING:
        name: str
        full_name: str

        def make_subtask(self, name: str, **keywords: object) -> Below: ...
        def all_tasks(self) -> dict[str, Below]: ...
        def full_metadata(self) -> Mapping[str, object]: ...
        def empty_metadata(self) -> None: ...
        def schema_catalogs(self) -> Mapping[str, object]: ...
        def all_schema_catalogs(self) -> dict[str, object]: ...
        @classmethod
        def make_field(cls, doc: str) -> ConfigurableField: ...

    def makeSubtask(self, name: str, **keyArgs: object) -> Below:
        """See `make_subtask`."""
        return self.make_subtask(name, **keyArgs)

    def getName(self) -> str:
        """See ``name``."""
        return self.name

    def getFullName(self) -> str:
        """See ``full_name``."""
        return self.full_name

    def getTaskDict(self) -> dict[str, Below]:
        """See `all_tasks`."""
        return self.all_tasks()

    def getFullMetadata(self) -> Mapping[str, object]:
        """See `full_metadata`."""
        return self.full_metadata()

    def emptyMetadata(self) -> None:
        """See `empty_metadata`."""
        self.empty_metadata()

    def getSchemaCatalogs(self) -> Mapping[str, object]:
        """See `schema_catalogs`."""
        return self.schema_catalogs()

    def getAllSchemaCatalogs(self) -> dict[str, object]:
        """See `all_schema_catalogs`."""
        return self.all_schema_catalogs()

    @classmethod
    def makeField(cls, doc: str) -> ConfigurableField:
        """See `make_field`."""
        return cls.make_field(doc)


class ArgumentParser:
    """What a task of Gen2 says of its command line: from which dataset type ``--id`` selects.

    Parameters
    ----------
    name
        Of the task.
    **rest
        ``usage`` and the like, which are made here from the documentation.
    """

    def __init__(self, name: str = "", **rest: object) -> None:
        self.name, self.rest = name, rest
        self.data_type: str | None = None

    def add_id_argument(
        self,
        name: str,
        datasetType: str,
        help: str = "",  # noqa: A002, ARG002 - the driver has its own
        level: str | None = None,
        doMakeDataRefList: bool = True,  # noqa: ARG002, FBT001, FBT002 - Gen2's signature
        ContainerClass: object = None,
    ) -> None:
        """Declare ``--id``.

        Raises
        ------
        NotOfferedError
            If it is another option, or its data IDs are made in another way.
        """
        if name != "--id" or not isinstance(datasetType, str) or level or ContainerClass:
            raise NotOfferedError(
                f"The task {self.name} declares {name} of a kind that is not offered: data IDs "
                "come from --id, of one dataset type by its name, at the finest level."
            )
        self.data_type = datasetType

    def add_argument(self, *names: object, **rest: object) -> None:
        """Refuse.

        Raises
        ------
        NotOfferedError
            Always.
        """
        del rest
        raise NotOfferedError(
            f"The task {self.name} declares the option {names[0] if names else ''}. Make it a "
            "field of its configuration, which -c sets and the provenance keeps."
        )

    def parse_args(self, *args: object, **rest: object) -> None:
        """Refuse.

        Raises
        ------
        NotOfferedError
            Always.
        """
        del args, rest
        raise NotOfferedError(
            "Arguments are parsed when a task is run: MyTask.parseAndRun(args). Data IDs without a "
            "task: butler.subset(dataset_type, visit=...)."
        )


class TaskRunner:
    """What drives a task of Gen2, by its name: here the driver does, and nothing is overridden."""


class ButlerInitializedTaskRunner(TaskRunner):
    """The same of a task that is given a Butler when it is made, as ``butler``."""


def _refusal(task: type) -> Exception | None:
    """Return why a task written for Gen2 cannot be driven, None if it can."""
    runner = getattr(task, "RunnerClass", TaskRunner)
    if runner not in (TaskRunner, ButlerInitializedTaskRunner):
        return NotOfferedError(
            f"{task.__name__} is driven by {runner.__name__}, a runner of its own, which is not "
            "offered: the driver hands out one data ID after another. What it did for each belongs "
            "into run_data_ref, its arguments into the configuration."
        )
    return None


class CmdLineTaskGen2Names(Generic[Result]):
    """`CmdLineTask` as Gen2 spelled it."""

    RunnerClass: ClassVar[type] = TaskRunner
    refused: ClassVar[Exception | None] = None
    """Why the task cannot be driven, if it says something that has no place here."""

    if TYPE_CHECKING:
        _DefaultName: ClassVar[str]
        data_type: ClassVar[str]

        def run_data_ref(self, ref: DataRef) -> Result: ...
        @classmethod
        def apply_overrides(cls, config: Config) -> None: ...
        @classmethod
        def parse_and_run(
            cls,
            args: Sequence[str] | None = None,
            config: Config | None = None,
            *,
            returns_results: bool = False,
        ) -> Result: ...

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        cls.refused = _refusal(cls)
        if "_makeArgumentParser" in vars(cls) and "data_type" not in vars(cls):
            try:
                declared = cls._makeArgumentParser().data_type
            except NotOfferedError as error:
                cls.refused = error
            else:
                cls.data_type = declared or cls.data_type

    @classmethod
    def _makeArgumentParser(cls) -> ArgumentParser:
        """Return what the task says of its command line; for those who derive."""
        return ArgumentParser(cls._DefaultName)

    @classmethod
    def wants_butler(cls) -> bool:
        """Tell whether Gen2's runner would give it a Butler."""
        return issubclass(cls.RunnerClass, ButlerInitializedTaskRunner)

    def runDataRef(self, dataRef: DataRef) -> Result:
        """See `run_data_ref`."""
        return self.run_data_ref(dataRef)

    @classmethod
    def applyOverrides(cls, config: Config) -> None:
        """See `apply_overrides`."""
        cls.apply_overrides(config)

    @classmethod
    def parseAndRun(
        cls,
        args: Sequence[str] | None = None,
        config: Config | None = None,
        log: object = None,  # noqa: ARG003 - loggers are Python's
        doReturnResults: bool = False,  # noqa: FBT001, FBT002 - Gen2's signature
    ) -> Result:
        """See `parse_and_run`."""
        return cls.parse_and_run(args, config, returns_results=doReturnResults)
