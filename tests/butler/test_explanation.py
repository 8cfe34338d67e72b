"""What `Butler.explain` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler

if TYPE_CHECKING:
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_repository(tmp_path / "DATA", observations=[observation(903334, 16)])
    return tmp_path / "DATA"


def test_each_repository_is_a_step_in_the_order_of_search(data: Path, tmp_path: Path) -> None:
    rerun = Butler(inputs=data, outputs=tmp_path / "rerun")
    rerun.put({"a": 1}, "summary", ONE)
    explanation = rerun.explain("summary", ONE)
    assert explanation.uri == rerun.get_uri("summary", ONE)
    steps = [line for line in explanation.lines if line[0].isdigit()]
    assert steps == [
        f"1. {tmp_path}/rerun: found {explanation.uri}",
        f"2. {data}: not asked, the first that has it wins",
    ]


def test_a_repository_with_calibrations_linked_in_is_one_step_that_is_not_asked(
    data: Path, tmp_path: Path
) -> None:
    (data / "CALIB").mkdir()
    (tmp_path / "flat.fits").write_bytes(b"flat")
    rerun = Butler(inputs=data, outputs=tmp_path / "rerun")
    rerun.put_file(tmp_path / "flat.fits", "flat", calibDate="2013-11-03", filter="HSC-R", ccd=16)
    lines = rerun.explain("flat", ONE).lines
    assert [line for line in lines if str(data) in line] == [
        f"2. {data}: not asked, the first that has it wins"
    ]


def test_a_registered_calibration_is_said_to_be_taken_whatever_its_date(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "flat.fits").write_bytes(b"flat")
    butler = Butler(data)
    butler.put_file(tmp_path / "flat.fits", "flat", calibDate="2031-01-01", filter="HSC-R", ccd=16)
    assert "whatever its date" in str(butler.explain("flat", ONE))


def test_several_calibrations_that_match_are_a_step_and_no_error(
    data: Path, tmp_path: Path
) -> None:
    butler = Butler(data)
    for date in ("2013-11-03", "2031-01-01"):
        (tmp_path / "flat.fits").write_text(date)
        butler.put_file(tmp_path / "flat.fits", "flat", calibDate=date, filter="HSC-R", ccd=16)
    explanation = butler.explain("flat", ONE)
    assert explanation.uri is None
    assert "calibDate=2013-11-03" in str(explanation)
    assert "calibDate=2031-01-01" in str(explanation)


def test_nothing_is_found_where_nothing_is(data: Path) -> None:
    explanation = Butler(data).explain("summary", ONE)
    assert (explanation.uri, explanation.lines[-1]) == (None, "not found")
