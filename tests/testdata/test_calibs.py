from __future__ import annotations

import io
import pickle
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from testdata.calibs import write_calibs
from testdata.detector import brighter_fatter_kernel, detector_truth
from testdata.errors import CcdNumberError, VisitError
from testdata.geometry import FULL, SMALL
from testdata.observation import observe
from testdata.randomness import DEFAULT_SEED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def calib_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "CALIB"
    write_calibs(root, [16, 22], geometry=SMALL)
    return root


def rows(root: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(root / "calibRegistry.sqlite3")) as connection:
        return connection.execute(statement, values).fetchall()


@pytest.mark.parametrize(
    "path",
    [
        "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits",
        "DARK/2013-11-03/NONE/DARK-2013-11-03-022.fits",
        "FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits",
        "FLAT/2013-11-03/HSC-I/FLAT-2013-11-03-HSC-I-016.fits",
    ],
)
def test_masters_are_assembled_images_with_an_identity(calib_dir: Path, path: str) -> None:
    pixels, header = fits.getdata(calib_dir / path, header=True)
    assert pixels.shape == SMALL.ccd_shape
    assert (header["BITPIX"], header["NAXIS"]) == (-32, 2)
    identity = dict(pair.split("=") for pair in header["CALIB_ID"].split())
    assert identity["ccd"] == str(int(path[-8:-5]))
    assert identity["filter"] == path.split("/")[2]
    assert identity["calibDate"] == path.split("/")[1]


def test_flat_takes_out_the_gains(calib_dir: Path) -> None:
    flat = fits.getdata(calib_dir / "FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits")
    detector = detector_truth(16, SMALL, DEFAULT_SEED)
    levels = np.array(
        [
            np.median(flat[amplifier.assembled.slices]) * gain
            for amplifier, gain in zip(SMALL.amplifiers, detector.gains, strict=True)
        ]
    )
    # Vignetting across the CCD is a few percent; the gains differ by more.
    assert np.ptp(levels) / levels.mean() < 0.06 < np.ptp(detector.gains) / 3.5


def test_defects_are_boxes_whose_centres_count_from_one(calib_dir: Path) -> None:
    path = calib_dir / "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits"
    mask = np.zeros(SMALL.ccd_shape, dtype=bool)
    for row in fits.getdata(path, 1):
        assert row["SHAPE"] == "BOX"
        (width, height), x, y = row["R"], row["X"], row["Y"]
        x0, y0 = round(x - width / 2 - 0.5), round(y - height / 2 - 0.5)
        mask[y0 : y0 + round(height), x0 : x0 + round(width)] = True
    np.testing.assert_array_equal(mask, detector_truth(16, SMALL, DEFAULT_SEED).defect_mask())


def test_defect_table_has_the_columns_of_a_real_one(calib_dir: Path, shared_data: Path) -> None:
    ours = calib_dir / "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits"
    real = fits.getheader(shared_data / "gen3" / "defects_10_HSC.fits", 1)
    header = fits.getheader(ours, 1)
    for number in range(1, 7):
        for key in (f"TTYPE{number}", f"TFORM{number}"):
            assert header[key].removeprefix("1") == real[key].removeprefix("1")


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("bias", {"ccd": 16}, [("2013-11-03",)]),
        ("dark", {"ccd": 22}, [("2013-11-03",)]),
        ("flat", {"ccd": 16, "filter": "HSC-R"}, [("2013-06-17",)]),
        ("flat", {"ccd": 16, "filter": "HSC-I"}, [("2013-11-03",)]),
        ("flat", {"ccd": 16, "filter": "HSC-Z"}, []),
        ("defects", {"ccd": 16}, [("2013-01-31T00:00:00",)]),
        ("bias", {"ccd": 17}, []),
        ("sky", {"ccd": 16}, []),
    ],
)
def test_registry_answers_the_validity_query(
    calib_dir: Path, table: str, columns: dict[str, object], expected: list[tuple[str]]
) -> None:
    where = " AND ".join(f"{column} = ?" for column in columns)
    statement = (
        f"SELECT DISTINCT calibDate FROM {table}"
        f" WHERE {where} AND ? BETWEEN validStart AND validEnd"
    )
    found = rows(calib_dir, statement, *columns.values(), observe(903334).date_obs.isoformat())
    assert found == expected


