from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler import create_repository
from butler.edit_parents import edit_parents
from butler.errors import ReadOnlyError, RepositoryError
from butler.repository.config import read_config

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Repositories a, b and c; b reads a, and c reads b."""
    a, b, c = (tmp_path / name for name in "abc")
    create_repository(a, "hsc")
    create_repository(b, "hsc", parents=[a])
    create_repository(c, "hsc", parents=[b])
    return a, b, c


def test_circle_over_several_repositories_is_refused(three: tuple[Path, Path, Path]) -> None:
    a, _, c = three
    with pytest.raises(RepositoryError, match="its own ancestor"):
        edit_parents(a, append=[c])
    assert read_config(str(a)).parents == ()


def test_circle_through_a_link_is_refused(three: tuple[Path, Path, Path], tmp_path: Path) -> None:
    a, _, c = three
    (tmp_path / "link").symlink_to(c)
    with pytest.raises(RepositoryError, match="its own ancestor"):
        edit_parents(a, prepend=[tmp_path / "link"])


def test_diamond_is_no_circle(three: tuple[Path, Path, Path]) -> None:
    a, b, c = three
    assert edit_parents(c, append=[a]) == (str(b), str(a))


def test_one_edit_takes_out_and_puts_in(three: tuple[Path, Path, Path]) -> None:
    a, b, c = three
    assert edit_parents(c, remove=[b], append=[a]) == (str(a),)


def test_gen2_repository_keeps_its_parents(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    with pytest.raises(ReadOnlyError, match="butler migrate"):
        edit_parents(tmp_path, append=[tmp_path / "x"])
