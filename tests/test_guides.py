"""The examples of the guides run, each page from its first block to its last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import run_command

from testdata.geometry import SMALL
from testdata.layout import write_tutorial_data

REPOSITORY = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["images-and-catalogs", "reference-catalogs"])
def test_the_examples_of_a_guide_run(page: str, tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 5
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "".join(blocks)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_examples_of_the_processing_guide_run(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "processing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    python = "".join(BLOCK.findall(text))
    assert len(blocks) >= 4
    assert "src" in python
    folder = str(Path(sys.executable).parent)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "".join(blocks)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 done, 0 failed" in done.stderr
    assert "0 done, 0 failed, 2 finished before" in done.stderr
    done = subprocess.run(
        [sys.executable, "-c", python],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "calexp.png").exists()


def test_the_examples_of_the_tasks_guide_run(tmp_path: Path) -> None:
    write_tutorial_data(tmp_path, {903334: [16, 22]}, geometry=SMALL)
    root = tmp_path / "DATA"
    run_command("create", root, "--camera", "hsc")
    run_command("ingest", root, tmp_path / "raw", "--mode", "link")
    (root / "CALIB").symlink_to(tmp_path / "CALIB")
    blocks = BLOCK.findall((REPOSITORY / "docs" / "tasks.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    script = tmp_path / "guide.py"
    script.write_text("".join(blocks))
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 0" in done.stdout
    assert "level" in done.stdout