def test_registry_has_the_tables_of_the_real_one(calib_dir: Path, shared_data: Path) -> None:
    statement = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
    real_path = shared_data / "gen2" / "ci_hsc_calibRegistry.sqlite3"
    with closing(sqlite3.connect(f"file:{real_path}?immutable=1", uri=True)) as real:
        expected = real.execute(statement).fetchall()
    assert rows(calib_dir, statement) == expected


def test_registry_rows_are_those_of_the_real_one(calib_dir: Path, shared_data: Path) -> None:
    real_path = shared_data / "gen2" / "ci_hsc_calibRegistry.sqlite3"
    for table in ("bias", "dark", "flat", "defects"):
        statement = f"SELECT filter, ccd, calibDate, validStart, validEnd FROM {table}"
        with closing(sqlite3.connect(f"file:{real_path}?immutable=1", uri=True)) as real:
            expected = set(real.execute(statement).fetchall())
        assert set(rows(calib_dir, statement)) <= expected


def test_calling_again_adds_ccds_and_repeats_none(tmp_path: Path) -> None:
    for ccds in ([16], [16, 23]):
        write_calibs(tmp_path, ccds, geometry=SMALL)
    assert rows(tmp_path, "SELECT ccd FROM bias ORDER BY ccd") == [(16,), (23,)]
    assert rows(tmp_path, "SELECT count(*) FROM flat") == [(4,)]
    assert (tmp_path / "BIAS/2013-11-03/NONE/BIAS-2013-11-03-023.fits").is_file()


class Gen2Unpickler(pickle.Unpickler):
    """Knows what an array pickled by NumPy 1 needs, and nothing else."""

    def find_class(self, module: str, name: str) -> object:
        allowed = {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("_codecs", "encode"),
        }
        assert (module, name) in allowed
        return super().find_class(module, name)


def test_kernel_is_a_plain_array_as_gen2_pickled_it(calib_dir: Path) -> None:
    data = (calib_dir / "BFKERNEL" / "brighter_fatter_kernel.pkl").read_bytes()
    assert data[:2] == b"\x80\x02"
    kernel = Gen2Unpickler(io.BytesIO(data), encoding="latin1").load()
    np.testing.assert_array_equal(kernel, brighter_fatter_kernel())


def test_kernel_loads_with_numpy(calib_dir: Path) -> None:
    kernel = np.load(calib_dir / "BFKERNEL" / "brighter_fatter_kernel.pkl", allow_pickle=True)
    assert kernel.shape == (17, 17)


def test_unknown_ccd_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CcdNumberError, match="no ccd 200"):
        write_calibs(tmp_path / "CALIB", [200], geometry=SMALL)
    assert not (tmp_path / "CALIB").exists()


def test_unknown_filter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VisitError, match="HSC-G, HSC-R"):
        write_calibs(tmp_path / "CALIB", [16], geometry=SMALL, filters=["g"])
    assert not (tmp_path / "CALIB").exists()


def test_detectors_differ_and_are_read_only() -> None:
    first, second = detector_truth(16, SMALL, 1), detector_truth(22, SMALL, 1)
    assert first.gains != second.gains
    assert not np.array_equal(first.bias_adu, second.bias_adu)
    with pytest.raises(ValueError, match="read-only"):
        first.bias_adu[0, 0] = 0


def test_vignetting_dims_the_edge_of_the_field() -> None:
    center, edge = (np.median(detector_truth(ccd, SMALL, 1).throughput("r")) for ccd in (50, 99))
    assert 0.97 < center < 1.01
    assert 0.70 < edge < 0.85


def test_full_size_defects_match_the_real_edge() -> None:
    edge = detector_truth(10, FULL, 1).defects[0].section
    assert (edge.x0, edge.x1, edge.y0, edge.y1) == (0, 17, 0, 4176)
