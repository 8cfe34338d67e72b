"""T5, from below: each system call of a process fails, or is its last, SQLite's own included."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.shared_data import REPOSITORY
from support.tier import current_tier

from tests.reliability.operations import (
    OPERATIONS,
    breaches_after,
    breaches_of_doctor,
    breaches_when_done,
    copy_scene,
    perform,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T5"
CALLS = ("pwrite64", "fsync", "fdatasync", "ftruncate", "link", "linkat", "unlink", "rename")
FAULTS = {
    "killed": "signal=KILL",
    "EIO": "error=EIO",
    "ENOSPC": "error=ENOSPC",
}
CHOSEN = ["put", "put many", "replace", "remove", "ingest copy", "ingest move"]
DO = """
import sys
from pathlib import Path
from butler.errors import ButlerError
from tests.reliability.operations import perform
try:
    perform(sys.argv[1], Path(sys.argv[2]))
except ButlerError as error:
    sys.exit(7)
"""
REFUSED, FOREIGN = 7, 1


def run_traced(scene: Path, operation: str, *options: str) -> tuple[int, str, list[str]]:
    """Do an operation under strace; return the exit status, the errors, and the calls."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed (on Debian: apt-get install strace)")
    trace = scene.with_name("trace")
    chosen = [strace, "-f", "-o", str(trace), "-e", f"trace={','.join(CALLS)}", *options]
    done = subprocess.run(
        [*chosen, sys.executable, "-B", "-c", DO, operation, str(scene)],
        cwd=REPOSITORY,
        env={"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()}")
    return done.returncode, done.stderr, trace.read_text(errors="replace").splitlines()


def faults(calls: list[str]) -> Iterator[tuple[str, int, str]]:
    """Each call and fault; by day a few of them."""
    counts = Counter(
        match[1] for line in calls if (match := re.match(r"\d+\s+(\w+)\(", line)) is not None
    )
    every = [
        (name, number, fault)
        for name in CALLS
        for number in range(1, counts[name] + 1)
        for fault in FAULTS
    ]
    yield from every[:: 1 if current_tier() != "pr" else max(1, len(every) // 6)]


@pytest.mark.parametrize("operation", CHOSEN if current_tier() != "pr" else CHOSEN[:1])
def test_each_system_call_may_fail_or_be_the_last(
    zygote: Zygote,
    templates: dict[str, Path],
    quick_path: Path,
    trials: Trials,
    operation: str,
) -> None:
    template = templates[OPERATIONS[operation].scene]
    status, errors, calls = run_traced(copy_scene(template, quick_path / "whole"), operation)
    assert status == 0, errors
    for name, number, fault in faults(calls):
        scene = quick_path / "scene"
        shutil.rmtree(scene, ignore_errors=True)
        copy_scene(template, scene)
        option = f"inject={name}:{FAULTS[fault]}:when={number}"
        status, errors, _ = run_traced(scene, operation, "-e", option)
        broken = [errors.strip().splitlines()[-1]] if status == FOREIGN else []
        broken += breaches_after(operation, scene)
        again = zygote.run(perform, operation, scene)
        broken += (
            [f"it cannot be done again: {again.error.splitlines()[-1]}"]
            if again.error
            else breaches_when_done(operation, scene) + breaches_of_doctor(scene)
        )
        trials.add(broken, of=f"{operation}, {name} number {number}, {fault}")
    assert trials.breaches == []
    assert trials.trials > 3
