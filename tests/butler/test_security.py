"""What hostile names, links and files can do: nothing outside the root."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.repositories import make_repository

from butler.errors import ButlerError, DatasetNotFoundError, FormatterError, TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.butler import Butler


@pytest.fixture
def enclosed(tmp_path: Path) -> Iterator[tuple[Butler, Path]]:
    """A repository two levels down, and proof that all around it stays as it was."""
    root = tmp_path / "outer" / "inner" / "R"
    types = {
        "flat": {"template": "{name}.txt", "storage_class": "Text", "description": "x"},
        "folder": {"template": "{name}/{patch}.txt", "storage_class": "Text", "description": "x"},
    }
    butler = make_repository(root, types=types)
    yield butler, root
    butler.close()
    around = [path for path in tmp_path.rglob("*") if root not in (path, *path.parents)]
    assert sorted(around) == [tmp_path / "outer", tmp_path / "outer" / "inner"]


def test_a_directory_that_leads_out_is_refused(
    enclosed: tuple[Butler, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    butler, root = enclosed
    outside = tmp_path_factory.mktemp("outside")
    (root / "out").symlink_to(outside)
    with pytest.raises(TemplateError, match="out"):
        butler.put("x", "folder", name="out", patch="a")
    with pytest.raises(TemplateError, match="out"):
        butler.put_file(__file__, "folder", name="out", patch="a")
    with pytest.raises(TemplateError, match="out"), butler.transaction():
        butler.put("x", "folder", name="out", patch="a")
    assert list(outside.iterdir()) == []
    assert butler.query("folder").count() == 0


def test_a_link_at_the_target_is_neither_followed_nor_overwritten(
    enclosed: tuple[Butler, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    butler, root = enclosed
    victim = tmp_path_factory.mktemp("outside") / "victim.txt"
    victim.write_text("precious")
    (root / "a.txt").symlink_to(victim)
    with pytest.raises(ButlerError):
        butler.put("x", "flat", name="a")
    assert victim.read_text() == "precious"
    (root / "b.txt").symlink_to(victim.with_name("dangling.txt"))
    with pytest.raises(ButlerError):
        butler.put("x", "flat", name="b")
    assert sorted(path.name for path in victim.parent.iterdir()) == ["victim.txt"]


def test_removing_a_dataset_that_is_a_link_keeps_what_it_points_to(
    enclosed: tuple[Butler, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    butler, root = enclosed
    target = tmp_path_factory.mktemp("outside") / "target.txt"
    target.write_text("content")
    butler.put("content", "flat", name="a")
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(target)
    assert butler.get("flat", name="a") == "content"
    butler.remove("flat", name="a")
    assert target.read_text() == "content"
    assert not os.path.lexists(root / "a.txt")


@pytest.mark.parametrize(
    "name", ["visit = 1; DROP TABLE dataset", "1=1 OR visit", "(SELECT 1)", "visit--", "raw.visit"]
)
def test_names_never_become_sql(butler: Butler, name: str) -> None:
    butler.put(1, "summary", visit=1, ccd=2)
    for ask in (
        lambda: butler.query("summary", **{name: 1}).count(),
        lambda: butler.query("summary", order_by=name).count(),
        lambda: butler.query("summary", columns=[name]).to_table(),
        lambda: butler.query_metadata("summary", [name]),
        lambda: butler.get("summary", {name: 1}),
    ):
        with pytest.raises(ButlerError):
            ask()
    assert butler.query("summary").count() == 1


def test_values_never_become_sql(butler: Butler) -> None:
    butler.put("x", "text", name="plain")
    for value in ("' OR '1'='1", "plain' --", "%", "_", "*"):
        assert butler.query("text", name=value).count() == 0
        assert butler.query("text", where="name = :v", bind={"v": value}).count() == 0
        with pytest.raises(DatasetNotFoundError):
            butler.get("text", name=value)


def test_a_hostile_pickle_in_a_repository_runs_nothing(
    butler: Butler, data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, ("touch canary",)

    monkeypatch.chdir(tmp_path)
    butler.put(np.arange(4.0), "bfKernel")
    np.testing.assert_array_equal(butler.get("bfKernel"), np.arange(4.0))  # type: ignore[arg-type]
    (path,) = data.rglob("brighter_fatter_kernel.pkl")
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(FormatterError, match=r"asks for posix\.system"):
        butler.get("bfKernel")
    assert not (tmp_path / "canary").exists()


def test_a_configuration_in_a_repository_is_text_and_not_run(
    butler: Butler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    butler.put("open('canary', 'w')\n", "processCcd_config")
    assert butler.get("processCcd_config") == "open('canary', 'w')\n"
    assert not (tmp_path / "canary").exists()
