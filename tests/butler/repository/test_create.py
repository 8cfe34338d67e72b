"""Making repositories: whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from butler.butler import Butler
from butler.errors import (
    ButlerError,
    PolicyError,
    RepositoryError,
    RepositoryExistsError,
    StorageError,
    UnknownMapperError,
)
from butler.repository import create
from butler.repository.config import read_config
from butler.repository.create import create_repository
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


def test_a_new_repository_opens_and_is_empty(tmp_path: Path) -> None:
    config = create_repository(tmp_path / "a" / "b", "lsst.obs.hsc.HscMapper")
    assert config.camera == "hsc"
    assert read_config(str(tmp_path / "a" / "b")) == config
    butler = Butler(tmp_path / "a" / "b")
    assert butler.repositories[0].dataset_types() == {}
    assert butler.repositories[0].uuid == config.uuid


def test_an_old_repository_is_left_alone(tmp_path: Path) -> None:
    first = create_repository(tmp_path, "hsc")
    with pytest.raises(RepositoryExistsError, match="butler info"):
        create_repository(tmp_path, "sdss")
    assert read_config(str(tmp_path)) == first


def test_a_gen2_repository_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    (tmp_path / "registry.sqlite3").write_bytes(b"")
    with pytest.raises(RepositoryExistsError, match="butler migrate"):
        create_repository(tmp_path, "hsc")
    assert not (tmp_path / "butler.yaml").exists()


def test_a_directory_with_only_a_mapper_becomes_a_repository(tmp_path: Path) -> None:
    (tmp_path / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    create_repository(tmp_path, "hsc")
    assert Butler(tmp_path).repositories[0].kind == "native"


def test_of_many_who_make_one_repository_exactly_one_succeeds(tmp_path: Path) -> None:
    def make(_: int) -> str:
        try:
            return create_repository(tmp_path / "R", "hsc").uuid
        except RepositoryExistsError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        made = [uuid for uuid in pool.map(make, range(8)) if uuid]
    assert made == [read_config(str(tmp_path / "R")).uuid]
    Butler(tmp_path / "R").put({"a": "1"}, "packages")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"camera": "hcs"}, UnknownMapperError),
        ({"camera": "hsc", "dataset_types": {"x": {"template": "{y}"}}}, PolicyError),
        ({"camera": "hsc", "registry": "postgresql://me:secret@host/db"}, RepositoryError),
        ({"camera": "hsc", "durability": "quick"}, RepositoryError),
    ],
)
def test_bad_arguments_make_nothing(
    tmp_path: Path, arguments: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create_repository(tmp_path / "R", **arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "R").exists()


def test_a_password_never_reaches_the_message(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="PGPASSFILE") as caught:
        create_repository(tmp_path / "R", "hsc", registry="postgresql+psycopg://me:secret@host/db")
    assert "secret" not in str(caught.value)


def test_a_place_that_may_not_be_written_is_refused(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    snippet = (
        "import sys\nfrom butler import create_repository\nfrom butler.errors import ButlerError\n"
        "try:\n    create_repository(sys.argv[1] + '/R', 'hsc')\n"
        "except ButlerError as error:\n    print(type(error).__name__, error)\n"
    )
    answer = other_user.run(snippet, public_tmp_path, cannot_write=public_tmp_path)
    assert StorageError.__name__ in answer.stdout, answer
    assert os.listdir(public_tmp_path) == []


def test_what_a_killed_creation_left_is_set_aside(tmp_path: Path) -> None:
    create_repository(tmp_path, "hsc")
    (tmp_path / "butler.yaml").unlink()
    create_repository(tmp_path, "hsc")
    assert len(list((tmp_path / ".butler" / "orphans").iterdir())) >= 1
    Butler(tmp_path).put({"a": "1"}, "packages")


def test_a_creation_that_was_killed_while_it_wrote_its_description_is_done_again(
    tmp_path: Path,
) -> None:
    create_repository(tmp_path, "hsc")
    (tmp_path / "butler.yaml").rename(tmp_path / WriterMark.mine().temporary_name(".yaml"))
    create_repository(tmp_path, "hsc")
    butler = Butler(tmp_path)
    butler.put({"a": "1"}, "packages")
    assert butler.get("packages") == {"a": "1"}


def test_a_creation_that_cannot_write_its_description_leaves_no_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(create, "write_config", full_disk)
        with pytest.raises(StorageError, match="No space left"):
            create_repository(tmp_path, "hsc")
    assert os.listdir(tmp_path) == [".butler"]
    assert os.listdir(tmp_path / ".butler") == ["lock"]
    create_repository(tmp_path, "hsc")


@pytest.mark.parametrize("size_kib", [60, 200])
def test_a_full_disk_leaves_no_half_registry(tmp_path: Path, size_kib: int) -> None:
    """A registry of 108 kiB is written twice: into SQLite's log, then into its file."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        with pytest.raises(ButlerError, match="disk is full"):
            create_repository(tmp_path / "R", "hsc")
        assert os.listdir(tmp_path / "R") == [".butler"]
        assert os.listdir(tmp_path / "R" / ".butler") == ["lock"]
        subprocess.run(["mount", "-o", "remount,size=4m", str(tmp_path)], check=True)
        create_repository(tmp_path / "R", "hsc")
        Butler(tmp_path / "R").close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_parents_that_are_named_twice_are_one(tmp_path: Path) -> None:
    create_repository(tmp_path / "A", "hsc")
    config = create_repository(
        tmp_path / "B", "hsc", parents=[tmp_path / "A", f"{tmp_path}/A/", str(tmp_path / "A")]
    )
    assert len(config.parents) == 1


def test_a_fast_repository_remembers_that(tmp_path: Path) -> None:
    create_repository(tmp_path, "hsc", durability="fast")
    assert read_config(str(tmp_path)).durability == "fast"
    Butler(tmp_path).put({"a": "1"}, "packages")
    assert Butler(tmp_path).get("packages") == {"a": "1"}


def test_a_creation_that_cannot_be_flushed_leaves_nothing_and_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def refuse_directories(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    root = tmp_path / "DATA"
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse_directories)
        with pytest.raises(StorageError, match=r"Nothing was left there. Check the disk"):
            create_repository(root, "hsc")
    assert [path.name for path in root.iterdir()] == [".butler"]
    create_repository(root, "hsc")
    with Butler(root) as butler:
        assert butler.query("raw").count() == 0


def test_a_repository_can_be_made_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    create_repository(tmp_path / "DATA", "hsc")
    with Butler(tmp_path / "DATA") as butler:
        assert butler.query("raw").count() == 0
