"""Reading files in other processes, which a bad file may end."""

from __future__ import annotations

import os
import resource
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from butler.child_processes import child_context, end_with_parent, without_main_script
from butler.errors import IngestError
from butler.ingest.candidate import Candidate, Rejection, read_candidate, translate_raw

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from types import FrameType
    from typing import NoReturn

    from butler.ingest.candidate import Translate
    from butler.mapper import Mapper

__all__ = ["ReadLimits", "iter_candidates", "read_chunk"]

_CHUNK = 32
_CHUNKS_PER_PROCESS = 4  # in flight, so that no worker waits and few files are lost with it


class ReadLimits(NamedTuple):
    """What reading may cost in a worker process.

    A file may take ``wall_s`` seconds, and one more for every
    ``bytes_per_s`` of its size, because a compressed file is read to its end.
    ``memory`` is that of the process, in bytes.
    """

    wall_s: float = 10.0
    bytes_per_s: float = 10e6
    memory: int = 2 << 30


_DEFAULT_LIMITS = ReadLimits()


class _Reading(NamedTuple):
    """How a worker process reads."""

    mapper: Mapper
    limits: ReadLimits
    translate: Translate


class _TooSlowError(IngestError):
    """A file that takes longer than it may."""


def iter_candidates(
    paths: Iterable[str],
    mapper: Mapper,
    processes: int = 1,
    limits: ReadLimits = _DEFAULT_LIMITS,
    translate: Translate = translate_raw,
) -> Generator[Candidate | Rejection, None, None]:
    """Read files, in this process or in others, and yield them in order.

    Parameters
    ----------
    paths
        Absolute paths.
    mapper
        The camera; other processes get it by the name of its class.
    processes
        How many to read in. With 1 they are read here, which is safe as long
        as the camera's code is: the gate is bounded and pure Python.
    limits
        For other processes.
    translate
        How headers are translated.

    Yields
    ------
    Candidate or Rejection
        One for each path.

    Notes
    -----
    When a process dies, the files that it may have been reading are read
    again one by one, each alone; one that ends its process again is rejected.
    """
    if processes <= 1 or type(mapper).__module__ == "__main__":
        for path in paths:
            yield read_candidate(path, mapper, translate)
        return
    chunks, reading = _split(paths), _Reading(mapper, limits, translate)
    lost: list[str] = []
    while True:
        lost.clear()
        yield from _read_until_lost(chunks, reading, processes, lost)
        if not lost:
            return
        yield from _read_alone(lost, reading)


def _split(paths: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(paths)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _read_until_lost(
    chunks: Iterator[list[str]],
    reading: _Reading,
    processes: int,
    lost: list[str],
) -> Iterator[Candidate | Rejection]:
    """Read chunks until there are no more, or a process dies; then fill ``lost``."""
    flying: deque[tuple[list[str], Future[list[Candidate | Rejection]]]] = deque()
    pool = _pool(processes, reading.limits)
    try:
        while True:
            while len(flying) < processes * _CHUNKS_PER_PROCESS:
                chunk = next(chunks, None)
                if chunk is None:
                    break
                try:
                    flying.append((chunk, _submit(pool, chunk, reading)))
                except BrokenProcessPool:
                    lost.extend(_collect([*(one for one, _ in flying), chunk]))
                    return
            if not flying:
                return
            chunk, future = flying[0]
            try:
                yield from future.result()
            except BrokenProcessPool:
                lost.extend(_collect([one for one, _ in flying]))
                return
            flying.popleft()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _collect(chunks: Sequence[Sequence[str]]) -> list[str]:
    return [path for chunk in chunks for path in chunk]


def _read_alone(paths: Sequence[str], reading: _Reading) -> Iterator[Candidate | Rejection]:
    """Read files one by one in one process, a new one whenever it has died."""
    pool = _pool(1, reading.limits)
    try:
        for path in paths:
            try:
                yield from _submit(pool, [path], reading).result()
            except BrokenProcessPool:
                yield Rejection(path, "reading it killed the process that read it")
                pool.shutdown()
                pool = _pool(1, reading.limits)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(processes: int, limits: ReadLimits) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes,
        mp_context=child_context(),
        initializer=_limit_process,
        initargs=(limits.memory,),
    )


def _submit(
    pool: ProcessPoolExecutor, chunk: list[str], reading: _Reading
) -> Future[list[Candidate | Rejection]]:
    """Hand a chunk to the pool, which may start a process for it."""
    with without_main_script():
        return pool.submit(read_chunk, chunk, *reading)


def _limit_process(memory: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    signal.signal(signal.SIGALRM, _give_up)
    end_with_parent()


def _give_up(_number: int, _stack: FrameType | None) -> NoReturn:
    raise _TooSlowError("reading it takes too long")


def read_chunk(
    paths: Sequence[str],
    mapper: Mapper,
    limits: ReadLimits,
    translate: Translate = translate_raw,
) -> list[Candidate | Rejection]:
    """Read some files within limits; this is what runs in a worker process.

    Parameters
    ----------
    paths
        Absolute paths.
    mapper
        The camera.
    limits
        What each file may cost. Beyond it the file is rejected; if it cannot
        be stopped, the process is ended by the system.
    translate
        How headers are translated.
    """
    reading = _Reading(mapper, limits, translate)
    return [_read_within(path, reading) for path in paths]


def _read_within(path: str, reading: _Reading) -> Candidate | Rejection:
    mapper, limits, translate = reading
    try:
        allowed = limits.wall_s + os.stat(path).st_size / limits.bytes_per_s
    except (OSError, ValueError):
        allowed = limits.wall_s
    _limit_processor_time(2 * allowed)
    signal.setitimer(signal.ITIMER_REAL, allowed, 1.0)  # again, if something swallows it
    try:
        return read_candidate(path, mapper, translate)
    except _TooSlowError:  # between two files' worth of work
        return Rejection(path, "reading it takes too long")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_processor_time(more_s: float) -> None:
    """Let the system end this process if it computes on for so many seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(usage.ru_utime + usage.ru_stime + more_s) + 2
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
