from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table
from support.commands import run_command
from support.repositories import make_repository
from support.star_tables import gaia_table, write_table

from butler import Butler
from cli.ingest_refcat import WORDS
from imaging.reference.column_map import ROLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo").close()
    return tmp_path / "repo"


@pytest.fixture
def table(tmp_path: Path) -> str:
    rows = {"n": [1, 2], "ra": [10.0, 11.0], "dec": [0.0, 1.0], "r": [20.0, 21.0], "k": [3, 4]}
    return write_table(Table(rows), tmp_path / "stars.csv")


def test_there_is_an_option_for_every_role() -> None:
    assert tuple(WORDS) == tuple(ROLES)


def test_options_say_which_column_is_what(root: Path, table: str) -> None:
    output = run_command(
        "ingest-refcat", root, "mine", table, "--id", "n", "--mag", "r=r", "--keep", "k",
        "--epoch", "J2015.5", "--format", "json",
    )  # fmt: skip
    (row,) = output.rows
    assert (row["outcome"], row["rows"], row["left_out"], row["depth"]) == ("ingested", 2, 0, 7)
    assert "taken as degrees" in output.stderr
    found = Butler(root).refcat("mine").load_circle((10, 0), 0.1)
    assert (found["id"].tolist(), found["k"].tolist()) == ([1], [3])  # type: ignore[index]


def test_file_says_which_column_is_what(root: Path, table: str, tmp_path: Path) -> None:
    config = tmp_path / "map.yaml"
    config.write_text("id: n\nmagnitudes:\n  r: r\nkeep: [k]\n")
    run_command("ingest-refcat", root, "mine", table, "--config", config)
    assert Butler(root).refcat("mine").filters == ("r",)
    again = run_command(
        "ingest-refcat", root, "mine", table, "--id", "n", "--mag", "r=r", "--keep", "k"
    )
    assert "already there" in again.stdout


def test_dry_run_writes_nothing(root: Path, table: str) -> None:
    output = run_command("ingest-refcat", root, "mine", table, "-n")
    assert "nothing was done" in output.stderr
    assert Butler(root).refcat_names() == []


def test_conflict_is_told_with_what_to_do(root: Path, table: str, tmp_path: Path) -> None:
    run_command("ingest-refcat", root, "mine", table)
    other = write_table(gaia_table(5), tmp_path / "gaia.fits")
    output = run_command("ingest-refcat", root, "mine", other, code=4)
    assert "give all files at once" in output.stderr


def test_catalog_can_be_removed_as_the_conflict_says(root: Path, table: str) -> None:
    run_command("ingest-refcat", root, "mine", table)
    for kind in ("ref_cat", "ref_cat_config", "ref_cat_schema"):
        run_command("rm", root, kind, "--id", "name=mine", "--yes")
    assert Butler(root).refcat_names() == []
    run_command("ingest-refcat", root, "mine", table, "--depth", "5")


def test_rows_without_a_position_make_the_exit_code_1(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("ra,dec\n10,20\n,20\n")
    output = run_command("ingest-refcat", root, "some", path, "--format", "json", code=1)
    assert json.loads(output.stdout)[0]["left_out"] == 1
    assert "1 rows have no position" in output.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mag", "rr=r"], "Did you mean 'r'"),
        (["--flux", "r=r"], "r has no unit"),
        (["--pm-ra", "k[parsnip]"], "no unit"),
        (["--config", "nothing.yaml"], "nothing.yaml"),
        (["--depth", "50"], "depth=50"),
    ],
)
def test_what_cannot_be_understood_is_an_error_of_usage(
    words: list[str], message: str, root: Path, table: str
) -> None:
    assert message in run_command("ingest-refcat", root, "mine", table, *words, code=2).stderr
    assert Butler(root).refcat_names() == []


@pytest.mark.parametrize("content", ["!!python/object:os.system {}", "ra: [", "- x"])
def test_configuration_that_is_none_is_an_error_of_usage(
    content: str, root: Path, table: str, tmp_path: Path
) -> None:
    config = tmp_path / "map.yaml"
    config.write_text(content)
    output = run_command("ingest-refcat", root, "mine", table, "--config", config, code=2)
    assert "map.yaml" in output.stderr


def test_file_that_is_no_table_is_named(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(bytes(range(128, 256)))
    output = run_command("ingest-refcat", root, "mine", path, code=1)
    assert "noise.bin" in output.stderr


def test_what_is_registered_is_not_said_to_lie_there(root: Path, table: str) -> None:
    run_command("ingest-refcat", root, "mine", table)
    (row,) = run_command("info", root, "--format", "json").rows
    assert (row["embedded"], row["refcats"]) == ([], ["mine"])
    listed = run_command("ls", root, "--format", "json").rows
    assert {one["dataset_type"]: one["datasets"] for one in listed}["ref_cat"] == 2
