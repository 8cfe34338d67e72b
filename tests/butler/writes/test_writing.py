"""Composites, files that are there already, and several writers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises
from support.repositories import files_below, make_repository, observation

from butler.butler import Butler
from butler.errors import (
    DataIdError,
    DatasetExistsError,
    FormatterError,
    ParameterError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = {"visit": 903334, "ccd": 16}


class Unwritable:
    """No formatter knows this."""


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


def test_the_parts_of_a_composite_are_its_only_components(butler: Butler) -> None:
    butler.put({"numbers": 1, "words": 2}, "pair", ONE)
    with pytest.raises(FormatterError, match=r"Did you mean 'words'\? .*numbers, words"):
        butler.get("pair.word", ONE)
    with pytest.raises(FormatterError, match="numbers, words"):
        butler.get("pair_filename", ONE)
    with pytest.raises(FormatterError, match="components are: none"):
        butler.get("ccdExposureId_filename", ONE)


def test_what_has_no_file_has_no_uri_and_says_why(butler: Butler) -> None:
    for write in (False, True):
        with pytest.raises(FormatterError, match="composed of summary, notes"):
            butler.get_uri("pair", ONE, write=write)
        with pytest.raises(FormatterError, match="it is computed"):
            butler.get_uri("ccdExposureId", ONE, write=write)


def test_a_composite_is_explained_by_its_parts(butler: Butler) -> None:
    butler.put({"numbers": 1, "words": 2}, "pair", ONE)
    text = str(butler.explain("pair", ONE))
    assert text.count("found ") == 2
    assert butler.explain("pair.numbers", ONE).uri == butler.get_uri("summary", ONE)
    assert butler.query("pair").count() == 0
    assert len(butler.subset("pair")) == 0


def test_a_question_of_another_kind_is_refused_with_the_right_form(butler: Butler) -> None:
    for ask in (butler.get, butler.query, butler.subset, butler.get_keys):
        with pytest.raises(ParameterError, match="named by a word, not 5"):
            ask(5)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="where is an expression"):
        butler.query("summary", {"visit": 1})  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="at least one"):
        butler.query_metadata("summary", [])
    nothing = butler.query("summary", order_by=None, columns=None)  # type: ignore[arg-type]
    assert nothing.count() == 0


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
