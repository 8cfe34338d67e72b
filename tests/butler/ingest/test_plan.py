from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from butler.ingest.candidate import Candidate, read_candidate
from butler.ingest.facts import RepositoryFacts
from butler.ingest.plan import Plan, PlannedFile, Rules
from butler.registry.rows import NewDataset
from mappers.hsc import HscMapper
from tests.butler.ingest.hsc_raws import make_repository, place_of, write_raw

if TYPE_CHECKING:
    from pathlib import Path

    from butler.ingest.link import Mode
    from butler.repository.native import NativeRepository


class Bench:
    """A repository, and a plan for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repository: NativeRepository = make_repository(root / "DATA")
        self.kind = self.repository.policy.dataset_type("raw")

    def plan(self, mode: Mode = "link", **bad_id: int | str) -> Plan:
        rules = Rules(self.kind, ("visit", "ccd"), mode, (bad_id,) if bad_id else ())
        return Plan(rules, RepositoryFacts(self.repository, self.kind))

    def read(self, name: str, visit: int = 1, ccd: int = 0, content: int = 0) -> Candidate:
        path = write_raw(self.root / "raw" / name, visit, ccd, content=content)
        candidate = read_candidate(str(path), HscMapper())
        assert isinstance(candidate, Candidate)
        return candidate

    def register(self, candidate: Candidate, path: str, sha256: bytes | None = None) -> None:
        file = self.plan().decide(candidate)
        assert file.data_id is not None
        registry = self.repository.registry
        registry.ensure_dataset_type("raw", self.kind.keys, storage_class="Image", template=None)
        size, mtime, inode = candidate.size, candidate.mtime_ns, candidate.inode
        row = NewDataset(
            "raw", file.canonical, file.data_id, path, None, size, mtime, inode, sha256
        )
        registry.insert([row])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def actions(files: list[PlannedFile]) -> list[str]:
    return [file.action for file in files]


def test_a_new_file_has_its_place_by_the_template(bench: Bench) -> None:
    file = bench.plan().decide(bench.read("a.fits", visit=903334, ccd=16))
    assert (file.action, file.path) == ("place", place_of(903334, 16))
    assert file.data_id is not None
    assert file.data_id["visit"] == 903334


def test_of_two_equal_files_the_first_wins_and_the_second_is_there(bench: Bench) -> None:
    two = [bench.read("a.fits"), bench.read("b.fits")]
    files = bench.plan().decide_all(two)
    assert actions(files) == ["place", "already there"]
    assert files[1].reason == f"the same as {two[0].source}"


def test_of_two_different_files_with_one_data_id_the_second_is_a_conflict(bench: Bench) -> None:
    files = bench.plan().decide_all([bench.read("a.fits"), bench.read("b.fits", content=1)])
    assert actions(files) == ["place", "conflict"]
    assert "other content of the same size" in files[1].reason


def test_the_same_visit_and_ccd_in_another_field_is_a_conflict(bench: Bench) -> None:
    first = bench.read("a.fits")
    path = write_raw(bench.root / "raw" / "b.fits", 1, 0, field="ELSEWHERE", content=2)
    second = read_candidate(str(path), HscMapper())
    assert isinstance(second, Candidate)
    assert actions(bench.plan().decide_all([first, second])) == ["place", "conflict"]
    bench.register(first, first.source)
    assert bench.plan().decide(second).action == "conflict"


def test_the_registered_source_itself_is_there_without_being_read(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    bench.register(candidate, candidate.source, sha256=bytes(32))  # no digest of any file
    file = bench.plan().decide(candidate)
    assert (file.action, file.path) == ("already there", candidate.source)


def test_another_file_is_compared_by_its_digest(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    bench.register(candidate, candidate.source)
    assert bench.plan().decide(bench.read("copy.fits")).action == "already there"
    assert bench.plan().decide(bench.read("other.fits", content=3)).action == "conflict"


def test_a_source_that_has_changed_since_is_a_conflict(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    bench.register(candidate, candidate.source, sha256=bytes(32))
    changed = bench.read("a.fits", content=5)
    os.utime(changed.source, ns=(1, 1))
    file = bench.plan().decide(changed._replace(mtime_ns=1))
    assert file.action == "conflict"
    assert "has changed since" in file.reason


def test_a_source_that_was_touched_is_there_with_a_warning(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    bench.register(candidate, candidate.source)
    os.utime(candidate.source, ns=(1, 1))
    file = bench.plan().decide(candidate._replace(mtime_ns=1))
    assert file.action == "already there"
    assert "written to since" in file.warnings[0]


def test_a_row_whose_file_is_missing_is_a_conflict_that_says_so(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    bench.register(candidate, "gone.fits")
    file = bench.plan().decide(candidate)
    assert file.action == "conflict"
    assert "is registered but missing" in file.reason
    assert "butler rm" in file.reason


@pytest.mark.parametrize(("content", "action"), [(0, "adopt"), (1, "conflict")])
def test_a_file_without_a_row_in_the_place_is_adopted_if_it_is_the_same(
    bench: Bench, content: int, action: str
) -> None:
    write_raw(bench.root / "DATA" / place_of(1, 0), 1, 0)
    file = bench.plan().decide(bench.read("a.fits", content=content))
    assert file.action == action


def test_a_dangling_link_in_the_place_is_a_conflict(bench: Bench) -> None:
    place = bench.root / "DATA" / place_of(1, 0)
    place.parent.mkdir(parents=True)
    place.symlink_to("nowhere")
    file = bench.plan().decide(bench.read("a.fits"))
    assert file.action == "conflict"
    assert "link to nothing" in file.reason


def test_mode_skip_takes_only_what_lies_in_its_place(bench: Bench) -> None:
    assert bench.plan("skip").decide(bench.read("a.fits")).action == "rejected"
    write_raw(bench.root / "DATA" / place_of(1, 0), 1, 0)
    assert bench.plan("skip").decide(bench.read("a.fits")).action == "adopt"


def test_mode_direct_leaves_the_file_where_it_lies(bench: Bench) -> None:
    candidate = bench.read("a.fits")
    file = bench.plan("direct").decide(candidate)
    assert (file.action, file.path) == ("place", candidate.source)


def test_bad_ids_are_skipped_if_every_value_is_equal(bench: Bench) -> None:
    candidate = bench.read("a.fits", visit=1, ccd=2)
    assert bench.plan(visit=1, ccd=2).decide(candidate).action == "skipped"
    assert bench.plan(visit=1, ccd=3).decide(candidate).action == "place"
    assert "visit=1 ccd=2" in bench.plan(visit=1, ccd=2).decide(candidate).reason
