from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from butler import Butler
from butler.errors import ReadOnlyError, RepositoryError, RepositoryExistsError
from butler.repository.migrate import BACKUP_NAME, migrate_repository

if TYPE_CHECKING:
    from pathlib import Path

RAW = "STRIPE82L/2013-11-02/00671/HSC-R/HSC-0903334-{ccd:03d}.fits"
CALEXP = "00671/HSC-R/corr/CORR-0903334-{ccd:03d}.fits"


@pytest.fixture
def gen2(tmp_path: Path) -> Path:
    """A Gen2 repository of HSC: three rows, two raws (one a link), an output, a calibration."""
    root = tmp_path / "DATA"
    root.mkdir()
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    connection = sqlite3.connect(root / "registry.sqlite3")
    connection.execute(
        "CREATE TABLE raw (id integer primary key, visit int, ccd int, field text, filter text, "
        "dateObs text, taiObs text, pointing int, expTime double)"
    )
    for ccd in (16, 17, 18):
        connection.execute(
            "INSERT INTO raw (visit, ccd, field, filter, dateObs, taiObs, pointing, expTime) "
            "VALUES (903334, ?, 'STRIPE82L', 'HSC-R', '2013-11-02', '2013-11-02', 671, 30.0)",
            (ccd,),
        )
    connection.commit()
    connection.close()
    (tmp_path / "source.fits").write_bytes(b"raw" * 1000)
    for place in (RAW.format(ccd=16), CALEXP.format(ccd=16)):
        (root / place).parent.mkdir(parents=True)
        (root / place).write_bytes(b"x" * 2880)
    os.symlink(tmp_path / "source.fits", root / RAW.format(ccd=17))
    return root


def test_raws_outputs_and_observations_are_registered(gen2: Path) -> None:
    report = migrate_repository(gen2)
    assert report.datasets == {"raw": 2, "calexp": 1}
    assert report.observations == 3
    assert report.backup == str(gen2 / BACKUP_NAME)
    with Butler(gen2) as butler:
        assert [row["ccd"] for row in butler.query("raw", where="expTime = 30")] == [16, 17]
        assert butler.get_uri("calexp", visit=903334, ccd=16).endswith(CALEXP.format(ccd=16))
        assert butler.query_metadata("raw", "ccd") == [16, 17]
        assert next(iter(butler.query("raw", ccd=17))).size == 3000


def test_paths_stay_relative_so_that_the_tree_can_be_moved(gen2: Path, tmp_path: Path) -> None:
    migrate_repository(gen2)
    gen2.rename(tmp_path / "MOVED")
    with Butler(tmp_path / "MOVED") as butler:
        assert butler.get_uri("raw", visit=903334, ccd=16).startswith(str(tmp_path / "MOVED"))


def test_output_can_be_written_afterwards(gen2: Path) -> None:
    migrate_repository(gen2)
    with Butler(gen2) as butler:
        butler.put_file(gen2 / RAW.format(ccd=16), "calexp", visit=903334, ccd=18)
        assert butler.dataset_exists("calexp", visit=903334, ccd=18)


def test_calibrations_of_another_place_are_linked(gen2: Path, tmp_path: Path) -> None:
    calib = tmp_path / "elsewhere"
    calib.mkdir()
    sqlite3.connect(calib / "calibRegistry.sqlite3").close()
    (calib / "calibRegistry.sqlite3").touch()
    (gen2 / "_mapper").unlink()
    (gen2 / "repositoryCfg.yaml").write_text(
        f"_mapper: lsst.obs.hsc.HscMapper\n_mapperArgs: {{calibRoot: {calib}}}\n"
    )
    migrate_repository(gen2)
    assert os.readlink(gen2 / "CALIB") == str(calib)


def test_dataset_types_of_the_repository_are_kept(gen2: Path) -> None:
    (gen2 / "_mapper").unlink()
    (gen2 / "repositoryCfg.yaml").write_text(
        "_mapper: lsst.obs.hsc.HscMapper\n"
        "_policy:\n  datasets:\n    mine:\n"
        "      template: mine/%(visit)07d.txt\n      python: str\n      storage: TextStorage\n"
    )
    (gen2 / "mine").mkdir()
    (gen2 / "mine" / "0903334.txt").write_text("hello")
    assert migrate_repository(gen2).datasets["mine"] == 1
    with Butler(gen2) as butler:
        assert butler.get("mine", visit=903334) == "hello"


def test_what_a_killed_migration_left_is_set_aside(gen2: Path) -> None:
    (gen2 / "butler.sqlite3").write_bytes(b"half")
    assert migrate_repository(gen2).datasets == {"raw": 2, "calexp": 1}
    (aside,) = (gen2 / ".butler" / "orphans").iterdir()
    assert aside.read_bytes() == b"half"


def test_repository_of_ours_is_refused(gen2: Path) -> None:
    migrate_repository(gen2)
    with pytest.raises(RepositoryExistsError):
        migrate_repository(gen2)


def test_data_that_lie_elsewhere_are_migrated_there(gen2: Path, tmp_path: Path) -> None:
    pointer = tmp_path / "pointer"
    pointer.mkdir()
    (pointer / "repositoryCfg.yaml").write_text(f"_mapper: lsst.obs.hsc.HscMapper\n_root: {gen2}\n")
    with pytest.raises(RepositoryError, match=str(gen2)):
        migrate_repository(pointer)
    assert sorted(os.listdir(pointer)) == ["repositoryCfg.yaml"]


def test_broken_link_is_not_registered(gen2: Path, tmp_path: Path) -> None:
    (tmp_path / "source.fits").unlink()
    assert migrate_repository(gen2).datasets == {"raw": 1, "calexp": 1}


def test_parents_are_kept(gen2: Path) -> None:
    rerun = gen2 / "rerun" / "old"
    (rerun / CALEXP.format(ccd=17)).parent.mkdir(parents=True)
    (rerun / CALEXP.format(ccd=17)).write_bytes(b"x" * 2880)
    os.symlink("../..", rerun / "_parent")
    assert migrate_repository(rerun).datasets == {"calexp": 1}
    with Butler(rerun) as butler:
        assert [place.kind for place in butler.repositories] == ["native", "gen2"]
        assert butler.dataset_exists("calexp", visit=903334, ccd=17)
        assert butler.dataset_exists("raw", visit=903334, ccd=16)


def test_repository_of_others_is_refused(gen2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(ReadOnlyError, match="rerun"):
        migrate_repository(gen2)
    monkeypatch.undo()
    assert not (gen2 / "butler.yaml").exists()


def test_a_repository_that_is_its_own_parent_stays_what_it_is(gen2: Path) -> None:
    (gen2 / "_parent").symlink_to(".")
    before = sorted(path.name for path in gen2.iterdir())
    with pytest.raises(RepositoryError, match="itself as its parent"):
        migrate_repository(gen2)
    assert sorted(path.name for path in gen2.iterdir()) == before
