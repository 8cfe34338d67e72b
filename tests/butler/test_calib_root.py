"""Calibrations of Gen2 in another folder than CALIB of the repository."""

from __future__ import annotations

import pickle
import shutil
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, RepositoryError, RepositoryNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

VISIT = {"visit": 903334, "ccd": 16}
BIAS = "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"


@pytest.fixture
def calibs(tmp_path: Path, shared_data: Path) -> Path:
    """A folder with the real registry of ci_hsc and one file that it names."""
    folder = tmp_path / "elsewhere"
    (folder / BIAS).parent.mkdir(parents=True)
    (folder / BIAS).write_bytes(b"bias")
    shutil.copy(shared_data / "gen2/ci_hsc_calibRegistry.sqlite3", folder / "calibRegistry.sqlite3")
    return folder


@pytest.fixture
def native(tmp_path: Path) -> Path:
    make_repository(tmp_path / "DATA", observations=[observation(903334, 16)]).close()
    return tmp_path / "DATA"


def test_the_folder_may_lie_elsewhere(native: Path, calibs: Path) -> None:
    with pytest.raises(DatasetNotFoundError):
        Butler(native).get_uri("bias", VISIT)
    butler = Butler(native, calib_root=calibs)
    assert butler.get_uri("bias", VISIT) == f"{calibs}/{BIAS}"
    assert f"{calibs}/calibRegistry.sqlite3, table bias" in str(butler.explain("bias", VISIT))


def test_it_may_be_relative_to_the_repository(native: Path, calibs: Path) -> None:
    butler = Butler(native, calib_root=f"../{calibs.name}")
    assert butler.get_uri("bias", VISIT).endswith(BIAS)


def test_it_belongs_to_one_of_several_inputs_and_comes_along_in_a_pickle(
    native: Path, calibs: Path, tmp_path: Path
) -> None:
    source = {"root": native, "mapperArgs": {"calibRoot": calibs}}
    butler = Butler(inputs=source, outputs=tmp_path / "rerun")
    for one in (butler, pickle.loads(pickle.dumps(butler))):
        assert one.get_uri("bias", VISIT) == f"{calibs}/{BIAS}"


def test_a_repository_of_gen2_takes_it_too(calibs: Path, tmp_path: Path) -> None:
    (tmp_path / "OLD").mkdir()
    (tmp_path / "OLD" / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    butler = Butler(tmp_path / "OLD", calib_root=calibs)
    asked = {"taiObs": "2013-11-02", "ccd": 16}
    assert butler.get_uri("bias", asked) == f"{calibs}/{BIAS}"


def test_a_folder_that_is_not_there_is_refused(native: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError, match=r"absent with calibrations"):
        Butler(native, calib_root="absent")
    for arguments in (
        {"inputs": native, "calib_root": "x"},
        {"outputs": {"root": native, "mapperArgs": {"calibRoot": tmp_path}}},
    ):
        with pytest.raises(RepositoryError, match="belongs to"):
            Butler(**arguments)  # type: ignore[arg-type]
