from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.ingest.files import find_files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from support.users import OtherUser


def touch(directory: Path, *names: str) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_directory_is_walked_in_order_and_what_is_no_fits_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "b.fits", "a.fit.gz", "c/A.FITS.FZ", "notes.txt", ".tmp.fits", "d.fts")
    found = find_files([tmp_path])
    names = [os.path.relpath(one.path, tmp_path) for one in found.sources]
    assert names == ["a.fit.gz", "b.fits", "d.fts", "c/A.FITS.FZ"]
    skipped = {os.path.basename(one.path): one for one in found.reports}
    assert set(skipped) == {"notes.txt", ".tmp.fits"}
    assert skipped["notes.txt"].outcome == "skipped"
    assert "not called like a FITS file" in skipped["notes.txt"].reason


def test_a_file_that_is_named_itself_may_have_any_name(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt")
    assert [one.path for one in find_files([tmp_path / "notes.txt"]).sources] == [
        str(tmp_path / "notes.txt")
    ]


def test_a_file_named_twice_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "raw/a.fits")
    (tmp_path / "link").symlink_to(tmp_path / "raw")
    monkeypatch.chdir(tmp_path)
    names = ["raw/a.fits", tmp_path / "raw" / "a.fits", "raw", "link/a.fits", "link/../raw/a.fits"]
    found = find_files(names)
    assert found.sources == [("raw/a.fits", str(tmp_path / "raw" / "a.fits"))]


def test_a_pattern_is_expanded_unless_a_file_is_called_so(tmp_path: Path) -> None:
    touch(tmp_path, "a1.fits", "a2.fits", "[a].fits")
    found = find_files([f"{tmp_path}/a?.fits", f"{tmp_path}/[a].fits"])
    names = [os.path.basename(one.path) for one in found.sources]
    assert names == ["a1.fits", "a2.fits", "[a].fits"]


def test_a_pattern_that_nothing_matches_is_rejected(tmp_path: Path) -> None:
    found = find_files([f"{tmp_path}/*.fits"])
    assert [(one.outcome, one.reason) for one in found.reports] == [
        ("rejected", "no file matches this pattern")
    ]


def test_bad_files_are_skipped_by_the_last_part_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "bad/a.fits", "bad/b-bad.fits")
    found = find_files([tmp_path], bad_files=["*bad*"])
    assert [os.path.basename(one.path) for one in found.sources] == ["a.fits"]
    assert "'*bad*'" in found.reports[0].reason


def test_a_link_to_a_directory_below_is_not_followed_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "a.fits")
    (tmp_path / "again.fits").symlink_to(tmp_path)
    found = find_files([tmp_path])
    assert [os.path.basename(one.path) for one in found.sources] == ["a.fits"]
    assert "link to a directory" in found.reports[0].reason


def test_the_way_up_from_a_link_is_that_of_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "far/away/x", "far/a.fits")
    (tmp_path / "here").symlink_to(tmp_path / "far" / "away")
    monkeypatch.chdir(tmp_path)
    assert find_files(["here/../a.fits"]).sources[0].absolute == str(tmp_path / "far" / "a.fits")


def test_a_directory_that_cannot_be_read_is_rejected_and_the_others_are_walked(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    touch(public_tmp_path, "closed/a.fits", "open/b.fits")
    closed = public_tmp_path / "closed"
    closed.chmod(0o700)
    snippet = (
        "import sys; from butler.ingest.files import find_files\n"
        "found = find_files(sys.argv[1:])\n"
        "print(len(found.sources), *[r.outcome + ': ' + r.reason for r in found.reports])"
    )
    result = other_user.run(snippet, public_tmp_path, cannot_write=public_tmp_path)
    assert "1 rejected: the directory cannot be read (Permission denied)" in result.stdout


def test_links_in_a_circle_stop_no_other_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.fits", "z.fits")
    (tmp_path / "loop.fits").symlink_to(tmp_path / "pool.fits")
    (tmp_path / "pool.fits").symlink_to(tmp_path / "loop.fits")
    found = find_files([tmp_path])
    names = [os.path.basename(one.path) for one in found.sources]
    assert names == ["a.fits", "loop.fits", "pool.fits", "z.fits"]
    assert found.reports == []
