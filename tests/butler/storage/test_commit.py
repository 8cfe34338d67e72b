from __future__ import annotations

import errno
import os
import re
import subprocess
from pathlib import Path

import pytest
from support.repositories import files_below

from butler import Butler
from butler.errors import ButlerError, DatasetExistsError, StorageError
from butler.repository.native import NativeRepository
from butler.storage.commit import Commit
from butler.storage.steps import observe_steps
from butler.storage.writer_mark import WriterMark


@pytest.fixture
def repository(butler: Butler) -> NativeRepository:
    """Holds summaries of ccds 16 and 17."""
    for ccd in (16, 17):
        butler.put(ccd, "summary", visit=903334, ccd=ccd)
    native = butler.repositories[0]
    assert isinstance(native, NativeRepository)
    return native


def test_file_that_cannot_be_removed_stops_no_other(
    repository: NativeRepository, data: Path
) -> None:
    blocked = data / "summary" / "0903334-016.json"
    blocked.unlink()
    blocked.mkdir()
    commit = Commit(repository.store, repository.registry)
    with pytest.raises(StorageError, match=re.escape(str(blocked))):
        commit.remove([1, 2])
    assert files_below(data) == []
    assert repository.dataset_types() == {}
    blocked.rmdir()
    commit.sweep(-1)
    assert list(repository.registry.trash()) == []


