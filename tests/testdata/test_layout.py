from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from testdata.errors import CcdNumberError, VisitError
from testdata.geometry import SMALL
from testdata.layout import TutorialData, write_tutorial_data

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TutorialData:
    root = tmp_path_factory.mktemp("data") / "ci_hsc"
    return write_tutorial_data(root, {903334: [16, 22], 903986: [16]}, geometry=SMALL)


def test_folder_holds_what_the_tutorial_links_and_ingests(data: TutorialData) -> None:
    assert {path.name for path in data.root.iterdir()} == {
        "raw",
        "truth",
        "CALIB",
        "ps1_pv3_3pi_20170110",
    }
    assert {path.name for path in (data.root / "raw").iterdir()} == {
        "HSCA90333430.fits",
        "HSCA90333427.fits",
        "HSCA90398630.fits",
    }
    assert (data.calib_dir / "calibRegistry.sqlite3").is_file()
    assert {path.name for path in data.calib_dir.iterdir() if path.is_dir()} == {
        "BIAS",
        "DARK",
        "FLAT",
        "defects",
        "BFKERNEL",
    }
    assert (data.reference_dir / "master_schema.fits").is_file()


def test_paths_lead_to_the_exposures_that_they_name(data: TutorialData) -> None:
    assert set(data.raws) == set(data.truths) == {(903334, 16), (903334, 22), (903986, 16)}
    for (visit, ccd), path in data.raws.items():
        header, truth = fits.getheader(path), fits.getheader(data.truths[visit, ccd])
        assert (header["EXP-ID"], header["DET-ID"]) == (f"HSCA{visit}00", ccd)
        assert (truth["VISIT"], truth["CCD"]) == (visit, ccd)


def test_flat_of_every_filter_used_is_written(tmp_path: Path) -> None:
    data = write_tutorial_data(tmp_path, {16: [3]}, geometry=SMALL)
    filter_name = fits.getheader(data.truths[16, 3])["FILTER"]
    assert filter_name not in {"HSC-R", "HSC-I"}
    assert (data.calib_dir / "FLAT" / "2013-11-03" / filter_name).is_dir()


@pytest.mark.parametrize(
    ("visits", "error"),
    [({903334: [16, 300]}, CcdNumberError), ({903334: [16], -1: [0]}, VisitError)],
)
def test_nothing_is_written_when_one_exposure_is_impossible(
    tmp_path: Path, visits: dict[int, list[int]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_tutorial_data(tmp_path / "data", visits, geometry=SMALL)
    assert not (tmp_path / "data").exists()
