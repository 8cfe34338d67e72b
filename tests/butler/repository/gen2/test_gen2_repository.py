from __future__ import annotations

import pickle
import sqlite3
from typing import TYPE_CHECKING, Protocol

import pytest

from butler.data_id import DataId
from butler.errors import (
    AmbiguousDataIdError,
    RepositoryError,
    RepositoryNotFoundError,
    StorageError,
    UnknownKeyError,
    UnknownMapperError,
)
from butler.repository.gen2.gen2_repository import Gen2Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from butler.data_id import KeyValue
    from butler.repository.base import Repository


class Opener(Protocol):
    def __call__(self, root: Path, camera: str | None = None) -> Gen2Repository: ...


@pytest.fixture
def opened() -> Iterator[Opener]:
    repositories: list[Gen2Repository] = []

    def open_it(root: Path, camera: str | None = None) -> Gen2Repository:
        repositories.append(Gen2Repository(str(root), camera))
        return repositories[-1]

    yield open_it
    for repository in repositories:
        repository.close()


def path(repository: Gen2Repository, name: str, /, **keys: KeyValue) -> str | None:
    stored = repository.find(repository.policy.dataset_type(name), DataId(keys))
    return None if stored is None else stored.path


def place(repository: Gen2Repository, name: str, /, **keys: KeyValue) -> str:
    return repository.describe_place(repository.policy.dataset_type(name), DataId(keys))


# What the real Gen2 answered for the repository of the stack's demo.
@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("fpC", {"camcol": 4, "field": 300, "filter": "r"}, "40/corr/4/fpC-004192-r4-0300.fit.gz"),
        ("fpC", {"filter": "g"}, "40/corr/4/fpC-004192-g4-0300.fit.gz"),
        ("fpM", {"filter": "z"}, "40/objcs/4/fpM-004192-z4-0300.fit"),
        ("psField", {}, "40/objcs/4/psField-004192-4-0300.fit"),
        ("asTrans", {}, "40/astrom/asTrans-004192.fit"),
        ("tsField", {"filter": "u"}, "40/calibChunks/4/tsField-004192-4-40-0300.fit"),
    ],
)
def test_real_sdss_repository_answers_as_in_gen2(
    shared_data: Path, opened: Opener, name: str, keys: dict[str, KeyValue], expected: str
) -> None:
    repository = opened(shared_data / "sdss_demo/input")
    assert path(repository, name, run=4192, **keys) == f"4192/{expected}"


def test_real_sdss_repository_as_a_whole(
    shared_data: Path, opened: Opener, untouched: Callable[[Path], Path]
) -> None:
    repository = opened(untouched(shared_data / "sdss_demo/input"))
    assert repository.mapper.name == "sdss"
    assert (repository.kind, repository.uuid, repository.is_writable) == ("gen2", None, False)
    shard = path(repository, "ref_cat", name="sdss_demo_ref_cat", pixel_id=188481)
    assert shard == "ref_cats/sdss_demo_ref_cat/188481.fits"
    counts = repository.dataset_types()
    assert {name: counts[name] for name in ("fpC", "fpM", "psField", "ref_cat")} == {
        "fpC": 5,
        "fpM": 5,
        "psField": 1,
        "ref_cat": 54,
    }
    assert repository.observations(["strip"], {"run": 4192}, 10) == [("82S       ",)]


def test_real_obs_test_repository_answers_as_in_gen2(
    shared_data: Path, opened: Opener, untouched: Callable[[Path], Path]
) -> None:
    repository = opened(untouched(shared_data / "obs_test/input"))
    assert repository.mapper.name == "obs_test"
    assert path(repository, "raw", visit=1) == "raw/raw_v1_fg.fits.gz"
    assert path(repository, "defects", visit=1) == "defects/defects.fits"
    assert repository.observations(["visit", "filter"], {}, 10) == [(1, "g"), (2, "g")]
    assert path(repository, "raw", visit=9) is None
    assert path(repository, "flat", visit=1) is None
    assert path(repository, "calexp", visit=1) is None
    assert repository.dataset_types() == {"raw": 2, "defects": 1}


