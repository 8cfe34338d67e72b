"""What is measured: one function per case, the same for every system."""

from __future__ import annotations

import json
import multiprocessing
import random
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.inputs import (
    CCDS,
    FIRST_VISIT,
    data_keys,
    json_files,
    levels,
    raw_files,
    small_dict,
)
from benchmarks.measure import Measurement, digest, stopwatch
from benchmarks.system import load_system

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from benchmarks.system import DataKey, Session, System

__all__ = ["CASES", "PREPARATIONS", "Case", "Place", "find_case"]

_WRITERS = 4
_FINDS = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case runs.

    Parameters
    ----------
    root
        The prepared repository, or a copy of it if the case writes.
    inputs
        Folder of files that all systems share.
    header_file
        A real HSC header, for the case that reads headers.
    """

    root: Path
    inputs: Path
    header_file: Path


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the results.

    Parameters
    ----------
    name, title
        For the command line and for the table.
    run
        Does the work once and measures it.
    count
        How many datasets or files at full scale.
    prepared
        Key of `PREPARATIONS`: the repository it starts from.
    writes
        Whether each repetition needs a copy of its own.
    per_operation
        Whether the table divides by the number of operations.
    note
        What a reader must know to compare the two.
    target
        What skybutler is meant to cost; a missed one stays in the table.
    """

    name: str
    title: str
    run: Callable[[System, Place, int], Measurement]
    count: int = 0
    prepared: str | None = None
    writes: bool = False
    per_operation: bool = False
    note: str = ""
    target: str = ""


def measure_help(system: System, _place: Place, _count: int) -> Measurement:
    """A process that shows the command line's help."""
    command = system.help_command()
    with stopwatch() as watch:
        subprocess.run(command, capture_output=True, check=True)
    watch.peak_mb = 0.0  # not known: it would be that of this process
    return Measurement.of(watch, 1, None)


def measure_one_get(system: System, place: Place, _count: int) -> Measurement:
    """A process that opens a repository and gets one dict."""
    command = system.get_command(place.root, FIRST_VISIT, 5)
    with stopwatch() as watch:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    watch.peak_mb = 0.0
    return Measurement.of(watch, 1, json.loads(done.stdout.splitlines()[-1]))


def measure_open(system: System, place: Place, _count: int) -> Measurement:
    """Open a chain of 5 and find one dataset; the import is over."""
    with stopwatch() as watch:
        found = system.open_chain(place.root, 5).find(FIRST_VISIT, 5)
    return Measurement.of(watch, 1, found)


def measure_gets(system: System, place: Place, count: int) -> Measurement:
    """Get each dict again, in random order, through one open butler."""
    session = system.open(place.root)
    keys = data_keys(count)
    random.Random(3).shuffle(keys)  # noqa: S311 - the same order for all
    for visit, ccd in keys:
        session.get(visit, ccd)
    with stopwatch() as watch:
        values = [session.get(visit, ccd) for visit, ccd in keys]
    return Measurement.of(watch, count, values)


def measure_puts(system: System, place: Place, count: int) -> Measurement:
    """Put dicts one by one."""
    session = system.open(place.root)
    with stopwatch() as watch:
        worst_s = _put_all(session, data_keys(count))
    return Measurement.of(watch, count, _read_back(system, place, count), worst_s=worst_s)


def measure_batch(system: System, place: Place, count: int) -> Measurement:
    """Put dicts in one batch."""
    session = system.open(place.root)
    with stopwatch() as watch, session.batch():
        _put_all(session, data_keys(count))
    return Measurement.of(watch, count, _read_back(system, place, count))


def measure_finds(system: System, place: Place, count: int) -> Measurement:
    """Find datasets by data ID in a chain of 20."""
    session = system.open_chain(place.root, 20)
    chooser = random.Random(5)  # noqa: S311 - the same choice for all
    keys = chooser.sample(data_keys(count), min(_FINDS, count))
    session.find(*keys[0])
    with stopwatch() as watch:
        found = [session.find(visit, ccd) for visit, ccd in keys]
    return Measurement.of(watch, len(keys), found)


def measure_one_visit(system: System, place: Place, count: int) -> Measurement:
    """List one visit of a chain of 5; the first query is the one that a user waits for."""
    session = system.open_chain(place.root, 5)
    visit = FIRST_VISIT + count // CCDS // 2
    with stopwatch() as watch:
        found = session.one_visit(visit)
    return Measurement.of(watch, 1, sorted(session.row(row) for row in found))


