"""Mappers: headers to registry columns, computed identifiers."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from butler.data_id import DataId
from butler.errors import DataIdError, IngestError, PolicyError, UnknownDatasetTypeError
from butler.mapper import Mapper
from mappers.hsc import HscMapper

if TYPE_CHECKING:
    from pathlib import Path

    from butler.mapper import Header

POLICY = """\
name: tiny
keys: {visit: int, ccd: int, filter: str, temperature: float, note: str}
observation:
  columns: [visit, ccd, filter, temperature, note]
  unique: [visit, ccd]
header:
  recognised_by: {INSTRUME: Tiny*, EXP-ID: TNY*}
  columns:
    visit: VISIT
    ccd: {function: read_ccd}
    filter: FILTER
    temperature: {card: TEMP, default: -100}
    note: NOTE
dataset_types:
  raw: {category: raw, template: "{filter}/{visit:05d}-{ccd:02d}.fits", storage_class: Image}
"""
HEADER = {"INSTRUME": "Tiny Camera ", "VISIT": 7, "CHIP": 3, "FILTER": "r  "}


@pytest.fixture
def mapper(tmp_path: Path) -> Mapper:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")

    class TinyMapper(Mapper):
        policy_path = path

        def read_ccd(self, header: Header) -> object:
            return header.get("CHIP")

    return TinyMapper()


def test_every_column_of_the_policy_is_filled_with_its_type(mapper: Mapper) -> None:
    assert dict(mapper.translate({**HEADER, "VISIT": "007"})) == {
        "visit": 7, "ccd": 3, "filter": "r", "temperature": -100.0, "note": None,
    }  # fmt: skip


def test_a_file_is_recognised_by_any_of_the_cards(mapper: Mapper) -> None:
    header = {"EXP-ID": "tny0001", "VISIT": 7, "CHIP": 3, "FILTER": "r"}
    assert mapper.translate(header)["visit"] == 7


def test_a_file_of_another_camera_is_refused_with_what_it_says(mapper: Mapper) -> None:
    with pytest.raises(
        IngestError, match="no file of tiny: INSTRUME says 'MegaPrime', EXP-ID is missing"
    ):
        mapper.translate({**HEADER, "INSTRUME": "MegaPrime"})


@pytest.mark.parametrize("card", ["VISIT", "CHIP", "FILTER"])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_column_without_which_a_file_has_no_place_must_be_there(
    mapper: Mapper, card: str, value: str | None
) -> None:
    with pytest.raises(IngestError, match="does not tell"):
        mapper.translate({**HEADER, card: value})


@pytest.mark.parametrize("value", ["seven", 7.5, True, [7], 2**70])
def test_a_card_that_is_no_value_of_its_column_is_refused(mapper: Mapper, value: object) -> None:
    with pytest.raises(IngestError, match=r"'visit' cannot be used \(it is read from VISIT\)"):
        mapper.translate({**HEADER, "VISIT": value})


def test_a_wrong_card_without_which_a_file_has_a_place_costs_a_warning_alone(
    mapper: Mapper, caplog: pytest.LogCaptureFixture
) -> None:
    found = mapper.translate({**HEADER, "TEMP": "##NODATA##", "NOTE": 1.5})
    assert (found["temperature"], found["note"]) == (-100.0, None)
    assert "'temperature' cannot be used (it is read from TEMP)" in caplog.text
    assert "'note' cannot be used" in caplog.text


def test_a_fits_logical_is_a_number_where_a_number_is_the_default(mapper: Mapper) -> None:
    assert mapper.translate({**HEADER, "TEMP": True})["temperature"] == 1.0


class BrokenCards(Mapping[str, object]):
    """A header of which one card cannot be read."""

    def __init__(self, broken: str) -> None:
        self.broken = broken

    def __getitem__(self, card: str) -> object:
        if card == self.broken:
            message = f"{card} holds no text"
            raise IngestError(message)
        return HEADER[card]

    def __iter__(self) -> Iterator[str]:
        return iter([*HEADER, self.broken])

    def __len__(self) -> int:
        return len(list(iter(self)))


def test_a_broken_card_that_is_needed_passes_its_reason_on(mapper: Mapper) -> None:
    with pytest.raises(IngestError, match=r"^FILTER holds no text$"):
        mapper.translate(BrokenCards("FILTER"))


def test_a_broken_card_that_nobody_needs_does_no_harm(mapper: Mapper) -> None:
    assert mapper.translate(BrokenCards("COMMENT"))["visit"] == 7


def test_a_policy_that_names_a_missing_function_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")

    class Forgetful(Mapper):
        policy_path = path

    with pytest.raises(PolicyError, match="'read_ccd', but Forgetful has no such method"):
        Forgetful()


def test_a_computed_dataset_takes_what_a_user_types() -> None:
    assert HscMapper().compute("ccdExposureId", DataId(visit="903334", ccd=16.0)) == 180666816


def test_a_computed_dataset_names_the_key_it_lacks() -> None:
    with pytest.raises(DataIdError, match="'ccdExposureId' needs the key 'ccd'"):
        HscMapper().compute("ccdExposureId", DataId(visit=1))


def test_what_is_not_computed_is_refused() -> None:
    with pytest.raises(UnknownDatasetTypeError, match="ccdExposureId"):
        HscMapper().compute("ccdExposureIdd", DataId(visit=1))


def test_a_mapper_is_sent_to_another_process_by_its_class() -> None:
    sent = pickle.dumps(HscMapper())
    assert len(sent) < 100
    assert pickle.loads(sent).policy == HscMapper().policy
