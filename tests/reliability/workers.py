"""What many processes do to one repository at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from support.figures import percentile
from support.invariants import broken_promises
from support.zygote import Call, wait_for_start

from butler import Butler, create_repository
from butler.errors import ButlerError, DatasetExistsError
from tests.reliability.broken_variants import preparation
from tests.reliability.operations import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote


class Work(NamedTuple):
    """What one process has done: errors, the time at the end of each put, and how long it took."""

    errors: list[str]
    ends: list[float]
    waits: list[float]
    won: list[int]


def put_own(root: Path, number: int, count: int) -> Work:
    """Put datasets that nobody else puts."""
    work = Work([], [], [], [])
    with Butler(root) as butler:
        wait_for_start()
        for ccd in range(count):
            began = time.monotonic()
            try:
                butler.put({"by": number}, "summary", visit=number, ccd=ccd)
                work.won.append(ccd)
            except (ButlerError, OSError) as error:
                work.errors.append(str(error))
            work.ends.append(time.monotonic())
            work.waits.append(work.ends[-1] - began)
    return work


def put_same(root: Path, number: int, count: int) -> Work:
    """Put the datasets that everybody puts; ``won`` are those that this process won."""
    work = Work([], [], [], [])
    with Butler(root) as butler:
        wait_for_start()
        for ccd in range(count):
            try:
                butler.put({"by": number}, "summary", visit=1, ccd=ccd)
                work.won.append(ccd)
            except DatasetExistsError:
                continue
            except (ButlerError, OSError) as error:
                work.errors.append(repr(error))
    return work


def run_processes(
    zygote: Zygote,
    function: object,
    root: Path,
    processes: int,
    count: int,
    variant: tuple[str, str] | None = None,
) -> list[Work]:
    """Run one of these in many processes that begin together."""
    before = None if variant is None else preparation(*variant)
    calls = [Call(function, (root, number, count), before) for number in range(processes)]
    return [outcome.required() for outcome in zygote.run_all(calls)]


def fairness(works: list[Work]) -> float:
    """What the slowest had done of the mean when the first had finished."""
    first = min(work.ends[-1] for work in works)
    done = [sum(end <= first for end in work.ends) for work in works]
    return min(done) / (sum(done) / len(done))


def write(
    zygote: Zygote,
    root: Path,
    processes: int,
    puts: int,
    *,
    registry: str | None = None,
    variant: str | None = None,
) -> tuple[list[str], list[Work]]:
    """Let processes put datasets of their own; return what is wrong, and what they did."""
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY}, registry=registry)
    suite = "T3" if registry is None else "T4"
    chosen = None if variant is None else (suite, variant)
    works = run_processes(zygote, put_own, root, processes, puts, chosen)
    broken = [error for work in works for error in work.errors]
    with Butler(root) as butler:
        counted = butler.query("summary").count()
    if counted != processes * puts:
        broken.append(f"{counted} datasets are there, and {processes * puts} were put")
    return broken + (broken_promises(root) if registry is None else []), works


def record(trials: Trials, works: list[Work]) -> None:
    waits = [wait for work in works for wait in work.waits]
    took = max(work.ends[-1] for work in works) - min(
        work.ends[0] - work.waits[0] for work in works
    )
    trials.measure(
        processes=len(works),
        puts_each=len(works[0].ends),
        puts_per_s=round(len(waits) / took, 1),
        p99_ms=round(percentile(waits, 99) * 1e3, 1),
        worst_wait_ms=round(max(waits) * 1e3, 1),
        slowest_of_mean=round(fairness(works), 2),
    )
