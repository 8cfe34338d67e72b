"""What a known rerun needs is not taken away unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.invariants import dataset_rows
from support.repositories import TYPES, make_repository, observation, observe

from butler import Butler, create_repository
from butler.errors import RepositoryError
from butler.moving.importing import import_datasets
from butler.registry.condition import Everything
from butler.registry.rows import InputRow, Provenance
from butler.repository.native import NativeRepository
from butler.repository.reruns import create_rerun
from butler.writes.removal import datasets_to_remove, remove_found

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two raws, a flat and a summary, and an empty rerun."""
    place = tmp_path / "DATA"
    seen = [observation(visit, 16) for visit in (1, 2)]
    (tmp_path / "file.fits").write_text("content")
    with make_repository(place, observations=seen) as butler:
        for visit in (1, 2):
            butler.put_file(tmp_path / "file.fits", "raw", visit=visit, ccd=16)
        key = {"calibDate": "2013-11-03", "filter": "HSC-R", "ccd": 16}
        butler.put_file(tmp_path / "file.fits", "flat", key)
        butler.put({"n": 1}, "summary", visit=1, ccd=16)
    create_rerun(place, "mine")
    return place


def needed(root: Path, kind: str) -> list[str]:
    with datasets_to_remove(root, kind, Everything()) as chosen:
        return [f"{one.data_id} {one.reason}" for one in chosen.dependents()]


def held(butler: Butler) -> NativeRepository:
    repository = butler.repositories[0]
    assert isinstance(repository, NativeRepository)
    return repository


def test_an_empty_rerun_needs_nothing(root: Path) -> None:
    assert [needed(root, kind) for kind in ("raw", "flat", "summary")] == [[], [], []]


def test_provenance_tells_what_a_rerun_needs(root: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        uuid = butler.repositories[1].uuid or ""
        made = Provenance(inputs=(InputRow(uuid, "summary", "16,1"),))
        butler.put({"n": 2}, "notes", visit=1, ccd=16, provenance=made)
    assert needed(root, "summary") == ["visit=1 ccd=16 'notes' was made from it"]


def test_a_raw_is_needed_by_whoever_wrote_something_for_it(root: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        butler.put({"n": 2}, "summary", visit=2, ccd=16)
    (only,) = needed(root, "raw")
    assert "visit=2" in only


def test_a_rerun_with_its_own_raw_needs_no_other(root: Path, tmp_path: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        butler.put({"n": 2}, "summary", visit=2, ccd=16)
        butler.put_file(tmp_path / "file.fits", "raw", visit=2, ccd=16)
    assert needed(root, "raw") == []


@pytest.mark.parametrize(
    ("begin", "end", "is_needed"),
    [
        ("2013-11-02", "2013-11-03", True),
        ("2013-11-03", "2013-12-01", False),
        ("2013-10-01", "2013-11-02", False),  # the end does not belong to it
    ],
)
def test_a_calibration_is_needed_by_observations_in_its_range(
    root: Path, begin: str, end: str, is_needed: bool
) -> None:
    with Butler(root) as butler:
        butler.certify("flat", ccd=16, begin=begin, end=end)
    assert needed(root, "flat") == []
    with Butler(root / "rerun" / "mine") as butler:
        butler.put({"n": 2}, "summary", visit=2, ccd=16)
    assert bool(needed(root, "flat")) == is_needed


def test_a_calibration_of_another_ccd_is_not_needed(root: Path) -> None:
    with Butler(root) as butler:
        butler.certify("flat", ccd=16, begin="2013-01-01", end="2014-01-01")
    with Butler(root / "rerun" / "mine") as butler:
        observe(butler, [observation(2, 22)])
    assert needed(root, "flat") == []


def test_what_is_needed_is_not_removed_unless_forced(root: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        butler.put({"n": 2}, "summary", visit=2, ccd=16)
    before = dataset_rows(root)
    with datasets_to_remove(root, "raw", Everything()) as chosen:
        with pytest.raises(RepositoryError, match=r"visit=2.*rerun/mine"):
            remove_found(chosen)
        assert dataset_rows(root) == before
        remove_found(chosen, force=True)
    assert len(dataset_rows(root)) == len(before) - 2


def test_what_is_needed_is_not_moved_away_unless_forced(root: Path, tmp_path: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        butler.put({"n": 2}, "summary", visit=2, ccd=16)
    create_repository(tmp_path / "DEST", "hsc", dataset_types=TYPES)
    with pytest.raises(RepositoryError, match=r"visit=2.*rerun/mine"):
        import_datasets(tmp_path / "DEST", root, ["raw"], mode="move")
    assert dataset_rows(tmp_path / "DEST") == {}
    report = import_datasets(tmp_path / "DEST", root, ["raw"], mode="move", force=True)
    assert report.counts["taken"] == 2


def test_a_rerun_that_cannot_be_read_may_need_raws(root: Path) -> None:
    (root / "rerun" / "mine" / "butler.yaml").write_text("format: [")
    assert len(needed(root, "raw")) == 2
    assert needed(root, "summary") == []


def test_a_butler_removes_what_a_rerun_reads_on_demand_alone(root: Path) -> None:
    with Butler(root / "rerun" / "mine") as rerun:
        rerun.put({"n": 2}, "notes", visit=1, ccd=16)
    with Butler(root) as butler:
        butler.remove("raw", visit=2, ccd=16)  # nothing was made of it
        with pytest.raises(RepositoryError, match="read for its observations"):
            butler.remove("raw", visit=1, ccd=16)
        assert butler.dataset_exists("raw", visit=1, ccd=16)
        butler.remove("raw", visit=1, ccd=16, force=True)
        assert not butler.dataset_exists("raw", visit=1, ccd=16)


def test_a_butler_removes_what_tasks_have_made_without_asking_reruns(root: Path) -> None:
    with Butler(root / "rerun" / "mine") as butler:
        made = Provenance(inputs=(InputRow(butler.repositories[1].uuid or "", "summary", "16,1"),))
        butler.put({"n": 2}, "notes", visit=1, ccd=16, provenance=made)
    with Butler(root) as butler:
        butler.remove("summary", visit=1, ccd=16)
        assert not butler.dataset_exists("summary", visit=1, ccd=16)
