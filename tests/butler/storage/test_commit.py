from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below

from butler.errors import ButlerError, StorageError
from butler.repository.native import NativeRepository
from butler.storage.commit import Commit

if TYPE_CHECKING:
    from pathlib import Path

    from butler import Butler


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
