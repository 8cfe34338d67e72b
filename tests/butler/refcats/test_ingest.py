from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table
from support.repositories import files_below, make_repository
from support.star_tables import gaia_table, ingest_tables, write_table

from butler import Butler
from butler.errors import (
    DatasetExistsError,
    IngestError,
    ParameterError,
)
from butler.refcats.ingest import ingest_refcat
from butler.repository.native import NativeRepository
from imaging.reference.column_map import ColumnMap
from imaging.reference.reference_input import ReferenceInput

if TYPE_CHECKING:
    from support.users import OtherUser

TESTS = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo").close()
    return tmp_path / "repo"


@pytest.fixture
def stars(tmp_path: Path) -> str:
    return write_table(gaia_table(3000), tmp_path / "stars.fits")


def count(root: Path, name: str = "gaia") -> int:
    with Butler(root) as butler:
        return len(butler.refcat(name).load_circle((0, 0), 180))  # type: ignore[arg-type]


def test_catalog_has_all_rows_and_gen2s_files(root: Path, stars: str) -> None:
    report = ingest_tables(root, "gaia", [stars])
    assert (report.outcome, report.rows, report.left_out, report.exit_code) == (
        "ingested",
        3000,
        0,
        0,
    )
    names = files_below(root)
    assert {"ref_cats/gaia/config.py", "ref_cats/gaia/master_schema.fits"} < set(names)
    assert len(names) == report.pieces + 2
    assert count(root) == 3000
    with Butler(root) as butler:
        (shard,) = {ref.data_id["pixel_id"] for ref in butler.subset("ref_cat")[:1]}  # type: ignore[index]
        piece = butler.get("ref_cat", name="gaia", pixel_id=shard)
        assert "coord_ra" in piece.schema.names  # type: ignore[attr-defined]


def test_real_table_gives_the_pieces_that_the_stack_made_of_it(
    root: Path, shared_data: Path
) -> None:
    demo = shared_data / "sdss_demo"
    bands = "ugriz"
    columns = ColumnMap.from_options(
        {"id": "sdssid"},
        magnitudes=[f"{band}={band}" for band in bands],
        magnitude_errors=[f"{band}_err={band}" for band in bands],
        keep=["starnotgal"],
    )
    report = ingest_tables(root, "demo", [str(demo / "ref_cat" / "stars.fits")], columns)
    assert (report.rows, report.pieces) == (28196, 54)
    theirs = sorted(path.name for path in (demo / "input/ref_cats/sdss_demo_ref_cat").iterdir())
    ours = sorted(path.name for path in (root / "ref_cats" / "demo").iterdir())
    assert ours == ["config.py" if name == "x" else name for name in sorted([*theirs, "config.py"])]
    with Butler(root) as butler, Butler(inputs=demo / "input") as stack:
        for pixel in (188481, 196767):
            found = butler.get("ref_cat", name="demo", pixel_id=pixel)
            expected = stack.get("ref_cat", name="sdss_demo_ref_cat", pixel_id=pixel)
            for name in ("id", "coord_ra", "coord_dec", "starnotgal"):
                np.testing.assert_array_equal(found[name], expected[name])  # type: ignore[index]
            for band in bands:
                flux = f"{band}_flux"
                np.testing.assert_allclose(found[flux], expected[flux], rtol=1e-13)  # type: ignore[index]
                # the stack took 3631 Jy for the zero point of errors, 3630.78 Jy for fluxes
                error = f"{flux}Err"
                np.testing.assert_allclose(found[error], expected[error], rtol=6.1e-5)  # type: ignore[index]


def test_ingest_of_the_same_does_nothing(root: Path, stars: str) -> None:
    first = ingest_tables(root, "gaia", [stars])
    before = {name: (root / name).stat().st_mtime_ns for name in files_below(root)}
    again = ingest_tables(root, "gaia", [stars])
    assert again.outcome == "already there"
    assert (again.rows, again.pieces, again.depth) == (first.rows, first.pieces, first.depth)
    assert {name: (root / name).stat().st_mtime_ns for name in files_below(root)} == before


def test_the_same_content_under_another_name_of_the_file_is_the_same(
    root: Path, stars: str, tmp_path: Path
) -> None:
    ingest_tables(root, "gaia", [stars])
    copy = tmp_path / "copy.fits"
    copy.write_bytes(Path(stars).read_bytes())
    assert ingest_tables(root, "gaia", [str(copy)]).outcome == "already there"


@pytest.mark.parametrize("change", ["files", "columns", "depth"])
def test_something_else_under_the_same_name_is_a_conflict(
    change: str, root: Path, stars: str, tmp_path: Path
) -> None:
    ingest_tables(root, "gaia", [stars])
    other = write_table(gaia_table(10, seed=2), tmp_path / "other.fits")
    files = [stars, other] if change == "files" else [stars]
    columns = ColumnMap.from_options({"id": "source_id"}, keep=["ref_epoch"])
    with pytest.raises(DatasetExistsError, match=r"already.*butler rm"):
        ingest_tables(
            root,
            "gaia",
            files,
            columns if change == "columns" else None,
            depth=6 if change == "depth" else 7,
        )
    assert count(root) == 3000


def test_catalog_that_is_linked_in_is_not_written_to(
    root: Path, stars: str, shared_data: Path
) -> None:
    (root / "ref_cats").mkdir()
    (root / "ref_cats" / "gaia").symlink_to(shared_data / "refcats_hsc_field" / "gaia_dr2_20200414")
    with pytest.raises(DatasetExistsError, match="not made by us"):
        ingest_tables(root, "gaia", [stars])


