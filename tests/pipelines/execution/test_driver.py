"""A driver that is killed or interrupted at any moment leaves nothing half done."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below
from support.shared_data import REPOSITORY

from pipelines.execution.run import run_task
from tests.pipelines.execution.test_run import CCDS, doubled, expected, left_over

if TYPE_CHECKING:
    from tests.pipelines.execution.conftest import MakeRequest

# Each step, and which time it is not the first data ID's: configuration, versions and what was
# asked for come before.
STEPS = [
    ("run:computed", 2),
    ("put:written", 5),
    ("put:intended", 2),
    ("put:linked", 5),
    ("put:synced", 5),
    ("put:registered", 5),
    ("run:settled", 2),
]
FEW = [("run:computed", 2), ("put:linked", 5)]


def run_doomed(
    data: Path, at: tuple[str, int], number: signal.Signals, processes: int
) -> subprocess.CompletedProcess[str]:
    words = [str(data), str(processes), at[0], str(at[1]), str(int(number))]
    return subprocess.run(
        [sys.executable, "-m", "tests.pipelines.execution.doomed_run", *words],
        cwd=REPOSITORY,
        env={"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def check_whole(output: Path) -> int:
    """Every data ID that has an output has all of them; return how many have."""
    notes = doubled(output)
    assert notes == expected(*notes)
    kinds = ("double_metadata", "double_log", "patches")
    for ccd in CCDS:
        there = [one for one in files_below(output) if _is_of(one, ccd) and ".tmp-" not in one]
        names = {one.split("/")[0] for one in there}
        assert names in (set(), {"notes", *kinds}), (ccd, there)
    return len(notes)


def _is_of(path: str, ccd: int) -> bool:
    stem = Path(path).stem.partition("~")[0]
    return stem.endswith((f"903334-{ccd}", f"-{ccd:03d}")) or f"/{ccd}/" in path


@pytest.mark.parametrize(
    ("at", "processes"),
    [*((one, 2) for one in STEPS), *((one, 1) for one in FEW), (("put:linked", 2), 1)],
    ids=str,
)
def test_driver_that_is_killed_leaves_whole_data_ids_and_can_go_on(
    data: Path, output: Path, make_request: MakeRequest, at: tuple[str, int], processes: int
) -> None:
    died = run_doomed(data, at, signal.SIGKILL, processes)
    assert died.returncode == -signal.SIGKILL, died.stderr
    report = run_task(make_request(resumes=True))
    assert report.failed == 0, report.failures
    assert report.done + report.skipped == 6
    assert check_whole(output) == 6
    # What was set aside is a copy; in the folder of an undeclared output nobody looks.
    known = ("orphans", "/patches/")
    assert [one for one in left_over(output) if not any(word in one for word in known)] == []
    assert run_task(make_request()).skipped == 6


@pytest.mark.parametrize(
    ("at", "processes", "number"),
    [
        *((one, 2, signal.SIGINT) for one in STEPS),
        *((one, 1, signal.SIGINT) for one in FEW),
        *((one, 2, signal.SIGTERM) for one in FEW),
    ],
    ids=str,
)
def test_interruption_leaves_a_clean_repository(
    data: Path, output: Path, at: tuple[str, int], processes: int, number: signal.Signals
) -> None:
    ended = run_doomed(data, at, number, processes)
    assert ended.returncode == 0, ended.stderr
    done, failed, remaining, is_interrupted = ended.stdout.split()
    assert (failed, is_interrupted) == ("0", "True")
    assert int(done) + int(remaining) == 6
    assert int(done) == check_whole(output)
    assert left_over(output) == []
