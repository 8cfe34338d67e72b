"""Entry points: the quick way finds what the standard library finds."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from butler.entry_points import all_entry_points, load_entry_point, quick_entry_points

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "skybutler.group_for_tests"


def install(folder: Path, name: str, text: str) -> None:
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("group", ["skybutler.mappers", "skybutler.mapper_aliases", "pytest11"])
def test_both_ways_find_what_is_installed_here(group: str) -> None:
    found = quick_entry_points(group)
    assert found == all_entry_points(group)
    assert len(found) >= 2


def test_sections_comments_blanks_and_extras_are_read_as_the_library_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path,
        "one",
        f"[console_scripts]\na = other:thing\n\n[{GROUP}]\n# a comment\n"
        "a = one:A\n  b.c=one.two : B.C\nd = one:D [extra]\n\n[last]\na = third:thing\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = quick_entry_points(GROUP)
    assert {name: value.replace(" ", "") for name, value in found.items()} == {
        "a": "one:A",
        "b.c": "one.two:B.C",
        "d": "one:D",
    }
    assert found == all_entry_points(GROUP)


def test_the_first_of_two_packages_of_one_name_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "first", "one", f"[{GROUP}]\na = first:A\n")
    install(tmp_path / "second", "one", f"[{GROUP}]\na = second:A\nb = second:B\n")
    monkeypatch.syspath_prepend(str(tmp_path / "second"))
    monkeypatch.syspath_prepend(str(tmp_path / "first"))
    assert quick_entry_points(GROUP) == all_entry_points(GROUP) == {"a": "first:A"}


def test_a_package_in_an_archive_is_found_by_the_library_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(
            "one-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: one\nVersion: 1\n"
        )
        file.writestr("one-1.0.dist-info/entry_points.txt", f"[{GROUP}]\na = one:A\n")
    monkeypatch.syspath_prepend(str(archive))
    assert quick_entry_points(GROUP) == {}
    assert all_entry_points(GROUP) == {"a": "one:A"}


def test_places_that_cannot_be_read_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken-1.0.dist-info"
    broken.mkdir()
    (broken / "entry_points.txt").write_bytes(b"[skybutler.group_for_tests]\n\xff = a:b\n")
    monkeypatch.setattr("sys.path", [str(tmp_path), str(tmp_path / "absent")])
    assert quick_entry_points(GROUP) == {}


def test_a_value_names_a_module_or_something_in_it() -> None:
    import zipfile as module

    assert load_entry_point("zipfile") is module
    assert load_entry_point("zipfile:ZipFile.open") is zipfile.ZipFile.open


@pytest.mark.parametrize("value", ["module_that_is_absent:A", "zipfile:Absent"])
def test_a_value_that_names_nothing_is_an_import_or_attribute_error(value: str) -> None:
    with pytest.raises((ImportError, AttributeError)):
        load_entry_point(value)
