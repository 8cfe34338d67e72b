"""Hyper Suprime-Cam: real headers, the paths of Gen2, its identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.headers import read_yaml_header

from butler.data_id import DataId
from butler.errors import DataIdError, IngestError
from butler.mapper_lookup import find_mapper
from mappers.hsc import HscMapper, renumbered_ccd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from butler.data_id import KeyValue

# The cards of a public file of the Strategic Survey Program
SURVEY_HEADER = {
    "INSTRUME": "Hyper Suprime-Cam",
    "EXP-ID": "HSCA04090000",
    "FRAMEID": "HSCA04090107",
    "DET-ID": 37,
    "OBJECT": "SSP-Wide",
    "DATE-OBS": "2015-10-10",
    "MJD": 57305.347,
    "FILTER01": "HSC-r",
    "EXPTIME": 150.0,
    "PROP-ID": "o15426",
    "DATA-TYP": "OBJECT",
    "INST-PA": 0.0,
    "T_CFGFIL": "20140306.cfg",
}
# A data ID of an observation, with what else the templates of outputs ask for
CALEXP = {
    "visit": 903334, "ccd": 16, "field": "STRIPE82L", "filter": "HSC-R", "dateObs": "2013-11-02",
    "taiObs": "2013-11-02", "pointing": 671, "expTime": 30.0, "tract": 0, "patch": "1,1",
    "calibDate": "2013-11-03", "name": "ps1_pv3_3pi_20170110", "pixel_id": 189584,
}  # fmt: skip


@pytest.fixture(scope="module")
def hsc() -> HscMapper:
    mapper = find_mapper("hsc")
    assert isinstance(mapper, HscMapper)
    return mapper


def path(hsc: HscMapper, name: str, data_id: Mapping[str, KeyValue | None]) -> str:
    template = hsc.policy.dataset_type(name).template
    assert template is not None
    return template.format({key: value for key, value in data_id.items() if value is not None})


def test_a_real_header_of_2013_gives_its_place(hsc: HscMapper, shared_data: Path) -> None:
    found = hsc.translate(read_yaml_header(shared_data / "headers" / "fitsheader-hsc.yaml"))
    assert path(hsc, "raw", found) == "STRIPE82L/2013-11-02/00671/HSC-I/HSC-0904024-050.fits"
    assert {key: found[key] for key in ("expTime", "proposal", "expId", "frameId", "taiObs")} == {
        "expTime": 30.0, "proposal": "o13015", "expId": "HSCA90402400", "frameId": "HSCA90402512",
        "taiObs": "2013-11-02",
    }  # fmt: skip
    assert set(found) == set(hsc.policy.observation.columns)


def test_a_header_of_the_survey_gives_its_place(hsc: HscMapper) -> None:
    found = hsc.translate(SURVEY_HEADER)
    assert path(hsc, "raw", found) == "SSP_WIDE/2015-10-10/01378/HSC-R/HSC-0040900-037.fits"
    assert (found["ccdTemp"], found["autoguider"]) == (0.0, 0)


@pytest.mark.parametrize(
    "name",
    ["fitsheader-decam.yaml", "fitsheader-decam-0160496.yaml", "fitsheader-megaprime.yaml",
     "bad-megaprime.yaml"],
)  # fmt: skip
def test_headers_of_other_cameras_are_refused(hsc: HscMapper, shared_data: Path, name: str) -> None:
    with pytest.raises(IngestError, match="This is no file of hsc: INSTRUME"):
        hsc.translate(read_yaml_header(shared_data / "headers" / name))


def test_a_file_without_instrume_is_recognised_by_its_names(hsc: HscMapper) -> None:
    header = {card: value for card, value in SURVEY_HEADER.items() if card != "INSTRUME"}
    assert hsc.translate(header)["visit"] == 40900


@pytest.mark.parametrize(
    ("exposure", "single", "visit"),
    [
        ("HSCA90402400", "HSCA90402512", 904024),
        ("HSCA04090000", "HSCA04090107", 40900),
        ("HSCE00012345", "HSCA04090107", 12345),
        ("HSCB00001200", "HSCB00001200", 1000012),
        ("HSCC00001200", "", 2000012),
        ("HSCA00000000", "HSCA04090107", 40900),
        (None, "HSCA90402512", 904024),
        (None, "HSCB00001399", 1000012),
    ],
)
def test_the_visit_is_read_as_gen2_read_it(
    hsc: HscMapper, exposure: str | None, single: str, visit: int
) -> None:
    header = {**SURVEY_HEADER, "EXP-ID": exposure, "FRAMEID": single}
    assert hsc.translate(header)["visit"] == visit


@pytest.mark.parametrize(
    "exposure", ["HSCA0409", "HSCA04090012", "hsca04090000", "", "HSCE1234567"]
)
def test_a_header_without_a_visit_is_refused(hsc: HscMapper, exposure: str) -> None:
    with pytest.raises(IngestError, match="holds a visit"):
        hsc.translate({**SURVEY_HEADER, "EXP-ID": exposure, "FRAMEID": "unknown"})


@pytest.mark.parametrize(
    ("name", "field"),
    [("SSP-Wide", "SSP_WIDE"), (" cosmos ", "COSMOS"), ("#", "UNKNOWN"), ("", "UNKNOWN"),
     ("M 31/../x", "M_31____X"), (None, "UNKNOWN")],
)  # fmt: skip
def test_the_field_is_a_word_in_capitals(hsc: HscMapper, name: str | None, field: str) -> None:
    assert hsc.translate({**SURVEY_HEADER, "OBJECT": name})["field"] == field


@pytest.mark.parametrize(
    ("cards", "pointing"),
    [
        ({"MJD": 56598.26}, 671),
        ({"MJD": 55927}, 0),
        ({"MJD": None, "DATE-OBS": "2013-11-02"}, 671),
        ({"MJD": None, "DATE-OBS": "yesterday"}, 0),
    ],
)
def test_the_pointing_counts_the_days_since_2012(
    hsc: HscMapper, cards: dict[str, object], pointing: int
) -> None:
    assert hsc.translate({**SURVEY_HEADER, **cards})["pointing"] == pointing


def test_a_missing_filter_is_unrecognized(hsc: HscMapper) -> None:
    assert hsc.translate({**SURVEY_HEADER, "FILTER01": ""})["filter"] == "Unrecognized"


@pytest.mark.parametrize("ccd", [-1, 112, 200])
def test_a_ccd_that_the_camera_lacks_is_refused(hsc: HscMapper, ccd: int) -> None:
    with pytest.raises(IngestError, match="CCDs of hsc are 0 to 111"):
        hsc.translate({**SURVEY_HEADER, "DET-ID": ccd})


@pytest.mark.parametrize("ccd", [0, 103, 104, 111])
def test_all_112_ccds_are_taken(hsc: HscMapper, ccd: int) -> None:
    assert hsc.translate({**SURVEY_HEADER, "DET-ID": ccd})["ccd"] == ccd


def test_the_numbers_of_early_files_are_known_but_not_applied(hsc: HscMapper) -> None:
    assert [renumbered_ccd(ccd, 400) for ccd in (107, 108, 112, 113, 114, 115, 50)] == [
        105, 110, 106, 107, 108, 109, 50,
    ]  # fmt: skip
    assert renumbered_ccd(107, 405) == 107
    assert hsc.translate({**SURVEY_HEADER, "DET-ID": 107, "T-JD": 400})["ccd"] == 107


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("raw", "STRIPE82L/2013-11-02/00671/HSC-R/HSC-0903334-016.fits"),
        ("postISRCCD", "postISRCCD/v0903334-fHSC-R/c016.fits"),
        ("calexp", "00671/HSC-R/corr/CORR-0903334-016.fits"),
        ("src", "00671/HSC-R/output/SRC-0903334-016.fits"),
        ("sourceTable_visit", "00671/HSC-R/output/sourceTable-0903334.parq"),
        ("bias", "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"),
        ("flat", "FLAT/2013-11-03/HSC-R/FLAT-2013-11-03-HSC-R-016.fits"),
        ("sky", "SKY/2013-11-03/HSC-R/SKY-2013-11-03-HSC-R-016.fits"),
        ("bfKernel", "BFKERNEL/brighter_fatter_kernel.pkl"),
        ("transmission_sensor", "transmission/sensor-016.fits"),
        ("ref_cat", "ref_cats/ps1_pv3_3pi_20170110/189584.fits"),
        ("deepCoadd", "deepCoadd/HSC-R/0/1,1.fits"),
        ("deepCoadd_calexp", "deepCoadd-results/HSC-R/0/1,1/calexp-HSC-R-0-1,1.fits"),
        ("deepCoadd_directWarp", "deepCoadd/HSC-R/0/1,1/warp-HSC-R-0-1,1-903334.fits"),
    ],
)
def test_datasets_lie_where_gen2_put_them(hsc: HscMapper, name: str, expected: str) -> None:
    assert path(hsc, name, CALEXP) == expected


def test_defects_have_dates_with_colons(hsc: HscMapper) -> None:
    assert path(hsc, "defects", {"calibDate": "2013-01-31T00:00:00", "ccd": 16}) == (
        "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits"
    )


def test_no_two_dataset_types_share_a_place_and_every_path_reads_back(hsc: HscMapper) -> None:
    places: dict[tuple[str, str | None], str] = {}
    for name, kind in hsc.policy.dataset_types.items():
        if kind.template is None:
            continue
        found = kind.template.format(CALEXP)
        assert places.setdefault((found, kind.embedded), name) == name
        assert kind.template.parse(found) == DataId(CALEXP).subset(kind.keys)
    assert len(places) >= 85


def test_every_dataset_type_says_what_it_is(hsc: HscMapper) -> None:
    assert all(kind.description for kind in hsc.policy.dataset_types.values())


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("calexp", {"visit", "ccd"}),
        ("raw", {"visit", "ccd"}),
        ("sourceTable_visit", {"visit"}),
        ("visitSummary", {"visit"}),
        ("deepCoadd_directWarp", {"tract", "patch", "visit"}),
        ("deepCoadd_calexp", {"tract", "patch", "filter"}),
        ("forced_src", {"tract", "visit", "ccd"}),
        ("ref_cat", {"name", "pixel_id"}),
        ("src_schema", set()),
        ("ccdExposureId", {"visit", "ccd"}),
    ],
)
def test_few_keys_name_a_dataset(hsc: HscMapper, name: str, keys: set[str]) -> None:
    assert hsc.policy.required_keys(hsc.policy.dataset_type(name)) == keys


def test_computed_identifiers_are_those_of_gen2(hsc: HscMapper) -> None:
    observation = DataId(visit=903334, ccd=16)
    patch = DataId(tract=0, patch="1,1", filter="HSC-R")
    assert hsc.compute("ccdExposureId", observation) == 180666816
    assert hsc.compute("ccdExposureId_bits", DataId()) == 32
    assert hsc.compute("deepCoaddId", patch) == 8227
    assert hsc.compute("deepMergedCoaddId", patch) == 257
    assert hsc.compute("deepCoaddId_bits", DataId()) == 26
    assert hsc.compute("deepMergedCoaddId_bits", DataId()) == 21


@pytest.mark.parametrize(
    ("name", "band"),
    [("HSC-G", "g"), ("HSC-R2", "r"), ("HSC-I2", "i"), ("HSC-Y", "y"), ("ENG-R1", "r"),
     ("NB0387", "N387"), ("NB1010", "N1010"), ("IB0945", "I945"), ("NONE", "white"),
     ("W-S-ZR", "y"), ("SH", "SH"), ("Unrecognized", "unknown")],
)  # fmt: skip
def test_every_filter_has_a_band(hsc: HscMapper, name: str, band: str) -> None:
    assert hsc.compute("deepCoadd_band", DataId(filter=name)) == band


@pytest.mark.parametrize(
    "data_id",
    [
        {"tract": -1, "patch": "1,1"},
        {"tract": 2**17, "patch": "1,1"},
        {"tract": 0, "patch": "256,1"},
        {"tract": 0, "patch": "11"},
        {"tract": 0, "patch": "1,-1"},
    ],
)
def test_a_patch_without_a_number_is_refused(hsc: HscMapper, data_id: dict[str, object]) -> None:
    with pytest.raises(DataIdError, match="has no identifier"):
        hsc.compute("deepMergedCoaddId", DataId(data_id))


def test_every_computed_type_is_computed(hsc: HscMapper) -> None:
    declared = {
        name for name, kind in hsc.policy.dataset_types.items() if kind.category == "computed"
    }
    assert set(hsc.computations()) == declared
