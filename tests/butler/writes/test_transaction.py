"""Transactions: seen by their writer at once, by others at the end, or never."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises
from support.repositories import files_below, make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetExistsError, FormatterError, ReadOnlyError, RepositoryError
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


class ChangedMyMindError(Exception):
    """What a user's code raises."""


@pytest.fixture(autouse=True)
def _nothing_left(data: Path) -> Iterator[None]:
    """No temporary and no broken promise, whatever a test did."""
    yield
    assert list(data.rglob(".tmp-*")) == []
    assert broken_promises(data) == []


def test_its_writer_sees_what_it_put(butler: Butler) -> None:
    with butler.transaction() as same:
        assert same is butler
        butler.put("inside", "notes", ONE)
        assert butler.get("notes", ONE) == "inside"
        assert butler.get("notes", pointing=671, ccd=16) == "inside"
        assert butler.dataset_exists("notes", ONE)
        assert butler.dataset_exists("notes", ONE, write=True)
        assert butler.query("notes", expTime=30.0).count() == 1
        assert butler.query("notes", filter="HSC-I").count() == 0
        assert butler.query_metadata("notes", "ccd") == [16]
        assert [ref.get() for ref in butler.subset("notes")] == ["inside"]
        assert "open transaction" in str(butler.explain("notes", ONE))
    assert butler.get("notes", ONE) == "inside"


def test_others_see_it_after_the_end(data: Path, butler: Butler) -> None:
    other = Butler(data)
    with butler.transaction():
        butler.put("inside", "summary", ONE)
        assert not other.dataset_exists("summary", ONE)
        assert other.query("summary").count() == 0
        with ThreadPoolExecutor(1) as pool:  # another thread with the same Butler
            assert not pool.submit(butler.dataset_exists, "summary", ONE).result()
    assert other.get("summary", ONE) == "inside"


def test_an_exception_discards_everything(butler: Butler, data: Path) -> None:
    with pytest.raises(ChangedMyMindError), butler.transaction():  # noqa: PT012 - the block is tested
        butler.put("inside", "summary", ONE)
        butler.put("inside", "notes", ONE)
        raise ChangedMyMindError
    assert files_below(data) == []
    assert not butler.dataset_exists("summary", ONE)
    with butler.transaction():
        butler.put("again", "summary", ONE)
    assert butler.get("summary", ONE) == "again"


def test_a_conflict_at_the_end_publishes_nothing(data: Path, butler: Butler) -> None:
    other = Butler(data)
    with pytest.raises(DatasetExistsError), butler.transaction():  # noqa: PT012 - the block is tested
        for ccd in (15, 16, 17):
            butler.put("mine", "summary", visit=1, ccd=ccd)
        other.put("theirs", "summary", visit=1, ccd=16)
    assert [row["ccd"] for row in butler.query("summary")] == [16]
    assert butler.get("summary", visit=1, ccd=16) == "theirs"
    assert files_below(data) == ["summary/0000001-016.json"]


def test_the_same_content_of_another_is_no_conflict(data: Path, butler: Butler) -> None:
    with butler.transaction():
        butler.put("same", "summary", ONE)
        butler.put("mine", "summary", ONE, ccd=17)
        Butler(data).put("same", "summary", ONE)
    assert butler.query("summary").count() == 2


def test_a_formatter_error_inside_may_be_caught(butler: Butler) -> None:
    with butler.transaction():
        butler.put("good", "summary", ONE)
        with pytest.raises(FormatterError):
            butler.put(object(), "summary", ONE, ccd=17)
    assert [row["ccd"] for row in butler.query("summary")] == [16]


def test_putting_twice_inside_needs_the_same_content_or_replace(butler: Butler) -> None:
    with butler.transaction():
        butler.put("first", "summary", ONE)
        butler.put("first", "summary", ONE)
        with pytest.raises(DatasetExistsError, match="in this transaction already"):
            butler.put("second", "summary", ONE)
        assert butler.get("summary", ONE) == "first"
        butler.put("third", "summary", ONE, replace=True)
        assert butler.get("summary", ONE) == "third"
    assert butler.get("summary", ONE) == "third"
    assert butler.query("summary").count() == 1


