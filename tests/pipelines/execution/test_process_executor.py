"""Calls in other processes, of which each dies alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import CancelledError, wait
from multiprocessing.context import ForkServerProcess
from typing import TYPE_CHECKING, NoReturn

import pytest

from pipelines.errors import ClosedExecutorError, RemoteCallError, TooSlowError, WorkerDiedError
from pipelines.execution.process_executor import ProcessExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def process_number() -> int:
    return os.getpid()


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def fail(text: str) -> NoReturn:
    raise KeyError(text)


class StubbornError(Exception):
    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


def fail_stubbornly() -> NoReturn:
    raise StubbornError(1, 2)


def hang() -> None:
    time.sleep(600)


def touch_and_hang(path: str) -> None:
    with open(path, "w", encoding="utf-8"):
        pass
    hang()


def environment(name: str) -> str | None:
    return os.environ.get(name)


@pytest.fixture
def executor() -> Iterator[ProcessExecutor]:
    made = ProcessExecutor(2)
    yield made
    made.kill()


def test_calls_run_in_other_processes_which_are_kept(executor: ProcessExecutor) -> None:
    numbers = {executor.submit(process_number).result() for _ in range(6)}
    assert os.getpid() not in numbers
    assert len(numbers) <= 2


def test_error_of_a_call_is_that_of_its_future(executor: ProcessExecutor) -> None:
    with pytest.raises(KeyError, match="the text"):
        executor.submit(fail, "the text").result()


def test_error_that_cannot_be_sent_comes_as_text(executor: ProcessExecutor) -> None:
    with pytest.raises(RemoteCallError, match="StubbornError: 1 and 2"):
        executor.submit(fail_stubbornly).result()


def test_process_that_dies_takes_no_other_call_with_it(executor: ProcessExecutor) -> None:
    dead = executor.submit(die)
    others = [executor.submit(abs, -n) for n in range(20)]
    with pytest.raises(WorkerDiedError, match="SIGKILL") as caught:
        dead.result()
    assert caught.value.exit_code == -signal.SIGKILL
    assert [one.result() for one in others] == list(range(20))


def test_call_that_takes_too_long_is_stopped() -> None:
    executor = ProcessExecutor(1, timeout_s=0.2)
    slow = executor.submit(hang)
    with pytest.raises(TooSlowError, match=r"longer than 0\.2 s"):
        slow.result()
    executor.kill()


def test_shutdown_waits_for_what_was_submitted() -> None:
    with ProcessExecutor(2) as executor:
        futures = [executor.submit(abs, -n) for n in range(5)]
    assert [one.result() for one in futures] == list(range(5))
    with pytest.raises(ClosedExecutorError, match="shut down"):
        executor.submit(abs, 1)


def test_kill_ends_what_runs_and_cancels_what_waits(tmp_path: Path) -> None:
    executor = ProcessExecutor(1)
    begun = tmp_path / "begun"
    running = executor.submit(touch_and_hang, str(begun))
    waiting = executor.submit(abs, 1)
    while not begun.exists():
        wait([running], timeout=0.05)
    executor.kill()
    with pytest.raises(WorkerDiedError):
        running.result()
    with pytest.raises(CancelledError):
        waiting.result()


def test_kill_ends_a_process_that_was_still_being_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, killed = threading.Event(), threading.Event()
    start = ForkServerProcess.start

    def start_late(process: ForkServerProcess) -> None:
        starting.set()
        assert killed.wait(60)
        start(process)

    monkeypatch.setattr(ForkServerProcess, "start", start_late)
    executor = ProcessExecutor(1)
    call = executor.submit(touch_and_hang, str(tmp_path / "begun"))
    assert starting.wait(60)
    killer = threading.Thread(target=executor.kill, args=(0.1,))
    killer.start()
    killer.join(0.5)  # it has asked all to end by now, and waits for the start
    killed.set()
    killer.join(60)
    assert not killer.is_alive()
    with pytest.raises(WorkerDiedError):
        call.result()


def test_no_thread_is_left_after_the_end() -> None:
    before = threading.active_count()
    with ProcessExecutor(3) as executor:
        executor.submit(abs, 1).result()
    assert threading.active_count() == before


def test_libraries_use_one_thread_in_each_process(
    executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert executor.submit(environment, "OMP_NUM_THREADS").result() == "1"


def test_process_that_cannot_be_started_fails_its_call_alone(
    executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_process: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(ForkServerProcess, "start", refuse)
        with pytest.raises(RemoteCallError, match="temporarily unavailable"):
            executor.submit(abs, -1).result()
    assert executor.submit(abs, -1).result() == 1
