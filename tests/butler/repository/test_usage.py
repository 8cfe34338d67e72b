"""What takes how much space is told by type, run and rerun."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler import Butler
from butler.errors import RepositoryNotFoundError
from butler.moving.importing import import_datasets
from butler.repository.reruns import create_rerun
from butler.repository.usage import Share, measure_usage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "DATA"
    with make_repository(place, observations=[observation(1, 16)]) as butler:
        butler.put("12345", "text", name="a")
        butler.put("1234567", "text", name="b")
        butler.put({"n": 1}, "summary", visit=1, ccd=16)
    return place


def by_name(root: Path, part: str) -> dict[str, tuple[int, int | None, int | None]]:
    shares: list[Share] = measure_usage(root)
    return {one.name: (one.datasets, one.size, one.own) for one in shares if one.part == part}


def test_types_runs_and_the_total_add_up(root: Path) -> None:
    types = by_name(root, "type")
    assert types["text"] == (2, 12, 12)
    assert types["summary"][0] == 1
    (total,) = by_name(root, "total").values()
    assert total == tuple(map(sum, zip(*types.values(), strict=True)))  # type: ignore[arg-type]
    (run,) = by_name(root, "run").items()
    assert run[1] == total
    assert "@" in run[0]


def test_links_and_files_elsewhere_are_not_own(root: Path, tmp_path: Path) -> None:
    make_repository(tmp_path / "LINKED").close()
    import_datasets(tmp_path / "LINKED", root, ["text"], mode="link")
    import_datasets(tmp_path / "LINKED", root, ["summary"], mode="direct")
    types = by_name(tmp_path / "LINKED", "type")
    assert types["text"] == (2, 12, 0)
    assert types["summary"][2] == 0
    assert (types["summary"][1] or 0) > 0


def test_reruns_are_measured_beside_the_total(root: Path) -> None:
    create_rerun(root, "mine")
    with Butler(root / "rerun" / "mine") as butler:
        butler.put("123", "text", name="c")
    assert by_name(root, "rerun") == {"mine": (1, 3, 3)}
    assert [one[0] for one in by_name(root, "total").values()] == [3]
    (root / "rerun" / "mine" / "butler.yaml").write_text("format: [")
    assert by_name(root, "rerun") == {"mine": (0, None, None)}


def test_a_file_that_is_gone_takes_no_space(root: Path) -> None:
    os.unlink(root / "text" / "a.txt")
    assert by_name(root, "type")["text"] == (2, 12, 7)


def test_gen2_is_counted_and_not_measured(shared_data: Path) -> None:
    shares = measure_usage(shared_data / "obs_test/input")
    assert {(one.name, one.datasets, one.size) for one in shares if one.part == "type"} >= {
        ("raw", 2, None)
    }


def test_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError):
        measure_usage(tmp_path)