def test_replacing_inside_takes_effect_at_the_end(data: Path, butler: Butler) -> None:
    butler.put("old", "summary", ONE)
    other = Butler(data)
    with butler.transaction():
        butler.put("new", "summary", ONE, replace=True)
        butler.put("more", "summary", ONE, ccd=17)
        assert butler.get("summary", ONE) == "new"
        assert other.get("summary", ONE) == "old"
        butler.put("newer", "summary", ONE, replace=True)
        assert butler.query("summary").count() == 2
    assert other.get("summary", ONE) == "newer"
    assert other.get("summary", ONE, ccd=17) == "more"


def test_a_discarded_replacement_keeps_the_old_content(butler: Butler) -> None:
    butler.put("old", "summary", ONE)
    with pytest.raises(ChangedMyMindError), butler.transaction():  # noqa: PT012 - the block is tested
        butler.put("new", "summary", ONE, replace=True)
        raise ChangedMyMindError
    assert butler.get("summary", ONE) == "old"


def test_a_backup_is_kept_from_inside_too(butler: Butler, data: Path) -> None:
    butler.put("old", "summary", ONE)
    with butler.transaction():
        butler.put("new", "summary", ONE, backup=True)
        butler.put("more", "summary", ONE, ccd=17)
    assert (data / "summary" / "0903334-016.json~1").read_text() == '"old"\n'
    assert butler.get("summary", ONE) == "new"
    (data / "summary" / "0903334-016.json~1").unlink()


def test_a_dataset_of_a_parent_is_hidden_from_inside(butler: Butler, rerun: Butler) -> None:
    butler.put("below", "summary", ONE)
    with rerun.transaction():
        rerun.put("inside", "summary", ONE)
        assert rerun.get("summary", ONE) == "inside"
        assert rerun.query("summary").count() == 1
        assert rerun.query("summary", all=True).count() == 2
    assert rerun.get("summary", ONE) == "inside"


def test_nothing_is_removed_and_nothing_nested_inside(butler: Butler) -> None:
    butler.put("old", "summary", ONE)
    with butler.transaction():
        with pytest.raises(RepositoryError, match="nothing is removed"):
            butler.remove("summary", ONE)
        with pytest.raises(RepositoryError, match="open in this thread"), butler.transaction():
            pass
        butler.put("still open", "summary", ONE, ccd=17)
    assert butler.query("summary").count() == 2


def test_a_transaction_needs_exactly_one_output(data: Path, tmp_path: Path) -> None:
    make_repository(tmp_path / "OTHER")
    two = Butler(outputs=[data, tmp_path / "OTHER"])
    with pytest.raises(RepositoryError, match="exactly one output"), two.transaction():
        pass
    with pytest.raises(ReadOnlyError), Butler(inputs=data).transaction():
        pass


def test_an_empty_transaction_does_nothing(butler: Butler) -> None:
    with butler.transaction():
        assert butler.query("summary").count() == 0


def test_composites_and_files_take_part(butler: Butler, tmp_path: Path, data: Path) -> None:
    path = tmp_path / "outside.json"
    path.write_text("1")
    with pytest.raises(ChangedMyMindError), butler.transaction():  # noqa: PT012 - the block is tested
        butler.put({"numbers": 1, "words": 2}, "pair", ONE)
        assert butler.get("pair", ONE) == {"numbers": 1, "words": 2}
        butler.put_file(path, "summary", ONE, ccd=17)
        assert butler.get("summary", ONE, ccd=17) == 1
        raise ChangedMyMindError
    assert files_below(data) == []


def test_no_row_is_written_before_the_end_and_then_all_together(tmp_path: Path) -> None:
    observed = [observation(1, ccd) for ccd in range(100)]
    butler = make_repository(tmp_path / "R", observations=observed)
    butler.put(0, "summary", visit=2, ccd=0)  # the run and the type are recorded by now
    repository = butler.repositories[0]
    assert isinstance(repository, NativeRepository)
    database = repository.registry.database
    with closing(sqlite3.connect(tmp_path / "R" / "registry.sqlite3")) as another:
        with butler.transaction():
            another.execute("BEGIN IMMEDIATE")  # whoever writes now waits, and fails at last
            for ccd in range(100):
                butler.put(ccd, "summary", visit=1, ccd=ccd)
            another.rollback()
            before = database.statement_count
        # Each dataset is looked for once; the intent and the rows are a few statements for all.
        assert database.statement_count - before <= 100 + 20
    assert butler.query("summary", visit=1).count() == 100
