"""Simulated raws of two visits, and a repository that has ingested them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

from testdata.geometry import SMALL
from testdata.layout import write_tutorial_data

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with raw/, CALIB/ and ps1_pv3_3pi_20170110/."""
    folder = tmp_path_factory.mktemp("observed")
    write_tutorial_data(folder, {903334: [16, 22], 903986: [16]}, geometry=SMALL)
    return folder


@pytest.fixture(scope="session")
def _ingested(observed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ingested") / "DATA"
    run_command("create", root, "--camera", "hsc")
    run_command("ingest", root, observed / "raw", "--mode", "link")
    return root


@pytest.fixture
def data(_ingested: Path, tmp_path: Path) -> Path:
    """A repository with three raws, linked."""
    root = tmp_path / "DATA"
    shutil.copytree(_ingested, root, symlinks=True)
    return root


@pytest.fixture
def notes(data: Path) -> Path:
    """A rerun of ``data`` whose dataset type ``notes`` is a JSON file for each ccd."""
    run_command("rerun", data, "notes")
    root = data / "rerun" / "notes"
    with (root / "butler.yaml").open("a") as file:
        file.write(
            "dataset_types:\n"
            "  notes:\n"
            '    template: "notes/{visit:07d}-{ccd:03d}.json"\n'
            "    storage_class: Json\n"
            "    description: remarks\n"
        )
    return root


@pytest.fixture
def remark(tmp_path: Path) -> Path:
    """A small JSON file."""
    path = tmp_path / "remark.json"
    path.write_text('{"a": 1}')
    return path