def test_raw_of_hsc_is_completed_from_the_registry(hsc_root: Path, opened: Opener) -> None:
    repository = opened(hsc_root)
    stored = repository.find(repository.policy.dataset_type("raw"), DataId(visit=903334, ccd=16))
    assert stored is not None
    assert stored.path == "STRIPE82L/2013-11-02/00671/HSC-R/HSC-0903334-016.fits"
    assert stored.data_id == {
        "field": "STRIPE82L",
        "dateObs": "2013-11-02",
        "pointing": 671,
        "filter": "HSC-R",
        "visit": 903334,
        "ccd": 16,
    }
    assert repository.uri(stored) == f"{hsc_root}/{stored.path}"
    with repository.local(stored) as local:
        assert local == repository.uri(stored)
    assert repository.read_bytes(stored) == b"raw"


def test_file_that_vanished_is_named(hsc_root: Path, opened: Opener) -> None:
    repository = opened(hsc_root)
    stored = repository.find(repository.policy.dataset_type("raw"), DataId(visit=903334, ccd=16))
    assert stored is not None
    (hsc_root / stored.path).unlink()
    with pytest.raises(StorageError, match=r"HSC-0903334-016\.fits cannot be read"):
        repository.read_bytes(stored)


@pytest.mark.parametrize("suffix", ["", ".gz", ".fz"])
def test_outputs_are_found_by_their_template(hsc_root: Path, opened: Opener, suffix: str) -> None:
    file = hsc_root / f"00671/HSC-R/output/SRC-0903334-016.fits{suffix}"
    file.parent.mkdir(parents=True)
    file.touch()
    repository = opened(hsc_root)
    assert path(repository, "src", visit=903334, ccd=16) == str(file.relative_to(hsc_root))
    assert path(repository, "src", visit=903334, ccd=23) is None
    full = {"pointing": 671, "filter": "HSC-R", "visit": 903334, "ccd": 16}
    assert path(repository, "src", **full) == str(file.relative_to(hsc_root))
    assert path(repository, "src", **full, expTime=30.0) == str(file.relative_to(hsc_root))


def test_calibrations_come_from_calib(
    hsc_calib: Path, opened: Opener, untouched: Callable[[Path], Path]
) -> None:
    repository = opened(untouched(hsc_calib.parent))
    assert path(repository, "flat", visit=903986, ccd=16) == (
        "CALIB/FLAT/2013-11-03/HSC-I/FLAT-2013-11-03-HSC-I-016.fits"
    )
    assert path(repository, "bias", visit=903334, ccd=16) == (
        "CALIB/BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"
    )
    assert path(repository, "fringe", visit=903334, ccd=16) is None
    assert "table fringe: no row for" in place(repository, "fringe", visit=903334, ccd=16)
    explained = repository.explain(
        repository.policy.dataset_type("sky"), DataId(visit=903334, ccd=16)
    )
    assert "calibDate=2014-11-12 filter=HSC-R valid from 2013-06-01 to 2013-12-01" in explained


def test_calibration_that_was_made_in_a_rerun_is_found_by_its_own_keys(
    hsc_calib: Path, opened: Opener
) -> None:
    rerun = make_rerun(hsc_calib.parent / "rerun/bias", "../..")
    made = "BIAS/2020-01-01/NONE/BIAS-2020-01-01-016.fits"
    (rerun / made).parent.mkdir(parents=True)
    (rerun / made).touch()
    repository = opened(rerun)
    assert path(repository, "bias", calibDate="2020-01-01", ccd=16) == made
    assert path(repository, "bias", visit=903334, ccd=16) == (
        f"{hsc_calib}/BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"
    )
    assert repository.dataset_types()["bias"] == 2


