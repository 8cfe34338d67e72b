from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.calibrations import RED, write_flats
from support.repositories import make_repository, observation

from butler.calibrations.ingestion import ingest_calibs
from butler.repository.native import NativeRepository
from butler.repository.summary import summarise
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[NativeRepository]:
    make_repository(tmp_path / "DATA", observations=[observation(903334, 16)]).close()
    opened = NativeRepository(str(tmp_path / "DATA"))
    yield opened
    opened.close()


def lying(repository: NativeRepository) -> tuple[dict[str, int], tuple[str, ...]]:
    """What is counted as unregistered, and what is described so."""
    assert repository.unregistered is not None
    return dict(repository.unregistered.dataset_types()), summarise(repository).embedded


def test_calibrations_of_the_registry_do_not_merely_lie_there(
    repository: NativeRepository, tmp_path: Path
) -> None:
    ingest_calibs(repository, write_flats(tmp_path / "new", *RED), validity=180)
    assert lying(repository) == ({}, ())


def test_file_beside_those_of_the_registry_lies_there(
    repository: NativeRepository, tmp_path: Path
) -> None:
    ingest_calibs(repository, write_flats(tmp_path / "new", *RED), validity=180)
    other = tmp_path / "DATA/CALIB/FLAT/2013-11-03/HSC-R/FLAT-2013-11-03-HSC-R-099.fits"
    other.write_bytes(b"x")
    assert lying(repository) == ({"flat": 1}, ("CALIB: calibrations, without a registry",))


def test_folder_that_is_linked_in_is_told_until_all_of_it_is_registered(
    repository: NativeRepository, tmp_path: Path
) -> None:
    told = ("CALIB: calibrations, without a registry",)
    (tmp_path / "new").mkdir()
    (tmp_path / "DATA/CALIB").symlink_to(tmp_path / "new")
    assert lying(repository) == ({}, told)
    flats = write_flats(tmp_path / "other", *RED)
    folder = tmp_path / "new/FLAT/2013-06-17/HSC-R"
    folder.mkdir(parents=True)
    flats[0].rename(folder / "FLAT-2013-06-17-HSC-R-016.fits")
    assert lying(repository) == ({"flat": 1}, told)
    ingest_calibs(repository, [tmp_path / "new"], validity=180, mode="link")
    assert lying(repository) == ({}, ())


def test_folder_with_the_registry_of_gen2_is_always_told(
    repository: NativeRepository, tmp_path: Path
) -> None:
    (tmp_path / "DATA/CALIB").mkdir()
    (tmp_path / "DATA/CALIB/calibRegistry.sqlite3").touch()
    assert lying(repository)[1] == ("CALIB: calibrations, with a registry",)


def test_empty_folder_of_a_catalog_is_not_told(
    repository: NativeRepository, tmp_path: Path
) -> None:
    folder = tmp_path / "DATA/ref_cats/ps1"
    folder.mkdir(parents=True)
    assert lying(repository) == ({}, ())
    (folder / "1.fits").write_bytes(b"x")
    assert lying(repository) == ({"ref_cat": 1}, ("ref_cats/ps1",))


def test_catalog_whose_writer_died_is_not_told(
    repository: NativeRepository, tmp_path: Path
) -> None:
    folder = tmp_path / "DATA/ref_cats/ps1"
    folder.mkdir(parents=True)
    dead = WriterMark.mine()._replace(pid=2**22 + 1)  # larger than any number of a process
    (folder / dead.temporary_name(".fits")).write_bytes(b"x")
    assert lying(repository) == ({}, ())
    (folder / "1.fits").hardlink_to(next(folder.iterdir()))
    assert lying(repository) == ({}, ())
