from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below

from butler import Butler
from butler.errors import ButlerError, DatasetExistsError, StorageError
from butler.repository.native import NativeRepository
from butler.storage.commit import Commit
from butler.storage.steps import observe_steps

if TYPE_CHECKING:
    from pathlib import Path


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
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A directory that became a link out of the repository is never followed."""
    monkeypatch.setattr("butler.storage.commit.GRACE_S", -1)
    (data / "summary").rename(tmp_path / "elsewhere")
    (data / "summary").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ButlerError, match="outside the repository"):
        Commit(repository.store, repository.registry).remove([1])
    for text in ("first", "second"):
        butler.put(text, "notes", visit=903334, ccd=16, replace=True)
    assert butler.get("notes", visit=903334, ccd=16) == "second"
    assert "0903334-016.json stays in the trash" in caplog.text
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
