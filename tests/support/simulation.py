"""Raws of the simulator with what instrument signature removal needs, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import mappers.hsc
from imaging.detector.amplifier import Linearity
from imaging.detector.camera_file import load_camera
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.visit_info import VisitInfo
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from testdata.simulator import (
    LINEARITY,
    SMALL,
    Effects,
    brighter_fatter_kernel,
    detector_truth,
    simulate_raw,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.detector import Detector
    from pipelines.isr.calibrations import Calibrations
    from testdata.simulator import Section

__all__ = ["Simulation", "as_box", "as_exposure", "hsc_detector", "simulate_isr"]

SEED = 77
CCD, VISIT = 16, 903334
EXPOSURE_TIME_S = 30.0


@dataclass(frozen=True)
class Simulation:
    """A raw, its calibrations, and what the sky sent."""

    raw: Exposure
    calibrations: Calibrations
    sky: NDArray[np.float64]
    """ADU after detrending, without noise."""
    flags: NDArray[np.uint8]
    """What the simulator says is wrong with a pixel."""


def hsc_detector() -> Detector:
    """The detector of the camera, with the linearity of the simulator."""
    detector = load_camera(str(Path(mappers.hsc.__file__).with_name("camera.yaml")))[CCD]
    amplifiers = [
        amplifier.replace(linearity=Linearity("Squared", (coefficient,)))
        for amplifier, coefficient in zip(detector, LINEARITY, strict=True)
    ]
    return detector.replace(amplifiers=tuple(amplifiers))


def as_exposure(array: NDArray[np.floating]) -> Exposure:
    """Return an exposure of an array."""
    return Exposure(Image(np.array(array, np.float32)))


def simulate_isr(effects: Effects, visit: int = VISIT) -> Simulation:
    """Simulate a small raw with some effects of the instrument.

    The truth is what a perfect instrument without noise would have written, less its bias.
    """
    truth = detector_truth(CCD, SMALL, SEED)
    flat, dark = truth.flat("r"), truth.dark_adu_per_s()
    done = simulate_raw(visit, CCD, geometry=SMALL, effects=effects, seed=SEED)
    same_sky = replace(Effects.none(), distortion=True, pointing_error=True)
    perfect = simulate_raw(visit, CCD, geometry=SMALL, effects=same_sky, seed=SEED)
    sky = np.empty(SMALL.ccd_shape)
    for amplifier, level in zip(SMALL.amplifiers, truth.bias_levels_adu, strict=True):
        sky[amplifier.assembled.slices] = perfect.pixels[amplifier.data.slices] - level
    raw = Exposure(
        Image(done.pixels, metadata=Metadata.from_header(done.header)),
        detector=hsc_detector(),
        filter=FilterLabel("r", "HSC-R"),
        visit_info=VisitInfo(exposure_time_s=EXPOSURE_TIME_S),
    )
    calibrations: Calibrations = {
        "bias": as_exposure(truth.bias_adu),
        "dark": as_exposure(dark),
        "flat": as_exposure(flat),
        "defects": [as_box(defect.section) for defect in truth.defects],
        "bf_kernel": brighter_fatter_kernel(),
    }
    sky = (sky - truth.bias_adu - EXPOSURE_TIME_S * dark) / flat
    return Simulation(raw, calibrations, sky, done.truth.flags)


def as_box(section: Section) -> Box:
    """Return the box of a section of the simulator."""
    size = Extent2I(section.x1 - section.x0, section.y1 - section.y0)
    return Box(Point2I(section.x0, section.y0), size)
