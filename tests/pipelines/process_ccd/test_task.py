"""From a raw to a catalog, through the driver and its report."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from support.commands import run_command

from butler import Butler
from imaging.wcs.wcs import Wcs
from pipelines.errors import TaskSchemaError
from pipelines.process_ccd.task import ProcessCcdTask
from testdata.geometry import SMALL
from testdata.layout import write_tutorial_data

if TYPE_CHECKING:
    from imaging import Exposure, SourceCatalog

CCDS = (16, 22, 50)
"""The last has no star that is bright enough for a PSF."""
SWITCHES = (
    "-c",
    "isr.doWrite=True",
    "calibrate.doAstrometry=False",
    "calibrate.doPhotoCal=False",
)
OUTPUTS = ("icSrc", "src", "calexp", "calexpBackground")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small raws with their calibrations, and a rerun of the whole processing."""
    folder = tmp_path_factory.mktemp("process_ccd")
    data = write_tutorial_data(folder / "ci_hsc", {903334: list(CCDS)}, geometry=SMALL)
    root = folder / "DATA"
    run_command("create", root, "--camera", "hsc")
    run_command("ingest", root, *data.raws.values(), "--mode", "link")
    (root / "CALIB").symlink_to(data.calib_dir)
    done = run_command(
        "run", "processCcd", root, "--rerun", "all", "--id", *SWITCHES, "--format", "json", code=1
    )
    (report,) = done.rows
    assert (report["done"], report["failed"]) == (2, 1)
    assert "ccd=50: ExposureError: There are no stars" in done.stderr
    return root / "rerun" / "all"


@pytest.fixture
def butler(repository: Path) -> Butler:
    return Butler(repository)


def test_every_good_ccd_has_all_outputs_and_the_other_has_none(butler: Butler) -> None:
    for ccd in CCDS:
        for name in OUTPUTS:
            assert butler.dataset_exists(name, visit=903334, ccd=ccd) == (ccd != 50)
    assert "There are no stars" in str(butler.get("processCcd_log", visit=903334, ccd=50))


def test_image_and_background_are_what_instrument_signature_removal_left(butler: Butler) -> None:
    before: Exposure = butler.get("postISRCCD", visit=903334, ccd=16)
    after: Exposure = butler.get("calexp", visit=903334, ccd=16)
    background = butler.get("calexpBackground", visit=903334, ccd=16).image().array
    is_ray = after.mask.get_plane("CR")
    assert 0 < is_ray.mean() < 0.01
    whole = after.image.array + background
    # The backgrounds are subtracted one after another, each rounded to 32 bits
    np.testing.assert_allclose(whole[~is_ray], before.image.array[~is_ray], rtol=5e-7)
    is_sky = ~after.mask.get_plane("DETECTED", "EDGE")
    # The noise is 9 ADU a pixel, and wings of faint sources stand above the sky
    assert np.median(after.image.array[is_sky]) == pytest.approx(0, abs=1)


def test_calibrated_exposure_has_what_was_measured(butler: Butler) -> None:
    exposure: Exposure = butler.get("calexp", visit=903334, ccd=16)
    radius = exposure.psf.compute_shape(exposure.bbox.center).determinant_radius
    assert 1.4 < radius < 2.4  # the simulated seeing is 4.2 pixels, sigma 1.8
    corrections = exposure.aperture_corrections
    assert corrections is not None
    assert "base_PsfFlux_instFlux" in corrections


def test_catalog_has_the_flags_of_the_characterisation(butler: Butler) -> None:
    sources: SourceCatalog = butler.get("src", visit=903334, ccd=16)
    known: SourceCatalog = butler.get("icSrc", visit=903334, ccd=16)
    assert len(sources) > len(known) >= known["calib_psf_used"].sum() >= 1
    assert sources["calib_psf_used"].sum() == known["calib_psf_used"].sum()
    assert sources["calib_detected"].sum() <= len(known)
    assert np.isfinite(sources["base_PsfFlux_apCorr"]).all()


