from __future__ import annotations

import csv
import hashlib
import io
import os
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

from butler import Butler

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    run_command("create", tmp_path / "NEW", "--camera", "hsc")
    return tmp_path / "NEW"


def raws(root: Path) -> list[Path]:
    return sorted(root.rglob("HSC-*.fits"))


def test_every_mode_places_the_files(observed: Path, tmp_path: Path) -> None:
    for mode in ("auto", "link", "relsymlink", "copy"):
        root = tmp_path / mode
        run_command("create", root, "--camera", "hsc")
        output = run_command("ingest", root, observed / "raw", "--mode", mode)
        assert "3 files: 3 ingested" in output.stderr
        assert len(raws(root)) == 3
        are_links = {path.is_symlink() for path in raws(root)}
        assert are_links == {mode in {"link", "relsymlink"}} or mode == "auto"


def test_ingesting_again_does_nothing(data: Path, observed: Path) -> None:
    output = run_command("ingest", data, observed / "raw", "--mode", "link")
    assert "3 files: 3 already there" in output.stderr
    assert output.stdout == ""


def test_dry_run_does_nothing_and_shows_where_files_would_go(new: Path, observed: Path) -> None:
    output = run_command("ingest", new, observed / "raw", "--dry-run")
    assert "nothing was done" in output.stderr
    assert output.stdout.count("HSC-R/HSC-0903334-0") == 2
    assert raws(new) == []
    assert run_command("ls", new, "--format", "json").rows == []


def test_several_processes_ingest_the_same(new: Path, observed: Path) -> None:
    run_command("ingest", new, observed / "raw", "-j", "2")
    rows = run_command("ls", new, "raw", "--format", "json").rows
    assert [(row["visit"], row["ccd"]) for row in rows] == [
        (903334, 16),
        (903334, 22),
        (903986, 16),
    ]


def test_bad_files_are_reported_and_stop_no_other(
    new: Path, observed: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    good = next((observed / "raw").iterdir())
    (bad / "empty.fits").write_bytes(b"")
    (bad / "short.fits").write_bytes(good.read_bytes()[:5000])
    (bad / "picture.fits").write_bytes(b"\x89PNG\r\n\x1a\n" * 500)
    os.symlink(tmp_path / "gone", bad / "lost.fits")
    words = ["ingest", new, bad, observed / "raw", "--mode", "link"]
    output = run_command(*words, "--format", "csv", code=1)
    outcomes = {
        os.path.basename(row["path"]): row["outcome"]
        for row in csv.DictReader(io.StringIO(output.stdout))
    }
    assert sorted(outcomes.values()) == ["ingested"] * 3 + ["rejected"] * 4
    assert outcomes["short.fits"] == "rejected"
    table = run_command(*words, code=1).stdout
    assert "empty.fits" in table
    assert good.name not in table


def test_checksum_is_recorded_when_asked(new: Path, observed: Path) -> None:
    run_command("ingest", new, observed / "raw", "--mode", "link", "--checksum")
    with Butler(new) as butler:
        digests = {row.stored.sha256 for row in butler.query("raw")}
    files = (observed / "raw").iterdir()
    assert digests == {hashlib.sha256(path.read_bytes()).digest() for path in files}


def test_fail_fast_stops_at_the_first_bad_file(new: Path, observed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.fits").write_bytes(b"")
    words = ["ingest", new, tmp_path / "empty.fits", observed / "raw", "--fail-fast"]
    run_command(*words, code=1)
    assert raws(new) == []


def test_other_file_for_the_same_data_id_is_a_conflict(
    data: Path, observed: Path, tmp_path: Path
) -> None:
    good = next((observed / "raw").iterdir())
    content = bytearray(good.read_bytes())
    content[-2881] ^= 1
    (tmp_path / "other.fits").write_bytes(content)
    output = run_command("ingest", data, tmp_path / "other.fits", code=4)
    assert "conflict" in output.stdout


def test_bare_mapper_directory_becomes_a_repository(observed: Path, tmp_path: Path) -> None:
    root = tmp_path / "BARE"
    root.mkdir()
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    run_command("ingest", root, observed / "raw", "--mode", "link")
    assert len(raws(root)) == 3


def test_unknown_mode_gets_the_known_ones(new: Path, observed: Path) -> None:
    output = run_command("ingest", new, observed / "raw", "--mode", "lnk", code=2)
    assert "relsymlink" in output.stderr
