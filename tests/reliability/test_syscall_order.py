"""T16: what the system is asked for, and in which order, as strace sees it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.shared_data import REPOSITORY

from butler import create_repository
from tests.reliability.broken_variants import variants_of
from tests.reliability.operations import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials

SUITE = "T16"
CALLS = "openat,write,fsync,fdatasync,link,linkat,rename,renameat2,unlink,unlinkat,pwrite64"
PUT = """
import sys
from butler import Butler
from tests.reliability.broken_variants import apply_variant
root, *variant = sys.argv[1:]
if variant:
    apply_variant("T16", variant[0])
Butler(root).put({"a": 1}, "summary", visit=1, ccd=1)
"""
IN_ORDER = (
    ("the temporary is written", r"write\(\d+<[^>]*/summary/\.tmp-"),
    ("the temporary is flushed", r"fsync\(\d+<[^>]*/summary/\.tmp-"),
    ("it is linked to its name", r"link(at)?\(.*/summary/\.tmp-.*/summary/0000001-001\.json\""),
    ("the directory is flushed", r"fsync\(\d+<[^>]*/summary>"),
    ("the row is written", r"pwrite64\(\d+<[^>]*/registry\.sqlite3(-wal)?>"),
    ("the temporary name goes", r"unlink(at)?\(.*/summary/\.tmp-.* = 0"),
)
FLUSHED_ROW = ("the row is flushed", r"f(data)?sync\(\d+<[^>]*/registry\.sqlite3>")


def put_under_strace(root: Path, *variant: str) -> list[str]:
    """The calls of one put that concern its file and the registry."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed (on Debian: apt-get install strace)")
    trace = root.with_name("trace")
    command = [strace, "-f", "-y", "-s", "300", "-e", f"trace={CALLS}", "-o", str(trace)]
    done = subprocess.run(
        [*command, sys.executable, "-c", PUT, str(root), *variant],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr and done.returncode:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    lines = trace.read_text(errors="replace").splitlines()
    first = next(n for n, line in enumerate(lines) if "/summary/.tmp-" in line)
    return lines[first:]


def out_of_order(calls: list[str], *, is_shared: bool = False) -> list[str]:
    """What did not happen after what comes before it."""
    wanted = list(IN_ORDER)
    if is_shared:
        wanted.insert(-1, FLUSHED_ROW)
    broken, at = [], 0
    for what, pattern in wanted:
        found = next((n for n in range(at, len(calls)) if re.search(pattern, calls[n])), None)
        if found is None:
            broken.append(f"not, or not in time: {what}")
        else:
            at = found + 1
    if any(re.search(r"\brename", call) and "/summary/" in call for call in calls):
        broken.append("a file was renamed")
    return broken


@pytest.mark.parametrize("is_shared", [False, True], ids=["WAL", "DELETE"])
def test_a_put_asks_in_the_right_order(tmp_path: Path, trials: Trials, is_shared: bool) -> None:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", shared=is_shared, dataset_types={"summary": SUMMARY})
    trials.add(out_of_order(put_under_strace(root), is_shared=is_shared))
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(tmp_path: Path, variant: str) -> None:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    assert out_of_order(put_under_strace(root, variant))
