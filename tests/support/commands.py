"""Run the command line in this process and hold it to its exit code."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from click.testing import CliRunner

from cli.main import butler

if TYPE_CHECKING:
    from click import Command

__all__ = ["Output", "run_command"]


@dataclass(frozen=True)
class Output:
    """What a command wrote."""

    stdout: str
    stderr: str

    @property
    def rows(self) -> list[dict[str, object]]:
        """What ``--format json`` wrote."""
        found = json.loads(self.stdout)
        assert isinstance(found, list)
        return found


def run_command(
    *words: str | os.PathLike[str], code: int = 0, typed: str = "", command: Command = butler
) -> Output:
    """Run ``butler`` with some words; it must end with the exit code."""
    result = CliRunner().invoke(command, [os.fspath(word) for word in words], input=typed)
    shown = f"{result.stdout}\n{result.stderr}\n{result.exception!r}"
    assert result.exit_code == code, shown
    assert result.exception is None or isinstance(result.exception, SystemExit), shown
    return Output(result.stdout, result.stderr)
