"""How long the steps of a task take, noted in its metadata."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipelines.task.metadata import TaskMetadata

__all__ = ["HasMetadata", "record_time", "time_method"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class HasMetadata(Protocol):
    """Something that notes what it does."""

    metadata: TaskMetadata


Timed = TypeVar("Timed", bound=HasMetadata)


@contextmanager
def record_time(metadata: TaskMetadata, name: str) -> Iterator[None]:
    """Note the seconds that a block takes as ``NAME_wall_s`` and ``NAME_cpu_s``.

    Parameters
    ----------
    metadata
        Where they are noted. A block that runs several times adds up.
    name
        Of the step. A block that fails is noted too.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        metadata.increase(f"{name}_wall_s", time.perf_counter() - wall)
        metadata.increase(f"{name}_cpu_s", time.process_time() - cpu)


def time_method(
    method: Callable[Concatenate[Timed, Parameters], Result],
) -> Callable[Concatenate[Timed, Parameters], Result]:
    """Decorate a method of a task so that its time is noted under its name."""

    @wraps(method)
    def timed(self: Timed, /, *args: Parameters.args, **keywords: Parameters.kwargs) -> Result:
        with record_time(self.metadata, method.__name__):
            return method(self, *args, **keywords)

    return timed
