"""A CCD with enough stars for a WCS and a zero point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.commands import run_command

from testdata.geometry import Geometry
from testdata.layout import write_tutorial_data
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CCD of a tenth of the size, in a field with more stars, and its reference catalog."""
    folder = tmp_path_factory.mktemp("rich")
    geometry = Geometry(amp_width=200, amp_height=900)
    sky = SkyModel(star_density=120_000.0)
    data = write_tutorial_data(folder / "ci_hsc", {903334: [16]}, geometry=geometry, sky=sky)
    root = folder / "DATA"
    run_command("create", root, "--camera", "hsc")
    run_command("ingest", root, *data.raws.values(), "--mode", "link")
    (root / "CALIB").symlink_to(data.calib_dir)
    (root / "ref_cats").mkdir()
    (root / "ref_cats" / data.reference_dir.name).symlink_to(data.reference_dir)
    run_command("run", "processCcd", root, "--rerun", "all", "--id", "-c", "isr.doFringe=False")
    return folder
