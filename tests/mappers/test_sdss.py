"""SDSS: the real files of the stack's demonstration lie where the templates say."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from butler.data_id import DataId
from butler.errors import DataIdError, IngestError
from butler.mapper_lookup import find_mapper

if TYPE_CHECKING:
    from pathlib import Path

    from butler.mapper import Mapper

FIELD = {"run": 4192, "rerun": 40, "camcol": 4, "filter": "r", "field": 300}
HEADER = {
    "ORIGIN": "SDSS", "RUN": 5754, "CAMCOL": 3, "FRAME": 280, "FILTER": "r", "STRIPE": 82,
    "STRIP": "N", "DATE-OBS": "2005-09-01", "TAIHMS": "08:12:01.10",
}  # fmt: skip


@pytest.fixture(scope="module")
def sdss() -> Mapper:
    return find_mapper("sdss")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fpC", "4192/40/corr/4/fpC-004192-r4-0300.fit"),
        ("fpM", "4192/40/objcs/4/fpM-004192-r4-0300.fit"),
        ("psField", "4192/40/objcs/4/psField-004192-4-0300.fit"),
        ("asTrans", "4192/40/astrom/asTrans-004192.fit"),
        ("tsField", "4192/40/calibChunks/4/tsField-004192-4-40-0300.fit"),
        ("calexp", "sci-results/4192/4/r/calexp/calexp-004192-r4-0300.fits"),
    ],
)
def test_datasets_lie_where_gen2_put_them(sdss: Mapper, name: str, expected: str) -> None:
    template = sdss.policy.dataset_type(name).template
    assert template is not None
    assert template.format(FIELD) == expected
    assert template.parse(expected) == DataId(FIELD).subset(template.keys)


def test_every_file_of_the_demonstration_has_a_dataset_type(
    sdss: Mapper, shared_data: Path
) -> None:
    root = shared_data / "sdss_demo" / "input"
    templates = [
        kind.template for kind in sdss.policy.dataset_types.values() if kind.template is not None
    ]
    files = [file.relative_to(root) for file in root.rglob("*.fit*")]
    nameless = [
        str(file)
        for file in files
        if file.name != "master_schema.fits"
        and not any(template.parse(str(file).removesuffix(".gz")) for template in templates)
    ]
    assert len(files) > 60
    assert nameless == []


def test_a_real_header_gives_the_row_of_the_real_registry(sdss: Mapper, shared_data: Path) -> None:
    root = shared_data / "sdss_demo" / "input"
    header = fits.getheader(root / "4192/40/corr/4/fpC-004192-r4-0300.fit.gz")
    found = sdss.translate(header)
    url = f"file:{root / 'registry.sqlite3'}?mode=ro&immutable=1"
    connection = sqlite3.connect(url, uri=True)
    (row,) = connection.execute(
        "SELECT run, rerun, filter, camcol, field, trim(strip) FROM raw WHERE filter = 'r'"
    )
    connection.close()
    names = ("run", "rerun", "filter", "camcol", "field", "strip")
    assert tuple(found[name] for name in names) == row
    assert found["taiObs"] == "2003-10-19T04:43:34.68"


def test_a_rerun_that_the_header_tells_is_taken(sdss: Mapper) -> None:
    assert sdss.translate(HEADER)["rerun"] == 40
    assert sdss.translate({**HEADER, "RERUN": "41"})["rerun"] == 41


def test_a_file_of_another_survey_is_refused(sdss: Mapper) -> None:
    with pytest.raises(IngestError, match="ORIGIN says 'CFHT'"):
        sdss.translate({**HEADER, "ORIGIN": "CFHT"})


def test_a_header_without_a_time_or_a_stripe_is_taken(sdss: Mapper) -> None:
    header = {**HEADER, "TAIHMS": None, "STRIPE": None}
    found = sdss.translate(header)
    assert (found["taiObs"], found["strip"]) == (None, None)


def test_levels_leave_out_the_keys_that_gen2_left_out(sdss: Mapper) -> None:
    keys = sdss.policy.dataset_type("fpC").key_set
    left = {level: set(keys) - set(removed) for level, removed in sdss.policy.levels.items()}
    assert left["run"] == {"run", "rerun"}
    assert left["camcol"] == {"run", "rerun", "camcol"}
    assert left["field"] == {"run", "rerun", "camcol", "field"}
    assert left["filter"] == set(keys)
    assert sdss.policy.default_level == "field"


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("fpC", {"run", "filter", "camcol", "field"}),
        ("calexp", {"run", "filter", "camcol", "field"}),
        ("psField", {"run", "camcol", "field"}),
        ("asTrans", {"run"}),
    ],
)
def test_few_keys_name_a_dataset(sdss: Mapper, name: str, keys: set[str]) -> None:
    assert sdss.policy.required_keys(sdss.policy.dataset_type(name)) == keys


def test_the_raw_type_is_the_corrected_image(sdss: Mapper) -> None:
    assert sdss.policy.raw_types == ("fpC",)


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"run": 4192, "filter": "r", "camcol": 4, "field": 300}, 4192240300),
        ({"run": 6537, "filter": "r", "camcol": 3, "field": 514}, 6537230514),
        ({"run": 4933, "filter": "g", "camcol": 3, "field": 748}, 4933130748),
    ],
)
def test_exposures_have_the_numbers_of_gen2(
    sdss: Mapper, values: dict[str, object], number: int
) -> None:
    assert sdss.compute("ccdExposureId", DataId(values)) == number
    assert sdss.compute("ccdExposureId_bits", DataId()) == 38
    assert number < 2**38


def test_a_coadd_has_a_number_of_37_bits(sdss: Mapper) -> None:
    largest = DataId(tract=127, patch="8191,8191", filter="z")
    assert sdss.compute("deepCoaddId", DataId(tract=1, patch="2,3", filter="i")) == (
        ((1 * 8192 + 2) * 8192 + 3) * 8 + 3
    )
    assert sdss.compute("deepCoaddId_bits", DataId()) == 37
    assert sdss.compute("deepCoaddId", largest) < 2**37  # type: ignore[operator]


@pytest.mark.parametrize(
    "values",
    [{"filter": "y"}, {"filter": "ug"}, {"tract": 128}, {"patch": "8192,0"}, {"patch": "1"}],
)
def test_what_has_no_number_is_refused(sdss: Mapper, values: dict[str, object]) -> None:
    with pytest.raises(DataIdError):
        sdss.compute("deepCoaddId", DataId({"tract": 1, "patch": "2,3", "filter": "i", **values}))
