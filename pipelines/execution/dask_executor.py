"""Calls on the workers of a Dask cluster, on this computer or on others."""

from __future__ import annotations

import logging
import os
from concurrent.futures import CancelledError, Executor, Future
from threading import Lock
from typing import TYPE_CHECKING, Final, ParamSpec, Protocol, TypeVar
from uuid import uuid4

from butler.errors import MissingDependencyError
from pipelines.errors import ClosedExecutorError, RemoteCallError, RunError, WorkerDiedError
from pipelines.execution.remote_call import answer, pack_call, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

__all__ = ["DaskClient", "DaskCluster", "DaskExecutor", "DaskFuture", "connect_dask", "start_dask"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_CONNECT_S: Final = 30.0
_ONE_AT_A_TIME: Final = {
    "distributed.scheduler.allowed-failures": 0,  # the driver knows what deserves another try
    "distributed.scheduler.worker-saturation": 1.0,  # a worker that dies has one call, no more
}
_alone = Lock()  # a worker with several threads still does one data ID at a time


class DaskFuture(Protocol):
    """What is asked of a `distributed.Future`."""

    def result(self) -> bytes:
        """Return what the call returned, or raise what it raised."""

    def add_done_callback(self, fn: Callable[[DaskFuture], None]) -> None:
        """Have a function called in another thread when the call is done."""


class DaskCluster(Protocol):
    """What is asked of a cluster."""

    def close(self) -> None:
        """End its workers."""


class DaskClient(Protocol):
    """What is asked of a `distributed.Client`."""

    cluster: DaskCluster | None

    def submit(
        self, func: Callable[[bytes], bytes], call: bytes, /, *, key: str, pure: bool
    ) -> DaskFuture:
        """Have a function called by a worker."""

    def cancel(self, futures: Sequence[DaskFuture], *, force: bool) -> None:
        """Forget calls."""

    def scheduler_info(self, n_workers: int) -> Mapping[str, Mapping[str, object]]:
        """Describe the cluster."""

    def close(self) -> None:
        """Leave the cluster."""


class DaskExecutor(Executor):
    """Runs calls on the workers of a Dask cluster, which must see the files of the output.

    A call whose worker dies fails with `WorkerDiedError`, as in
    `ProcessExecutor`; one that Dask gives up for another reason fails with
    `RemoteCallError`.

    Parameters
    ----------
    client
        A `distributed.Client`.
    owns
        Whether the client was made for this, and ends with it; a cluster that
        was started by it does, too.

    Notes
    -----
    Dask tries a call again whose worker dies, three times unless
    ``distributed.scheduler.allowed-failures`` of the scheduler says otherwise,
    and always one whose result is lost with a worker. What earlier attempts
    have left is temporary files.
    """

    def __init__(self, client: DaskClient, *, owns: bool = False) -> None:
        self._client = client
        self._owns = owns
        self._calls: dict[Future[object], DaskFuture] = {}
        self._is_open = True

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def submit(
        self,
        fn: Callable[Parameters, Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Future[Result]:
        """Have a function called by one of the workers; see `Executor.submit`.

        Raises
        ------
        ClosedExecutorError
            After `shutdown`.
        """
        if not self._is_open:
            raise ClosedExecutorError("The executor is shut down: make another one.")
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        call = self._client.submit(
            _answer_alone, pack_call(fn, args, kwargs), key=f"call-{uuid4().hex}", pure=False
        )
        self._calls[future] = call  # type: ignore[index]  # of any result
        call.add_done_callback(lambda done: self._settle(done, future))  # type: ignore[arg-type]
        return future

    def _settle(self, call: DaskFuture, future: Future[object]) -> None:
        """Hand on what came of a call; Dask does this in a thread of its own."""
        self._calls.pop(future, None)
        try:
            result = result_of(call.result())
        except BaseException as error:  # noqa: BLE001 - it belongs to who asks for the result
            future.set_exception(_translated(error))
        else:
            future.set_result(result)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the interface
        """Take no more calls; see `Executor.shutdown`. Workers of one's own end."""
        self._is_open = False
        if cancel_futures:
            self._cancel()
        for future in list(self._calls) if wait else ():
            future.exception()
        if self._owns:
            self._end()

    def kill(self) -> None:
        """End what is being done, as far as that can be: workers of others finish it, unheard."""
        self._is_open = False
        self._cancel()
        if self._owns:
            self._end()

    def _cancel(self) -> None:
        self._client.cancel(list(self._calls.values()), force=True)

    def _end(self) -> None:
        self._owns = False
        cluster = self._client.cluster
        self._client.close()
        if cluster is not None:
            cluster.close()


def _answer_alone(call: bytes) -> bytes:
    with _alone:
        return answer(call)


def _translated(error: BaseException) -> BaseException:
    """Return an error of Dask as one of ours; others stay."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return WorkerDiedError(None)
    if isinstance(error, CancelledError):
        return RemoteCallError(f"Dask gave it up: {error or 'its scheduler has gone'}.")
    return error


def _distributed(level: int) -> ModuleType:
    """Import the library, and let it log what has at least a level."""
    try:
        import distributed
    except ImportError as error:
        raise MissingDependencyError("distributed", "dask", "An executor of Dask") from error
    logging.getLogger("distributed").setLevel(level)  # it has set it to INFO
    return distributed


def start_dask(processes: int) -> DaskExecutor:
    """Return workers on this computer, one process each, which end with the executor.

    Parameters
    ----------
    processes
        How many.

    Raises
    ------
    MissingDependencyError
        If ``distributed`` is not installed.
    """
    distributed = _distributed(logging.CRITICAL)  # what ends here the driver reports
    import dask

    with dask.config.set(_ONE_AT_A_TIME):
        cluster = distributed.LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            preload=["pipelines.execution.dask_preload"],
            silence_logs=logging.CRITICAL,
        )
    return DaskExecutor(distributed.Client(cluster), owns=True)


def connect_dask(address: str) -> DaskExecutor:
    """Return the workers of a cluster that runs already.

    Parameters
    ----------
    address
        Of its scheduler, as ``tcp://head:8786``, or the path of the file that
        it wrote (``--scheduler-file``).

    Raises
    ------
    MissingDependencyError
        If ``distributed`` is not installed.
    RunError
        If nobody answers there.
    """
    distributed = _distributed(logging.WARNING)
    place = {"scheduler_file": address} if os.path.isfile(address) else {"address": address}
    try:
        client = distributed.Client(**place, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        raise RunError(f"No scheduler of Dask answers at {address}: {error}") from error
    return DaskExecutor(client, owns=True)
