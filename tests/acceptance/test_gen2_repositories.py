"""Real Gen2 repositories open as they are, and nothing in them changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from butler import Butler
from butler.errors import DatasetNotFoundError


def footprint(root: Path) -> dict[str, tuple[int, int, str]]:
    """Return name to (size, mtime, digest) of everything below a directory."""
    found = {}
    for directory, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(directory, name)
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[str(path.relative_to(root))] = (status.st_size, status.st_mtime_ns, digest)
    return found


class TestSdss:
    KEYS: ClassVar = {"run": 4192, "camcol": 4, "field": 300, "filter": "r"}

    @pytest.fixture
    def root(self, shared_data: Path) -> Path:
        return shared_data / "sdss_demo" / "input"

    def test_an_image_is_found_with_its_rerun_from_the_registry(self, root: Path) -> None:
        butler = Butler(inputs=root)
        place = root / "4192" / "40" / "corr" / "4" / "fpC-004192-r4-0300.fit.gz"
        assert butler.get_uri("fpC", **self.KEYS) == str(place)
        assert butler.get("fpC", **self.KEYS).image.array.shape == (1489, 2048)
        assert butler.data_ref("fpC", **self.KEYS).data_id["rerun"] == 40

    @pytest.mark.parametrize(
        ("dataset_type", "path"),
        [
            ("fpM", "4192/40/objcs/4/fpM-004192-r4-0300.fit"),
            ("psField", "4192/40/objcs/4/psField-004192-4-0300.fit"),
            ("asTrans", "4192/40/astrom/asTrans-004192.fit"),
            ("tsField", "4192/40/calibChunks/4/tsField-004192-4-40-0300.fit"),
        ],
    )
    def test_other_files_of_the_image_are_found(
        self, root: Path, dataset_type: str, path: str
    ) -> None:
        butler = Butler(inputs=root)
        assert butler.get_uri(dataset_type, **self.KEYS) == str(root / path)
        assert len(butler.get(f"{dataset_type}.metadata", **self.KEYS)) > 5

    def test_a_reference_catalog_shard_is_read(self, root: Path) -> None:
        shard = Butler(inputs=root).get("ref_cat", name="sdss_demo_ref_cat", pixel_id=188481)
        assert len(shard) == 265

    def test_a_rerun_reads_through_and_writes_beside(self, root: Path, tmp_path: Path) -> None:
        before = footprint(root)
        butler = Butler(inputs=root, outputs=tmp_path / "rerun")
        image = butler.get("fpC", **self.KEYS)
        butler.put(image, "postISRCCD", **self.KEYS)
        again = Butler(tmp_path / "rerun")
        assert again.get("postISRCCD", **self.KEYS).image == image.image
        assert again.get_uri("postISRCCD", **self.KEYS).startswith(str(tmp_path))
        assert Path(again.get_uri("fpC", **self.KEYS)).is_relative_to(root.resolve())
        assert [row["filter"] for row in again.query("fpC", order_by="filter")] == list("giruz")
        assert footprint(root) == before


class TestObsTest:
    @pytest.fixture
    def root(self, shared_data: Path) -> Path:
        return shared_data / "obs_test" / "input"

    def test_the_filter_of_a_raw_comes_from_the_registry(self, root: Path) -> None:
        butler = Butler(root)
        place = str(root / "raw" / "raw_v1_fg.fits.gz")
        assert butler.get("raw_filename", visit=1) == [place]
        assert butler.get("raw", visit=1).image.array.shape == (2000, 1026)

    def test_metadata_and_subsets_are_queried(self, root: Path) -> None:
        butler = Butler(root)
        assert butler.query_metadata("raw", ["visit", "filter"]) == [(1, "g"), (2, "g")]
        assert [ref.data_id["visit"] for ref in butler.subset("raw", filter="g")] == [1, 2]

    def test_defects_are_found_by_the_calibration_registry(self, root: Path) -> None:
        butler = Butler(root)
        assert butler.get_uri("defects", visit=1) == str(root / "defects" / "defects.fits")
        assert len(butler.get("defects", visit=1)) == 504

    def test_a_missing_flat_says_which_registry_was_asked(self, root: Path) -> None:
        before = footprint(root)
        with pytest.raises(DatasetNotFoundError, match=r"no such file; .* in .*/registry\.sqlite3"):
            Butler(root).get("flat", visit=1)
        assert footprint(root) == before

    def test_an_unknown_visit_is_not_found(self, root: Path) -> None:
        with pytest.raises(DatasetNotFoundError, match="visit=9"):
            Butler(root).get("raw", visit=9)
        assert not Butler(root).dataset_exists("calexp", visit=1)


class TestHscCalibrations:
    """The calibrations of a visit, by the real registry of ci_hsc, in a native repository."""

    PATHS: ClassVar = {
        "bias": "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits",
        "dark": "DARK/2013-11-03/NONE/DARK-2013-11-03-016.fits",
        "flat": "FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits",
        "sky": "SKY/2014-11-12/HSC-R/SKY-2014-11-12-HSC-R-016.fits",
        "defects": "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits",
    }

    @pytest.fixture
    def root(self, shared_data: Path, tmp_path: Path) -> Path:
        from butler import create_repository

        root = tmp_path / "DATA"
        create_repository(root, "hsc")
        source = shared_data / "gen2" / "ci_hsc_calibRegistry.sqlite3"
        (tmp_path / "CALIB").mkdir()
        shutil.copy(source, tmp_path / "CALIB" / "calibRegistry.sqlite3")
        for path in self.PATHS.values():
            file = tmp_path / "CALIB" / path
            file.parent.mkdir(parents=True)
            file.touch()
        (root / "CALIB").symlink_to(tmp_path / "CALIB")
        with closing(sqlite3.connect(root / "registry.sqlite3")) as registry, registry:
            registry.execute(
                "INSERT INTO raw (visit, ccd, filter, taiObs, dateObs, field, pointing) "
                "VALUES (903334, 16, 'HSC-R', '2013-11-02', '2013-11-02', 'STRIPE82L', 671)"
            )
        return root

    @pytest.mark.parametrize("dataset_type", PATHS)
    def test_the_calibration_of_a_visit_is_chosen(self, root: Path, dataset_type: str) -> None:
        uri = Butler(root).get_uri(dataset_type, visit=903334, ccd=16)
        assert uri == str(root / "CALIB" / self.PATHS[dataset_type])

    @pytest.mark.parametrize("dataset_type", PATHS)
    def test_a_rerun_chooses_the_same(self, root: Path, dataset_type: str) -> None:
        butler = Butler(inputs=root, outputs=root / "rerun" / "isr")
        uri = butler.get_uri(dataset_type, visit=903334, ccd=16)
        assert uri == str(root / "CALIB" / self.PATHS[dataset_type])

    def test_a_calibration_that_does_not_exist_says_why(self, root: Path) -> None:
        with pytest.raises(DatasetNotFoundError, match="fringe"):
            Butler(root).get("fringe", visit=903334, ccd=16)
