"""The steps of the processing as runs of their own, and what they left taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.commands import run_command

from butler import Butler
from pipelines.calibrate.calibrate import CalibrateTask
from pipelines.characterize.characterize_image import CharacterizeImageTask
from pipelines.isr.task import IsrTask

if TYPE_CHECKING:
    from pathlib import Path

    from butler.data_ref import DataRef
    from pipelines.task import CmdLineTask, Struct

DATA_ID = {"visit": 903334, "ccd": 16}
NO_FRINGES = ("-c", "isr.doFringe=False")
STEPS: dict[str, type[CmdLineTask]] = {
    "isr": IsrTask,
    "charImage": CharacterizeImageTask,
    "calibrate": CalibrateTask,
}


def rerun(rich: Path, name: str) -> Butler:
    return Butler(rich / "DATA" / "rerun" / name)


@pytest.fixture(scope="module")
def chain(rich: Path) -> Path:
    """A rerun in which each step was a run of its own."""
    words = ("--rerun", "chain", "--id", "ccd=16")
    run_command("run", "runIsr", rich / "DATA", *words, *NO_FRINGES)
    run_command("run", "characterizeImage", rich / "DATA", *words)
    run_command("run", "calibrate", rich / "DATA", *words)
    return rich


def test_steps_one_by_one_make_the_same_exposure(chain: Path) -> None:
    with rerun(chain, "all") as whole, rerun(chain, "chain") as parts:
        expected, found = (one.get("calexp", **DATA_ID) for one in (whole, parts))
        backgrounds = [one.get("calexpBackground", **DATA_ID) for one in (whole, parts)]
    np.testing.assert_array_equal(found.image.array, expected.image.array)
    np.testing.assert_array_equal(found.mask.array, expected.mask.array)
    np.testing.assert_array_equal(found.variance.array, expected.variance.array)
    assert found.photo_calib == expected.photo_calib
    assert found.wcs.pixel_to_sky(100.0, 700.0) == expected.wcs.pixel_to_sky(100.0, 700.0)
    images = [one.image().array for one in backgrounds]
    np.testing.assert_array_equal(*images)


def test_steps_one_by_one_make_the_same_catalogs(chain: Path) -> None:
    with rerun(chain, "all") as whole, rerun(chain, "chain") as parts:
        for name in ("icSrc", "src", "srcMatch"):
            expected, found = (one.get(name, **DATA_ID) for one in (whole, parts))
            assert len(found) == len(expected) > 0
            assert found.schema == expected.schema
            for field in expected.schema.names:
                np.testing.assert_array_equal(found[field], expected[field], err_msg=field)


def test_matches_have_all_that_is_known_of_both_if_wanted(chain: Path) -> None:
    words = ("run", "calibrate", chain / "DATA", "--rerun", "chain:details", "--id", "ccd=16")
    run_command(*words, "-c", "doWriteMatchesDenormalized=True")
    with rerun(chain, "details") as butler:
        pairs, details = (butler.get(name, **DATA_ID) for name in ("srcMatch", "srcMatchFull"))
        sources = butler.get("src", **DATA_ID)
    assert len(details) == len(pairs) >= 30
    np.testing.assert_array_equal(details["ref_id"], pairs["first"])
    np.testing.assert_array_equal(details["src_id"], pairs["second"])
    np.testing.assert_array_equal(details["distance"], pairs["distance"])
    rows = np.searchsorted(sources["id"], pairs["second"])
    for name in ("base_PsfFlux_instFlux", "calib_astrometry_used", "coord_ra"):
        np.testing.assert_array_equal(details[f"src_{name}"], sources[name][rows])
    separation = np.hypot(
        (details["ref_coord_ra"] - details["src_coord_ra"]) * np.cos(details["ref_coord_dec"]),
        details["ref_coord_dec"] - details["src_coord_dec"],
    )
    np.testing.assert_allclose(separation, details["distance"], rtol=1e-4, atol=1e-12)


def test_sky_objects_measure_nothing_but_noise(chain: Path) -> None:
    words = ("run", "calibrate", chain / "DATA", "--rerun", "chain:sky", "--id", "ccd=16")
    run_command(*words, "-c", "doSkySources=True")
    with rerun(chain, "chain") as without, rerun(chain, "sky") as butler:
        sources, expected = (one.get("src", **DATA_ID) for one in (butler, without))
    is_sky = sources["sky_source"]
    assert len(sources) - is_sky.sum() == len(expected)
    assert 50 <= is_sky.sum() <= 100
    assert len(np.unique(sources["id"])) == len(sources)
    # Apertures of 9 pixels around the places themselves; neighbours are replaced by noise
    flux, error = (sources[f"base_CircularApertureFlux_9_0_instFlux{end}"] for end in ("", "Err"))
    pulls = (flux / error)[is_sky & np.isfinite(flux)]
    assert abs(np.median(pulls)) < 1
    assert 0.5 < np.subtract(*np.percentile(pulls, [75, 25])) / 1.349 < 2
    assert not sources["calib_astrometry_used"][is_sky].any()
    assert not sources["calib_photometry_used"][is_sky].any()


def test_second_step_without_the_first_says_what_is_not_there(rich: Path) -> None:
    words = ("run", "characterizeImage", rich / "DATA", "--rerun", "none", "--id", "ccd=16")
    assert "postISRCCD" in run_command(*words, code=3).stderr


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that are run, in their order."""
    names: list[str] = []

    def watch(step: str, task: type[CmdLineTask]) -> None:
        run_data_ref = task.run_data_ref

        def watched(self: CmdLineTask, ref: DataRef, *others: object) -> Struct:
            names.append(step)
            return run_data_ref(self, ref, *others)

        monkeypatch.setattr(task, "run_data_ref", watched)

    for step, task in STEPS.items():
        watch(step, task)
    return names


