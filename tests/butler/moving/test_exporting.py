"""Chosen datasets become a repository of their own, or a table of contents."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table
from support.invariants import broken_promises, dataset_rows
from support.repositories import files_below, make_repository, observation

from butler import Butler
from butler.errors import (
    DatasetExistsError,
    DatasetNotFoundError,
    FormatterError,
    ParameterError,
    RepositoryExistsError,
    StorageError,
)
from butler.moving.exporting import export_datasets
from butler.moving.importing import import_table
from butler.registry.where import parse_where
from butler.storage.steps import observe_steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "SRC"
    with make_repository(place, observations=[observation(1, 16), observation(1, 22)]) as butler:
        butler.put({"n": 16}, "summary", visit=1, ccd=16)
        butler.put({"n": 22}, "summary", visit=1, ccd=22)
        butler.put("hello", "text", name="a b")
    return place


@pytest.fixture
def _unobserved() -> Iterator[None]:
    yield
    observe_steps(None)


def test_an_export_is_a_repository_that_opens_anywhere(root: Path, tmp_path: Path) -> None:
    report = export_datasets(root, tmp_path / "OUT")
    assert report.exit_code == 0
    shutil.rmtree(root)
    (tmp_path / "OUT").rename(tmp_path / "ELSEWHERE")
    with Butler(tmp_path / "ELSEWHERE") as butler:
        assert butler.get("summary", visit=1, ccd=22) == {"n": 22}
        assert butler.get("text", name="a b") == "hello"
        assert butler.query("summary", where="expTime = 30").count() == 2
    assert broken_promises(tmp_path / "ELSEWHERE") == []


def test_an_export_has_an_identity_of_its_own(root: Path, tmp_path: Path) -> None:
    export_datasets(root, tmp_path / "OUT")
    with Butler(root) as old, Butler(tmp_path / "OUT") as new:
        assert old.repositories[0].uuid != new.repositories[0].uuid
        assert new.repositories[0].parents == ()


def test_only_what_was_chosen_is_exported(root: Path, tmp_path: Path) -> None:
    export_datasets(root, tmp_path / "OUT", ["summary"], condition=parse_where("ccd = 16"))
    assert list(dataset_rows(tmp_path / "OUT")) == ["summary/0000001-016.json"]


def test_relative_links_survive_a_move_of_both_trees(root: Path, tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.mkdir()
    root.rename(both / "SRC")
    export_datasets(both / "SRC", both / "OUT", mode="relsymlink")
    both.rename(tmp_path / "moved")
    with Butler(tmp_path / "moved" / "OUT") as butler:
        assert butler.get("summary", visit=1, ccd=22) == {"n": 22}


def test_an_export_goes_over_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "OUT").mkdir()
    (tmp_path / "OUT" / "precious").write_text("x")
    with pytest.raises(RepositoryExistsError, match="butler import"):
        export_datasets(root, tmp_path / "OUT")
    (tmp_path / "OUT" / "precious").unlink()
    export_datasets(root, tmp_path / "OUT")
    with pytest.raises(RepositoryExistsError):
        export_datasets(root, tmp_path / "OUT")


def test_a_dry_run_makes_nothing(root: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    report = export_datasets(root, tmp_path / "OUT", table=tmp_path / "t.ecsv", dry_run=True)
    assert (report.counts["taken"], report.is_dry_run) == (3, True)
    assert sorted(tmp_path.rglob("*")) == before


def killed_export(fatal: str, root: Path, place: Path, table: Path | None = None) -> None:
    """Export in a process that is killed after a step."""

    def die(name: str) -> None:
        if name == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            observe_steps(die)
            export_datasets(root, place, table=table)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("step", ["ingest:placed", "ingest:registered", "export:written"])
def test_a_killed_export_has_no_name_and_the_next_one_clears_up(
    root: Path, tmp_path: Path, step: str
) -> None:
    killed_export(step, root, tmp_path / "OUT")
    assert not (tmp_path / "OUT").exists()
    assert len(list(tmp_path.glob(".tmp-*"))) == 1
    export_datasets(root, tmp_path / "OUT")
    assert list(tmp_path.glob(".tmp-*")) == []
    assert len(dataset_rows(tmp_path / "OUT")) == 3


@pytest.mark.usefixtures("_unobserved")
def test_a_failed_export_leaves_nothing(root: Path, tmp_path: Path) -> None:
    def fail(name: str) -> None:
        if name == "ingest:registered":
            raise StorageError("the disk is full")

    observe_steps(fail)
    with pytest.raises(StorageError, match="full"):
        export_datasets(root, tmp_path / "OUT")
    assert [path.name for path in tmp_path.iterdir()] == ["SRC"]


def test_one_bad_file_stops_no_other(root: Path, tmp_path: Path) -> None:
    (root / "summary" / "0000001-016.json").unlink()
    report = export_datasets(root, tmp_path / "OUT")
    assert (report.counts["taken"], report.counts["rejected"], report.exit_code) == (2, 1, 1)
    assert broken_promises(tmp_path / "OUT") == []


def test_nothing_that_matches_is_an_error(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match="ccd"):
        export_datasets(root, tmp_path / "OUT", ["summary"], condition=parse_where("ccd = 5"))
    assert not (tmp_path / "OUT").exists()


def test_moving_out_is_no_export(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no mode 'move' here"):
        export_datasets(root, tmp_path / "OUT", mode="move")


@pytest.mark.parametrize("ending", ["ecsv", "csv"])
def test_a_table_of_contents_names_every_dataset(root: Path, tmp_path: Path, ending: str) -> None:
    export_datasets(root, None, table=tmp_path / f"contents.{ending}")
    table = Table.read(tmp_path / f"contents.{ending}")
    assert list(table["dataset_type"]) == ["summary", "summary", "text"]
    assert list(table["ccd"].filled(-1)) == [16, 22, -1]
    assert [(tmp_path / path).stat().st_size for path in table["path"]] == list(table["size"])
    assert all(len(text) == 64 for text in table["sha256"])
    assert not (tmp_path / "OUT").exists()


def test_a_table_inside_an_export_moves_with_it(root: Path, tmp_path: Path) -> None:
    export_datasets(root, tmp_path / "OUT", table=tmp_path / "OUT" / "sub" / "contents.ecsv")
    (tmp_path / "OUT").rename(tmp_path / "MOVED")
    table = Table.read(tmp_path / "MOVED" / "sub" / "contents.ecsv")
    assert all((tmp_path / "MOVED" / "sub" / path).is_file() for path in table["path"])


def test_an_exported_table_is_imported_again(root: Path, tmp_path: Path) -> None:
    export_datasets(root, tmp_path / "OUT", table=tmp_path / "OUT.ecsv")
    make_repository(tmp_path / "DEST").close()
    report = import_table(tmp_path / "DEST", tmp_path / "OUT.ecsv")
    assert (report.counts["taken"], report.exit_code) == (3, 0)
    assert files_below(tmp_path / "DEST") == files_below(tmp_path / "OUT")


def test_a_table_goes_over_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "contents.ecsv").write_text("precious")
    with pytest.raises(DatasetExistsError, match="Choose another name"):
        export_datasets(root, tmp_path / "OUT", table=tmp_path / "contents.ecsv")
    with pytest.raises(FormatterError, match=r"contents\.ecsv or contents\.csv"):
        export_datasets(root, tmp_path / "OUT", table=tmp_path / "contents.txt")
    assert not (tmp_path / "OUT").exists()
    assert (tmp_path / "contents.ecsv").read_text() == "precious"


@pytest.mark.parametrize("step", ["export:described", "export:written", "export:renamed"])
def test_a_killed_export_is_never_there_without_its_table(
    root: Path, tmp_path: Path, step: str
) -> None:
    table = tmp_path / "contents.ecsv"
    killed_export(step, root, tmp_path / "OUT", table)
    assert table.exists()
    if step != "export:renamed":
        export_datasets(root, tmp_path / "OUT", table=table)
        assert list(tmp_path.glob(".tmp-*")) == []
    make_repository(tmp_path / "DEST").close()
    assert import_table(tmp_path / "DEST", table).counts["taken"] == 3


def test_the_table_of_a_killed_export_gives_way_to_the_same_one_alone(
    root: Path, tmp_path: Path
) -> None:
    table = tmp_path / "contents.ecsv"
    killed_export("export:renamed", root, tmp_path / "OUT", table)
    content = table.read_bytes()
    with pytest.raises(DatasetExistsError, match="Choose another name"):
        export_datasets(root, tmp_path / "OTHER", table=table)
    assert not (tmp_path / "OTHER").exists()
    assert table.read_bytes() == content


@pytest.mark.usefixtures("_unobserved")
def test_a_failed_export_leaves_no_table(root: Path, tmp_path: Path) -> None:
    def fail(name: str) -> None:
        if name == "export:described":
            raise StorageError("the disk is full")

    observe_steps(fail)
    with pytest.raises(StorageError, match="full"):
        export_datasets(root, tmp_path / "OUT", table=tmp_path / "contents.ecsv")
    assert [path.name for path in tmp_path.iterdir()] == ["SRC"]


def test_an_export_needs_somewhere_to_go(root: Path) -> None:
    with pytest.raises(ParameterError, match="a destination, a table, or both"):
        export_datasets(root, None)
