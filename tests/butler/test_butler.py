"""Getting, putting and removing through one repository."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.invariants import broken_promises
from support.repositories import files_below, make_repository, observation

from butler.butler import Butler
from butler.errors import (
    AmbiguousDataIdError,
    DataIdError,
    DatasetExistsError,
    DatasetNotFoundError,
    FormatterError,
    ParameterError,
    ReadOnlyError,
    StorageError,
    UnknownDatasetTypeError,
    UnknownKeyError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = {"visit": 903334, "ccd": 16}


class Unwritable:
    """No formatter knows this."""


def test_put_then_get_returns_an_equal_object(butler: Butler) -> None:
    butler.put({"mean": 1.5}, "summary", ONE)
    assert butler.get("summary", ONE) == {"mean": 1.5}


def test_the_file_lies_where_the_template_says(butler: Butler, data: Path) -> None:
    butler.put({"mean": 1.5}, "summary", ONE)
    path = data / "summary" / "0903334-016.json"
    assert json.loads(path.read_text()) == {"mean": 1.5}
    assert butler.get_uri("summary", ONE) == str(path)


def test_keywords_win_over_the_data_id(butler: Butler) -> None:
    butler.put(16, "summary", ONE)
    butler.put(17, "summary", ONE, ccd=17)
    assert butler.get("summary", ONE, ccd=17) == 17
    assert butler.get("summary", ONE) == 16


# What Gen2 got wrong (W1, W5, W8, W9, W15).


def test_a_failed_put_leaves_nothing_and_the_dataset_does_not_exist(
    butler: Butler, data: Path
) -> None:
    with pytest.raises(FormatterError, match="could not be written as 'summary'"):
        butler.put({"a": Unwritable()}, "summary", ONE)
    with pytest.raises(FormatterError):
        butler.put("not pixels", "picture", ONE)
    assert not butler.dataset_exists("summary", ONE)
    assert not butler.dataset_exists("picture", ONE)
    assert files_below(data) == []
    assert broken_promises(data) == []


def test_a_dataset_that_was_just_written_can_be_read_from_the_output(rerun: Butler) -> None:
    rerun.put(1, "summary", ONE)
    assert rerun.get("summary", ONE) == 1
    assert rerun.dataset_exists("summary", ONE)


@pytest.mark.parametrize(
    "spelled",
    [
        {"visit": np.int64(903334), "ccd": np.uint8(16)},
        {"visit": "903334", "ccd": "016"},
        {"visit": 903334.0, "ccd": np.float32(16)},
        {"visit": np.array(903334), "ccd": np.str_("16")},
    ],
)
def test_numpy_scalars_and_digit_strings_name_the_same_dataset(
    butler: Butler, spelled: dict[str, object]
) -> None:
    butler.put("there", "summary", ONE)
    assert butler.get("summary", spelled) == "there"
    assert butler.dataset_exists("summary", spelled)
    assert len(butler.query("summary", **spelled).to_table()) == 1


def test_all_template_keys_given_need_no_completion(butler: Butler) -> None:
    every = {**ONE, "filter": "HSC-R", "pointing": 671}
    butler.put("there", "notes", every)
    assert butler.get("notes", every) == "there"
    assert butler.dataset_exists("notes", every)


def test_asking_whether_a_dataset_exists_reads_no_file(butler: Butler, data: Path) -> None:
    butler.put(1, "summary", ONE)
    path = data / "summary" / "0903334-016.json"
    path.write_text("no json")
    assert butler.dataset_exists("summary", ONE)
    assert butler.get_uri("summary", ONE) == str(path)


def test_a_dataset_whose_file_is_gone_does_not_exist_and_get_says_so(
    butler: Butler, data: Path
) -> None:
    butler.put(1, "summary", ONE)
    (data / "summary" / "0903334-016.json").unlink()
    assert not butler.dataset_exists("summary", ONE)
    with pytest.raises(DatasetNotFoundError, match="the file is gone"):
        butler.get("summary", ONE)


# Putting again.


def test_putting_the_same_content_again_changes_nothing(butler: Butler, data: Path) -> None:
    butler.put({"a": 1}, "summary", ONE)
    before = (data / "summary" / "0903334-016.json").stat()
    butler.put({"a": 1}, "summary", ONE)
    after = (data / "summary" / "0903334-016.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert files_below(data) == ["summary/0903334-016.json"]


def test_putting_other_content_is_refused_and_keeps_the_first(butler: Butler, data: Path) -> None:
    butler.put("first", "summary", ONE)
    with pytest.raises(DatasetExistsError, match="replace=True"):
        butler.put("second", "summary", ONE)
    assert butler.get("summary", ONE) == "first"
    assert files_below(data) == ["summary/0903334-016.json"]


def test_replace_takes_the_place_of_the_old_content(butler: Butler, data: Path) -> None:
    butler.put("first", "summary", ONE)
    butler.put("second", "summary", ONE, replace=True)
    assert butler.get("summary", ONE) == "second"
    assert butler.query("summary").count() == 1
    assert broken_promises(data) == []


def test_replace_of_nothing_is_a_put(butler: Butler) -> None:
    butler.put("first", "summary", ONE, replace=True)
    assert butler.get("summary", ONE) == "first"


def test_backup_keeps_each_replaced_file_under_the_next_number(butler: Butler, data: Path) -> None:
    for content in ("first", "second", "third"):
        butler.put(content, "summary", ONE, backup=True)
    assert butler.get("summary", ONE) == "third"
    assert json.loads((data / "summary" / "0903334-016.json~1").read_text()) == "first"
    assert json.loads((data / "summary" / "0903334-016.json~2").read_text()) == "second"


def test_the_old_word_for_backup_works(butler: Butler, data: Path) -> None:
    butler.put("first", "summary", ONE)
    butler.put("second", "summary", ONE, doBackup=True)
    assert butler.get("summary", ONE) == "second"
    assert json.loads((data / "summary" / "0903334-016.json~1").read_text()) == "first"


def test_putting_the_same_content_brings_back_a_file_that_is_gone(
    butler: Butler, data: Path
) -> None:
    butler.put("first", "summary", ONE)
    (data / "summary" / "0903334-016.json").unlink()
    with pytest.raises(DatasetExistsError):
        butler.put("second", "summary", ONE)
    butler.put("first", "summary", ONE)
    assert butler.get("summary", ONE) == "first"
    assert butler.query("summary").count() == 1


def test_a_backup_of_a_file_that_is_gone_is_a_replacement(butler: Butler, data: Path) -> None:
    butler.put("first", "summary", ONE)
    (data / "summary" / "0903334-016.json").unlink()
    butler.put("second", "summary", ONE, backup=True)
    assert butler.get("summary", ONE) == "second"


def test_a_backup_of_a_file_elsewhere_leaves_it_there(
    butler: Butler, data: Path, outside: Path
) -> None:
    butler.register("summary", [(outside, ONE)])
    butler.put("mine", "summary", ONE, backup=True)
    assert butler.get("summary", ONE) == "mine"
    assert [path for path in files_below(data) if "~" in path] == []


def test_a_calibration_lies_where_gen2_kept_it_and_is_read_back(butler: Butler, data: Path) -> None:
    """Gen2 wrote it beside the data and read the old one (W4)."""
    butler.put(np.zeros(3), "bfKernel")
    assert files_below(data) == ["CALIB/BFKERNEL/brighter_fatter_kernel.pkl"]
    butler.put(np.ones(3), "bfKernel", replace=True)
    np.testing.assert_array_equal(butler.get("bfKernel", ONE), np.ones(3))  # type: ignore[arg-type]


# Removing.


def test_a_removed_dataset_is_gone_with_its_file_and_can_be_put_again(
    butler: Butler, data: Path
) -> None:
    butler.put("first", "summary", ONE)
    butler.remove("summary", ONE)
    assert not butler.dataset_exists("summary", ONE)
    assert files_below(data) == []
    butler.put("second", "summary", ONE)
    assert butler.get("summary", ONE) == "second"


def test_a_replaced_dataset_can_be_removed_and_put_again(butler: Butler, data: Path) -> None:
    butler.put("first", "summary", ONE)
    butler.put("second", "summary", ONE, replace=True)
    butler.remove("summary", ONE)
    butler.put("third", "summary", ONE)
    assert butler.get("summary", ONE) == "third"
    assert broken_promises(data) == []


def test_removing_what_is_not_there_says_where_it_was_looked_for(butler: Butler) -> None:
    with pytest.raises(DatasetNotFoundError, match="Looked at"):
        butler.remove("summary", ONE)


def test_what_a_parent_holds_is_not_removed(butler: Butler, rerun: Butler) -> None:
    butler.put(1, "summary", ONE)
    with pytest.raises(ReadOnlyError, match="only reads"):
        rerun.remove("summary", ONE)
    assert rerun.get("summary", ONE) == 1


def test_a_removed_dataset_of_a_rerun_uncovers_that_of_its_parent(
    butler: Butler, rerun: Butler
) -> None:
    butler.put("below", "summary", ONE)
    rerun.put("above", "summary", ONE)
    rerun.remove("summary", ONE)
    assert rerun.get("summary", ONE) == "below"


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


# Composites and computed dataset types.


def test_a_composite_is_written_and_read_by_its_parts(butler: Butler, data: Path) -> None:
    butler.put({"numbers": [1, 2], "words": "a b"}, "pair", ONE)
    assert butler.get("summary", ONE) == [1, 2]
    assert butler.get("pair", ONE) == {"numbers": [1, 2], "words": "a b"}
    assert butler.get("pair.words", ONE) == "a b"
    assert butler.dataset_exists("pair", ONE)
    assert len(files_below(data)) == 2


def test_a_composite_with_a_bad_part_leaves_no_part(butler: Butler, data: Path) -> None:
    with pytest.raises(FormatterError):
        butler.put({"numbers": 1, "words": Unwritable()}, "pair", ONE)
    assert files_below(data) == []
    assert not butler.dataset_exists("pair", ONE)


def test_a_composite_needs_exactly_its_parts(butler: Butler) -> None:
    with pytest.raises(FormatterError, match="numbers, words"):
        butler.put({"numbers": 1}, "pair", ONE)


def test_a_composite_is_removed_by_its_parts(butler: Butler, data: Path) -> None:
    butler.put({"numbers": 1, "words": 2}, "pair", ONE)
    butler.remove("pair", ONE)
    assert files_below(data) == []


def test_a_composite_exists_only_with_all_its_parts(butler: Butler) -> None:
    butler.put({"numbers": 1, "words": 2}, "pair", ONE)
    butler.remove("notes", ONE)
    assert not butler.dataset_exists("pair", ONE)


def test_a_computed_dataset_is_got_and_never_put(butler: Butler) -> None:
    assert butler.get("ccdExposureId", ONE) == 903334 * 200 + 16
    assert butler.dataset_exists("ccdExposureId", ONE)
    with pytest.raises(FormatterError, match="cannot be put"):
        butler.put(1, "ccdExposureId", ONE)
    with pytest.raises(FormatterError, match="cannot be put"):
        butler.put_file(__file__, "ccdExposureId", ONE)
    with pytest.raises(FormatterError, match="cannot be put"):
        butler.register("ccdExposureId", [(__file__, ONE)])


def test_a_component_is_never_put(butler: Butler) -> None:
    for name in ("picture.bbox", "picture_md", "picture_sub", "summary_filename"):
        with pytest.raises(FormatterError, match="cannot be put"):
            butler.put(1, name, ONE)
        with pytest.raises(FormatterError, match="cannot be put"):
            butler.put_file(__file__, name, ONE)


# Files that are there already.


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "outside.json"
    path.write_text('"outside"')
    yield path
    assert path.read_text() == '"outside"'  # never moved, changed or removed


def test_a_file_is_copied_in_and_stays(butler: Butler, data: Path, outside: Path) -> None:
    butler.put_file(outside, "summary", ONE)
    assert butler.get("summary", ONE) == "outside"
    assert files_below(data) == ["summary/0903334-016.json"]
    butler.remove("summary", ONE)


def test_a_file_that_is_not_there_cannot_be_copied_in(butler: Butler, data: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.json cannot be copied"):
        butler.put_file(data / "nowhere.json", "summary", ONE)
    assert files_below(data) == []


def test_a_file_is_registered_where_it_lies_and_never_removed(
    butler: Butler, data: Path, outside: Path
) -> None:
    assert butler.register("summary", [(outside, ONE)]) == 1
    assert butler.get("summary", ONE) == "outside"
    assert butler.get_uri("summary", ONE) == str(outside)
    assert files_below(data) == []
    butler.remove("summary", ONE)
    assert not butler.dataset_exists("summary", ONE)


def test_a_registered_batch_with_one_conflict_is_left_out_whole(
    butler: Butler, outside: Path
) -> None:
    butler.put(1, "summary", ONE)
    with pytest.raises(DatasetExistsError):
        butler.register("summary", [(outside, {**ONE, "ccd": 17}), (outside, ONE)])
    assert butler.query("summary").count() == 1


def test_registering_needs_every_key_and_a_file(butler: Butler, outside: Path) -> None:
    with pytest.raises(DataIdError, match="lacks ccd"):
        butler.register("summary", [(outside, {"visit": 1})])
    with pytest.raises(StorageError, match="cannot be registered"):
        butler.register("summary", [(outside.with_name("nowhere"), ONE)])
    assert butler.query("summary").count() == 0


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


def test_putting_copies_the_observation_into_the_rerun(rerun: Butler) -> None:
    rerun.put(1, "summary", ONE)
    own = Butler(rerun.outputs[0].root).repositories[0]
    rows = own.observations(("filter", "expTime"), {"visit": 903334, "ccd": 16}, 2)
    assert rows == [("HSC-R", 30.0)]


def test_an_observation_is_copied_even_if_the_first_put_failed(rerun: Butler, data: Path) -> None:
    with pytest.raises(FormatterError), rerun.transaction():  # noqa: PT012 - the block is tested
        rerun.put(1, "summary", ONE)
        rerun.put(Unwritable(), "summary", ONE, ccd=17)
    rerun.put(1, "summary", ONE)
    (row,) = rerun.query("summary", where="expTime > 20")
    assert row.repository.root == str(data / "rerun" / "one")


def test_a_conflicting_put_does_not_reach_only_some_outputs(tmp_path: Path) -> None:
    for name in ("A", "B"):
        make_repository(tmp_path / name, observations=[observation(1, 2)])
    both = Butler(outputs=[tmp_path / "A", tmp_path / "B"])
    both.put("same", "summary", visit=1, ccd=2)
    for name in ("A", "B"):
        assert Butler(tmp_path / name).get("summary", visit=1, ccd=2) == "same"
    with pytest.raises(FormatterError):
        both.put(Unwritable(), "notes", visit=1, ccd=2)
    assert files_below(tmp_path / "A") == files_below(tmp_path / "B")
    both.remove("summary", visit=1, ccd=2)
    assert files_below(tmp_path / "A") == files_below(tmp_path / "B") == []


# Several at once.


def _put_all(root: str, content: str) -> list[int]:
    """Put twenty datasets, and return the ccds for which this process was the first."""
    won = []
    with Butler(root) as butler:
        for ccd in range(20):
            try:
                butler.put(content * 1000, "summary", visit=1, ccd=ccd)
            except DatasetExistsError:
                continue
            won.append(ccd)
    return won


def test_of_processes_that_put_one_dataset_exactly_one_wins(data: Path, butler: Butler) -> None:
    contents = ["a", "b", "c", "d"]
    with get_context("spawn").Pool(4) as pool:
        won = pool.starmap(_put_all, [(str(data), content) for content in contents])
    assert sorted(ccd for ccds in won for ccd in ccds) == list(range(20))
    for content, ccds in zip(contents, won, strict=True):
        for ccd in ccds:
            assert butler.get("summary", visit=1, ccd=ccd) == content * 1000
    assert broken_promises(data) == []
    assert list(data.rglob(".tmp-*")) == []


def test_threads_that_replace_one_dataset_all_succeed(data: Path, butler: Butler) -> None:
    def work(number: int) -> None:
        butler.put(number, "summary", visit=1, ccd=number // 8, replace=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    assert butler.query("summary").count() == 10
    for row in butler.query("summary"):
        content = butler.get("summary", row.data_id)
        assert isinstance(content, int)
        assert content // 8 == row["ccd"]
    assert broken_promises(data) == []


def test_threads_that_put_the_same_content_all_succeed(data: Path, butler: Butler) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: butler.put(n // 8, "summary", visit=1, ccd=n // 8), range(80)))
    assert butler.query("summary").count() == 10
    assert broken_promises(data) == []
    assert list(data.rglob(".tmp-*")) == []