@pytest.mark.parametrize("name", ["icSrc", "src"])
def test_sources_are_classified_by_corrected_fluxes(butler: Butler, name: str) -> None:
    sources: SourceCatalog = butler.get(name, visit=903334, ccd=16)
    good = ~sources["base_ClassificationExtendedness_flag"]
    model, star = (sources[f"base_{kind}Flux_instFlux"][good] for kind in ("Gaussian", "Psf"))
    classes = sources["base_ClassificationExtendedness_value"][good]
    assert np.array_equal(classes, (0.925 * model >= star) * 1.0)


def test_no_two_exposures_share_an_identifier(butler: Butler) -> None:
    first, second = (butler.get("src", visit=903334, ccd=ccd)["id"] for ccd in (16, 22))
    assert len(np.unique(np.concatenate([first, second]))) == len(first) + len(second)
    assert set(first >> 32) == {903334 * 200 + 16}  # as the LSST stack made them


def test_schemas_are_written_once_and_are_those_of_the_catalogs(butler: Butler) -> None:
    for name in ("icSrc", "src"):
        empty = butler.get(f"{name}_schema")
        assert len(empty) == 0
        assert empty.schema == butler.get(name, visit=903334, ccd=22).schema


def test_a_second_run_does_what_has_failed_and_nothing_else(repository: Path) -> None:
    root = repository.parents[1]
    words = ("run", "processCcd", root, "--rerun", "all", "--id", *SWITCHES)
    again = run_command(*words, code=1)
    assert "0 done, 1 failed, 2 finished before" in again.stderr


def test_flags_that_nobody_measures_cannot_be_copied() -> None:
    config = ProcessCcdTask.ConfigClass()
    config.calibrate.value.update(icSourceFieldsToCopy=["calib_psf_usedd"])
    with pytest.raises(TaskSchemaError, match="icSourceFieldsToCopy has calib_psf_usedd"):
        ProcessCcdTask(config=config)


def test_a_file_of_overrides_brings_a_plugin_along(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "my_plugins.py").write_text(
        "from pipelines.measurement.plugin import SourcePlugin\n"
        "from pipelines.measurement.registry import plugin_registry\n\n\n"
        "class Double(SourcePlugin):\n"
        "    def add_fields(self):\n"
        "        self.add('x', 'D', 'twice the position', 'pixel')\n\n"
        "    def measure(self, batch):\n"
        "        self.put(batch, x=2 * batch['slot_Centroid_x'])\n\n\n"
        "plugin_registry.register('my_Double', Double)\n"
    )
    (tmp_path / "mine.py").write_text(
        "import my_plugins\nconfig.calibrate.measurement.plugins.names |= ['my_Double']\n"
    )
    root, output = repository.parents[1], tmp_path / "out"
    command = [Path(sys.executable).parent / "butler", "run", "processCcd", root]
    options = ["--output", output, "--id", "ccd=16..22", "-C", tmp_path / "mine.py", "-j", "2"]
    done = subprocess.run(
        [*command, *options, *SWITCHES],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Butler(output) as butler:
        sources: SourceCatalog = butler.get("src", visit=903334, ccd=22)
    assert len(sources) > 10
    np.testing.assert_array_equal(sources["my_Double_x"], 2 * sources["slot_Centroid_x"])


def test_processing_may_end_with_the_characterisation(repository: Path) -> None:
    root = repository.parents[1]
    words = ("run", "processCcd", root, "--rerun", "half", "--id", "ccd=16")
    run_command(*words, "-c", "doCalibrate=False")
    with Butler(root / "rerun" / "half") as butler:
        assert butler.dataset_exists("icSrc", visit=903334, ccd=16)
        assert not butler.dataset_exists("src", visit=903334, ccd=16)


def test_wcs_and_zero_point_are_those_of_the_simulation(rich: Path) -> None:
    (truth,) = (rich / "ci_hsc" / "truth").iterdir()
    with Butler(rich / "DATA" / "rerun" / "all") as butler:
        exposure: Exposure = butler.get("calexp", visit=903334, ccd=16)
        sources: SourceCatalog = butler.get("src", visit=903334, ccd=16)
        matches = butler.get("srcMatch", visit=903334, ccd=16)
    header = fits.getheader(truth)
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 799, 5), np.linspace(0, 899, 5)))
    found = exposure.wcs.sky_to_pixel(*Wcs.from_metadata(header).pixel_to_sky(x, y))
    off = np.hypot(found[0] - x, found[1] - y)
    # Some 60 stars, the faint ones good to 0.2 pixels, tell ten terms to 0.05; a corner has four
    # times that. The raw's own WCS is 5 pixels off.
    assert np.median(off) < 0.1
    assert off.max() < 0.5
    assert exposure.photo_calib is not None
    zero_point = exposure.photo_calib.inst_flux_to_magnitude(1.0)
    # The aperture of 12 pixels holds 98 % of a star's light
    assert zero_point == pytest.approx(header["ZPADU"] - 0.02, abs=0.02)
    used = sources["calib_astrometry_used"]
    assert len(matches) == used.sum() >= 30
    assert set(matches["second"]) == set(sources["id"][used])
    assert np.degrees(np.median(matches["distance"])) * 3600 < 0.03


