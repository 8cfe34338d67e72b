from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_flats
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.errors import (
    DatasetExistsError,
    DatasetNotFoundError,
    ParameterError,
    ReadOnlyError,
    UnknownKeyError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VISIT = {"visit": 903334, "ccd": 16}


def put_flats(butler: Butler, folder: Path, date: str, *ccds: int) -> None:
    for ccd in ccds:
        (path,) = write_flats(folder, date, ccd=ccd)
        butler.put_file(path, "flat", calibDate=date, filter="HSC-R", ccd=ccd)


@pytest.fixture
def butler(tmp_path: Path) -> Iterator[Butler]:
    """A repository with two flats of one date, and the visit of 2013-11-02."""
    made = make_repository(
        tmp_path / "DATA", observations=[observation(903334, ccd) for ccd in (16, 17)]
    )
    put_flats(made, tmp_path, "2013-11-03", 16, 17)
    yield made
    made.close()


def test_a_calibration_that_was_put_is_found_by_its_date_and_once_certified_by_observation(
    butler: Butler,
) -> None:
    assert butler.dataset_exists("flat", calibDate="2013-11-03", filter="HSC-R", ccd=16)
    with pytest.raises(DatasetNotFoundError) as caught:
        butler.get_uri("flat", VISIT)
    assert "calibDate=2013-11-03 filter=HSC-R ccd=16. To let it serve: butler certify" in str(
        caught.value
    )
    butler.certify("flat", begin="2013-05-07", end="2014-05-03", calibDate="2013-11-03", ccd=16)
    assert butler.get_uri("flat", VISIT).endswith("FLAT-2013-11-03-HSC-R-016.fits")


def test_the_end_does_not_belong_to_the_range(butler: Butler) -> None:
    butler.certify("flat", begin="2013-11-01", end="2013-11-02")
    with pytest.raises(DatasetNotFoundError, match="none of 1 for filter=HSC-R ccd=16 is valid"):
        butler.get_uri("flat", VISIT)


def test_all_that_match_are_certified(butler: Butler) -> None:
    found = butler.certify("flat", begin="2013-11-01", ccd=[16, 17])
    assert [one.data_id["ccd"] for one in found] == [16, 17]
    assert butler.dataset_exists("flat", visit=903334, ccd=17)


def test_an_overlap_is_refused_with_both_ranges_and_nothing_is_certified(
    butler: Butler, tmp_path: Path
) -> None:
    put_flats(butler, tmp_path, "2014-02-01", 16, 17)
    butler.certify("flat", begin="2013-05-07", end="2014-05-03", calibDate="2013-11-03", ccd=17)
    with pytest.raises(DatasetExistsError) as caught:
        butler.certify("flat", begin="2014-05-02", calibDate="2014-02-01")
    assert "[2014-05-02, open)" in str(caught.value)
    assert "[2013-05-07, 2014-05-03)" in str(caught.value)
    butler.certify("flat", begin="2013-05-07", end=None, calibDate="2013-11-03", ccd=16)


def test_certifying_again_is_no_change(butler: Butler) -> None:
    for _ in range(2):
        butler.certify("flat", begin="2013-11-01", ccd=16)
    assert butler.dataset_exists("flat", VISIT)


def test_a_dry_run_finds_overlaps_and_changes_nothing(butler: Butler, tmp_path: Path) -> None:
    butler.certify("flat", begin="2013-11-01", ccd=16, dry_run=True)
    assert not butler.dataset_exists("flat", VISIT)
    butler.certify("flat", begin="2013-11-01", ccd=16)
    put_flats(butler, tmp_path, "2014-02-01", 16)
    with pytest.raises(DatasetExistsError):
        butler.certify("flat", begin="2014-01-01", calibDate="2014-02-01", dry_run=True)


def test_a_range_is_taken_back(butler: Butler) -> None:
    butler.certify("flat", begin="2013-11-01")
    butler.decertify("flat", ccd=16, dry_run=True)
    assert butler.dataset_exists("flat", VISIT)
    butler.decertify("flat", ccd=16)
    assert not butler.dataset_exists("flat", VISIT)
    assert butler.dataset_exists("flat", visit=903334, ccd=17)


@pytest.mark.usefixtures("butler")
def test_what_lies_in_a_parent_is_certified_there(tmp_path: Path) -> None:
    with (
        Butler(inputs=tmp_path / "DATA", outputs=tmp_path / "rerun") as rerun,
        pytest.raises(ReadOnlyError, match=f"butler certify {tmp_path}/DATA flat"),
    ):
        rerun.certify("flat", begin="2013-11-01", ccd=16)


def test_what_is_not_there_is_not_found(butler: Butler) -> None:
    with pytest.raises(DatasetNotFoundError):
        butler.certify("flat", begin="2013-11-01", ccd=99)
    with pytest.raises(UnknownKeyError, match="Did you mean 'ccd'"):
        butler.certify("flat", begin="2013-11-01", cdd=16)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("calexp", "is no calibration"), ("bfKernel", "is valid for ever")],
)
def test_what_is_not_chosen_by_date_is_not_certified(
    butler: Butler, kind: str, reason: str
) -> None:
    with pytest.raises(ParameterError, match=f"{reason}.*They are: defects, bias"):
        butler.certify(kind, begin="2013-11-01")


def test_explain_lists_the_candidates_and_why_one_won(butler: Butler, tmp_path: Path) -> None:
    for date, begin, end in (
        ("2012-01-01", "2012-01-01", "2013-01-01"),
        ("2015-01-01", "2015-01-01", None),
        ("2013-11-03", "2013-05-07", "2014-05-03"),
    ):
        if date != "2013-11-03":
            put_flats(butler, tmp_path, date, 16)
        butler.certify("flat", begin=begin, end=end, calibDate=date, ccd=16)
    put_flats(butler, tmp_path, "2016-01-01", 16)
    text = str(butler.explain("flat", VISIT))
    assert "4 for filter=HSC-R ccd=16; the observation is of 2013-11-02" in text
    assert "2013-11-03 filter=HSC-R ccd=16: valid in [2013-05-07, 2014-05-03): chosen" in text
    assert "ccd=16: valid in [2012-01-01, 2013-01-01): not valid any more" in text
    assert "2015-01-01 filter=HSC-R ccd=16: valid in [2015-01-01, open): not valid yet" in text
    assert "2016-01-01 filter=HSC-R ccd=16: has no validity range" in text
    butler.decertify("flat", calibDate="2013-11-03")
    text = str(butler.explain("flat", VISIT))
    assert "none of 4 for filter=HSC-R ccd=16 is valid on 2013-11-02" in text
    assert text.count("not valid yet") == 1
