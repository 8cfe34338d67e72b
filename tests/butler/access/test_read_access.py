"""What a data ID means, and what is said when it means nothing."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

import pytest
from support.repositories import files_below, make_repository

from butler.butler import Butler
from butler.errors import (
    AmbiguousDataIdError,
    DataIdError,
    DatasetNotFoundError,
    ParameterError,
    UnknownDatasetTypeError,
    UnknownKeyError,
)

ONE = {"visit": 903334, "ccd": 16}


# Completing data IDs.


def test_keys_that_the_observation_fixes_are_completed(butler: Butler, data: Path) -> None:
    butler.put("there", "notes", ONE)
    assert files_below(data) == ["notes/00671/HSC-R/0903334-016.yaml"]
    assert butler.get("notes", ONE) == "there"


def test_any_subset_that_names_one_dataset_is_enough(butler: Butler) -> None:
    butler.put("there", "notes", ONE)
    assert butler.get("notes", pointing=671, ccd=16) == "there"
    assert butler.get("notes", filter="HSC-R", ccd="16") == "there"


def test_several_candidates_are_listed(butler: Butler) -> None:
    with pytest.raises(AmbiguousDataIdError) as caught:
        butler.get("notes", visit=903334)
    assert "ccd=16" in str(caught.value)
    assert "ccd=17" in str(caught.value)
    assert "903986" not in str(caught.value)


def test_a_key_that_contradicts_the_observation_is_refused(butler: Butler) -> None:
    butler.put("there", "summary", ONE)
    butler.put("there", "notes", ONE)
    with pytest.raises(DatasetNotFoundError, match="there is filter=HSC-R"):
        butler.get("summary", ONE, filter="HSC-I")
    with pytest.raises(DatasetNotFoundError, match="there is expTime=30"):
        butler.get("notes", ONE, expTime=99.0)
    assert not butler.dataset_exists("summary", ONE, filter="HSC-I")
    assert butler.get("summary", ONE, filter="HSC-R") == "there"


def test_keys_beside_the_point_are_no_contradiction(butler: Butler) -> None:
    butler.put("there", "settings")
    butler.put("unobserved", "summary", visit=1, ccd=2)
    assert butler.get("settings", visit=1, ccd=2) == "there"
    assert butler.get("settings", tract=0, patch="1,1", filter="NOBODY") == "there"
    assert butler.get("summary", visit=1, ccd=2, filter="HSC-R") == "unobserved"


def test_extra_keys_are_no_contradiction_where_nothing_is_observed(tmp_path: Path) -> None:
    empty = make_repository(tmp_path / "EMPTY")
    empty.put("there", "settings")
    assert empty.get("settings", tract=0, patch="1,1") == "there"


@pytest.mark.parametrize("given", [{"filter": "HSC-R"}, {"filter": "HSC-R", "tract": 1}])
def test_tract_and_patch_are_never_guessed(butler: Butler, given: dict[str, object]) -> None:
    butler.put("only one", "patchNotes", filter="HSC-R", tract=1, patch="2,3")
    with pytest.raises(DataIdError, match="never guessed"):
        butler.get("patchNotes", given)
    assert butler.get("patchNotes", filter="HSC-R", tract=1, patch="2,3") == "only one"


def test_an_unobserved_visit_is_completed_from_the_datasets_there_are(butler: Butler) -> None:
    butler.put("there", "notes", visit=7, ccd=1, pointing=1, filter="HSC-G")
    assert butler.get("notes", visit=7) == "there"
    with pytest.raises(DatasetNotFoundError):
        butler.get("notes", visit=8)


def test_the_observed_date_of_a_named_dataset_is_not_needed(butler: Butler) -> None:
    butler.put("a text", "text", name="one")
    assert butler.get("text") == "a text"
    butler.put("a text", "text", name="two")
    with pytest.raises(AmbiguousDataIdError, match="name=one"):
        butler.get("text")


# Names that nobody knows.


def test_a_misspelt_dataset_type_gets_a_suggestion(butler: Butler) -> None:
    for ask in (butler.get, butler.dataset_exists, butler.get_uri, butler.query, butler.subset):
        with pytest.raises(UnknownDatasetTypeError, match="Did you mean 'summary'"):
            ask("sumary")


def test_a_misspelt_key_gets_a_suggestion(butler: Butler) -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'visit'"):
        butler.get("summary", vist=1, ccd=2)
    with pytest.raises(UnknownKeyError, match="Did you mean 'ccd'"):
        butler.put(1, "summary", {"visit": 1, "cdc": 2})
    with pytest.raises(UnknownKeyError, match="Did you mean 'filter'"):
        butler.query("summary", fliter="HSC-R")


def test_a_misspelt_parameter_gets_a_suggestion(butler: Butler) -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'bbox'"):
        butler.get("picture", ONE, bbx=1)


def test_a_parameter_of_another_formatter_is_refused(butler: Butler) -> None:
    butler.put(1, "summary", ONE)
    with pytest.raises(ParameterError, match="takes: none at all"):
        butler.get("summary", ONE, bbox="0:1,0:1")
    with pytest.raises(ParameterError, match="not a write parameter"):
        butler.put(1, "summary", ONE, columns=["a"])


def test_a_value_of_the_wrong_kind_names_its_key(butler: Butler) -> None:
    with pytest.raises(DataIdError, match="visit='abc' does not fit"):
        butler.get("summary", visit="abc", ccd=1)
    with pytest.raises(DataIdError, match="ccd"):
        butler.get("summary", visit=1, ccd=[1, 2])


def test_what_is_not_found_names_every_place_and_the_way_on(rerun: Butler, data: Path) -> None:
    with pytest.raises(DatasetNotFoundError) as caught:
        rerun.get("summary", ONE)
    text = str(caught.value)
    assert str(data / "rerun" / "one" / "summary" / "0903334-016.json") in text
    assert str(data / "summary" / "0903334-016.json") in text
    assert "butler ls" in text
    assert "visit=903334 ccd=16" in text


def test_lazy_reading_is_refused_with_the_way_out(butler: Butler) -> None:
    with pytest.raises(ParameterError, match="data_ref"):
        butler.get("summary", ONE, immediate=False)
    butler.put(1, "summary", ONE)
    assert butler.get("summary", ONE, immediate=True) == 1


# Values that are no plain words.


class Band(str, Enum):  # noqa: UP042 - the older form is what is tested
    """Old code has such keys."""

    RED = "HSC-R"


@pytest.mark.parametrize(
    "value", ["a b", "with/slash", "..", ".hidden", "-dash", "100%", "ünï", "%2e%2e", "a,b", "~x"]
)
def test_a_text_of_any_characters_is_kept_apart_and_found_again(
    butler: Butler, data: Path, value: str
) -> None:
    butler.put(value, "text", name=value)
    butler.put("another", "text", name="another")
    assert butler.get("text", name=value) == value
    assert [row["name"] for row in butler.query("text", name=value)] == [value]
    assert len(files_below(data)) == 2
    assert all(Path(path).parent == Path("text") for path in files_below(data))


def test_an_enumeration_of_texts_is_its_value(butler: Butler) -> None:
    butler.put(1, "patchNotes", filter=Band.RED, tract=1, patch="0,0")
    assert butler.get("patchNotes", filter="HSC-R", tract=1, patch="0,0") == 1


# Where a dataset is, and where it would be.


def test_the_uri_of_a_new_dataset_is_told_without_writing(rerun: Butler, data: Path) -> None:
    uri = rerun.get_uri("summary", ONE, write=True)
    assert uri == str(data / "rerun" / "one" / "summary" / "0903334-016.json")
    assert not os.path.exists(uri)
    with pytest.raises(DatasetNotFoundError):
        rerun.get_uri("summary", ONE)


def test_existence_for_writing_asks_the_outputs_alone(butler: Butler, rerun: Butler) -> None:
    butler.put(1, "summary", ONE)
    assert rerun.dataset_exists("summary", ONE)
    assert not rerun.dataset_exists("summary", ONE, write=True)
    rerun.put(2, "summary", ONE)
    assert rerun.dataset_exists("summary", ONE, write=True)


def test_existence_for_writing_without_outputs_is_no(data: Path, butler: Butler) -> None:
    butler.put(1, "summary", ONE)
    reader = Butler(inputs=data)
    assert reader.dataset_exists("summary", ONE)
    assert not reader.dataset_exists("summary", ONE, write=True)


# Explanations.


def test_an_explanation_names_the_steps(butler: Butler, rerun: Butler, data: Path) -> None:
    butler.put("there", "notes", ONE)
    explanation = rerun.explain("notes", pointing=671, ccd=16)
    assert explanation.uri == str(data / "notes/00671/HSC-R/0903334-016.yaml")
    assert explanation.completed == {**ONE, "filter": "HSC-R", "pointing": 671}
    text = str(explanation)
    assert "completed by the registry: filter=HSC-R visit=903334" in text
    assert "1. " in text
    assert "2. " in text
    assert "found" in text


def test_an_explanation_of_what_is_not_there_raises_nothing(butler: Butler) -> None:
    assert butler.explain("summary", ONE).uri is None
    assert "not found" in str(butler.explain("summary", ONE))
    assert "ccd=17" in str(butler.explain("notes", visit=903334))
    assert butler.explain("ccdExposureId", ONE).uri is None


def test_closing_a_butler_twice_and_using_it_again_works(data: Path) -> None:
    with Butler(data) as butler:
        butler.put(1, "summary", ONE)
    butler.close()
    assert butler.get("summary", ONE) == 1
    butler.close()
