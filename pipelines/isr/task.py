"""Instrument signature removal for any camera."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final, Unpack

import numpy as np

from imaging.exposure.exposure import Exposure
from pipelines.errors import CalibrationError, InstrumentError
from pipelines.interpolation.growth import grow_bits
from pipelines.interpolation.interpolate import fill_planes, filled_for_a_while, known_bits
from pipelines.isr.brighter_fatter import RecordedCharge, correct_brighter_fatter
from pipelines.isr.calibrations import (
    Calibrations,
    StoredMaster,
    dark_scale,
    read_array,
    read_defects,
)
from pipelines.isr.config import IsrTaskConfig
from pipelines.isr.defects import mask_defects
from pipelines.isr.gains import apply_gains, gain_image, required_detector, update_variance
from pipelines.isr.linearity import linearize, needs_table
from pipelines.isr.masking import mask_edges, mask_nan, widen_trails
from pipelines.isr.masters import divide_flat, subtract_bias, subtract_dark
from pipelines.isr.section import writable_pixels
from pipelines.isr.sections import empty_detector, floating_raw, take_amplifier
from pipelines.task import CmdLineTask, Struct, time_method
from pipelines.task.debug import display_for_debugging

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from butler.data_ref import DataRef
    from imaging.detector.detector import Detector
    from imaging.geometry.box import Box
    from imaging.image.masked_image import MaskedImage
    from pipelines.isr.crosstalk import CrosstalkTask
    from pipelines.isr.fringe import FringeTask
    from pipelines.isr.overscan import OverscanCorrectionTask
    from pipelines.isr.vignette import VignetteTask
    from pipelines.task import Config, Task

__all__ = ["IsrTask"]

_ON_DETECTOR: Final = (
    "doVariance",
    "doLinearize",
    "doCrosstalk",
    "doDefect",
    "doBrighterFatter",
    "doApplyGains",
    "doVignette",
)
"""Steps that know pixels by their place on the detector; masters say themselves which they have."""


class IsrTask(CmdLineTask):
    """Turn a raw into an image of the sky: one method for each step, in their order.

    Parameters
    ----------
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = IsrTaskConfig
    _DefaultName: ClassVar[str] = "isr"
    config: IsrTaskConfig
    overscan: OverscanCorrectionTask
    crosstalk: CrosstalkTask
    fringe: FringeTask
    vignette: VignetteTask

    def __init__(
        self,
        config: Config | None = None,
        name: str | None = None,
        parent_task: Task | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        super().__init__(config, name, parent_task, log)
        for subtask in ("overscan", "crosstalk", "fringe", "vignette"):
            self.make_subtask(subtask)

    @classmethod
    def input_types(cls, config: Config) -> tuple[str, ...]:
        """Return raw and the calibrations that a configuration asks for."""
        if not isinstance(config, IsrTaskConfig):
            return ("raw",)
        wanted = {
            config.biasDataProductName: config.doBias,
            config.darkDataProductName: config.doDark,
            config.flatDataProductName: config.doFlat,
            "defects": config.doDefect,
            "bfKernel": config.doBrighterFatter,
        }
        return ("raw", *(name for name, is_wanted in wanted.items() if is_wanted))

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        """Return postISRCCD if it is written."""
        return ("postISRCCD",) if isinstance(config, IsrTaskConfig) and config.doWrite else ()

    def run_data_ref(self, ref: DataRef) -> Struct:
        """Process a raw: get it and its calibrations, run, put postISRCCD if ``doWrite``.

        Parameters
        ----------
        ref
            The raw.

        Returns
        -------
        Struct
            ``exposure``.

        Raises
        ------
        CalibrationError
            If a calibration is not there; the message says which field
            switches its step off.
        InstrumentError
            If the raw or its detector lacks what a step needs.
        """
        raw = ref.get("raw")
        if not isinstance(raw, Exposure):
            raise InstrumentError(f"The raw for {ref.data_id} is a {type(raw).__name__}, no image.")
        result = self.run(raw, **self.read_calibrations(ref, raw))
        if self.config.doWrite:
            ref.put(result.exposure, "postISRCCD")
        return result

    def read_calibrations(self, ref: DataRef, raw: Exposure) -> Calibrations:
        """Return what the configuration asks for, chosen by the date of the exposure.

        Masters are found, and read when their step comes.

        Parameters
        ----------
        ref
            The raw.
        raw
            Its filter says whether fringes are wanted.

        Raises
        ------
        CalibrationError
            If one is not there.
        """
        config, found = self.config, Calibrations()
        if config.doBias:
            found["bias"] = StoredMaster(ref, config.biasDataProductName, "doBias")
        if config.doDark:
            found["dark"] = StoredMaster(ref, config.darkDataProductName, "doDark")
        if config.doFlat:
            found["flat"] = StoredMaster(ref, config.flatDataProductName, "doFlat")
        if config.doFringe and self.fringe.is_wanted(raw):
            found["fringes"] = StoredMaster(ref, "fringe", "doFringe")
        if config.doDefect:
            found["defects"] = read_defects(ref)
        if config.doBrighterFatter:
            found["bf_kernel"] = read_array(ref, "bfKernel", "doBrighterFatter")
        if config.doLinearize and needs_table(required_detector(raw)):
            found["linearity_table"] = read_array(ref, "linearizer", "doLinearize")
        return found

    @time_method
    def run(self, exposure: Exposure, **calibrations: Unpack[Calibrations]) -> Struct:
        """Remove the signature of the instrument.

        Parameters
        ----------
        exposure
            A raw with its detector, one image in ADU. It is not changed.
        **calibrations
            ``bias``, ``dark``, ``flat``, ``fringes`` (exposures of the assembled
            detector), ``defects`` (boxes), ``bf_kernel`` (square, per
            electron), ``linearity_table`` (see `linearize`). The configuration says
            which are needed.

        Returns
        -------
        Struct
            ``exposure``: image, mask and variance of the assembled detector, in
            ADU, or electrons with ``doApplyGains``.

        Raises
        ------
        CalibrationError
            If a calibration that the configuration asks for is not given.
        InstrumentError
            If a step lacks a fact of the instrument, or its pixels are not
            where it looks for them, without ``doAssembleCcd``.
        CameraError
            If the raw does not have the sections that the detector says.
        """
        self._require(exposure, calibrations)
        detector = required_detector(self.prepare(exposure))
        self._require_places(detector)
        pixels, noises = self.correct_sections(exposure.masked_image, detector)
        made = self._assembled(exposure, pixels, detector)
        bias = calibrations.get("bias")
        if self.config.doBias and bias is not None:
            subtract_bias(made.masked_image, bias)
        if self.config.doVariance:
            self.write_variance(made, detector, noises)
        self.correct_counts(made, detector, calibrations.get("linearity_table"))
        self.mask_bad(made, calibrations.get("defects") or ())
        kernel = calibrations.get("bf_kernel")
        if self.config.doBrighterFatter and kernel is not None:
            self.undo_brighter_fatter(made, detector, kernel)
        self.calibrate(made, calibrations)
        self.finish(made)
        display_for_debugging(self, "postISRCCD", made)
        return Struct(exposure=made)

    def prepare(self, exposure: Exposure) -> Exposure:
        """Return a shallow copy whose detector is as this exposure was read.

        Parameters
        ----------
        exposure
            The raw.

        Notes
        -----
        Cameras override it. Here ``config.gain`` replaces the gains if it is a number.
        """
        made = exposure.copy(deep=False)
        detector = required_detector(exposure)
        if not math.isnan(self.config.gain):
            made.detector = detector.replace(
                amplifiers=tuple(one.replace(gain=self.config.gain) for one in detector)
            )
        return made

    def correct_sections(
        self, raw: MaskedImage, detector: Detector
    ) -> tuple[MaskedImage, Mapping[str, float]]:
        """Return the pixels that see the sky, less overscans, with their levels flagged.

        Parameters
        ----------
        raw
            In ADU. Not changed.
        detector
            Where the sections are, and where they belong.

        Returns
        -------
        tuple
            Pixels of 32 bits, assembled if that is wanted, else where they are
            in the raw; and amplifier to measured read noise in electrons, if
            that shall be used.
        """
        config, noises = self.config, dict[str, float]()
        pixels = empty_detector(raw, detector) if config.doAssembleCcd else floating_raw(raw)
        for amplifier in detector:
            limits, levels = [], None
            if config.doSaturation:
                full = amplifier.saturation if math.isnan(config.saturation) else config.saturation
                limits.append((config.saturatedMaskName, full))
            if config.doSuspect:
                limits.append((config.suspectMaskName, amplifier.suspect_level))
            if config.doOverscan:
                result = self.overscan.measure(raw.image, amplifier)
                levels = result.levels
                if config.doEmpiricalReadNoise:
                    noises[amplifier.name] = result.noise * amplifier.gain
            counts = take_amplifier(
                raw.image, amplifier, pixels, levels, limits, is_assembled=config.doAssembleCcd
            )
            if config.doSaturation:
                self.metadata.add("saturated", counts[0])
        return pixels, noises

    def _assembled(self, raw: Exposure, pixels: MaskedImage, detector: Detector) -> Exposure:
        """Return an exposure of the assembled pixels with what is known of the raw."""
        made = Exposure(pixels)
        for name in ("wcs", "filter", "id", "visit_info"):
            setattr(made, name, getattr(raw, name))
        made.detector = detector
        made.metadata = raw.metadata.without(list(self.config.assembleCcd.keysToRemove))
        made.image.metadata["BUNIT"] = "adu"
        return made

    def write_variance(
        self, exposure: Exposure, detector: Detector, noises: Mapping[str, float]
    ) -> None:
        """Write the variance, with the read noises in electrons that are known by name."""
        config = self.config
        plane = config.negativeVarianceMaskName if config.maskNegativeVariance else None
        for amplifier in detector:
            noise = noises.get(amplifier.name)
            count = update_variance(exposure.masked_image, amplifier, noise, plane)
            self.metadata.add("negative_variance", count)

    def correct_counts(
        self,
        exposure: Exposure,
        detector: Detector,
        table: NDArray[np.floating] | None = None,
    ) -> None:
        """Make counts proportional to light and subtract echoes, in place."""
        if self.config.doLinearize:
            beyond = sum(linearize(exposure.image, amplifier, table) for amplifier in detector)
            if beyond:
                self.log.warning("%d pixels lie beyond the look-up table of linearity.", beyond)
        if self.config.doCrosstalk:
            result = self.crosstalk.run(exposure.masked_image, detector)
            self.metadata["crosstalk_flagged"] = result.flagged

    def mask_bad(self, exposure: Exposure, defects: Iterable[Box]) -> None:
        """Flag what is known to be bad, the edges, and what is no number."""
        config = self.config
        if config.doDefect:
            self.metadata["defects"] = mask_defects(exposure.mask, defects)
        mask_edges(exposure.mask, config.numEdgeSuspect, config.edgeMaskLevel)
        if config.doNanMasking:
            self.metadata["not_finite"] = mask_nan(exposure.masked_image)

    def undo_brighter_fatter(
        self, exposure: Exposure, detector: Detector, kernel: NDArray[np.floating]
    ) -> None:
        """Move charge back to where it came from, in place.

        Parameters
        ----------
        exposure
            Assembled, in ADU. Bad pixels are filled for the measurement of what
            moves alone: they stay as they are.
        detector
            Its gains turn ADU into electrons, if the kernel is for these.
        kernel
            As for `pipelines.isr.brighter_fatter.correct_brighter_fatter`.
        """
        config = self.config
        bits = known_bits(exposure.masked_image, list(config.brighterFatterMaskListToInterpolate))
        gains = gain_image(detector) if config.brighterFatterApplyGain else None
        charge = RecordedCharge(writable_pixels(exposure.image), gains)
        iterations, threshold = config.brighterFatterMaxIter, config.brighterFatterThreshold
        with filled_for_a_while(exposure.masked_image, bits):
            result = correct_brighter_fatter(charge, kernel, iterations, threshold)
        if gains is not None:
            result.moved /= gains
        exposure.image.array += result.moved
        self.metadata["brighter_fatter_iterations"] = result.iterations
        if not result.has_converged:
            self.log.warning(
                "The brighter-fatter correction still changes %.0f electrons after %d iterations.",
                result.change,
                result.iterations,
            )

    def calibrate(self, exposure: Exposure, calibrations: Calibrations) -> None:
        """Subtract the dark, divide by the flat, turn into electrons, subtract fringes."""
        config, pixels = self.config, exposure.masked_image
        dark, flat = calibrations.get("dark"), calibrations.get("flat")
        fringes = calibrations.get("fringes")
        is_fringed = config.doFringe and fringes is not None and self.fringe.is_wanted(exposure)
        if config.doDark and dark is not None:
            subtract_dark(pixels, dark, dark_scale(exposure, dark))
        if is_fringed and fringes is not None and not config.fringeAfterFlat:
            self.fringe.run(exposure, fringes)
        if config.doFlat and flat is not None:
            scaling, scale = config.flatScalingType, config.flatUserScale
            self.metadata["flat_lost"] = divide_flat(pixels, flat, scaling, scale)  # type: ignore[arg-type]
        if config.doApplyGains:
            apply_gains(pixels, required_detector(exposure))
            exposure.image.metadata["BUNIT"] = "electron"
        if is_fringed and fringes is not None and config.fringeAfterFlat:
            self.fringe.run(exposure, fringes)

    def finish(self, exposure: Exposure) -> None:
        """Flag the vignetted rim, fill bad pixels, and note the level of the sky."""
        config, mask = self.config, exposure.mask
        if config.doVignette:
            self.metadata["vignetted"] = self.vignette.run(exposure).flagged
        if config.doSaturation:
            if config.doWidenSaturationTrails:
                widen_trails(mask, config.saturatedMaskName)
            bits = mask.get_bit_mask(config.saturatedMaskName)
            grow_bits(mask.array, bits, config.growSaturationFootprintSize)
        planes = set(config.maskListToInterpolate) if config.doInterpolate else set()
        if not config.doSaturationInterpolation:
            planes.discard(config.saturatedMaskName)
        if config.doInterpolate and config.doNanInterpolation:
            planes.add("UNMASKEDNAN")
        if planes:
            self.metadata["filled"] = fill_planes(exposure.masked_image, sorted(planes))
        self._note_sky(exposure)

    def _note_sky(self, exposure: Exposure) -> None:
        part = (slice(None, None, 7), slice(None, None, 7))
        bad = exposure.mask.array[part] & known_bits(exposure.masked_image, ["BAD", "SAT"])
        values = exposure.image.array[part][bad == 0]
        values = values[np.isfinite(values)]
        if len(values):
            middle = float(np.median(values))
            self.metadata["sky_level"] = middle
            self.metadata["sky_sigma"] = 1.4826 * float(np.median(np.abs(values - middle)))

    def _require_places(self, detector: Detector) -> None:
        """Refuse steps that look for amplifiers where they will not be."""
        config = self.config
        if config.doAssembleCcd or all(one.raw_data_bbox == one.bbox for one in detector):
            return
        wanted = [name for name in _ON_DETECTOR if getattr(config, name)]
        if wanted:
            raise InstrumentError(
                f"Without doAssembleCcd the data of detector {detector.name!r} stay where they are "
                f"in the raw, and {', '.join(wanted)} would take other pixels for them. Switch "
                "these off, or set doAssembleCcd = True."
            )

    def _require(self, exposure: Exposure, calibrations: Calibrations) -> None:
        """Refuse to begin without what will be needed."""
        config = self.config
        needed = {
            "bias": config.doBias and "doBias",
            "dark": config.doDark and "doDark",
            "flat": config.doFlat and "doFlat",
            "defects": config.doDefect and "doDefect",
            "bf_kernel": config.doBrighterFatter and "doBrighterFatter",
            "fringes": config.doFringe and self.fringe.is_wanted(exposure) and "doFringe",
        }
        missing = {name: switch for name, switch in needed.items() if switch}
        missing = {
            name: switch for name, switch in missing.items() if calibrations.get(name) is None
        }
        if missing:
            switches = ", ".join(f"{switch} = False" for switch in missing.values())
            raise CalibrationError(
                f"{type(self).__name__} was given no {', '.join(missing)}. Give them to run() by "
                f"these names, or switch their steps off: {switches}."
            )
