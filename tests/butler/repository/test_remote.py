"""A repository that lies on a store and not in a directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import fsspec
import pytest
from support.repositories import TYPES, make_repository, observation

from butler.butler import Butler
from butler.errors import (
    DatasetExistsError,
    DatasetNotFoundError,
    FormatterError,
    RepositoryExistsError,
    RepositoryNotFoundError,
)
from butler.repository.create import create_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


@pytest.fixture
def url() -> Iterator[str]:
    place = f"memory://{uuid4().hex}"
    yield place
    system, path = fsspec.url_to_fs(place)
    if system.exists(path):
        system.rm(path, recursive=True)


@pytest.fixture
def remote(url: str) -> Iterator[Butler]:
    with make_repository(url, observations=[observation(903334, 16)]) as butler:
        yield butler


def test_every_operation_works_on_a_store(remote: Butler, url: str) -> None:
    remote.put({"a": 1}, "summary", ONE)
    assert remote.get("summary", ONE) == {"a": 1}
    assert remote.dataset_exists("summary", ONE)
    assert remote.get_uri("summary", ONE) == f"{url}/summary/0903334-016.json"
    remote.put("completed", "notes", ONE)
    assert remote.get("notes", ONE) == "completed"
    assert remote.query("summary", where="expTime > 20").count() == 1
    assert remote.explain("summary", ONE).uri == f"{url}/summary/0903334-016.json"
    remote.remove("summary", ONE)
    assert not remote.dataset_exists("summary", ONE)
    remote.put("again", "summary", ONE)
    assert remote.get("summary", ONE) == "again"


def test_content_is_replaced_and_kept(remote: Butler, url: str) -> None:
    remote.put("first", "summary", ONE)
    remote.put("first", "summary", ONE)
    with pytest.raises(DatasetExistsError):
        remote.put("second", "summary", ONE)
    remote.put("second", "summary", ONE, backup=True)
    assert remote.get("summary", ONE) == "second"
    system, path = fsspec.url_to_fs(url)
    assert system.cat_file(f"{path}/summary/0903334-016.json~1") == b'"first"\n'


def test_a_formatter_of_files_reads_and_writes_a_store(remote: Butler) -> None:
    table = pytest.importorskip("astropy.table").Table({"a": [1, 2, 3]})
    remote.put(table, "sources", ONE)
    assert list(remote.get("sources", ONE)["a"]) == [1, 2, 3]  # type: ignore[index]
    assert remote.get("sources_len", ONE) == 3


def test_a_transaction_on_a_store_is_all_or_nothing(remote: Butler, url: str) -> None:
    with pytest.raises(FormatterError), remote.transaction():  # noqa: PT012 - the block is tested
        remote.put(1, "summary", ONE)
        assert remote.get("summary", ONE) == 1
        remote.put(object(), "notes", ONE)
    assert not remote.dataset_exists("summary", ONE)
    system, path = fsspec.url_to_fs(url)
    assert [name for name in system.find(path) if "summary" in name] == []
    with remote.transaction():
        remote.put(1, "summary", ONE)
    assert remote.get("summary", ONE) == 1


def test_a_local_file_is_registered_in_a_remote_repository(remote: Butler, tmp_path: Path) -> None:
    path = tmp_path / "outside.json"
    path.write_text('"outside"')
    remote.register("summary", [(path, ONE)])
    assert remote.get("summary", ONE) == "outside"
    assert remote.dataset_exists("summary", ONE)
    remote.remove("summary", ONE)
    assert path.exists()


def test_a_local_rerun_reads_a_remote_parent(remote: Butler, url: str, tmp_path: Path) -> None:
    remote.put("remote", "summary", ONE)
    rerun = Butler(inputs=url, outputs=tmp_path / "OUT")
    assert rerun.get("summary", ONE) == "remote"
    rerun.put("local", "summary", ONE)
    assert Butler(tmp_path / "OUT").get("summary", ONE) == "local"
    assert remote.get("summary", ONE) == "remote"


def test_a_remote_rerun_gets_further_parents(remote: Butler, url: str, data: Path) -> None:
    out = f"{url}-out"
    Butler(inputs=url, outputs=out)
    both = Butler(inputs=[url, data], outputs=out)
    assert [place.root for place in both.repositories] == [out, url, str(data)]
    assert [place.root for place in Butler(out).repositories] == [out, url, str(data)]
    assert remote.repositories[0].root == url


def test_a_store_without_a_repository_says_so(url: str) -> None:
    with pytest.raises(RepositoryNotFoundError, match=url):
        Butler(url)
    create_repository(url, "hsc", dataset_types=TYPES)
    with pytest.raises(RepositoryExistsError):
        create_repository(url, "hsc")


def test_no_local_temporary_is_left(
    remote: Butler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remote.put(1, "summary", ONE)
    with pytest.raises(DatasetExistsError):
        remote.put(2, "summary", ONE)
    with pytest.raises(FormatterError):
        remote.put("no table", "sources", ONE)
    with pytest.raises(DatasetNotFoundError):
        remote.get("sources", ONE)
    assert os.listdir(tmp_path) == []
