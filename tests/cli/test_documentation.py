from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.shared_data import REPOSITORY

from cli.exit_codes import ExitCode

PAGE = (REPOSITORY / "docs" / "cli.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(observed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page says that there is."""
    folder = tmp_path_factory.mktemp("documentation")
    for name in ("raw", "CALIB", "ps1_pv3_3pi_20170110"):
        shutil.copytree(observed / name, folder / name)
    (folder / "OLD").mkdir()
    (folder / "OLD" / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    return folder


def test_there_are_examples() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("command", COMMANDS)
def test_example_works_in_its_order(command: str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_exit_codes_are_documented() -> None:
    rows = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert [int(code) for code in rows] == list(ExitCode)
