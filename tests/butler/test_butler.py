"""Getting, putting and removing through one repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.invariants import broken_promises
from support.repositories import files_below

from butler.errors import (
    DatasetExistsError,
    DatasetNotFoundError,
    FormatterError,
    ReadOnlyError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.butler import Butler

ONE = {"visit": 903334, "ccd": 16}


class Unwritable:
    """No formatter knows this."""


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "outside.json"
    path.write_text('"outside"')
    yield path
    assert path.read_text() == '"outside"'  # never moved, changed or removed


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
