from __future__ import annotations

import json
from pathlib import Path

from support.commands import run_command

ONE = ("--id", "visit=903334", "ccd=16")


def test_file_becomes_a_dataset(notes: Path, remark: Path) -> None:
    place = run_command("put", notes, "notes", remark, *ONE).stdout.strip()
    assert json.loads(Path(place).read_text()) == {"a": 1}
    assert remark.exists()
    assert run_command("get", notes, "notes", *ONE).stdout.strip() == place


def test_same_content_again_is_no_change(notes: Path, remark: Path) -> None:
    first = run_command("put", notes, "notes", remark, *ONE)
    assert run_command("put", notes, "notes", remark, *ONE) == first


def test_other_content_is_a_conflict_unless_it_may_replace(notes: Path, remark: Path) -> None:
    run_command("put", notes, "notes", remark, *ONE)
    remark.write_text('{"a": 2}')
    assert "other content" in run_command("put", notes, "notes", remark, *ONE, code=4).stderr
    place = run_command("put", notes, "notes", remark, *ONE, "--backup").stdout.strip()
    assert json.loads(Path(place).read_text()) == {"a": 2}
    kept = [path for path in (notes / "notes").iterdir() if path.name.endswith("~1")]
    assert [json.loads(path.read_text()) for path in kept] == [{"a": 1}]


def test_one_file_is_one_dataset(notes: Path, remark: Path) -> None:
    words = ("put", notes, "notes", remark, "--id", "visit=903334 ccd=16^22")
    assert "--id names 2" in run_command(*words, code=2).stderr


def test_missing_file_is_a_usage_error(notes: Path, tmp_path: Path) -> None:
    output = run_command("put", notes, "notes", tmp_path / "nothing", *ONE, code=2)
    assert "does not exist" in output.stderr