def measure_all_rows(system: System, place: Place, _count: int) -> Measurement:
    """List everything in a chain of 5."""
    session = system.open_chain(place.root, 5)
    with stopwatch() as watch:
        found = session.all_rows()
    return Measurement.of(watch, len(found), sorted(session.row(row) for row in found))


def measure_raw_ingest(system: System, place: Place, count: int) -> Measurement:
    """Read headers, translate them and link the files in."""
    files = raw_files(place.inputs / "raw", count, place.header_file)
    session = system.open(place.root)
    with stopwatch() as watch:
        session.ingest_raws(files)
    return Measurement.of(watch, count, sorted(session.raws()))


def measure_registration(system: System, place: Place, count: int) -> Measurement:
    """Record files whose data IDs are known, where they lie."""
    files = json_files(place.inputs / "json", count)
    before = system.registry_bytes(place.root)
    session = system.open(place.root)
    with stopwatch() as watch:
        session.register(files)
    grown = system.registry_bytes(place.root) - before
    return Measurement.of(watch, count, sorted(session.stored()), registry_bytes=grown)


def measure_writers(system: System, place: Place, count: int) -> Measurement:
    """Put from four processes into one repository at once."""
    context = multiprocessing.get_context("spawn")
    queue: Queue[tuple[float, float, float]] = context.Queue()
    barrier = context.Barrier(_WRITERS)
    with stopwatch() as watch:
        writers = [
            context.Process(
                target=write_share,
                args=(system.name, place.root, data_keys(count)[share::_WRITERS], barrier, queue),
            )
            for share in range(_WRITERS)
        ]
        for writer in writers:
            writer.start()
        reports = [queue.get() for _ in writers]
        for writer in writers:
            writer.join()
    # Starting the processes is not what is measured; their CPU seconds do include it.
    watch.wall_s = max(end for _, end, _ in reports) - min(start for start, _, _ in reports)
    worst_s = max(worst for _, _, worst in reports)
    return Measurement.of(watch, count, _read_back(system, place, count), worst_s=worst_s)


def write_share(
    name: str,
    root: Path,
    keys: list[DataKey],
    barrier: Barrier,
    queue: Queue[tuple[float, float, float]],
) -> None:
    """Put one writer's datasets, and report the start, the end and the slowest put in s."""
    session = load_system(name).open(root)
    barrier.wait()
    start = time.time()
    worst_s = _put_all(session, keys)
    queue.put((start, time.time(), worst_s))


def _put_all(session: Session, keys: list[DataKey]) -> float:
    worst_s = 0.0
    for visit, ccd in keys:
        begin = time.perf_counter()
        session.put(small_dict(visit, ccd), visit, ccd)
        worst_s = max(worst_s, time.perf_counter() - begin)
    return worst_s


def _read_back(system: System, place: Place, count: int) -> list[str]:
    """What a newly opened butler finds: which datasets, and some of their values."""
    session = system.open(place.root)
    values = [session.get(visit, ccd) for visit, ccd in data_keys(count)[::10]]
    return [digest(sorted(session.stored())), digest(values)]


def _prepare_empty(system: System, root: Path, count: int) -> None:
    system.create(root, _visits(count))


def _prepare_empty_shared(system: System, root: Path, count: int) -> None:
    system.create(root, _visits(count), shared=True)


def _prepare_dicts(system: System, root: Path, count: int) -> None:
    system.create(root, _visits(count))
    _put_all(system.open(root), data_keys(count))


def _prepare_chain(depth: int) -> Callable[[System, Path, int], None]:
    def prepare(system: System, root: Path, count: int) -> None:
        system.create_chain(root, levels(count, depth))

    return prepare


def _prepare_raws(system: System, root: Path, _count: int) -> None:
    system.create_for_raws(root)


def _visits(count: int) -> list[int]:
    return sorted({visit for visit, _ in data_keys(count)})


PREPARATIONS: dict[str, Callable[[System, Path, int], None]] = {
    "empty": _prepare_empty,
    "empty-shared": _prepare_empty_shared,
    "dicts": _prepare_dicts,
    "chain-5": _prepare_chain(5),
    "chain-20": _prepare_chain(20),
    "raws": _prepare_raws,
}

