from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_log_is_shown_when_asked_and_leaves_the_process_as_it_was(data: Path) -> None:
    before = logging.getLogger().level, list(logging.getLogger().handlers)
    quiet = run_command("ls", data, "raw").stderr
    loud = run_command("ls", data, "raw", "-vv").stderr
    assert quiet == ""
    assert loud == "" or "DEBUG" in loud
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before


def test_closed_standard_output_is_no_fault(data: Path) -> None:
    """The shell closes it with >&-."""
    code = "from cli.main import main; main()"
    command = [sys.executable, "-c", code, "ls", os.fspath(data), "raw"]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_warning_of_the_library_reaches_the_user(tmp_path: Path) -> None:
    root = tmp_path / "OLD"
    root.mkdir()
    (root / "repositoryCfg.yaml").write_text(
        "_mapper: lsst.obs.hsc.HscMapper\n"
        "_policy:\n  datasets:\n    odd:\n      python: x\n      storage: FitsStorage\n"
    )
    assert "WARNING" in run_command("info", root).stderr


def test_hostile_file_name_cannot_reach_the_terminal(data: Path, tmp_path: Path) -> None:
    name = "\x1b]0;title\x07.fits"
    (tmp_path / name).write_bytes(b"")
    output = run_command("ingest", data, tmp_path / name, code=1)
    assert "\\x1b]0;title\\x07.fits" in output.stdout
    assert "\x1b" not in output.stdout + output.stderr
    missing = run_command("ls", os.fspath(tmp_path / "\x1b[31m"), code=3)
    assert "\x1b" not in missing.stderr
