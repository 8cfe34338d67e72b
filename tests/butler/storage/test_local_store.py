from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING

import pytest

from butler.errors import StorageError
from butler.storage import local_store
from butler.storage.cures import cure_of
from butler.storage.local_store import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from butler.storage.store import PendingFile


def test_a_temporary_name_that_cannot_be_removed_is_no_failure_of_the_put(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = LocalStore(str(tmp_path))
    pending = store.begin("a/b.txt")
    os.mkdir(pending.temporary)
    store.discard(pending)
    assert f"{pending.temporary} stays" in caplog.text


def test_a_directory_that_is_gone_cannot_be_flushed_and_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"flush the directory {tmp_path}/gone"):
        LocalStore(str(tmp_path)).sync(["gone/b.txt"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_what_can_be_done_is_known(number: int) -> None:
    assert cure_of(OSError(number, os.strerror(number))).endswith(".")


def test_what_can_be_done_about_the_unheard_of_is_not_known() -> None:
    assert cure_of(OSError(errno.EBADE, "x")) == ""


def written(store: LocalStore, target: str, content: bytes = b"content") -> PendingFile:
    pending = store.begin(target)
    store.write(pending, content)
    return pending


def test_a_file_in_the_way_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(StorageError, match=f"make the directory {tmp_path}/a/b"):
        LocalStore(str(tmp_path)).begin("a/b/c.txt")


def test_a_temporary_is_never_written_over_another_file(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    pending = store.begin("a.txt")
    with open(pending.temporary, "w", encoding="ascii") as file:
        file.write("of somebody else")
    with pytest.raises(StorageError, match=r"write .*a\.txt"):
        store.write(pending, b"mine")


def test_a_temporary_that_is_gone_cannot_be_sealed(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    with pytest.raises(StorageError, match=r"write .*a\.txt"):
        store.seal(store.begin("a.txt"))


def test_without_durability_nothing_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        pytest.fail("fsync was called")

    monkeypatch.setattr(os, "fsync", refuse)
    store = LocalStore(str(tmp_path), is_durable=False)
    store.publish(written(store, "a/b.txt"))
    other = store.begin("c.txt")
    with open(other.temporary, "w", encoding="ascii") as file:
        file.write("by a formatter")
    assert store.seal(other).size == 14
    store.publish(other)
    store.sync(["a/b.txt", "c.txt"])
    assert store.read_bytes("a/b.txt") == b"content"


def test_a_file_system_that_cannot_flush_directories_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refuse)
    LocalStore(str(tmp_path)).sync(["a.txt"])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links, such as FAT."""

    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


@pytest.fixture(params=["renameat2", "no library", "no function", "not supported"])
def without_links_or_more(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, without_links: None
) -> None:
    """The same, and systems that cannot rename without replacing either."""
    del without_links

    class Library:
        """A C library; its ``renameat2`` says that the file system cannot."""

        def __init__(self, *_arguments: object, **_keywords: object) -> None:
            if request.param == "no library":
                raise OSError
            if request.param == "not supported":
                self.renameat2 = lambda *_: ctypes.set_errno(errno.ENOSYS) or -1

    local_store._renameat2.cache_clear()
    if request.param != "renameat2":
        monkeypatch.setattr("ctypes.CDLL", Library)


@pytest.mark.usefixtures("without_links_or_more")
def test_without_hard_links_a_file_is_renamed_but_never_over_another(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    store.publish(written(store, "a.txt", b"first"))
    second = written(store, "a.txt", b"second")
    with pytest.raises(FileExistsError):
        store.publish(second)
    store.discard(second)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert store.read_bytes("a.txt") == b"first"
    local_store._renameat2.cache_clear()


@pytest.mark.usefixtures("without_links")
def test_a_refusal_to_rename_is_an_error_that_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(str(tmp_path))
    pending = written(store, "a.txt")
    monkeypatch.setattr("butler.storage.local_store.rename_exclusively", lambda *_: False)

    def refuse(*_arguments: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(StorageError, match=r"publish .*a\.txt: Read-only"):
        store.publish(pending)


def test_a_refusal_to_link_that_is_no_lack_of_links_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = LocalStore(str(tmp_path))
    pending = written(store, "a.txt")
    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(StorageError, match=r"publish .*a\.txt: .*free some space"):
        store.publish(pending)


def test_what_cannot_be_looked_at_read_or_moved_is_named(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StorageError, match=r"look at .*/loop"):
        store.facts("loop")
    with pytest.raises(StorageError, match=r"read .*/absent"):
        store.digest("absent")
    with pytest.raises(StorageError, match=r"set aside .*/absent"):
        store.set_aside("absent")
    with pytest.raises(StorageError, match=r"keep a version of .*/absent"):
        store.keep_version("absent", "absent")
    store.remove("absent")
    assert store.facts("absent") is None
    assert not store.is_abandoned("absent")


def test_a_version_that_was_kept_already_is_not_kept_twice(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "a.txt~1").write_text("older")
    assert store.keep_version("a.txt", "a.txt") == "a.txt~2"
    assert store.keep_version("a.txt", "a.txt") == "a.txt~2"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(3 << 20))
    assert len(LocalStore(str(tmp_path)).read_bytes("large")) == 3 << 20


def test_what_a_formatter_has_written_is_flushed_before_it_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda one: flushed.append(os.readlink(f"/proc/self/fd/{one}"))
    )
    store = LocalStore(str(tmp_path))
    pending = store.begin("a.txt")
    with store.local(os.path.basename(pending.temporary)) as path, open(path, "wb") as file:
        file.write(b"by a formatter")
    assert store.seal(pending).size == 14
    assert flushed == [pending.temporary]
