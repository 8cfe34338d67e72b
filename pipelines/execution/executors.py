"""Who runs data IDs: this process, others of this computer, or a Dask cluster."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pipelines.errors import RunError
from pipelines.execution.dask_executor import connect_dask, start_dask
from pipelines.execution.process_executor import ProcessExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

__all__ = ["ENGINES", "InlineExecutor", "check_engine", "make_executor"]

ENGINES = ("processes", "dask")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class InlineExecutor(Executor):
    """Runs calls in this process when they are submitted."""

    def submit(
        self,
        fn: Callable[Parameters, Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Future[Result]:
        """Run a call; see `Executor.submit`. What interrupts it is raised here."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it belongs to who asks for the result
            future.set_exception(error)
        return future


def check_engine(engine: str, *, timeout_s: float | None = None) -> None:
    """Refuse an engine that there is not; see `make_executor`.

    Raises
    ------
    RunError
        If there is no such engine, or it has no time limit and one is given.
    """
    name, equals, address = engine.partition("=")
    if name not in ENGINES or (equals and not address) or (equals and name != "dask"):
        raise RunError(f"An executor is processes, dask or dask=ADDRESS, not {engine!r}.")
    if name == "dask" and timeout_s is not None:
        raise RunError("Workers of Dask have no time limit: leave it out, or use processes.")


def make_executor(
    engine: str, processes: int, *, timeout_s: float | None = None, imports: Sequence[str] = ()
) -> AbstractContextManager[Executor]:
    """Return a context with the executor of a run.

    Parameters
    ----------
    engine
        ``processes``, ``dask`` for Dask's workers on this computer, or
        ``dask=ADDRESS`` for a cluster that runs; see `connect_dask`.
    processes
        How many; 1 of ``processes`` is this one, if there is no time limit.
    timeout_s
        For each call.
    imports
        Modules that all calls need.

    Raises
    ------
    RunError
        As `check_engine`, or if no cluster answers.
    MissingDependencyError
        If Dask is wanted and not installed.
    """
    check_engine(engine, timeout_s=timeout_s)
    name, _, address = engine.partition("=")
    if name == "dask":
        return connect_dask(address) if address else start_dask(processes)
    if processes > 1 or timeout_s is not None:
        return ProcessExecutor(processes, timeout_s=timeout_s, imports=imports)
    return InlineExecutor()
