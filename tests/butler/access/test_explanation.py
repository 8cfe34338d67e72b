"""What `Butler.explain` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetNotFoundError
from butler.repository.native import NativeRepository

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
    keys = {"calibDate": "2013-11-03", "filter": "HSC-R", "ccd": 16}
    rerun.put_file(tmp_path / "flat.fits", "flat", keys)
    lines = rerun.explain("flat", keys).lines
    assert [line for line in lines if str(data) in line] == [
        f"2. {data}: not asked, the first that has it wins"
    ]


def test_a_registered_calibration_is_never_chosen_without_a_validity_range(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "flat.fits").write_bytes(b"flat")
    butler = Butler(data)
    keys = {"calibDate": "2031-01-01", "filter": "HSC-R", "ccd": 16}
    butler.put_file(tmp_path / "flat.fits", "flat", keys)
    explanation = butler.explain("flat", ONE)
    assert explanation.uri is None
    assert "has no validity range, so that it serves nobody unasked" in str(explanation)
    assert "calibDate=2031-01-01" in str(explanation)
    with pytest.raises(DatasetNotFoundError, match="calibDate=2031-01-01"):
        butler.get_uri("flat", ONE)
    assert butler.get_uri("flat", keys).endswith("FLAT-2031-01-01-HSC-R-016.fits")


def test_a_calibration_is_chosen_by_its_validity_range(data: Path, tmp_path: Path) -> None:
    butler = Butler(data)
    for date in ("2013-10-01", "2031-01-01"):
        (tmp_path / "flat.fits").write_text(date)
        butler.put_file(tmp_path / "flat.fits", "flat", calibDate=date, filter="HSC-R", ccd=16)
    registry = NativeRepository(str(data)).registry
    flats = butler.query("flat", order_by="calibDate")
    numbers = [row.stored.id for row in flats]
    match = ("filter", "ccd")
    registry.certify(numbers[0], "2013-10-01", "2014-05-01", match=match)
    registry.certify(numbers[1], "2031-01-01", None, match=match)
    explanation = butler.explain("flat", ONE)
    assert str(explanation.uri).endswith("FLAT-2013-10-01-HSC-R-016.fits")
    assert "valid in [2013-10-01, 2014-05-01): chosen" in str(explanation)


def test_nothing_is_found_where_nothing_is(data: Path) -> None:
    explanation = Butler(data).explain("summary", ONE)
    assert (explanation.uri, explanation.lines[-1]) == (None, "not found")