def test_put_succeeds_although_old_trash_cannot_be_removed(
    repository: NativeRepository,
    butler: Butler,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody has made a directory in the place of the file."""
    monkeypatch.setattr("butler.storage.commit.GRACE_S", -1)
    place = data / "summary/0903334-016.json"
    place.unlink()
    place.mkdir()
    with pytest.raises(StorageError, match="Could not remove"):
        Commit(repository.store, repository.registry).remove([1])
    for text in ("first", "second"):
        butler.put(text, "notes", visit=903334, ccd=16, replace=True)
    assert butler.get("notes", visit=903334, ccd=16) == "second"
    assert "0903334-016.json stays in the trash" in caplog.text
    assert place.is_dir()


def test_directory_that_became_a_link_out_of_the_repository_is_never_followed(
    repository: NativeRepository, data: Path, tmp_path: Path
) -> None:
    (data / "summary").rename(tmp_path / "elsewhere")
    (data / "summary").symlink_to(tmp_path / "elsewhere")
    assert Commit(repository.store, repository.registry).remove([1]) == []
    assert repository.registry.trash() == []
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == [
        "0903334-016.json",
        "0903334-017.json",
    ]


def test_dataset_put_again_while_it_is_being_removed_keeps_its_file(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    """Between the row and the file of a removal, another process puts the same anew."""

    def put_again(step: str) -> None:
        if step == "delete:forgotten":
            observe_steps(None)
            with Butler(data) as other:
                other.put(1016, "summary", visit=903334, ccd=16)

    observe_steps(put_again)
    try:
        Commit(repository.store, repository.registry).remove([1])
    finally:
        observe_steps(None)
    assert butler.get("summary", visit=903334, ccd=16) == 1016


def test_path_that_is_used_again_leaves_the_trash(
    repository: NativeRepository, butler: Butler
) -> None:
    """A process that died between removing a file and forgetting it leaves such a row."""
    repository.registry.insert([], trash=["summary/0903334-018.json"])
    butler.put(18, "summary", visit=903334, ccd=18)
    assert repository.registry.trash() == []
    Commit(repository.store, repository.registry).sweep(-1)
    assert butler.get("summary", visit=903334, ccd=18) == 18


def test_sweep_leaves_what_an_intent_names(repository: NativeRepository, data: Path) -> None:
    (data / "summary" / "late.json").write_text("{}")
    repository.registry.insert([], trash=["summary/late.json"])
    intent = repository.registry.open_intent("put", ["summary/late.json"])
    commit = Commit(repository.store, repository.registry)
    commit.sweep(-1)
    assert (data / "summary" / "late.json").exists()
    repository.registry.close_intent(intent)
    commit.sweep(-1)
    assert not (data / "summary" / "late.json").exists()


def test_put_that_meets_a_file_without_row_closes_its_intent(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    path = data / "summary" / "0903334-019.json"
    path.write_bytes((data / "summary" / "0903334-016.json").read_bytes())
    butler.put(16, "summary", visit=903334, ccd=19)
    (data / "summary" / "0903334-020.json").write_text('"other"')
    with pytest.raises(DatasetExistsError):
        butler.put(20, "summary", visit=903334, ccd=20)
    assert repository.registry.intents() == []
    assert butler.get("summary", visit=903334, ccd=19) == 16


def refuse_rows(repository: NativeRepository) -> None:
    """Let the database refuse every new row of a dataset."""
    with repository.registry.write() as cursor:
        for event in ("INSERT", "UPDATE", "DELETE"):
            body = f"BEFORE {event} ON dataset BEGIN SELECT RAISE(ABORT, 'refused'); END"
            cursor.run_script([f"CREATE TRIGGER refuse_{event} {body}"])


def put_together(butler: Butler, *ccds: int) -> None:
    with butler.transaction():
        for ccd in ccds:
            butler.put(ccd, "summary", visit=903334, ccd=ccd)


def test_a_replacement_that_is_refused_leaves_no_backup(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    refuse_rows(repository)
    before = files_below(data)
    with pytest.raises(ButlerError, match="refused"):
        butler.put("new", "summary", visit=903334, ccd=16, replace=True, backup=True)
    assert files_below(data) == before
    assert butler.get("summary", visit=903334, ccd=16) == 16
    assert repository.registry.intents() == []


def test_a_put_that_is_refused_leaves_no_file(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    refuse_rows(repository)
    before = files_below(data)
    with pytest.raises(ButlerError, match="refused"):
        put_together(butler, 1, 2)
    assert files_below(data) == before
    assert repository.registry.intents() == []


def test_a_transaction_that_meets_a_foreign_file_publishes_nothing(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    (data / "summary" / "0903334-002.json").write_text("of somebody else")
    before = files_below(data)
    with pytest.raises(DatasetExistsError, match="002"):
        put_together(butler, 1, 2, 3)
    assert files_below(data) == before
    assert repository.registry.intents() == []


def test_a_name_that_can_never_be_had_is_a_conflict(
    repository: NativeRepository, butler: Butler, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else makes a file of that name, and takes it away, whenever it is looked at."""

    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    before = files_below(data)
    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(DatasetExistsError, match="001"):
        butler.put(1, "summary", visit=903334, ccd=1)
    assert files_below(data) == before
    assert repository.registry.intents() == []


def test_an_error_after_the_row_takes_nothing_away(
    repository: NativeRepository, butler: Butler
) -> None:
    """The commit has happened although its answer was lost."""
    insert = repository.registry.insert

    class LostAnswerError(Exception):
        """The connection broke after the commit."""

    def insert_and_lose(*arguments: object, **keywords: object) -> None:
        insert(*arguments, **keywords)  # type: ignore[arg-type]
        raise LostAnswerError

    writer = butler._writable()[0]
    writer.commit.registry.insert = insert_and_lose  # type: ignore[method-assign, assignment]
    with pytest.raises(LostAnswerError):
        butler.put("new", "summary", visit=903334, ccd=16, replace=True, backup=True)
    assert butler.get("summary", visit=903334, ccd=16) == "new"
    versions = [path.name for path in Path(repository.root).rglob("*~1")]
    assert versions == ["0903334-016.json~1"]


@pytest.mark.usefixtures("repository")
def test_the_whole_file_of_a_killed_put_is_set_aside_for_another(
    butler: Butler, data: Path
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = data / "summary" / "0903334-001.json"
    left.write_text("of a killed process")
    name = WriterMark.mine()._replace(pid=ended.pid).temporary_name(".json")
    os.link(left, left.with_name(name))
    butler.put(1, "summary", visit=903334, ccd=1)
    assert butler.get("summary", visit=903334, ccd=1) == 1
    (aside,) = (data / ".butler" / "orphans").iterdir()
    assert aside.read_text() == "of a killed process"


def test_a_replacement_whose_name_is_taken_finds_another(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    """Somebody else has just published a file, and has no row yet."""
    (data / "summary" / "0903334-001.json").write_text("of a living process")
    butler.put(1, "summary", visit=903334, ccd=1, replace=True)
    assert butler.get("summary", visit=903334, ccd=1) == 1
    assert (data / "summary" / "0903334-001.json").read_text() == "of a living process"
    assert repository.registry.intents() == []


def test_a_file_that_lies_elsewhere_stays_when_its_dataset_is_replaced(
    repository: NativeRepository, butler: Butler, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("7")
    with repository.registry.write() as cursor:
        cursor.run_script([f"UPDATE dataset SET path = '{elsewhere}' WHERE id = 1"])
    butler.put(8, "summary", visit=903334, ccd=16, replace=True)
    Commit(repository.store, repository.registry).sweep(-1)
    assert elsewhere.read_text() == "7"
    assert list(repository.registry.trash()) == []


def test_the_trash_keeps_what_a_writer_has_put_in_its_place(
    repository: NativeRepository, butler: Butler, data: Path
) -> None:
    butler.put("new", "summary", visit=903334, ccd=16, replace=True)
    (old,) = repository.registry.trash()
    os.link(data / old.path, data / "summary" / WriterMark.mine().temporary_name(".json"))
    Commit(repository.store, repository.registry).sweep(-1)
    assert (data / old.path).exists()


def test_number_that_was_given_again_is_another_dataset(
    repository: NativeRepository, butler: Butler
) -> None:
    """Between the look-up and the removal another process removes the one and puts the other."""
    with Butler(repository.root) as other:
        other.remove("summary", visit=903334, ccd=17)
        other.put(18, "summary", visit=903334, ccd=18)
    path = "summary/0903334-017.json"
    assert Commit(repository.store, repository.registry).remove([2], [path]) == []
    assert butler.get("summary", visit=903334, ccd=18) == 18