def test_rerun_may_have_a_catalog_of_the_same_name_which_hides_that_of_the_parent(
    root: Path, stars: str, tmp_path: Path
) -> None:
    ingest_tables(root, "gaia", [stars])
    make_repository(tmp_path / "rerun", parents=[root]).close()
    few = write_table(gaia_table(10, seed=2), tmp_path / "few.fits")
    ingest_tables(tmp_path / "rerun", "gaia", [few])
    assert (count(tmp_path / "rerun"), count(root)) == (10, 3000)


def test_dry_run_reads_everything_and_writes_nothing(root: Path, stars: str) -> None:
    source = ReferenceInput([stars], ColumnMap())
    seen: list[int] = []
    report = ingest_refcat(
        NativeRepository(str(root)), "gaia", source, dry_run=True, on_rows=seen.append
    )
    assert (report.is_dry_run, report.rows, sum(seen)) == (True, 3000, 3000)
    assert files_below(root) == []
    assert report.pieces == ingest_tables(root, "gaia", [stars]).pieces


def test_other_depths_are_read_by_their_numbers(root: Path, stars: str) -> None:
    for depth in (0, 5, 9):
        ingest_tables(root, f"gaia{depth}", [stars], depth=depth)
        assert count(root, f"gaia{depth}") == 3000
    with pytest.raises(ParameterError, match="depth=13"):
        ingest_tables(root, "deep", [stars], depth=13)


def test_bad_file_leaves_nothing(root: Path, stars: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.fits"
    bad.write_bytes(Path(stars).read_bytes()[:-100_000])
    source = ReferenceInput([stars], ColumnMap())
    source.files = (stars, str(bad))
    with pytest.raises(IngestError, match=r"bad\.fits"):
        ingest_refcat(NativeRepository(str(root)), "gaia", source)
    assert files_below(root) == []
    assert Butler(root).refcat_names() == []


def test_table_without_positions_is_refused(root: Path, tmp_path: Path) -> None:
    path = write_table(Table({"ra": [np.nan], "dec": [0.0]}), tmp_path / "none.csv")
    with pytest.raises(IngestError, match=r"No row.*1 rows were looked at"):
        ingest_tables(root, "none", [path])
    assert files_below(root) == []


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a b", "a/b", "-x"])
def test_name_that_cannot_stand_in_a_path_is_refused(name: str, root: Path, stars: str) -> None:
    with pytest.raises(ParameterError, match="cannot be called"):
        ingest_tables(root, name, [stars])
    assert files_below(root) == []


def test_who_may_not_write_is_told_so(public_tmp_path: Path, other_user: OtherUser) -> None:
    root = public_tmp_path / "repo"
    make_repository(root).close()
    stars = write_table(gaia_table(5), public_tmp_path / "stars.csv")
    code = """\
from butler.refcats.ingest import ingest_refcat
from butler.repository.native import NativeRepository
from imaging.reference.column_map import ColumnMap
from imaging.reference.reference_input import ReferenceInput
import sys
source = ReferenceInput([sys.argv[2]], ColumnMap())
ingest_refcat(NativeRepository(sys.argv[1]), "gaia", source)
"""
    done = other_user.run(code, root, stars, cannot_write=root)
    assert "ReadOnlyError" in done.stderr
    assert "may not be written by you" in done.stderr
    assert files_below(root) == []


def test_two_processes_that_make_the_same_agree(root: Path, stars: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(ingest_tables, root, "gaia", [stars]) for _ in range(2)]
        reports = [one.result() for one in made]
    assert {report.rows for report in reports} == {3000}
    assert count(root) == 3000
    assert not [name for name in files_below(root) if ".tmp-" in name]


def test_of_two_processes_that_make_something_else_one_wins_whole(
    root: Path, stars: str, tmp_path: Path
) -> None:
    other = write_table(gaia_table(2000, seed=9), tmp_path / "other.fits")

    def make(path: str) -> int | None:
        try:
            return ingest_tables(root, "gaia", [path]).rows
        except DatasetExistsError:
            return None

    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(make, [stars, other]))
    won = [number for number in rows if number is not None]
    assert len(won) == 1
    assert count(root) == won[0]
    assert not [name for name in files_below(root) if ".tmp-" in name]


KILLED = """
import os, signal, sys
from pathlib import Path
from butler.storage.steps import observe_steps
from support.star_tables import ingest_tables
import imaging.reference.reference_input as module

root, stars, fatal = sys.argv[1:]
def die(name):
    if name == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
observe_steps(die)
if fatal == "piece":
    write = module.ReferenceInput.write_piece
    def write_piece(self, rows, path, made=[]):
        write(self, rows, path)
        made.append(path)
        if len(made) == 5:
            die("piece")
    module.ReferenceInput.write_piece = write_piece
ingest_tables(Path(root), "gaia", [stars])
"""


@pytest.mark.parametrize(
    "step", ["piece", "put:written", "put:intended", "put:linked", "put:synced"]
)
def test_killed_ingest_leaves_no_part_of_a_catalog(step: str, root: Path, stars: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), stars, step],
        cwd=TESTS,
        check=False,
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
    )
    assert done.returncode == -signal.SIGKILL
    with Butler(root) as butler:
        assert butler.refcat_names() == []
        assert butler.query("ref_cat").count() == 0
    assert ingest_tables(root, "gaia", [stars]).outcome == "ingested"
    assert count(root) == 3000
    assert not [name for name in files_below(root) if ".tmp-" in name]
    assert not (root / ".butler" / "orphans").exists()
    repository = NativeRepository(str(root))
    assert repository.registry.intents() == []
    repository.close()


def test_ingest_that_was_killed_after_its_rows_is_done(root: Path, stars: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), stars, "put:registered"],
        cwd=TESTS,
        check=False,
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
    )
    assert done.returncode == -signal.SIGKILL
    assert count(root) == 3000
    assert ingest_tables(root, "gaia", [stars]).outcome == "already there"
