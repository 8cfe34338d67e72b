from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Output, run_command

from cli.ingest_images import ingest_images


def run_gen2(*words: str | os.PathLike[str], code: int = 0) -> Output:
    return run_command(*words, code=code, command=ingest_images)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    root = tmp_path / "DATA"
    root.mkdir()
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    return root


def raws(root: Path) -> list[Path]:
    return sorted(root.rglob("HSC-*.fits"))


def test_first_cell_of_the_tutorial_works_unchanged(observed: Path, tmp_path: Path) -> None:
    script = """
        set -e
        mkdir DATA
        echo "lsst.obs.hsc.HscMapper" > DATA/_mapper
        ingestImages.py DATA $CI_HSC_DIR/raw/*.fits --mode=link
        cd DATA
        ln -s $CI_HSC_DIR/CALIB .
        mkdir ref_cats
        cd ref_cats
        ln -s $CI_HSC_DIR/ps1_pv3_3pi_20170110 .
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "CI_HSC_DIR": str(observed)}
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, check=True)
    names = {
        row["dataset_type"] for row in run_command("ls", tmp_path / "DATA", "--format", "json").rows
    }
    assert {"raw", "bias", "flat", "ref_cat"} <= names


def test_default_mode_links(bare: Path, observed: Path) -> None:
    run_gen2(bare, *(observed / "raw").iterdir())
    assert [os.readlink(path) for path in raws(bare)] != []
    assert all(Path(os.readlink(path)).parent == observed / "raw" for path in raws(bare))


def test_ingesting_again_warns_and_is_no_error(bare: Path, observed: Path) -> None:
    run_gen2(bare, observed / "raw")
    assert run_gen2(bare, observed / "raw").stderr.count("already ingested") == 3
    assert "already ingested" not in run_gen2(bare, observed / "raw", "--ignore-ingested").stderr


def test_dry_run_leaves_the_files_alone(bare: Path, observed: Path) -> None:
    assert "nothing was done" in run_gen2(bare, observed / "raw", "-n").stderr
    assert raws(bare) == []


def test_bad_files_and_ids_are_left_out(bare: Path, observed: Path) -> None:
    output = run_gen2(
        bare,
        observed / "raw",
        "--badId",
        "visit=903334",
        "ccd=16",
        "--badFile",
        "x*",
        "HSCA903986*",
    )
    assert [path.name for path in raws(bare)] == ["HSC-0903334-022.fits"]
    assert "1 ingested, 2 skipped" in output.stderr


def test_file_that_is_refused_is_named(bare: Path, observed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.fits").write_bytes(b"")
    output = run_gen2(bare, tmp_path / "empty.fits", observed / "raw", code=1)
    assert "empty.fits: rejected" in output.stderr
    assert len(raws(bare)) == 3
