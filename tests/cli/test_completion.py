from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import run_command

BUTLER = str(Path(sys.executable).parent / "butler")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_of_each_shell_calls_butler(shell: str) -> None:
    script = run_command("completion", shell).stdout
    assert "_BUTLER_COMPLETE" in script
    assert f"{shell}_complete" in script


def completions(words: str, position: int) -> list[str]:
    environment = {
        **os.environ,
        "_BUTLER_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    done = subprocess.run([BUTLER], env=environment, capture_output=True, text=True, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_verbs_and_options_are_completed() -> None:
    assert completions("butler rer", 1) == ["rerun", "reruns"]
    assert "--fail-fast" in completions("butler ingest --fa", 2)


def test_dataset_types_of_the_repository_are_completed(data: Path) -> None:
    assert {"calexp", "calexpBackground"} & set(completions(f"butler ls {data} cale", 3)) != set()


def test_shell_that_is_not_known_is_refused() -> None:
    assert "bash" in run_command("completion", "tcsh", code=2).stderr
