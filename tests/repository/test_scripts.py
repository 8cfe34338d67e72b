"""The scripts that the checks rest on."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path


def refuse_large_files(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(REPOSITORY / "scripts" / "refuse-large-files"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_large_file_is_refused_by_name(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large one"
    small.write_bytes(b"x" * 100 * 1024)
    large.write_bytes(b"x" * (100 * 1024 + 1))
    done = refuse_large_files(small, large)
    assert done.returncode == 1
    assert "large one is over 100 kB" in done.stderr
    assert "small is" not in done.stderr


def test_small_files_are_accepted(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.write_text("x")
    assert refuse_large_files(small).returncode == 0


def test_no_tracked_file_outside_testdata_is_large() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    paths = [
        REPOSITORY / name
        for name in listing.stdout.split("\0")
        if name and not name.startswith("testdata/") and (REPOSITORY / name).is_file()
    ]
    assert refuse_large_files(*paths).stderr == ""


def test_demo_leaves_a_folder_alone_that_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    command = [str(REPOSITORY / "scripts" / "demo"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_scripts_can_be_executed() -> None:
    folders = [REPOSITORY / "scripts", REPOSITORY / ".ci"]
    found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    assert [path.name for path in found if not os.access(path, os.X_OK)] == []