@pytest.mark.parametrize(
    ("reused", "is_run"),
    [
        ("isr", ["charImage", "calibrate"]),
        ("charImage", ["calibrate"]),
        ("calibrate", []),
        ("all", []),
    ],
)
def test_steps_whose_outputs_are_there_are_left_out(
    chain: Path, calls: list[str], reused: str, is_run: list[str]
) -> None:
    words = ("--rerun", f"chain:from_{reused}", "--id", "ccd=16", *NO_FRINGES)
    run_command("run", "processCcd", chain / "DATA", *words, "--reuse-outputs-from", reused)
    assert calls == is_run
    with rerun(chain, "chain") as parts, rerun(chain, f"from_{reused}") as again:
        expected, found = (one.get("src", **DATA_ID) for one in (parts, again))
        notes = again.get("processCcd_metadata", **DATA_ID)
    assert notes["processCcd"]["reused"] == (reused if reused != "all" else "calibrate")
    for field in expected.schema.names:
        np.testing.assert_array_equal(found[field], expected[field], err_msg=field)


def test_outputs_that_are_not_there_are_made(chain: Path, calls: list[str]) -> None:
    words = ("--rerun", "scratch", "--id", "ccd=16", *NO_FRINGES, "-c", "doCalibrate=False")
    run_command("run", "processCcd", chain / "DATA", *words, "--reuse-outputs-from", "all")
    assert calls == ["isr", "charImage"]


def test_earlier_outputs_are_taken_where_later_ones_are_not_there(
    rich: Path, calls: list[str]
) -> None:
    words = ("--rerun", "early", "--id", "ccd=16", *NO_FRINGES)
    run_command("run", "runIsr", rich / "DATA", *words)
    run_command(
        *("run", "processCcd", rich / "DATA", *words, "-c", "doCalibrate=False"),
        *("--reuse-outputs-from", "charImage"),
    )
    assert calls == ["isr", "charImage"]  # the first one is the run of its own


def test_unknown_step_is_refused_with_those_there_are(rich: Path) -> None:
    words = ("run", "processCcd", rich / "DATA", "--rerun", "typo", "--id")
    error = run_command(*words, "--reuse-outputs-from", "charimage", code=2).stderr
    assert "isr, charImage, calibrate, all" in error
    assert not (rich / "DATA" / "rerun" / "typo").exists()


def test_last_step_is_done_again_with_another_configuration(chain: Path, calls: list[str]) -> None:
    words = ("run", "processCcd", chain / "DATA", "--rerun", "again", "--id", "ccd=16", *NO_FRINGES)
    without = ("calibrate.doAstrometry=False", "calibrate.doPhotoCal=False")
    run_command(*words, "-c", "charImage.doWriteExposure=True", *without)
    calls.clear()
    run_command(
        *(*words, "-c", "charImage.doWriteExposure=True", "--clobber-config"),
        *("--reuse-outputs-from", "charImage"),
    )
    assert calls == ["calibrate"]
    with rerun(chain, "again") as butler:
        assert len(butler.get("srcMatch", **DATA_ID)) > 0
