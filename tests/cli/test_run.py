"""``butler run``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pstats import Stats
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command
from support.shared_data import REPOSITORY

from butler import Butler
from tests.cli.numbers import TASK, make_numbers

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    return make_numbers(tmp_path / "DATA")


def test_task_is_run_over_the_data_ids_that_are_named(numbers: Path) -> None:
    done = run_command("run", TASK, numbers, "--rerun", "one", "--id", "ccd=0..2:2")
    assert "double: 2 done, 0 failed" in done.stderr
    with Butler(numbers / "rerun" / "one") as butler:
        assert butler.query_metadata("notes", "ccd") == [0, 2]
        assert butler.get("notes", visit=903334, ccd=2) == {"doubled": 4.0}


def test_running_again_skips_what_is_finished(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one")
    run_command(*words, "--id", "ccd=1")
    again = run_command(*words, "--where", "ccd < 3")
    assert "2 done, 0 failed, 1 finished before" in again.stderr


def test_output_may_be_anywhere(numbers: Path, tmp_path: Path) -> None:
    run_command("run", TASK, numbers, "--output", tmp_path / "out", "--id", "ccd=1")
    with Butler(tmp_path / "out") as butler:
        assert butler.get("notes", visit=903334, ccd=1) == {"doubled": 2.0}


def test_failures_are_reported_with_their_logs_and_an_exit_code(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "-c", "failing=1,3")
    failed = run_command(*words, "--format", "json", code=1)
    (row,) = failed.rows
    assert (row["done"], row["failed"], row["total"]) == (2, 2, 4)
    failures = row["failures"]
    assert isinstance(failures, list)
    assert [one["ccd"] for one in failures] == [1, 3]
    assert all("is said to fail" in one["error"] for one in failures)
    for one in failures:
        assert one["log"] in failed.stderr
        with open(one["log"], encoding="utf-8") as file:
            assert "ZeroDivisionError" in file.read()


def test_dry_run_lists_what_would_be_done_and_does_nothing(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=0^1", "--dry-run")
    rows = run_command(*words, "--format", "json").rows
    assert [(row["action"], row["ccd"], row["missing"]) for row in rows] == [
        ("run", 0, []),
        ("run", 1, []),
    ]
    assert not (numbers / "rerun").exists()


def test_dry_run_refuses_what_the_run_would_refuse(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--id", "ccd=0^1", "--rerun")
    run_command(*words, "one")
    other = (*words, "one", "-c", "scale.factor=7")
    refused, dry = run_command(*other, code=4), run_command(*other, "--dry-run", code=4)
    assert "another configuration" in dry.stderr
    assert dry.stderr == refused.stderr
    rows = run_command(*other, "--dry-run", "--clobber-config", "--format", "json").rows
    assert [row["action"] for row in rows] == ["run", "run"]
    above = (*words, "one:two", "-c", "scale.factor=7", "--dry-run", "--format", "json")
    assert [row["action"] for row in run_command(*above).rows] == ["run", "run"]


def test_several_overrides_keep_their_order(numbers: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("config.scale.factor = 5.0\n")
    words = ("run", TASK, numbers, "--id", "--show", "config=scale.factor")
    first = run_command(*words, "-C", file, "-c", "scale.factor=7", "slow_s=0")
    last = run_command(*words, "-cscale.factor=7", f"--config-file={file}")
    assert "config.scale.factor=7.0" in first.stdout
    assert "config.scale.factor=5.0" in last.stdout


def test_show_shows_and_does_nothing(numbers: Path) -> None:
    shown = run_command("run", TASK, numbers, "--show", "tasks", "history=*factor")
    assert "scale: support.tasks.ScaleTask" in shown.stdout
    assert "tasks.py" in shown.stdout
    assert not (numbers / "rerun").exists()


def test_show_with_run_runs_too(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1")
    shown = run_command(*words, "--show", "config=slow_s", "run")
    assert "config.slow_s=0.0" in shown.stdout
    assert "1 done" in shown.stderr


def test_show_data_lists_the_data_ids(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1", "--show", "data")
    assert [row["ccd"] for row in run_command(*words, "--format", "json").rows] == [1]


def test_another_configuration_is_a_conflict_unless_it_is_wanted(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1")
    run_command(*words)
    other = (*words, "-c", "scale.factor=3")
    refused = run_command(*other, code=4)
    assert "scale.factor: 2.0 -> 3.0" in refused.stderr
    run_command(*other, "--clobber-config", "--no-backup-config")
    assert not (numbers / "rerun" / "one" / "config" / "double.py~1").exists()
    with Butler(numbers / "rerun" / "one") as butler:
        assert butler.get("notes", visit=903334, ccd=1) == {"doubled": 3.0}


def test_finished_data_ids_can_be_done_again(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1")
    run_command(*words)
    assert "1 done" in run_command(*words, "--redo").stderr


def test_data_ids_that_are_not_there_are_told(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "visit=903334")
    told = run_command(*words, "ccd=2..9").stderr
    assert "2 done, 0 failed" in told
    assert "WARNING 6 of 8 data IDs of --id visit=903334 ccd=2..9 are not there: " in told
    assert "visit=903334 ccd=4; " in told
    assert told.count("visit=903334 ccd=") == 6  # the first five of them
    assert "and 1 more" in told
    for there in ("ccd=0..3", "ccd=1"):
        assert "not there" not in run_command(*words, there).stderr


def test_resume_needs_a_run(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--resume")
    assert "nothing to resume" in run_command(*words, code=2).stderr


def test_resume_does_what_the_run_was_asked_for(numbers: Path, tmp_path: Path) -> None:
    file = tmp_path / "there"
    words = ("run", TASK, numbers, "--rerun", "one", "-c", f"failing_until={file}")
    asked = ("--id", "visit=903334", "ccd=1", "--id", "ccd=0^2", "--where", "ccd > 0")
    assert "0 done, 2 failed" in run_command(*words, *asked, code=1).stderr
    file.touch()
    assert "2 done, 0 failed" in run_command(*words, "--resume").stderr
    with Butler(numbers / "rerun" / "one") as butler:
        assert butler.query_metadata("notes", "ccd") == [1, 2]


def test_resume_with_other_data_ids_does_those(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one")
    run_command(*words, "--id", "ccd=1")
    resumed = run_command(*words, "--resume", "--id", "ccd=1..2")
    assert "1 done, 0 failed, 1 finished before" in resumed.stderr


def test_resume_does_not_guess(numbers: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one")
    run_command(*words, "--id", "ccd=1")
    run_command("rm", numbers / "rerun" / "one", "double_selection", "--id", "--yes")
    refused = run_command(*words, "--resume", code=2)
    assert "does not say which data IDs double was run for" in refused.stderr


def test_profile_of_one_data_id_is_the_file(numbers: Path, tmp_path: Path) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1")
    done = run_command(*words, "--profile", tmp_path / "times.pstats")
    assert f"profile: {tmp_path}/times.pstats" in done.stderr
    assert "run_data_ref" in _profiled(tmp_path / "times.pstats")


def test_profile_without_a_folder_is_refused_before_anything_is_run(
    numbers: Path, tmp_path: Path
) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1")
    refused = run_command(*words, "--profile", tmp_path / "none" / "times.prof", code=2)
    assert f"there is no folder {tmp_path / 'none'}" in refused.stderr
    assert not (numbers / "rerun" / "one").exists()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_of_several_data_ids_has_a_profile(
    numbers: Path, tmp_path: Path, processes: str
) -> None:
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "ccd=1..3", "-c", "failing=2")
    done = run_command(*words, "--profile", tmp_path / "times.prof", "-j", processes, code=1)
    names = [f"times-903334-{ccd}.prof" for ccd in (1, 2, 3)]
    assert sorted(path.name for path in tmp_path.glob("*.prof")) == names
    for name in names:
        assert f"profile: {tmp_path / name}" in done.stderr
        assert "run_data_ref" in _profiled(tmp_path / name)


def test_debug_is_imported_where_tasks_run(numbers: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "debug.py").write_text(
        "import os, pathlib, lsstDebug\n"
        "pathlib.Path(__file__).with_name(f'{os.getpid()}.seen').touch()\n"
    )
    words = ("run", TASK, numbers, "--rerun", "one", "--id", "-j", "2", "--debug")
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{mine}:{REPOSITORY}:{REPOSITORY / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 done" in done.stderr
    assert len(list(mine.glob("*.seen"))) in {2, 3}  # this process, and one or two more


def _profiled(path: Path) -> set[str]:
    """Return the names of the functions of a profile."""
    return set(Stats(str(path)).get_stats_profile().func_profiles)


def test_log_level_is_that_of_one_task_or_of_all(numbers: Path) -> None:
    def log(rerun: str, *words: str) -> str:
        run_command("run", TASK, numbers, "--rerun", rerun, "--id", "ccd=1", *words)
        with Butler(numbers / "rerun" / rerun) as butler:
            return str(butler.get("double_log", visit=903334, ccd=1))

    assert "doubling" in log("one")
    assert log("two", "-L", "WARN") == ""
    assert "doubling" in log("three", "-L", "WARN", "double=INFO")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_warnings_are_told_once_by_any_number_of_processes(numbers: Path, processes: str) -> None:
    words = ("run", TASK, numbers, "--rerun", "warned", "--id", "-c", "warned=[1]")
    told = run_command(*words, "-j", processes).stderr.splitlines()
    (line,) = (one for one in told if "this one is odd" in one)
    assert line.startswith("WARNING double: ")
    assert ("ccd=1" in line) == (processes == "2")  # where they may be of any data ID


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((TASK, "DATA", "--rerun", "one"), 2, "--id"),
        ((TASK, "DATA", "--id"), 2, "--rerun NAME"),
        ((TASK, "DATA", "--rerun", "one", "--id", "ccd=77"), 3, "All values of ccd"),
        ((TASK, "DATA", "--rerun", "one", "--id", "cdc=1"), 2, "Did you mean 'ccd'"),
        ((TASK, "DATA", "--rerun", "one", "--id", "-c", "slows=1"), 2, "Did you mean 'slow_s'"),
        ((TASK, "DATA", "--rerun", "one", "--id", "-c"), 2, "-c"),
        ((TASK, "DATA", "--rerun", "one", "--id", "-C", "none.py"), 2, "cannot be read"),
        ((TASK, "DATA", "--rerun", "one", "--id", "-L", "LOUD"), 2, "'LOUD' is none of"),
        ((TASK, "DATA", "--show", "everything"), 2, "--show takes"),
        ((TASK, "NOTHING", "--rerun", "one", "--id"), 3, "NOTHING"),
        (("irs", "DATA", "--rerun", "one", "--id"), 2, "Did you mean 'isr'"),
        (("no.such:Task", "DATA", "--rerun", "one", "--id"), 2, "PYTHONPATH"),
        (("support.tasks:NoTask", "DATA", "--rerun", "one", "--id"), 2, "cannot be imported"),
        (("support.tasks:ScaleTask", "DATA", "--rerun", "one", "--id"), 2, "no CmdLineTask"),
    ],
)
def test_mistakes_are_told(
    numbers: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(numbers.parent)
    assert message in run_command("run", *words, code=code).stderr


def test_unwritable_place_is_told(numbers: Path) -> None:
    (numbers / "rerun").write_text("a file where a folder should be")
    refused = run_command("run", TASK, numbers, "--rerun", "one", "--id", code=5)
    assert "rerun" in refused.stderr


def test_raws_become_images_and_say_how(data: Path, observed: Path) -> None:
    (data / "CALIB").symlink_to(observed / "CALIB")
    run_command("run", "isr", data, "--rerun", "isr", "--id", "visit=903334", "-j", "2")
    output = data / "rerun" / "isr"
    with Butler(output) as butler:
        assert butler.query_metadata("postISRCCD", "ccd") == [16, 22]
    words = ("provenance", output, "postISRCCD", "--id", "visit=903334", "ccd=16")
    (row,) = run_command(*words, "--format", "json", "--full").rows
    assert row["task"] == "pipelines.run_isr.task.RunIsrTask"
    assert isinstance(row["wall_s"], float)
    inputs = json.dumps(row["inputs"])
    assert "raw ccd=16" in inputs
    assert "bias" in inputs
    assert "config.isr.doFlat=True" in json.dumps(row["configuration"])


RUN_ELSEWHERE = f"""
import sys
sys.path.insert(0, {str(REPOSITORY / "tests")!r})
from cli.main import butler
butler(["run", "support.tasks:DoubleTask", sys.argv[1], *sys.argv[2:]])
"""


def test_somebody_who_may_only_read_runs_into_a_place_of_his_own(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    root = make_numbers(public_tmp_path / "DATA")
    mine = public_tmp_path / "mine"
    mine.mkdir()
    mine.chmod(0o777)
    done = other_user.run(RUN_ELSEWHERE, root, "--output", mine / "out", "--id", cannot_write=root)
    assert "4 done, 0 failed" in done.stderr, done.stderr
    refused = other_user.run(RUN_ELSEWHERE, root, "--rerun", "theirs", "--id", cannot_write=root)
    assert refused.returncode == 5, refused.stderr
    assert str(root) in refused.stderr