def test_registry_in_postgresql_is_not_passed_over_in_silence(
    tmp_path: Path, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "_mapper").write_text("hsc\n")
    (tmp_path / "registry.pgsql").touch()
    opened(tmp_path)
    assert "keeps its registry in PostgreSQL, which is not read" in caplog.text


def test_several_observations_are_listed(hsc_root: Path, opened: Opener) -> None:
    repository = opened(hsc_root)
    with pytest.raises(AmbiguousDataIdError, match="say also ccd") as caught:
        path(repository, "raw", visit=903334)
    assert [one["ccd"] for one in caught.value.candidates] == [16, 23]  # type: ignore[index]
    assert "say also ccd" in place(repository, "raw", visit=903334)


def test_place_says_what_was_looked_at(hsc_root: Path, opened: Opener) -> None:
    repository = opened(hsc_root)
    assert place(repository, "calexp", visit=903334, ccd=16) == (
        f"{hsc_root} (Gen2): 00671/HSC-R/corr/CORR-0903334-016.fits, .gz, .fz: "
        f"there is no such file"
    )
    assert place(repository, "calexp", visit=1, ccd=16).endswith(
        "registry.sqlite3: no observation with visit=1 ccd=16"
    )
    assert place(repository, "deepCoadd", filter="HSC-R").endswith(
        "'deepCoadd' needs also: patch, tract"
    )
    assert "is computed" in place(repository, "ccdExposureId", visit=1, ccd=1)
    assert "lead elsewhere" in place(
        repository, "deepCoadd", filter="HSC-R", tract=0, patch="../../x"
    )


def test_columns_of_the_camera_that_the_registry_lacks_are_missing(
    hsc_root: Path, opened: Opener
) -> None:
    connection = sqlite3.connect(hsc_root / "registry.sqlite3")
    connection.execute("ALTER TABLE raw DROP COLUMN pa")
    connection.commit()
    connection.close()
    repository = opened(hsc_root)
    assert repository.observations(["ccd", "pa"], {"visit": 903334}, 9) == [(16, None), (23, None)]
    assert repository.observations(["ccd"], {"pa": 1.0}, 9) == []
    assert path(repository, "raw", visit=903334, ccd=16, pa=1.0) is not None
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        repository.observations(["vist"], {}, 9)


def test_bare_directory_is_an_empty_repository(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "_mapper").write_text("hsc\n")
    repository = opened(tmp_path)
    assert (repository.parents, repository.dataset_types()) == ((), {})
    assert path(repository, "raw", visit=903334, ccd=16) is None
    assert repository.observations(["visit"], {}, 9) == []


def make_rerun(root: Path, parent: str, more: str = "") -> Path:
    root.mkdir(parents=True)
    (root / "repositoryCfg.yaml").write_text(
        "!RepositoryCfg_v1\n_mapper: !!python/name:lsst.obs.hsc.hscMapper.HscMapper ''\n"
        f"_parents: [{parent}]\n{more}"
    )
    return root


def test_rerun_asks_the_registry_and_the_calibrations_of_its_parent(
    hsc_calib: Path, opened: Opener, untouched: Callable[[Path], Path]
) -> None:
    data = hsc_calib.parent
    rerun = make_rerun(make_rerun(data / "rerun/a", "../..").parent / "b", "../a")
    output = rerun / "00671/HSC-R/corr/CORR-0903334-016.fits"
    output.parent.mkdir(parents=True)
    output.touch()
    repository = opened(untouched(rerun))
    assert repository.parents == (str(data / "rerun/a"),)
    assert path(repository, "calexp", visit=903334, ccd=16) == str(output.relative_to(rerun))
    assert path(repository, "raw", visit=903334, ccd=16) is None
    assert path(repository, "bias", visit=903334, ccd=16) == (
        f"{data}/CALIB/BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"
    )


