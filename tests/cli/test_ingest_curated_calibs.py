from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_defects_that_are_kept_as_text_serve_observations(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "curated" / "defects" / "16"
    folder.mkdir(parents=True)
    (folder / "2013-01-31.txt").write_text("1 2 3 4\n")
    words = ("ingest-curated-calibs", data, tmp_path / "curated")
    assert "1 ingested (dry run" in run_command(*words, "--dry-run").stderr
    (row,) = run_command(*words, "--format", "json").rows
    assert row["validity"] == ["2013-01-31T00:00:00", "9999-12-31T23:59:59"]
    assert "1 already there" in run_command(*words).stderr
    found = run_command("get", data, "defects", "--id", "visit=903334", "ccd=16")
    assert "defects-2013-01-31T00:00:00-016.fits" in found.stdout


def test_a_folder_that_is_not_there_is_refused(data: Path, tmp_path: Path) -> None:
    output = run_command("ingest-curated-calibs", data, tmp_path / "absent", code=1)
    assert "There is no directory" in output.stderr
