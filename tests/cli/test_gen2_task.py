"""Commands as users of Gen2 type them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from support.commands import run_command

from butler import Butler
from cli.gen2_task import expand_files, make_command
from tests.cli.numbers import TASK, make_numbers

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import Output

COMMAND = make_command("double.py", TASK, "double.py DATA --rerun one --id ccd=1")


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    return make_numbers(tmp_path / "DATA")


def run(*words: str | Path, code: int = 0) -> Output:
    return run_command(*words, code=code, command=COMMAND)


def test_options_take_several_words(numbers: Path, tmp_path: Path) -> None:
    for number in (3, 5):
        (tmp_path / f"{number}.py").write_text(f"config.scale.factor = {number}.0\n")
    run(
        *(numbers, "--rerun", "one", "--id", "visit=903334", "ccd=0..1", "-j", "1"),
        *("-C", tmp_path / "3.py", tmp_path / "5.py", "-c", "slow_s=0", "failing=[]"),
    )
    with Butler(numbers / "rerun" / "one") as butler:
        assert butler.get("notes", visit=903334, ccd=1) == {"doubled": 5.0}


def test_arguments_may_stand_in_a_file(numbers: Path, tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("--id visit=903334 # the visit\n  ccd=1^2\n--rerun one\n")
    assert "2 done" in run(numbers, f"@{file}").stderr


def test_file_of_arguments_that_is_not_there_is_told(numbers: Path) -> None:
    assert "@none cannot be read" in run(numbers, "@none", code=2).stderr


def test_other_words_stay_as_they_are() -> None:
    assert list(expand_files(["DATA", "--id", "name=a@b"])) == ["DATA", "--id", "name=a@b"]


def test_rerun_of_a_rerun_reads_the_first(numbers: Path) -> None:
    run(numbers, "--rerun", "one", "--id", "ccd=1")
    run(numbers, "--rerun", "one:two", "--id", "ccd=2")
    with Butler(numbers / "rerun" / "two") as butler:
        assert butler.query_metadata("notes", "ccd") == [1, 2]


def test_environment_says_where_places_lie(
    numbers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPE_INPUT_ROOT", str(numbers.parent))
    monkeypatch.setenv("PIPE_OUTPUT_ROOT", str(tmp_path / "outputs"))
    run("DATA", "--output", "mine", "--id", "ccd=1")
    assert (tmp_path / "outputs" / "mine" / "butler.yaml").exists()


def test_switches_of_gen2_are_accepted(numbers: Path) -> None:
    words = (numbers, "--rerun", "one", "--id", "ccd=1", "--noExit", "--longlog")
    run(*words, "--no-versions")
    assert "1 done" in run(*words, "--clobber-output").stderr


def test_calibrations_elsewhere_are_refused_with_the_way_to_link_them(
    numbers: Path, tmp_path: Path
) -> None:
    calib = tmp_path / "CALIB"
    calib.mkdir()
    words = (numbers, "--rerun", "one", "--id", "ccd=1", "--calib", calib)
    assert "ln -s" in run(*words, code=2).stderr
    (numbers / "CALIB").symlink_to(calib)
    run(*words)


def test_failures_end_with_one(numbers: Path) -> None:
    words = (numbers, "--rerun", "one", "--id", "-c", "failing=[1]")
    assert "3 done, 1 failed" in run(*words, code=1).stderr


def test_first_failure_is_raised_if_that_is_wanted(numbers: Path) -> None:
    words = [str(numbers), "--rerun", "one", "--id", "-c", "failing=[0]", "--doraise"]
    result = CliRunner().invoke(COMMAND, words)
    assert isinstance(result.exception, ZeroDivisionError)
