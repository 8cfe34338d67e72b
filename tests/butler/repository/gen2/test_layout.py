from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.errors import RepositoryError
from butler.repository.gen2.layout import (
    direct_parent,
    find_mapper_name,
    is_bare_mapper_directory,
    is_gen2_repository,
    iter_lineage,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mark", ["_mapper", "_parent", "registry.sqlite3", "repositoryCfg.yaml"])
def test_each_mark_of_gen2_makes_a_repository(tmp_path: Path, mark: str) -> None:
    assert not is_gen2_repository(str(tmp_path))
    (tmp_path / mark).touch()
    assert is_gen2_repository(str(tmp_path))


def test_butler_yaml_makes_a_directory_ours(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("hsc\n")
    (tmp_path / "butler.yaml").touch()
    assert not is_gen2_repository(str(tmp_path))
    assert not is_bare_mapper_directory(str(tmp_path))


def test_a_file_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not is_gen2_repository(str(tmp_path / "file"))
    assert not is_gen2_repository(str(tmp_path / "absent"))


def test_a_mapper_alone_is_a_bare_directory_whatever_else_lies_there(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("hsc\n")
    (tmp_path / "CALIB").mkdir()
    assert is_bare_mapper_directory(str(tmp_path))


@pytest.mark.parametrize(
    "mark", ["_parent", "registry.sqlite3", "registry.pgsql", "repositoryCfg.yaml"]
)
def test_any_further_mark_ends_being_bare(tmp_path: Path, mark: str) -> None:
    (tmp_path / "_mapper").write_text("hsc\n")
    (tmp_path / mark).touch()
    assert not is_bare_mapper_directory(str(tmp_path))


def test_mapper_name_is_the_first_line_stripped(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("  lsst.obs.hsc.HscMapper \nsecond line\n")
    assert find_mapper_name(str(tmp_path)) == "lsst.obs.hsc.HscMapper"


def test_mapper_name_comes_along_parent_links(tmp_path: Path) -> None:
    for name in ("DATA", "a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "DATA/_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    (tmp_path / "a/_parent").symlink_to("../DATA")
    (tmp_path / "b/_parent").symlink_to(tmp_path / "a")
    assert find_mapper_name(str(tmp_path / "b")) == "lsst.obs.hsc.HscMapper"


def test_mapper_name_is_absent_where_nobody_has_one(tmp_path: Path) -> None:
    (tmp_path / "_parent").mkdir()
    assert find_mapper_name(str(tmp_path)) is None


def test_empty_mapper_is_refused_with_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("\n")
    with pytest.raises(RepositoryError, match="names the camera, for instance: hsc"):
        find_mapper_name(str(tmp_path))


def test_binary_mapper_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RepositoryError, match="cannot be read"):
        find_mapper_name(str(tmp_path))


def test_parent_may_be_a_plain_directory(tmp_path: Path) -> None:
    (tmp_path / "_parent").mkdir()
    assert direct_parent(str(tmp_path)) == str(tmp_path / "_parent")


def test_relative_parent_link_starts_where_the_link_lies(tmp_path: Path) -> None:
    (tmp_path / "DATA/rerun/a").mkdir(parents=True)
    (tmp_path / "DATA/rerun/a/_parent").symlink_to("../..")
    assert direct_parent(str(tmp_path / "DATA/rerun/a")) == str(tmp_path / "DATA")


def test_parent_link_that_leads_nowhere_says_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "_parent").symlink_to("/nowhere/DATA")
    with pytest.raises(RepositoryError, match="leads to /nowhere/DATA, where there is no"):
        direct_parent(str(tmp_path))


def test_circle_of_parents_is_refused(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).mkdir()
        (tmp_path / one / "_parent").symlink_to(tmp_path / other)
    with pytest.raises(RepositoryError, match="go round in a circle"):
        list(iter_lineage(str(tmp_path / "a")))
    with pytest.raises(RepositoryError, match="go round in a circle"):
        find_mapper_name(str(tmp_path / "a"))