CASES = (
    Case("help", "`butler --help`", measure_help, target="0.15 s"),
    Case(
        "one-get",
        "process that opens a repository and gets one dict",
        measure_one_get,
        count=CCDS,
        prepared="dicts",
        note="Of skybutler's CPU time half is the import of SQLAlchemy, two fifths that of its own "
        "modules and a tenth the work.",
        target="0.8 s",
    ),
    Case(
        "open",
        "open a chain of 5 HSC reruns and find one dataset, after import",
        measure_open,
        count=CCDS,
        prepared="chain-5",
        note="The peer keeps a chain in one repository, so it opens one.",
        target="0.1 s",
    ),
    Case(
        "get",
        "get a small dict, warm",
        measure_gets,
        count=1000,
        prepared="dicts",
        per_operation=True,
        target="0.3 ms",
    ),
    Case(
        "put",
        "put a small dict",
        measure_puts,
        count=1000,
        prepared="empty",
        writes=True,
        per_operation=True,
        note="skybutler syncs file and folder and keeps a sha256; the peer does neither. The two "
        "flushes take 0.7 to 3 ms on this disk, as others use it; the rest takes 0.5 ms.",
        target="2 ms",
    ),
    Case(
        "put-batch",
        "put a small dict, in a batch",
        measure_batch,
        count=1000,
        prepared="empty",
        writes=True,
        per_operation=True,
        note="The peer's batch is `Butler.transaction()`. skybutler flushes each file, and each "
        "folder once.",
        target="1 ms",
    ),
    Case(
        "put-shared",
        "put a small dict, rollback journal",
        measure_puts,
        count=1000,
        prepared="empty-shared",
        writes=True,
        per_operation=True,
        note="Registry with journal DELETE and synchronous FULL: skybutler's repositories that "
        "others read, every repository of the peer. In the other rows skybutler's registry has a "
        "write-ahead log and synchronous NORMAL.",
    ),
    Case(
        "put-shared-batch",
        "put a small dict, in a batch, rollback journal",
        measure_batch,
        count=1000,
        prepared="empty-shared",
        writes=True,
        per_operation=True,
    ),
    Case(
        "find",
        "find by data ID in a chain of 20, of 10,000 datasets",
        measure_finds,
        count=10000,
        prepared="chain-20",
        per_operation=True,
        note="skybutler asks up to 20 registries at 5 to 8 us each, a third of it for SQLite's "
        "locks; a second pass over the same data IDs takes 0.13 ms each.",
        target="0.15 ms",
    ),
    Case(
        "one-visit",
        "list one visit of 100,000, chain of 5",
        measure_one_visit,
        count=100000,
        prepared="chain-5",
        note="The first query of a process that has opened the chain.",
        target="5 ms",
    ),
    Case(
        "all-rows",
        "list all 100,000, chain of 5",
        measure_all_rows,
        count=100000,
        prepared="chain-5",
        note="The 120,000 rows that skybutler compares take 70 MB, 10 of them for the sha256 of "
        "each, which the peer does not keep; SQLAlchemy takes 18 MB.",
        target="0.6 s, 120 MB",
    ),
    Case(
        "raw-ingest",
        "ingest raw files with real HSC headers",
        measure_raw_ingest,
        count=1008,
        prepared="raws",
        writes=True,
        per_operation=True,
        note="Making a symbolic link is a third of skybutler's time. No package of the peer has "
        "its RawIngestTask: here astropy reads the header, "
        "`ObservationInfo` of astro-metadata-translator translates it and `Butler.ingest` links "
        "the file, one transaction for each exposure. RawIngestTask itself, taken from its source "
        "and given a header reader of 0.3 ms, was measured apart from this table: 6.8 ms a file.",
        target="0.7 ms",
    ),
    Case(
        "register",
        "register 100,000 known files where they lie",
        measure_registration,
        count=100000,
        prepared="empty",
        writes=True,
        per_operation=True,
        target="0.05 ms, 150 MB, 250 bytes",
    ),
    Case(
        "writers",
        "put from 4 processes at once",
        measure_writers,
        count=1000,
        prepared="empty",
        writes=True,
        per_operation=True,
        note="CPU seconds include the start of the four processes; wall time does not. Four "
        "processes share two cores and one disk, which each put of skybutler flushes twice.",
        target="1.25 ms, slowest 0.5 s",
    ),
)


def find_case(name: str) -> Case:
    """The case of a name."""
    return next(case for case in CASES if case.name == name)