def test_older_form_of_a_rerun_takes_camera_and_registry_from_its_parent(
    hsc_root: Path, opened: Opener
) -> None:
    rerun = hsc_root / "rerun/old"
    rerun.mkdir(parents=True)
    (rerun / "_parent").symlink_to("../..")
    repository = opened(rerun)
    assert (repository.mapper.name, repository.parents) == ("hsc", (str(hsc_root),))
    assert repository.observations(["visit"], {}, 9) == [(903334,), (903986,)]


def test_registry_of_a_parent_with_another_camera_is_not_asked(
    hsc_root: Path, tmp_path: Path, opened: Opener
) -> None:
    child = tmp_path / "child"
    child.mkdir()
    (child / "_parent").symlink_to(hsc_root)
    (child / "_mapper").write_text("lsst.obs.test.TestMapper\n")
    assert opened(child).observations(["visit"], {}, 9) == []


def test_calib_root_of_the_cfg_is_used(hsc_calib: Path, tmp_path: Path, opened: Opener) -> None:
    elsewhere = tmp_path / "elsewhere"
    hsc_calib.rename(elsewhere)
    rerun = make_rerun(
        hsc_calib.parent / "rerun/a", "../..", f"_mapperArgs: {{calibRoot: {elsewhere}}}\n"
    )
    assert path(opened(rerun), "bfKernel", visit=903334, ccd=16) == (
        f"{elsewhere}/BFKERNEL/brighter_fatter_kernel.pkl"
    )


def test_dataset_types_of_the_cfg_are_known(hsc_root: Path, opened: Opener) -> None:
    rerun = make_rerun(
        hsc_root / "rerun/a", "../..", "_policy: {datasets: {mine: {template: 'm/%(visit)d.txt'}}}"
    )
    (rerun / "m").mkdir()
    (rerun / "m/903334.txt").touch()
    repository = opened(rerun)
    assert path(repository, "mine", visit=903334) == "m/903334.txt"
    assert repository.dataset_types()["mine"] == 1


def test_data_may_lie_apart_from_the_cfg(hsc_root: Path, tmp_path: Path, opened: Opener) -> None:
    rerun = make_rerun(tmp_path / "cfg", str(hsc_root), f"_root: {tmp_path}/data\n")
    (tmp_path / "data/config").mkdir(parents=True)
    (tmp_path / "data/config/isr.py").touch()
    repository = opened(rerun)
    assert (repository.root, path(repository, "isr_config")) == (
        f"{tmp_path}/data",
        "config/isr.py",
    )


def test_lost_parent_is_refused_at_once(tmp_path: Path, opened: Opener) -> None:
    rerun = make_rerun(tmp_path / "rerun", "/gone/DATA")
    with pytest.raises(RepositoryNotFoundError, match="names the parent /gone/DATA"):
        opened(rerun)


def test_what_is_no_gen2_repository_is_refused(tmp_path: Path, opened: Opener) -> None:
    with pytest.raises(RepositoryNotFoundError, match="is not a Gen2 repository"):
        opened(tmp_path)


def test_camera_must_be_named_and_known(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "registry.sqlite3").touch()
    with pytest.raises(RepositoryError, match="echo hsc > "):
        opened(tmp_path)
    assert opened(tmp_path, "hsc").mapper.name == "hsc"
    (tmp_path / "_mapper").write_text("os.system\n")
    with pytest.raises(UnknownMapperError, match=r"No camera is called 'os\.system'"):
        opened(tmp_path)


def test_repository_can_be_sent_to_another_process(hsc_root: Path, opened: Opener) -> None:
    repository = opened(hsc_root)
    other = pickle.loads(pickle.dumps(repository))
    assert path(other, "raw", visit=903334, ccd=16) is not None
    other.close()


def test_it_is_what_the_chain_expects(hsc_root: Path, opened: Opener) -> None:
    repository: Repository = opened(hsc_root)
    assert repository.root == str(hsc_root)
