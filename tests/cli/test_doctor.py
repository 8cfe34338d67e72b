from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


@pytest.fixture
def orphan(notes: Path, remark: Path) -> Path:
    """A file in the place of a dataset."""
    path = notes / "notes" / "0903334-016.json"
    path.parent.mkdir()
    path.write_text(remark.read_text())
    return path


def test_clean_repository_is_said_to_be_clean(data: Path) -> None:
    output = run_command("doctor", data, "--deep")
    assert output.stdout == ""
    assert "3 datasets" in output.stderr
    assert "3 checksums recorded for the first time. Clean." in output.stderr
    assert "recorded" not in run_command("doctor", data, "--deep").stderr


def test_findings_are_grouped_with_their_cure(notes: Path, orphan: Path) -> None:
    output = run_command("doctor", notes, code=1)
    assert (
        "note: a whole file in the place of a dataset, without a row [orphan]: 1" in output.stdout
    )
    assert "notes/0903334-016.json (notes 16,903334)" in output.stdout
    assert "-> --repair adopt registers it" in output.stdout
    assert orphan.exists()


def test_repair_alone_takes_nothing_that_is_whole(notes: Path, orphan: Path) -> None:
    run_command("doctor", notes, "--repair", code=1)
    run_command("doctor", "--repair", notes, code=1)
    assert orphan.exists()


def test_adopted_file_is_a_dataset(notes: Path, orphan: Path) -> None:
    assert "1 repaired" in run_command("doctor", notes, "--repair", "adopt", code=1).stderr
    (row,) = run_command("ls", notes, "notes", "--format", "json").rows
    assert (row["visit"], row["ccd"]) == (903334, 16)
    run_command("doctor", notes)
    assert orphan.exists()


def test_dry_run_repairs_nothing(notes: Path, orphan: Path) -> None:
    output = run_command("doctor", notes, "--repair", "quarantine", "--dry-run", code=1)
    assert "1 would be repaired" in output.stdout
    assert orphan.exists()


def test_damage_has_an_exit_code_of_its_own(data: Path) -> None:
    raw = next(path for path in data.rglob("*.fits") if path.is_symlink())
    raw.unlink()
    output = run_command("doctor", data, "--format", "json", code=5)
    (row,) = output.rows
    assert (row["code"], row["severity"], row["dataset_type"]) == ("file_missing", "damage", "raw")
    run_command("doctor", data, "--repair", "--forget-missing", code=1)
    run_command("doctor", data)


def test_first_of_each_kind_are_shown_or_all(data: Path) -> None:
    for number in range(8):
        (data / f"mine-{number}").touch()
    assert run_command("doctor", data).stdout.count("mine-") == 5
    assert "3 more" in run_command("doctor", data).stderr
    assert run_command("doctor", data, "--all").stdout.count("mine-") == 8
    lines = run_command("doctor", data, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["foreign_file"] * 8


def test_probe_says_what_the_file_system_can_do(data: Path) -> None:
    assert "hard links: yes" in run_command("doctor", data, "--probe", "--all").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--repair", "--restore-from"], "requires an argument"),
        (["--forget-missing"], "by a repair alone"),
        (["--repair=adapt"], "adopt"),
        (["--dep"], "--deep"),
    ],
)
def test_wrong_words_are_explained(data: Path, words: list[str], said: str) -> None:
    assert said in run_command("doctor", data, *words, code=2).stderr


def test_place_without_a_repository_is_not_found(tmp_path: Path) -> None:
    assert "no repository" in run_command("doctor", tmp_path / "NONE", code=3).stderr


def test_somebody_who_may_not_write_looks_and_does_not_repair(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    root = public_tmp_path / "DATA"
    run_command("create", root, "--camera", "hsc", "--shared")
    (root / "orphan").touch()
    snippet = (
        "import sys; from cli.main import butler\n"
        "sys.exit(butler(sys.argv[1:], standalone_mode=False) or 0)"
    )
    looked = other_user.run(snippet, "doctor", root, "--deep", "--probe", cannot_write=root)
    assert "a file that is no dataset" in looked.stdout, looked.stderr
    assert "nothing was tried out" in looked.stdout
    refused = other_user.run(snippet, "doctor", root, "--repair", cannot_write=root)
    assert "cannot be repaired by you" in refused.stderr
    assert "Traceback" not in refused.stderr
