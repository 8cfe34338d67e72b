"""A warm process that forks a child for each call: milliseconds instead of an interpreter.

The children can be killed at any moment, run side by side, and run a
deliberately broken variant of the product, without harm to whoever asks.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import NoReturn, Self

__all__ = ["Call", "Outcome", "Zygote", "serve", "wait_for_start"]

_PATIENCE_S = 1800.0  # a call that takes longer hangs
_PR_SET_PDEATHSIG = 1
_start: int = -1


class Call(NamedTuple):
    """A function of a module that the warm process can import, its arguments, its preparation."""

    function: Callable[..., object]
    arguments: tuple[object, ...] = ()
    before: Callable[[], object] | None = None


class Outcome(NamedTuple):
    """How a call ended: what it returned, or its traceback, and its wait status."""

    value: object
    error: str
    status: int

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.status == -signal.SIGKILL

    def required(self) -> object:
        """What it returned; fails if it did not."""
        if self.status != 0 or self.error:
            message = f"the call ended with status {self.status}: {self.error}"
            raise AssertionError(message)
        return self.value


class Zygote:
    """Starts the warm process; a context manager."""

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin is not None and self._process.stdout is not None:
            self._process.stdin.close()
            self._process.stdout.close()
        self._process.wait()

    def run(
        self, function: Callable[..., object], *arguments: object, kill_after_s: float | None = None
    ) -> Outcome:
        """Call a function in a child; kill it after so many seconds."""
        return self.run_all([Call(function, arguments)], kill_after_s=kill_after_s)[0]

    def run_all(self, calls: Sequence[Call], *, kill_after_s: float | None = None) -> list[Outcome]:
        """Call functions in children that begin together."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            message = "the warm process has no pipes"
            raise OSError(message)
        pickle.dump((list(calls), kill_after_s), stdin)
        stdin.flush()
        outcomes: list[Outcome] = pickle.load(stdout)
        return outcomes


def wait_for_start() -> None:
    """In a child: wait until all children of the same request have come so far, or nearly."""
    os.read(_start, 1)


def serve() -> None:
    """Answer requests from standard input until it ends."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a child prints must not stand among the answers
    while True:
        try:
            calls, kill_after_s = pickle.load(requests)
        except EOFError:
            return
        pickle.dump(_run(calls, kill_after_s), replies)
        replies.flush()


def _run(calls: Sequence[Call], kill_after_s: float | None) -> list[Outcome]:
    start, release = os.pipe()
    children: list[tuple[int, int]] = []
    for call in calls:
        result, answer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(result)
            os.close(release)
            _child(call, start, answer)
        os.close(answer)
        children.append((child, result))
    os.close(start)
    os.close(release)
    answers = _gather(children, kill_after_s)
    return [_outcome(child, answers[child]) for child, _ in children]


def _gather(children: Sequence[tuple[int, int]], kill_after_s: float | None) -> dict[int, bytes]:
    answers = {child: b"" for child, _ in children}
    deadline = time.monotonic() + (_PATIENCE_S if kill_after_s is None else kill_after_s)
    with DefaultSelector() as selector:
        for child, result in children:
            selector.register(result, EVENT_READ, child)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                for child, _ in children:
                    os.kill(child, signal.SIGKILL)
                deadline = time.monotonic() + _PATIENCE_S
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                if piece:
                    answers[key.data] += piece
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return answers


def _outcome(child: int, answer: bytes) -> Outcome:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        value, error = pickle.loads(answer)
    except (EOFError, pickle.UnpicklingError):  # it was killed before, or while, it answered
        value, error = None, f"no answer of {len(answer)} bytes"
    return Outcome(value, error, status)


def _child(call: Call, start: int, answer: int) -> NoReturn:
    global _start  # noqa: PLW0603 - of this child alone
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _start = start
    try:
        if call.before is not None:
            call.before()
        reply: tuple[object, str] = (call.function(*call.arguments), "")
    except BaseException:  # noqa: BLE001 - it is handed to whoever asked
        reply = (None, traceback.format_exc())
    _send(answer, reply)
    os._exit(0)


def _send(answer: int, reply: tuple[object, str]) -> None:
    try:
        content = pickle.dumps(reply)
    except Exception:  # noqa: BLE001 - whatever a value's pickling raises
        content = pickle.dumps((None, traceback.format_exc()))
    with os.fdopen(answer, "wb") as file:
        file.write(content)


def _warm_up() -> None:
    """Import what the children will need, lazy imports included, by using it once."""
    from support.repositories import make_repository

    from butler.ingest.ingest import ingest_files
    from butler.repository.native import NativeRepository

    with TemporaryDirectory(prefix="skybutler-") as folder:
        root = os.path.join(folder, "DATA")
        with make_repository(root) as butler:
            for content in (1, 2):
                butler.put(content, "summary", visit=1, ccd=1, replace=True)
            assert butler.get("summary", visit=1, ccd=1) == 2
            butler.query("summary", where="visit = 1").count()
            butler.remove("summary", visit=1, ccd=1)
        ingest_files(NativeRepository(root), [root], mode="copy")


if __name__ == "__main__":
    # The module of this name, not __main__: the calls are pickled by name.
    from support import zygote

    _warm_up()
    zygote.serve()
