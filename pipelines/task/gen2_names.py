"""Gen2's spellings of tasks and of what they return, as one-line delegations to ours.

Each calls the method of the PEP 8 name on ``self``, so that an override of
that one is what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from pipelines.task.timing import time_method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lsst.pex.config import Config, ConfigurableField

    from butler.data_ref import DataRef

Below = TypeVar("Below")
Result = TypeVar("Result")

__all__ = ["CmdLineTaskGen2Names", "StructGen2Names", "TaskGen2Names", "timeMethod"]

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


class CmdLineTaskGen2Names(Generic[Result]):
    """`CmdLineTask` as Gen2 spelled it."""

    if TYPE_CHECKING:

        def run_data_ref(self, ref: DataRef) -> Result: ...
        @classmethod
        def apply_overrides(cls, config: Config) -> None: ...

    def runDataRef(self, dataRef: DataRef) -> Result:
        """See `run_data_ref`."""
        return self.run_data_ref(dataRef)

    @classmethod
    def applyOverrides(cls, config: Config) -> None:
        """See `apply_overrides`."""
        cls.apply_overrides(config)
