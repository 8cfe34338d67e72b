"""Instrument signature removal as a whole: on the simulator, where the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.simulation import simulate_isr

from imaging.detector.amplifier import Linearity
from imaging.detector.headers import detector_from_headers
from imaging.detector.raw_file import read_amplifiers
from imaging.exposure.exposure import Exposure
from imaging.geometry.points import Extent2I
from imaging.image.image import Image
from pipelines.errors import CalibrationError, ConfigError, InstrumentError
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.isr.task import IsrTask
from testdata.simulator import Effects

if TYPE_CHECKING:
    from pathlib import Path

    from support.simulation import Simulation

HSC = {
    "doEmpiricalReadNoise": True,
    "gainSource": "header",
    "doCrosstalk": True,
    "doBrighterFatter": True,
}


def make_task(**changes: object) -> SubaruIsrTask:
    config = SubaruIsrTask.ConfigClass(**{**HSC, **changes})
    config.overscan.update(fitType="AKIMA_SPLINE", order=10)
    return SubaruIsrTask(config=config)


def pulls(task: IsrTask, simulation: Simulation) -> np.ndarray:
    """Deviations from the truth over their errors, of the pixels that are good."""
    exposure = task.run(simulation.raw, **simulation.calibrations).exposure
    is_good = (exposure.mask.array == 0) & (simulation.flags == 0)
    assert is_good.mean() > 0.85
    off = exposure.image.array - simulation.sky
    return (off / np.sqrt(exposure.variance.array))[is_good]


@pytest.fixture(scope="module")
def noisy() -> Simulation:
    return simulate_isr(Effects(cosmic_rays=False))


def test_what_is_left_is_the_noise(noisy: Simulation) -> None:
    found = pulls(make_task(), noisy)
    # 28,000 pixels: the mean is known to 0.006, the width to 0.4 %. The truth is rounded to
    # whole ADU (0.03 of the noise), the overscan of an amplifier known to 0.05 of it.
    assert abs(np.mean(found)) < 0.05
    assert np.std(found) == pytest.approx(1, abs=0.03)
    assert np.abs(found).max() < 6


def test_without_noise_all_effects_are_undone() -> None:
    simulation = simulate_isr(Effects(noise=False, cosmic_rays=False, bleed=False))
    exposure = make_task().run(simulation.raw, **simulation.calibrations).exposure
    is_good = (exposure.mask.array == 0) & (simulation.flags == 0)
    off = np.abs(exposure.image.array - simulation.sky)[is_good]
    # Raw, truth and overscan are rounded to whole ADU, over flats from 0.8 on. Without the
    # corrections pixels of stars are off by tens of ADU.
    assert off.max() < 2.0
    assert np.sqrt(np.mean(np.square(off))) < 0.7


@pytest.mark.parametrize(
    "switch", ["doLinearize", "doCrosstalk", "doBrighterFatter", "doFlat", "doBias", "doDark"]
)
def test_each_step_makes_a_difference(switch: str) -> None:
    simulation = simulate_isr(Effects(noise=False, cosmic_rays=False, bleed=False))

    def error(**changes: object) -> float:
        exposure = make_task(**changes).run(simulation.raw, **simulation.calibrations).exposure
        is_good = (exposure.mask.array == 0) & (simulation.flags == 0)
        return float(np.sqrt(np.mean(np.square((exposure.image.array - simulation.sky)[is_good]))))

    assert error() < error(**{switch: False})


def test_the_raw_is_not_changed(noisy: Simulation) -> None:
    before = noisy.raw.copy()
    make_task().run(noisy.raw, **noisy.calibrations)
    assert noisy.raw.image == before.image
    assert noisy.raw.mask == before.mask
    assert noisy.raw.detector == before.detector


def test_without_assembly_steps_that_need_it_are_refused(noisy: Simulation) -> None:
    with pytest.raises(InstrumentError, match=r"doAssembleCcd .*doVariance, doLinearize"):
        make_task(doAssembleCcd=False).run(noisy.raw, **noisy.calibrations)


def test_without_assembly_data_stay_where_they_are_less_their_overscan(noisy: Simulation) -> None:
    switches = ("Variance", "Linearize", "Crosstalk", "Defect", "BrighterFatter", "Bias", "Dark")
    off = dict.fromkeys([f"do{name}" for name in (*switches, "Flat", "Vignette")], False)
    exposure = make_task(doAssembleCcd=False, **off).run(noisy.raw).exposure
    whole = make_task(**off).run(noisy.raw).exposure
    for amplifier in exposure.detector:
        data = exposure[amplifier.raw_data_bbox].image.array
        assert np.median(data) == np.median(whole[amplifier.bbox].image.array)


def test_twice_gives_the_same(noisy: Simulation) -> None:
    task = make_task()
    one = task.run(noisy.raw, **noisy.calibrations).exposure
    two = task.run(noisy.raw, **noisy.calibrations).exposure
    assert one.masked_image == two.masked_image


def test_defects_and_saturated_pixels_are_flagged_and_filled() -> None:
    simulation = simulate_isr(Effects())
    exposure = make_task().run(simulation.raw, **simulation.calibrations).exposure
    bad = exposure.mask.get_plane("BAD")
    assert bad[simulation.flags & 4 > 0].all()
    assert exposure.mask.get_plane("INTRP")[bad].all()
    assert np.isfinite(exposure.image.array).all()
    near_sky = np.abs(exposure.image.array[bad] - np.median(simulation.sky)) < 60
    assert near_sky.mean() > 0.95  # dead columns and hot pixels are none any more


def test_the_exposure_knows_what_the_raw_knew(noisy: Simulation) -> None:
    exposure = make_task().run(noisy.raw, **noisy.calibrations).exposure
    assert exposure.filter == noisy.raw.filter
    assert exposure.visit_info == noisy.raw.visit_info
    assert exposure.detector.bbox == exposure.bbox
    assert exposure.image.metadata["BUNIT"] == "adu"


def test_gains_give_electrons(noisy: Simulation) -> None:
    exposure = make_task(doFlat=False).run(noisy.raw, **noisy.calibrations).exposure
    electrons = make_task(doFlat=False, doApplyGains=True)
    converted = electrons.run(noisy.raw, **noisy.calibrations).exposure
    assert converted.image.metadata["BUNIT"] == "electron"
    for amplifier in exposure.detector:
        for power, name in ((1, "image"), (2, "variance")):
            ratio = getattr(converted[amplifier.bbox], name).array / (
                getattr(exposure[amplifier.bbox], name).array
            )
            # 32 bits; interpolation over the edge of amplifiers mixes two gains
            assert np.median(ratio) == pytest.approx(amplifier.gain**power, rel=1e-6)


def test_without_switches_nothing_is_done_but_assembly(noisy: Simulation) -> None:
    names = (
        "doSaturation doSuspect doOverscan doBias doVariance doLinearize doCrosstalk doDefect "
        "doNanMasking doBrighterFatter doDark doFlat doFringe doInterpolate"
    )
    task = IsrTask(config=IsrTask.ConfigClass(**dict.fromkeys(names.split(), False)))
    raw = noisy.raw.copy()
    raw.detector = make_task().prepare(raw).detector
    exposure = task.run(raw).exposure
    first = raw.detector[0]
    np.testing.assert_array_equal(
        exposure[first.bbox].image.array, raw.image[first.raw_data_bbox].array
    )
    assert not exposure.mask.array.any()
    assert not exposure.variance.array.any()


def test_calibrations_that_are_not_given_are_named_with_their_switches(noisy: Simulation) -> None:
    some = {name: noisy.calibrations[name] for name in ("bias", "flat", "defects")}
    with pytest.raises(CalibrationError, match=r"no dark, bf_kernel.*doDark = False, doBrighter"):
        make_task().run(noisy.raw, **some)


def test_a_calibration_of_other_pixels_is_refused(noisy: Simulation) -> None:
    flat = noisy.calibrations["flat"]
    part = flat.bbox
    part.grow(-3)
    with pytest.raises(CalibrationError, match=r"The flat is .* but the exposure is"):
        make_task().run(noisy.raw, **{**noisy.calibrations, "flat": flat[part]})


def test_a_raw_without_a_detector_is_refused(noisy: Simulation) -> None:
    raw = noisy.raw.copy(deep=False)
    raw.detector = None
    with pytest.raises(InstrumentError, match="which amplifiers read it"):
        make_task().run(raw, **noisy.calibrations)


def test_one_gain_for_all_replaces_those_of_the_camera(noisy: Simulation) -> None:
    config = IsrTask.ConfigClass(gain=2.5)
    detector = IsrTask(config=config).prepare(noisy.raw).detector
    assert {amplifier.gain for amplifier in detector} == {2.5}


def test_notes_tell_of_the_run(noisy: Simulation) -> None:
    task = make_task()
    task.run(noisy.raw, **noisy.calibrations)
    notes = task.full_metadata()
    assert notes["isr"]["sky_level"] == pytest.approx(np.median(noisy.sky), abs=5)  # stars
    assert len(notes["isr.overscan"]["noise"]) == 4


def test_older_names_of_the_overscan_are_taken() -> None:
    config = IsrTask.ConfigClass()
    config.loadFromStream(
        "config.overscanFitType = 'POLY'\nconfig.overscanOrder = 3\n"
        "config.overscanNumSigmaClip = 4.0\n"
    )
    overscan = config.overscan
    assert (overscan.fitType, overscan.order, overscan.numSigmaClip) == ("POLY", 3, 4.0)
    assert (config.overscanFitType, config.overscanOrder) == ("POLY", 3)
    assert config.overscanNumSigmaClip == 4.0


def test_a_look_up_table_of_linearity_is_taken(noisy: Simulation) -> None:
    raw = noisy.raw.copy(deep=False)
    kind = Linearity("LookupTable", (0.0, 100.0))
    raw.detector = raw.detector.replace(
        amplifiers=tuple(one.replace(linearity=kind) for one in raw.detector)
    )
    steps = {"doCrosstalk": False, "doBrighterFatter": False, "doFlat": False, "doDark": False}
    one, other = make_task(**steps), make_task(**steps, doLinearize=False)
    some = {name: noisy.calibrations[name] for name in ("bias", "defects")}
    table = np.full((1, 70000), 12.5)
    found = one.run(raw, **some, linearity_table=table).exposure
    plain = other.run(raw, **some).exposure
    np.testing.assert_allclose(found.image.array - plain.image.array, 12.5, atol=0.01)
    with pytest.raises(CalibrationError, match="put a dataset 'linearizer'"):
        one.run(raw, **some)


@pytest.mark.parametrize("step", ["doStrayLight", "doAttachTransmissionCurve"])
def test_steps_that_are_not_there_are_refused(step: str) -> None:
    with pytest.raises(ConfigError, match=f"has no {step} step. Set {step} = False"):
        SubaruIsrTask(config=SubaruIsrTask.ConfigClass(**{step: True}))


def test_sixteen_amplifiers_of_lsstcam_become_the_detector_of_the_lsst_stack(
    shared_data: Path,
) -> None:
    folder = shared_data / "lsstcam_assembly"
    images = read_amplifiers(str(folder / "e2v_spot.fits.gz"))
    detector = detector_from_headers(images, name="S11")
    # One image of all amplifiers, one beside the other, as a raw of one image has them
    width = images[detector[0].name].width
    pixels = np.hstack([images[one.name].array for one in detector])
    sections = (
        "raw_bbox",
        "raw_data_bbox",
        "raw_serial_overscan_bbox",
        "raw_parallel_overscan_bbox",
        "raw_prescan_bbox",
    )
    amplifiers = []
    for number, one in enumerate(detector):
        boxes = {}
        for name in sections:
            box = getattr(one, name)
            box.shift(Extent2I(number * width, 0))
            boxes[name] = box
        amplifiers.append(one.replace(**boxes, gain=1.0, read_noise=1.0))
    raw = Exposure(Image(pixels), detector=detector.replace(amplifiers=tuple(amplifiers)))
    # The pixels of these files are 0 and 1, without a level
    switches = ("doOverscan", "doBias", "doDark", "doFlat", "doDefect", "doFringe", "doLinearize")
    task = IsrTask(config=IsrTask.ConfigClass(**dict.fromkeys(switches, False)))
    exposure = task.run(raw).exposure
    expected = Image.read_fits(str(folder / "e2v_expected_assembled.fits.gz"))
    # The cards number rows downwards compared to the stack's assembled image
    np.testing.assert_array_equal(exposure.image.array[::-1], expected.array)
    np.testing.assert_array_equal(exposure.variance.array, exposure.image.array + 1)


def test_inputs_and_outputs_follow_the_configuration() -> None:
    config = IsrTask.ConfigClass(doDark=False)
    assert IsrTask.input_types(config) == ("raw", "bias", "flat", "defects")
    assert IsrTask.output_types(config) == ("postISRCCD",)
    assert IsrTask.output_types(IsrTask.ConfigClass(doWrite=False)) == ()
