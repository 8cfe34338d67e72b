"""Simulated raws whose truth is known, as instrument signature removal gets them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
    FULL,
    LINEARITY,
    Effects,
    Geometry,
    SimulatedRaw,
    brighter_fatter_kernel,
    detector_truth,
    simulate_raw,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.detector import Detector
    from pipelines.isr.calibrations import Calibrations

__all__ = ["SCENES", "Scene"]

_VISIT: Final = 903334
_CCD: Final = 49


@dataclass(frozen=True)
class Scene:
    """One CCD of one visit.

    Parameters
    ----------
    seed
        Of the sky, the detector and the noise.
    exposure_time_s
        The sky is proportional to it.
    fwhm_pix
        Seeing.
    geometry
        Size of the CCD.
    """

    seed: int
    exposure_time_s: float
    fwhm_pix: float
    geometry: Geometry = FULL

    def simulated(self, effects: Effects) -> SimulatedRaw:
        """Return the raw with some effects of the instrument."""
        return simulate_raw(
            _VISIT,
            _CCD,
            geometry=self.geometry,
            effects=effects,
            seed=self.seed,
            exposure_time_s=self.exposure_time_s,
            fwhm_pix=self.fwhm_pix,
        )

    @cached_property
    def everything(self) -> SimulatedRaw:
        """The raw as it is written."""
        return self.simulated(Effects())

    @cached_property
    def raw(self) -> Exposure:
        """The same as an exposure, with the detector of the camera."""
        return Exposure(
            Image(self.everything.pixels, metadata=Metadata.from_header(self.everything.header)),
            detector=_detector(),
            filter=FilterLabel("r", "HSC-R"),
            visit_info=VisitInfo(exposure_time_s=self.exposure_time_s),
        )

    @cached_property
    def calibrations(self) -> Calibrations:
        """The master calibrations, which are exact."""
        truth = detector_truth(_CCD, self.geometry, self.seed)
        sections = [defect.section for defect in truth.defects]
        return {
            "bias": _exposure(truth.bias_adu),
            "dark": _exposure(truth.dark_adu_per_s()),
            "flat": _exposure(truth.flat("r")),
            "defects": [
                Box(Point2I(one.x0, one.y0), Extent2I(one.x1 - one.x0, one.y1 - one.y0))
                for one in sections
            ],
            "bf_kernel": brighter_fatter_kernel(),
        }

    @cached_property
    def light(self) -> NDArray[np.float32]:
        """What a perfect instrument without noise would give, in ADU; rounded to whole ones."""
        same_sky = replace(Effects.none(), distortion=True, pointing_error=True)
        truth = detector_truth(_CCD, self.geometry, self.seed)
        pixels = self._assembled(self.simulated(same_sky).pixels.astype(np.float32))
        for amplifier, level in zip(self.geometry.amplifiers, truth.bias_levels_adu, strict=True):
            pixels[amplifier.assembled.slices] -= np.float32(level)
        pixels -= truth.bias_adu + np.float32(self.exposure_time_s) * truth.dark_adu_per_s()
        pixels /= truth.flat("r")
        return pixels

    @cached_property
    def sky(self) -> NDArray[np.float32]:
        """The sky alone, in ADU."""
        truth = self.everything.truth
        return np.asarray(truth.detector.sky_e(truth.observation) / np.float32(3.5))

    @cached_property
    def charge(self) -> NDArray[np.float32]:
        """What cosmic rays have added to the raw, in ADU, over the flat."""
        without = self.simulated(replace(Effects(), cosmic_rays=False))
        added = self.everything.pixels.astype(np.float32) - without.pixels
        flat = detector_truth(_CCD, self.geometry, self.seed).flat("r")
        return self._assembled(added) / flat

    def _assembled(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        pixels = np.empty(self.geometry.ccd_shape, np.float32)
        for amplifier in self.geometry.amplifiers:
            pixels[amplifier.assembled.slices] = raw[amplifier.data.slices]
        return pixels


def _exposure(array: NDArray[np.float32]) -> Exposure:
    return Exposure(Image(np.array(array, np.float32)))


def _detector() -> Detector:
    """Return the detector of the camera with the linearity of the simulator."""
    detector = load_camera(str(Path(mappers.hsc.__file__).with_name("camera.yaml")))[_CCD]
    amplifiers = [
        amplifier.replace(linearity=Linearity("Squared", (coefficient,)))
        for amplifier, coefficient in zip(detector, LINEARITY, strict=True)
    ]
    return detector.replace(amplifiers=tuple(amplifiers))


SCENES: Final = tuple(
    Scene(seed, time_s, fwhm)
    for seed in (20261101, 20261102)
    for time_s in (10.0, 90.0)
    for fwhm in (3.6, 5.5)
)
"""Two skies of stars, two levels of the sky, two seeings; none was looked at while tuning."""
