"""The tour of the README runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall((REPOSITORY / "README.md").read_text(encoding="utf-8"))


def test_the_two_commands_come_first() -> None:
    language, text = blocks()[0]
    commands = [line.split("#")[0].strip() for line in text.splitlines()]
    assert (language, commands) == ("sh", ["scripts/demo", "scripts/test"])
    assert all(os.access(REPOSITORY / command, os.X_OK) for command in commands)


def test_the_tour_runs(tmp_path: Path) -> None:
    tour = blocks()[1:]
    languages = [language for language, _ in tour]
    assert languages == sorted(languages, reverse=True)  # every shell block before Python's
    shell = "".join(text for language, text in tour if language == "sh")
    python = "".join(text for language, text in tour if language == "python")
    folder = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
    }
    for command in (["bash", "-euo", "pipefail", "-c", shell], [sys.executable, "-c", python]):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "HSC-R" in done.stdout
    assert (tmp_path / "DATA" / "rerun" / "first" / "postISRCCD").is_dir()
