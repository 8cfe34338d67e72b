"""Where repositories lie, and how one names another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository

from butler.errors import RepositoryError
from butler.repository.locations import (
    absolute_location,
    is_remote,
    is_repository,
    parent_as_opened,
    parent_as_stored,
    topmost_repository,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_place_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_location("a/../b/") == str(tmp_path / "b")
    assert absolute_location("file:///a/b") == "/a/b"
    assert absolute_location("memory://x/") == "memory://x"
    assert absolute_location("~") == os.path.expanduser("~")
    with pytest.raises(RepositoryError, match="empty"):
        absolute_location("")
    with pytest.raises(RepositoryError, match="NUL"):
        absolute_location("a\0b")


def test_urls_are_remote_and_files_are_not() -> None:
    assert is_remote("memory://a")
    assert is_remote("s3://bucket/key")
    assert not is_remote("file:///a")
    assert not is_remote("/a:b/c")


def test_the_topmost_repository_is_the_outermost(tmp_path: Path) -> None:
    assert topmost_repository(str(tmp_path / "A" / "b")) == str(tmp_path / "A" / "b")
    make_repository(tmp_path / "A")
    make_repository(tmp_path / "A" / "rerun" / "x")
    assert topmost_repository(str(tmp_path / "A" / "rerun" / "x" / "y")) == str(tmp_path / "A")
    assert is_repository(str(tmp_path / "A"))
    assert not is_repository(str(tmp_path / "A" / "rerun"))


@pytest.mark.parametrize(
    ("root", "parent", "stored"),
    [
        ("A/rerun/x", "A", "../.."),
        ("A/rerun/x", "A/rerun/y", "../y"),
        ("A", "A/rerun/x", "rerun/x"),
        ("B", "A", None),
        ("B/rerun/x", "A/rerun/x", None),
    ],
)
def test_a_parent_in_the_same_tree_is_relative(
    tmp_path: Path, root: str, parent: str, stored: str | None
) -> None:
    make_repository(tmp_path / "A")
    here, there = str(tmp_path / root), str(tmp_path / parent)
    assert parent_as_stored(here, there) == (stored or there)
    assert parent_as_opened(here, stored or there) == there


def test_a_remote_parent_is_kept_as_it_is(tmp_path: Path) -> None:
    assert parent_as_stored(str(tmp_path), "memory://a") == "memory://a"
    assert parent_as_opened(str(tmp_path), "memory://a") == "memory://a"
    assert parent_as_opened("memory://b", "/a") == "/a"
