"""Instrument signature removal through a butler: calibrations by date, outputs, real raws."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.commands import run_command

from butler import Butler
from imaging.exposure.exposure import Exposure
from imaging.exposure.visit_info import VisitInfo
from pipelines.errors import CalibrationError, InstrumentError
from pipelines.isr.calibrations import StoredMaster
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.isr.task import IsrTask
from testdata.simulator import SMALL, write_tutorial_data

if TYPE_CHECKING:
    from pathlib import Path

    from butler.data_ref import DataRef
    from pipelines.isr.calibrations import Calibrations


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one small raw and its calibrations linked in, as the tutorial has it."""
    folder = tmp_path_factory.mktemp("isr")
    data = write_tutorial_data(folder / "ci_hsc", {903334: [16]}, geometry=SMALL)
    root = folder / "DATA"
    root.mkdir()
    (root / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    run_command("ingest", root, *data.raws.values(), "--mode", "link")
    (root / "CALIB").symlink_to(data.calib_dir)
    return root


def test_the_lines_of_the_tutorial_give_post_isr_ccd(repository: Path, tmp_path: Path) -> None:
    root = tmp_path / "DATA"
    shutil.copytree(repository, root, symlinks=True)
    code = f"""
import butler.gen2
import os
from lsst.utils import getPackageDir
from lsst.obs.subaru.isr import SubaruIsrTask
isrConfig = SubaruIsrTask.ConfigClass()
isrConfig.load(os.path.join(getPackageDir("obs_subaru"), "config", "hsc", "isr.py"))
isrConfig.doWrite = True
isrTask = SubaruIsrTask(config=isrConfig)
from lsst.daf.persistence import Butler
butler = Butler(inputs={str(root)!r}, outputs={str(root / "rerun" / "isr")!r})
dataRef = butler.dataRef("raw", visit=903334, ccd=16)
isrResult = isrTask.runDataRef(dataRef)
butler = Butler(inputs={str(root / "rerun" / "isr")!r})
exposure = butler.get("postISRCCD", dataRef.dataId)
print(exposure.maskedImage == isrResult.exposure.maskedImage, exposure.getDetector().getId())
"""
    environment = {k: v for k, v in os.environ.items() if k != "OBS_SUBARU_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True 16\n", done.stderr


def open_ref(repository: Path, rerun: Path, **keys: object) -> object:
    butler = Butler(inputs=str(repository), outputs=str(rerun))
    return butler.data_ref("raw", **(keys or {"visit": 903334, "ccd": 16}))


def test_calibrations_are_those_of_the_date(repository: Path, tmp_path: Path) -> None:
    ref = open_ref(repository, tmp_path / "rerun")
    task = SubaruIsrTask()
    found = task.read_calibrations(ref, ref.get("raw"))
    assert set(found) == {"bias", "dark", "flat", "defects", "bf_kernel"}
    assert found["flat"].image == ref.get("flat").image
    assert found["bf_kernel"].shape == (17, 17)
    assert len(found["defects"]) >= 4


def test_flags_and_errors_of_masters_count(repository: Path, tmp_path: Path) -> None:
    ref = open_ref(repository, tmp_path / "rerun")
    box = ref.get("flat").bbox
    masters = {}
    for number, name in enumerate(("bias", "dark", "flat")):
        master = Exposure(ref.get(name).masked_image.copy())
        master.mask.array[10 + number, 20] = master.mask.get_bit_mask("SUSPECT")
        master.variance.array[:] = 4.0 if name == "dark" else 1e-4
        master.visit_info = VisitInfo(exposure_time_s=2.0)
        path = tmp_path / f"{name}.fits"
        master.write_fits(str(path))
        masters[name] = master
    user_calibs = {name: str(tmp_path / f"{name}.fits") for name in masters}
    other = Butler(inputs=str(repository), outputs=str(tmp_path / "two"), user_calibs=user_calibs)
    config = SubaruIsrTask.ConfigClass(doWrite=False)
    plain = SubaruIsrTask(config=config).run(ref.get("raw"), **whole(ref)).exposure
    stored = SubaruIsrTask(config=config).run_data_ref(other.data_ref("raw", visit=903334, ccd=16))
    given = SubaruIsrTask(config=config).run(ref.get("raw"), **{**whole(ref), **masters}).exposure
    assert stored.exposure.masked_image == given.masked_image
    assert stored.exposure.bbox == box
    for number in range(3):
        bit = given.mask.get_bit_mask("SUSPECT")
        assert given.mask.array[10 + number, 20] & bit
        assert not plain.mask.array[10 + number, 20] & bit
    # The dark is of two seconds: it is scaled by half of the exposure time
    added = given.variance.array - plain.variance.array
    scale = ref.get("raw").visit_info.exposure_time_s / 2
    flat = masters["flat"].image.array
    expected = (4.0 * scale**2 + 1e-4 * np.square(plain.image.array)) / np.square(flat)
    assert np.median(added / expected) == pytest.approx(1, abs=0.02)  # the other scale of the dark


def whole(ref: DataRef) -> Calibrations:
    """Return the calibrations as exposures."""
    task = SubaruIsrTask()
    found = task.read_calibrations(ref, ref.get("raw"))
    return {**found, **{name: ref.get(name) for name in ("bias", "dark", "flat")}}


def test_a_master_that_is_no_exposure_is_refused() -> None:
    class Strange:
        data_id = "visit=1"

        def get(self, name: str) -> str:
            return name

    with pytest.raises(CalibrationError, match="'flat' for visit=1 is no exposure: its bbox"):
        StoredMaster(Strange(), "flat", "doFlat")  # type: ignore[arg-type]


def test_a_calibration_that_is_absent_names_its_switch(repository: Path, tmp_path: Path) -> None:
    root = tmp_path / "DATA"
    shutil.copytree(repository, root, symlinks=True)
    (root / "CALIB").unlink()
    ref = open_ref(root, tmp_path / "rerun")
    config = SubaruIsrTask.ConfigClass(doBias=False)
    with pytest.raises(CalibrationError, match=r"doDark needs 'dark'[\s\S]*doDark = False"):
        SubaruIsrTask(config=config).run_data_ref(ref)
    assert not ref.dataset_exists("postISRCCD")


def test_nothing_is_written_unless_it_shall_be(repository: Path, tmp_path: Path) -> None:
    ref = open_ref(repository, tmp_path / "rerun")
    SubaruIsrTask(config=SubaruIsrTask.ConfigClass(doWrite=False)).run_data_ref(ref)
    assert not ref.dataset_exists("postISRCCD")
    SubaruIsrTask(config=SubaruIsrTask.ConfigClass(doWrite=True)).run_data_ref(ref)
    written = ref.get("postISRCCD")
    assert isinstance(written, Exposure)
    assert written.filter.physical == "HSC-R"


def test_a_raw_of_another_kind_is_refused() -> None:
    class Strange:
        data_id = "visit=1"

        def get(self, name: str) -> str:
            return name

    with pytest.raises(InstrumentError, match="The raw for visit=1 is a str"):
        IsrTask().run_data_ref(Strange())  # type: ignore[arg-type]


@pytest.mark.parametrize("visit", [1, 2])
def test_real_raws_of_obs_test_have_one_sky_over_all_amplifiers(
    visit: int, shared_data: Path, tmp_path: Path
) -> None:
    ref = open_ref(shared_data / "obs_test" / "input", tmp_path / "rerun", visit=visit)
    # The overscan scatters by 10 electrons, far more than the camera's read noise of 4
    switches = {"doEmpiricalReadNoise": True, "doApplyGains": True, "saturation": 60000.0}
    config = IsrTask.ConfigClass(doBias=False, doDark=False, doFlat=False, **switches)
    task = IsrTask(config=config)
    exposure = task.run_data_ref(ref).exposure
    assert exposure.bbox.shape == (2000, 1018)
    good = exposure.mask.array == 0
    skies = []
    for amplifier in exposure.detector:
        rows, columns = amplifier.bbox.slices(exposure.bbox.min)
        values = exposure.image.array[rows, columns][good[rows, columns]]
        skies.append(np.median(values))
        noise = 1.4826 * np.median(np.abs(values - np.median(values)))
        expected = np.sqrt(np.median(exposure.variance.array[rows, columns]))
        assert noise == pytest.approx(expected, rel=0.1)  # no flat, faint stars
    # Gains alone bring the steps between amplifiers to 0.4 % (323, 323, 324, 324 electrons in
    # visit 1); the overscan is 4 columns of whole ADU: half an ADU of 180
    assert np.ptp(skies) / np.mean(skies) < 0.008
    if visit == 1:
        assert np.mean(skies) == pytest.approx(323.5, abs=2)
    saturated = task.metadata["saturated"]
    assert saturated == [0, 62, 0, 941]
    assert exposure.mask.get_plane("SAT").sum() > sum(saturated)  # grown by a pixel
    assert exposure.mask.get_plane("BAD").sum() > 504  # points, and boxes
    assert np.isfinite(exposure.image.array).all()
    assert ref.get("postISRCCD").masked_image == exposure.masked_image
