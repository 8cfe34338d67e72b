from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from butler.errors import ButlerError
from butler.ingest.ingest import ingest_files
from butler.storage.steps import observe_steps
from tests.butler.ingest.hsc_raws import (
    check_agreement,
    make_repository,
    outcomes,
    place_of,
    run_python,
    write_raw,
    write_raws,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.repository.native import NativeRepository

STEPS = (
    "ingest:intended",
    "ingest:placing",
    "ingest:placed",
    "ingest:synced",
    "ingest:registered",
)
KILLED_INGEST = """
    import os, signal, sys
    from butler.ingest.ingest import ingest_files
    from butler.repository.native import NativeRepository
    from butler.storage.steps import observe_steps

    root, mode, fatal, *files = sys.argv[1:]

    def observe(name):
        if name == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    observe_steps(observe)
    ingest_files(NativeRepository(root), files, mode=mode)
"""


class CtrlC(KeyboardInterrupt):
    """Ctrl-C at a known point."""


@pytest.fixture
def repository(tmp_path: Path) -> NativeRepository:
    return make_repository(tmp_path / "DATA")


@pytest.fixture
def interrupt() -> Iterator[dict[str, int]]:
    """Raises KeyboardInterrupt at the step that is in it."""
    steps: dict[str, int] = {}

    def observe(name: str) -> None:
        if name in steps:
            raise CtrlC

    observe_steps(observe)
    yield steps
    observe_steps(None)


def kill_ingest(repository: NativeRepository, files: list[Path], mode: str, step: str) -> None:
    done = run_python(KILLED_INGEST, repository.root, mode, step, *files)
    assert done.returncode == -signal.SIGKILL, done.stderr


def ends_with(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(directory.rglob("*.fits"))]


@pytest.mark.parametrize("mode", ["link", "hardlink", "copy", "move"])
@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_the_same_ingest_finishes_the_work(
    repository: NativeRepository, tmp_path: Path, mode: str, step: str
) -> None:
    files = write_raws(tmp_path / "raw")
    contents = ends_with(tmp_path / "raw")
    kill_ingest(repository, files, mode, step)
    report = ingest_files(repository, files, mode=mode)
    assert set(outcomes(report)) <= {"ingested", "already there"}
    assert check_agreement(repository) == 3
    assert ends_with(tmp_path / "DATA") == contents
    assert all(path.exists() == (mode != "move") for path in files)
    assert not (tmp_path / "DATA" / ".butler" / "orphans").exists()


def test_a_kill_after_the_sources_were_removed_has_lost_nothing(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw")
    kill_ingest(repository, files, "move", "ingest:sources-removed")
    assert check_agreement(repository) == 3
    assert not any(path.exists() for path in files)


@pytest.mark.parametrize("mode", ["link", "copy"])
def test_another_ingest_takes_away_what_a_killed_one_left(
    repository: NativeRepository, tmp_path: Path, mode: str
) -> None:
    files = write_raws(tmp_path / "raw")
    kill_ingest(repository, files, mode, "ingest:synced")
    other = write_raw(tmp_path / "other.fits", visit=7)
    assert outcomes(ingest_files(repository, [other])) == ["ingested"]
    assert check_agreement(repository) == 1
    assert all(path.exists() for path in files)


def test_a_copy_without_another_name_is_set_aside_and_not_removed(
    repository: NativeRepository, tmp_path: Path
) -> None:
    (source,) = write_raws(tmp_path / "raw", 1)
    kill_ingest(repository, [source], "copy", "ingest:synced")
    place = tmp_path / "DATA" / place_of(903334, 0)
    for temporary in place.parent.glob(".tmp-*"):
        temporary.unlink()  # somebody cleaned up by hand
    ingest_files(repository, [write_raw(tmp_path / "other.fits", visit=7)])
    assert not place.exists()
    (aside,) = (tmp_path / "DATA" / ".butler" / "orphans").iterdir()
    assert aside.read_bytes() == source.read_bytes()
    assert check_agreement(repository) == 1


def test_what_lay_in_its_place_before_a_killed_ingest_stays_there(
    repository: NativeRepository, tmp_path: Path
) -> None:
    there = write_raw(tmp_path / "DATA" / place_of(903334, 0), ccd=0)
    files = write_raws(tmp_path / "raw")
    kill_ingest(repository, files, "link", "ingest:synced")
    ingest_files(repository, [write_raw(tmp_path / "other.fits", visit=7)])
    assert there.is_file()
    assert outcomes(ingest_files(repository, files)) == ["ingested"] * 3
    assert there.is_file()
    assert not there.is_symlink()


@pytest.mark.parametrize("mode", ["link", "copy", "move"])
@pytest.mark.parametrize("step", STEPS[:-1])
def test_after_an_interrupt_nothing_half_done_is_left(
    repository: NativeRepository, tmp_path: Path, interrupt: dict[str, int], mode: str, step: str
) -> None:
    files = write_raws(tmp_path / "raw")
    interrupt[step] = 1
    with pytest.raises(KeyboardInterrupt):
        ingest_files(repository, files, mode=mode)
    interrupt.clear()
    assert check_agreement(repository) == 0
    assert list((tmp_path / "DATA").rglob("*.fits")) == []
    assert all(path.exists() for path in files)


def test_a_file_that_appears_meanwhile_is_adopted_or_a_conflict(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw", 2)

    def observe(name: str) -> None:
        if name == "ingest:intended":
            write_raw(tmp_path / "DATA" / place_of(903334, 0), ccd=0)
            write_raw(tmp_path / "DATA" / place_of(903334, 1), ccd=1, content=9)

    observe_steps(observe)
    try:
        report = ingest_files(repository, files)
    finally:
        observe_steps(None)
    assert outcomes(report) == ["ingested", "conflict"]
    assert report.files[0].reason == "it lay in its place already"
    assert (tmp_path / "DATA" / place_of(903334, 1)).is_file()


def test_another_ingest_that_registers_first_makes_ours_already_there(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw", 3)
    faster = make_other(repository)
    seen: list[str] = []

    def observe(name: str) -> None:
        if name == "ingest:intended" and not seen:
            seen.append(name)
            assert outcomes(ingest_files(faster, files[:2])) == ["ingested"] * 2

    observe_steps(observe)
    try:
        report = ingest_files(repository, files)
    finally:
        observe_steps(None)
    assert outcomes(report) == ["already there", "already there", "ingested"]
    assert check_agreement(repository) == 3


def test_one_registered_elsewhere_meanwhile_leaves_no_link_of_ours(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw", 2)
    faster = make_other(repository)
    seen: list[str] = []

    def observe(name: str) -> None:
        if name == "ingest:synced" and not seen:
            seen.append(name)
            os.unlink(tmp_path / "DATA" / place_of(903334, 0))  # so that the other finds it free
            assert outcomes(ingest_files(faster, files[:1], mode="direct")) == ["ingested"]

    observe_steps(observe)
    try:
        report = ingest_files(repository, files)
    finally:
        observe_steps(None)
    assert outcomes(report) == ["already there", "ingested"]
    assert check_agreement(repository) == 2


def test_an_interrupted_ingest_leaves_what_another_one_has_adopted(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw", 2)
    other = make_other(repository)
    seen: list[str] = []

    def observe(name: str) -> None:
        if name == "ingest:synced" and not seen:
            seen.append(name)
            assert outcomes(ingest_files(other, files[:1])) == ["ingested"]
            raise CtrlC

    observe_steps(observe)
    try:
        with pytest.raises(KeyboardInterrupt):
            ingest_files(repository, files)
    finally:
        observe_steps(None)
    assert check_agreement(repository) == 1
    assert os.listdir((tmp_path / "DATA" / place_of()).parent) == ["HSC-0903334-000.fits"]


def test_an_adopted_file_that_its_owner_takes_away_is_put_back(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = write_raws(tmp_path / "raw", 1)
    place = tmp_path / "DATA" / place_of(903334, 0)
    place.parent.mkdir(parents=True)
    place.symlink_to(files[0])

    def observe(name: str) -> None:
        if name == "ingest:synced":
            place.unlink()

    observe_steps(observe)
    try:
        assert outcomes(ingest_files(repository, files)) == ["ingested"]
    finally:
        observe_steps(None)
    assert place.is_symlink()
    assert check_agreement(repository) == 1


def make_other(repository: NativeRepository) -> NativeRepository:
    return type(repository)(repository.root)


def test_two_processes_ingest_the_same_files_once(
    repository: NativeRepository, tmp_path: Path
) -> None:
    files = [write_raw(tmp_path / "raw" / f"{ccd}.fits", ccd=ccd) for ccd in range(100)]
    code = (
        "import sys\n"
        "from butler.ingest.ingest import ingest_files\n"
        "from butler.repository.native import NativeRepository\n"
        "repository = NativeRepository(sys.argv[1])\n"
        "repository.registry\n"
        "sys.stdin.readline()\n"
        "report = ingest_files(repository, sys.argv[2:], mode='copy')\n"
        "print(*(one.outcome.replace(' ', '_') for one in report.files))\n"
    )
    command = [sys.executable, "-c", code, repository.root, *map(str, files)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120)[0].split() for process in processes]
    assert [len(answer) for answer in answers] == [100, 100]
    assert set(answers[0]) | set(answers[1]) <= {"ingested", "already_there"}
    assert all("ingested" in pair for pair in zip(*answers, strict=True))
    assert check_agreement(repository) == 100


@pytest.fixture
def other_device(tmp_path: Path) -> Iterator[Path]:
    """A directory on another device than ``tmp_path``, of 2 MiB."""
    place = tmp_path / "other_device"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_between_devices_a_move_copies_and_removes_the_source_last(
    repository: NativeRepository, tmp_path: Path, other_device: Path
) -> None:
    files = write_raws(other_device / "raw")
    contents = ends_with(other_device)
    kill_ingest(repository, files, "move", "ingest:registered")
    assert all(path.exists() for path in files)
    report = ingest_files(repository, files, mode="move")
    assert outcomes(report) == ["already there"] * 3
    assert not any(path.exists() for path in files)
    assert ends_with(tmp_path / "DATA") == contents
    assert check_agreement(repository) == 3


def test_between_devices_a_hard_link_is_refused_with_the_way_out(
    repository: NativeRepository, other_device: Path
) -> None:
    report = ingest_files(repository, write_raws(other_device / "raw", 1), mode="hardlink")
    assert outcomes(report) == ["rejected"]
    assert "on another device" in report.files[0].reason
    assert "Choose another mode" in report.files[0].reason
    assert check_agreement(repository) == 0


def test_between_devices_auto_links_and_says_why(
    repository: NativeRepository, tmp_path: Path, other_device: Path
) -> None:
    report = ingest_files(repository, write_raws(other_device / "raw"), mode="auto")
    assert outcomes(report) == ["ingested"] * 3
    assert (tmp_path / "DATA" / place_of(903334, 0)).is_symlink()
    (note,) = report.notes
    assert "symbolic links" in note
    assert "hard links it is on another device" in note


def test_a_full_disk_rejects_what_does_not_fit_and_keeps_the_rest(
    tmp_path: Path, other_device: Path
) -> None:
    repository = make_repository(other_device / "DATA")
    files = [write_raw(tmp_path / "raw" / f"{ccd}.fits", ccd=ccd) for ccd in range(100)]
    report = ingest_files(repository, files[:5], mode="copy")
    assert outcomes(report) == ["ingested"] * 5
    filler = other_device / "filler"
    room = os.statvfs(other_device)
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - 250_000))
    with suppress(ButlerError):  # the registry may find no room either
        report = ingest_files(repository, files, mode="copy")
        assert report.exit_code == 5
        assert "the disk is full" in report.files[-1].reason
    filler.unlink()
    repository.close()
    report = ingest_files(repository, files[:40], mode="copy")
    assert set(outcomes(report)) <= {"ingested", "already there"}
    assert check_agreement(repository) >= 40
