from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from support.headers import read_yaml_header

from butler.butler import Butler
from butler.errors import AmbiguousDataIdError, DatasetNotFoundError, IngestError
from imaging import Image
from mappers.megacam import MegacamMapper

if TYPE_CHECKING:
    from pathlib import Path

VISIT = {"visit": 1038843, "ccd": 2}
BIAS = "bias/08Bm04.bias.0.36.00.fits"  # of the row that is valid on 2008-11-01


def write_mosaic(path: Path, scale: float) -> None:
    """A file of 36 tiny CCDs; the pixels of each tell which it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [fits.ImageHDU(np.full((3, 4), scale * n, np.float32)) for n in range(1, 37)]
    fits.HDUList([fits.PrimaryHDU(), *images]).writeto(path)


@pytest.fixture
def header(shared_data: Path) -> dict[str, object]:
    return read_yaml_header(shared_data / "headers/fitsheader-megaprime.yaml")


@pytest.fixture
def root(shared_data: Path, tmp_path: Path, header: dict[str, object]) -> Path:
    """A Gen2 repository with one visit and the real registry of calibrations."""
    root = tmp_path / "DATA"
    (root / "CALIB").mkdir(parents=True)
    (root / "_mapper").write_text("lsst.obs.cfht.MegacamMapper\n")
    shutil.copy(
        shared_data / "gen2/cfht_megacam_calibRegistry.sqlite3",
        root / "CALIB/calibRegistry.sqlite3",
    )
    values = MegacamMapper().translate(header)
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry, registry:
        names = ", ".join(values)
        registry.execute(f"CREATE TABLE raw (id INTEGER PRIMARY KEY, {names})")
        marks = ", ".join("?" * len(values))
        for ccd in range(36):
            row = {**values, "ccd": ccd, "extension": ccd + 1}
            registry.execute(f"INSERT INTO raw ({names}) VALUES ({marks})", tuple(row.values()))
    write_mosaic(root / "CALIB" / BIAS, 1.0)
    write_mosaic(root / "raw/08BL05/w2.+2+2/2008-11-01/i2/1038843o.fits.fz", 100.0)
    return root


def test_a_real_header_gives_what_the_registries_of_gen2_have(header: dict[str, object]) -> None:
    assert MegacamMapper().translate(header) == {
        "runId": "08BL05",
        "object": "w2.+2+2",
        "visit": 1038843,
        "ccd": 2,
        "extension": 3,
        "state": "o",
        "filter": "i2",
        "date": "2008-11-01",
        "taiObs": "2008-11-01T14:33:32.40",
        "expTime": 615.037,
    }


def test_a_header_without_ccd_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(IngestError, match="EXTNAME says 'image'"):
        MegacamMapper().translate({**header, "EXTNAME": "image"})


def test_the_real_registry_chooses_file_and_hdu(root: Path) -> None:
    with Butler(root) as butler:
        for ccd in (2, 35):
            bias = butler.get("bias", visit=1038843, ccd=ccd)
            assert isinstance(bias, Image)
            assert float(bias.array[0, 0]) == ccd + 1
        raw = butler.get("raw", VISIT)
        assert isinstance(raw, Image)
        assert float(raw.array[0, 0]) == 300.0
        assert butler.get_uri("bias", VISIT) == f"{root}/CALIB/{BIAS}"
        assert len(butler.subset("raw")) == 36


def test_every_table_of_the_real_registry_is_asked(root: Path) -> None:
    with Butler(root) as butler:
        text = str(butler.explain("flat", VISIT))
        assert "table flat: for extension=3 filter=i2 on 2008-11-01T14:33:32.40" in text
        assert "flat/i2/08Bm04.flat.i2.36.02.fits" in text
        with pytest.raises(DatasetNotFoundError, match=r"valid on 2008-11-01T14:33:32\.40"):
            butler.get("dark", VISIT)


def test_ranges_that_overlap_there_are_no_answer_as_in_gen2(root: Path) -> None:
    asked = {"extension": 1, "filter": "g", "taiObs": "2003-05-23T10:00:00"}
    with Butler(root) as butler, pytest.raises(AmbiguousDataIdError, match="several rows"):
        butler.get("flat", asked)


def test_a_rerun_reads_the_calibrations_of_its_parent(root: Path, tmp_path: Path) -> None:
    with Butler(inputs=root, outputs=tmp_path / "rerun") as butler:
        bias = butler.get("bias", VISIT)
        assert isinstance(bias, Image)
        assert float(bias.array[0, 0]) == 3.0
