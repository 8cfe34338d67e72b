"""Calls in other processes; one that dies takes no other call with it."""

from __future__ import annotations

import signal
import time
from concurrent.futures import Executor, Future
from multiprocessing.connection import wait
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from butler.child_processes import child_context, end_with_parent, without_main_script
from pipelines.errors import ClosedExecutorError, RemoteCallError, TooSlowError, WorkerDiedError
from pipelines.execution.remote_call import answer, pack_call, result_of
from pipelines.execution.threads import one_thread_for_children

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from types import FrameType
    from typing import NoReturn

__all__ = ["ProcessExecutor", "begin_imports"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def begin_imports(modules: Sequence[str]) -> None:
    """Import what processes to come need, beside this process, which goes on.

    Parameters
    ----------
    modules
        By name. Without effect after the first call in a program.
    """
    with one_thread_for_children():
        child_context(modules)


class ProcessExecutor(Executor):
    """Runs calls in a fixed number of processes, which are kept.

    `concurrent.futures.ProcessPoolExecutor` gives up all its calls when one
    process dies. Here the call that was running fails with `WorkerDiedError`,
    and a new process takes the next one.

    Parameters
    ----------
    processes
        How many.
    timeout_s
        A call that takes longer fails with `TooSlowError`, and its process is
        killed. None for no limit.
    imports
        Modules that all calls need. They are imported once, and the processes
        share them, if these are the first that this program starts.

    Notes
    -----
    Ctrl-C does not reach the processes; they end with this one. In each,
    libraries of linear algebra use one thread, unless the environment says
    otherwise or has ``LSST_ALLOW_IMPLICIT_THREADS``.
    """

    def __init__(
        self, processes: int, *, timeout_s: float | None = None, imports: Sequence[str] = ()
    ) -> None:
        begin_imports(imports)
        self._calls: SimpleQueue[tuple[Future[object], bytes] | None] = SimpleQueue()
        self._seats = [_Seat(timeout_s) for _ in range(processes)]
        self._lock = Lock()
        self._is_open = True
        self._threads = [
            Thread(target=self._serve, args=(seat,), daemon=True) for seat in self._seats
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        fn: Callable[Parameters, Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Future[Result]:
        """Have a function called in one of the processes; see `Executor.submit`.

        Raises
        ------
        ClosedExecutorError
            After `shutdown`.
        """
        call = pack_call(fn, args, kwargs)
        future: Future[Result] = Future()
        with self._lock:
            if not self._is_open:
                raise ClosedExecutorError("The executor is shut down: make another one.")
            self._calls.put((future, call))  # type: ignore[arg-type]
        return future

    def _serve(self, seat: _Seat) -> None:
        """Take calls for one process until there are no more; this is what a thread does."""
        while (taken := self._calls.get()) is not None:
            future, call = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = seat.run(call)
            except BaseException as error:  # noqa: BLE001 - it belongs to who asks for the result
                future.set_exception(error)
            else:
                future.set_result(result)
        seat.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the interface
        """End the processes when they are done; see `Executor.shutdown`."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
        if cancel_futures:
            self._cancel_waiting()
        if was_open:
            for _ in self._threads:
                self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _cancel_waiting(self) -> None:
        ends = 0
        while True:
            try:
                taken = self._calls.get_nowait()
            except Empty:
                break
            if taken is None:
                ends += 1
            else:
                taken[0].cancel()
        for _ in range(ends):
            self._calls.put(None)

    def kill(self, grace_s: float = 3.0) -> None:
        """End the processes, whatever they are doing, and forget what waits.

        Parameters
        ----------
        grace_s
            So long they may take to leave no mess; then they are killed.
        """
        with self._lock:
            self._is_open = False
        self._cancel_waiting()
        for seat in self._seats:
            seat.terminate()
        end = time.monotonic() + grace_s
        for seat in self._seats:
            seat.kill(end - time.monotonic())
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()


class _Seat:
    """One process after another, of which each answers calls until it dies."""

    def __init__(self, timeout_s: float | None) -> None:
        self._timeout_s = timeout_s
        self._process: ForkServerProcess | None = None
        self._connection: Connection | None = None
        self._is_closed = False
        self._lock = Lock()  # of the three above: who ends this seat is another thread

    def run(self, call: bytes) -> object:
        """Return what the call returns, or raise what it raises."""
        connection, process = self._started()
        try:
            connection.send_bytes(call)
            ready = wait([connection, process.sentinel], self._timeout_s)
            if not ready:
                self._end(process)
                raise TooSlowError(  # noqa: TRY301 - nothing below is for it
                    f"It took longer than {self._timeout_s:g} s, and was stopped."
                )
            answered = connection.recv_bytes()
        except TooSlowError:
            raise
        except (EOFError, OSError) as error:
            self._end(process)
            raise WorkerDiedError(process.exitcode) from error
        return result_of(answered)

    def _started(self) -> tuple[Connection, ForkServerProcess]:
        if self._connection is None or self._process is None or not self._process.is_alive():
            if self._is_closed:
                raise WorkerDiedError(-signal.SIGKILL)
            connection, process = _start()
            with self._lock:
                self._connection, self._process = connection, process
                if self._is_closed:  # in the meantime
                    process.kill()
        return self._connection, self._process

    def _end(self, process: ForkServerProcess) -> None:
        process.kill()
        process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def terminate(self) -> None:
        """Ask the process to end."""
        with self._lock:
            self._is_closed = True
            process = self._process
        if process is not None:
            process.terminate()

    def kill(self, after_s: float) -> None:
        """End the process if it has not ended after a while."""
        process = self._process
        if process is None:
            return
        wait([process.sentinel], max(after_s, 0.0))
        process.kill()

    def close(self) -> None:
        """Let the process end; it has nothing to do."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join()


def _start() -> tuple[Connection, ForkServerProcess]:
    """Start a process that answers calls; return our end of the connection, too."""
    context = child_context()
    mine, theirs = context.Pipe()
    process = context.Process(target=_answer_calls, args=(theirs,), daemon=True)
    try:
        with without_main_script():
            process.start()
    except OSError as error:
        mine.close()
        raise RemoteCallError(f"No process could be started: {error}.") from error
    finally:
        theirs.close()
    return mine, process


def _answer_calls(connection: Connection) -> None:
    """Answer calls until there are no more; this is what a process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    signal.signal(signal.SIGTERM, _leave)
    end_with_parent()
    with one_thread_for_children():
        while True:
            try:
                call = connection.recv_bytes()
            except EOFError:
                return
            connection.send_bytes(answer(call))


def _leave(_number: int, _stack: FrameType | None) -> NoReturn:
    """End this process by an exception, so that what is open is closed."""
    raise SystemExit(1)
