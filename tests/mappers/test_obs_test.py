"""The stack's test camera, on its own real files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from butler.data_id import DataId
from butler.errors import IngestError
from butler.mapper_lookup import find_mapper

if TYPE_CHECKING:
    from pathlib import Path

    from butler.mapper import Mapper


@pytest.fixture(scope="module")
def obs_test() -> Mapper:
    return find_mapper("obs_test")


def test_a_real_header_gives_its_columns(obs_test: Mapper, shared_data: Path) -> None:
    header = fits.getheader(shared_data / "obs_test" / "input" / "raw" / "raw_v1_fg.fits.gz")
    assert dict(obs_test.translate(header)) == {
        # The number of the simulation: the stack's registry calls the same file visit 1
        "visit": 890104911,
        "filter": "g",
        "taiObs": "1999-01-17T04:53:06.895202",
        "expTime": 15.0,
    }


def test_a_header_of_something_else_is_refused(obs_test: Mapper) -> None:
    with pytest.raises(IngestError, match="OUTFILE is missing"):
        obs_test.translate({"OBSID": 1, "FILTER": "g"})


def test_a_header_without_a_time_is_taken(obs_test: Mapper) -> None:
    header = {"OUTFILE": "imsim_1", "OBSID": 1, "FILTER": "g", "EXPTIME": 15, "TAI": "soon"}
    assert obs_test.translate(header)["taiObs"] is None


def test_the_real_files_are_of_the_types_that_the_policy_declares(
    obs_test: Mapper, shared_data: Path
) -> None:
    root = shared_data / "obs_test" / "input"
    raw = obs_test.policy.dataset_type("raw").template
    defects = obs_test.policy.dataset_type("defects").template
    assert raw is not None
    assert defects is not None
    files = {str(file.relative_to(root)) for file in root.rglob("*.fits*")}
    raws = {name for name in files if raw.parse(name)}
    assert raw.parse("raw/raw_v2_fg.fits.gz") == {"visit": 2, "filter": "g"}
    assert len(raws) >= 2
    assert files - raws == {defects.format({})}


def test_the_visit_names_everything(obs_test: Mapper) -> None:
    policy = obs_test.policy
    assert policy.required_keys(policy.dataset_type("raw")) == {"visit"}
    assert policy.required_keys(policy.dataset_type("calexp")) == {"visit"}
    assert policy.required_keys(policy.dataset_type("flat")) == {"filter"}
    assert policy.default_level == "visit"


def test_an_exposure_is_numbered_by_its_visit(obs_test: Mapper) -> None:
    assert obs_test.compute("ccdExposureId", DataId(visit=2)) == 2