def test_a_catalog_that_is_absent_is_named(rich: Path) -> None:
    words = ("run", "processCcd", rich / "DATA", "--rerun", "no", "--id")
    fields = ("-c", "calibrate.astromRefObjLoader.ref_dataset_name=gaia")
    told = run_command(*words, *fields, code=1).stderr
    assert "No 'ref_cat' for name=gaia" in told
    assert "ref_cats/gaia" in told
    assert "butler ingest-refcat" in told
    assert "calibrate.astromRefObjLoader.ref_dataset_name=NAME" in told
    with Butler(rich / "DATA" / "rerun" / "no") as butler:
        [ref] = butler.subset("processCcd_log")
        assert "isr" not in ref.get().partition("Traceback")[0]  # it is told before any work


@pytest.mark.parametrize(("visit", "sky"), [(1, 323), (2, 398)])
def test_real_raws_of_obs_test_become_catalogs(
    visit: int, sky: float, shared_data: Path, tmp_path: Path
) -> None:
    root = shared_data / "obs_test" / "input"
    run_command("run", "processCcd", root, "--output", tmp_path / "out", "--id", f"visit={visit}")
    with Butler(tmp_path / "out") as butler:
        exposure: Exposure = butler.get("calexp", visit=visit)
        sources: SourceCatalog = butler.get("src", visit=visit)
        background = butler.get("calexpBackground", visit=visit).image().array
    is_sky = ~exposure.mask.get_plane("DETECTED", "EDGE")
    levels = []
    for amplifier in exposure.detector:
        part = amplifier.bbox.slices(exposure.bbox.min)
        image = exposure.image.array[part][is_sky[part]]
        levels.append(np.median(image) + background[part].mean())
    assert np.mean(levels) == pytest.approx(sky, abs=1)  # what the two overscans have left
    assert np.ptp(levels) / np.mean(levels) < 0.004  # gains alone; there is no flat
    assert 150 < len(sources) < 220  # 179 and 182 when this was written
    stars = sources["calib_psf_used"]
    assert stars.sum() >= 10
    width = exposure.psf.compute_shape(exposure.bbox.center).determinant_radius
    assert 1.4 < width < 1.8  # 3.7 pixels of seeing
    moments = [sources[f"slot_Shape_{name}"][stars] for name in ("xx", "yy")]
    assert np.median(np.sqrt(np.mean(moments, axis=0))) == pytest.approx(width, rel=0.03)
    ratio = sources["slot_PsfFlux_instFlux"][stars] / sources["slot_CalibFlux_instFlux"][stars]
    assert np.median(ratio) == pytest.approx(1, abs=0.01)  # what aperture corrections are for
