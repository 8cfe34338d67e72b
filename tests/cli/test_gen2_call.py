"""Tasks run from Python by the words of their commands."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.tasks import DoubleTask

from pipelines.task import Struct
from tests.cli.numbers import make_numbers

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    return make_numbers(tmp_path / "DATA")


def test_each_data_id_has_a_result(numbers: Path) -> None:
    words = [str(numbers), "--rerun", "one", "--id", "ccd=1..2", "-c", "scale.factor=3"]
    done = DoubleTask.parseAndRun(words, doReturnResults=True)
    first, second = done.resultList
    assert first.result == Struct(number=3.0)
    assert second.exitStatus == 0
    assert second.dataRef.get("notes") == {"doubled": 6.0}
    assert second.metadata["double"]["scaling_wall_s"] >= 0
    assert done.parsedCmd.config.scale.factor == 3.0
    assert done.parsedCmd.butler.get("notes", visit=903334, ccd=1) == {"doubled": 3.0}


def test_results_are_kept_if_they_are_wanted_alone(numbers: Path) -> None:
    done = DoubleTask.parse_and_run([str(numbers), "--rerun", "one", "--id", "ccd=1"])
    assert [one.result for one in done.resultList] == [None]


def test_configuration_is_the_one_that_is_given(numbers: Path) -> None:
    config = DoubleTask.ConfigClass()
    config.scale.value.update(factor=5.0)
    words = [str(numbers), "--rerun", "one", "--id", "ccd=1"]
    (one,) = DoubleTask.parse_and_run(words, config).resultList
    assert one.dataRef.get("notes") == {"doubled": 5.0}


def test_failures_end_the_program_unless_that_is_not_wanted(numbers: Path) -> None:
    words = [str(numbers), "--rerun", "one", "--id", "-c", "failing=[1]"]
    with pytest.raises(SystemExit) as caught:
        DoubleTask.parse_and_run(words)
    assert caught.value.code == 1
    done = DoubleTask.parse_and_run([*words, "--noExit", "--redo"])
    assert [one.exitStatus for one in done.resultList] == [0, 1, 0, 0]
    assert done.resultList[1].metadata is None


class InterruptedTask(DoubleTask):
    """Is interrupted at its first data ID."""

    def run(self, number: float) -> Struct:
        raise KeyboardInterrupt(number)


def test_interruption_ends_the_program(numbers: Path) -> None:
    words = [str(numbers), "--rerun", "one", "--id", "--noExit"]
    with pytest.raises(SystemExit) as caught:
        InterruptedTask.parse_and_run(words)
    assert caught.value.code == 130


def test_first_failure_is_raised_if_that_is_wanted(numbers: Path) -> None:
    words = [str(numbers), "--rerun", "one", "--id", "-c", "failing=[0]", "--doraise"]
    with pytest.raises(ZeroDivisionError):
        DoubleTask.parse_and_run(words)


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--help"], 0), (["DATA", "--show", "tasks"], 0), (["DATA", "--no-such"], 2)],
)
def test_what_ends_a_command_ends_the_program(
    numbers: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    monkeypatch.chdir(numbers.parent)
    with pytest.raises(SystemExit) as caught:
        DoubleTask.parse_and_run(words)
    assert (caught.value.code or 0) == code


SCRIPT = """
import sys
import butler.gen2
import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
from lsst.pipe.base.cmdLineTask import ButlerInitializedTaskRunner

class CountConfig(pexConfig.Config):
    factor = pexConfig.Field(dtype=float, default=4.0, doc="By how much.")

class CountTask(pipeBase.CmdLineTask):
    ConfigClass = CountConfig
    RunnerClass = ButlerInitializedTaskRunner
    _DefaultName = "count"

    def __init__(self, butler=None, **kwargs):
        pipeBase.CmdLineTask.__init__(self, **kwargs)
        self.rerun = butler.outputs[0].root

    @pipeBase.timeMethod
    def runDataRef(self, dataRef):
        number = dataRef.get()["n"] * self.config.factor
        dataRef.put({"counted": number, "in": self.rerun.rpartition("/")[2]}, "notes")
        return pipeBase.Struct(number=number)

    @classmethod
    def _makeArgumentParser(cls):
        parser = pipeBase.ArgumentParser(name=cls._DefaultName)
        parser.add_id_argument("--id", "summary", help="Which numbers.")
        return parser

if __name__ == "__main__":
    done = CountTask.parseAndRun(doReturnResults=True)
    print([one.result.number for one in done.resultList], done.resultList[0].dataRef.get("notes"))
"""


def test_script_written_for_gen2_runs(numbers: Path, tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(SCRIPT)
    words = [tmp_path / "count.py", numbers, "--rerun", "counted", "--id", "ccd=1^3"]
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "[4.0, 12.0] {'counted': 4.0, 'in': 'counted'}\n", done.stderr
