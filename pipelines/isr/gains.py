"""Electrons and ADU: gains of amplifiers, and variances from counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipelines.errors import InstrumentError
from pipelines.isr.kernels import fill_variance
from pipelines.isr.section import plain_pixels, section_bounds, writable_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector
    from imaging.exposure.exposure import Exposure
    from imaging.image.masked_image import MaskedImage

__all__ = ["apply_gains", "gain_image", "required_detector", "required_gain", "update_variance"]


def required_detector(exposure: Exposure) -> Detector:
    """Return the detector of an exposure.

    Raises
    ------
    InstrumentError
        If it has none, or one without amplifiers.
    """
    detector = exposure.detector
    if detector is None or not detector.amplifiers:
        raise InstrumentError(
            "The exposure does not say which amplifiers read it. Get it from a butler as 'raw', "
            "or set exposure.detector."
        )
    return detector


def required_gain(amplifier: Amplifier) -> float:
    """Return the gain of an amplifier, electrons per ADU.

    Raises
    ------
    InstrumentError
        If it is not known.
    """
    if not amplifier.gain > 0:
        raise InstrumentError(
            f"The gain of the amplifier {amplifier.name!r} is {amplifier.gain}. Replace the "
            "detector by one with gains (detector.replace), or switch off what needs them: "
            "doVariance, doBrighterFatter, doApplyGains."
        )
    return amplifier.gain


def update_variance(
    pixels: MaskedImage,
    amplifier: Amplifier,
    read_noise_e: float | None = None,
    negative_plane: str | None = None,
) -> int:
    """Write the variance of an amplifier's pixels, in ADU squared.

    Parameters
    ----------
    pixels
        Assembled, in ADU above the bias.
    amplifier
        Its gain and, by default, its read noise are used.
    read_noise_e
        Electrons.
    negative_plane
        Set where counts are so far below zero that the variance would be
        negative: the level of the overscan was wrong there.

    Returns
    -------
    int
        How many pixels these are.

    Raises
    ------
    InstrumentError
        If the gain is not known, or no read noise.

    Notes
    -----
    Counts over gain, and the square of the read noise; pixels below zero have
    the latter alone, so that no variance is negative.
    """
    gain = required_gain(amplifier)
    noise = amplifier.read_noise if read_noise_e is None else read_noise_e
    if not noise >= 0:
        raise InstrumentError(
            f"The read noise of the amplifier {amplifier.name!r} is {noise}. Measure it in the "
            "overscan by doEmpiricalReadNoise = True, or switch off doVariance."
        )
    bounds = section_bounds(pixels.image, amplifier.bbox)
    image, variance = plain_pixels(pixels.image), writable_pixels(pixels.variance)
    bits = 0 if negative_plane is None else pixels.mask.get_bit_mask(negative_plane)
    return fill_variance(image, variance, pixels.mask.array, *bounds, gain, noise / gain, bits)


def apply_gains(pixels: MaskedImage, detector: Detector) -> None:
    """Turn ADU into electrons in place; variances by the square.

    Raises
    ------
    InstrumentError
        If a gain is not known; then nothing was changed.
    """
    gains = {amplifier.name: required_gain(amplifier) for amplifier in detector}
    for amplifier in detector:
        part = pixels[amplifier.bbox]
        part.image.array *= gains[amplifier.name]
        part.variance.array *= gains[amplifier.name] ** 2


def gain_image(detector: Detector) -> NDArray[np.float32]:
    """Return the gain of each pixel of an assembled detector; 1 where no amplifier is.

    Parameters
    ----------
    detector
        With amplifiers.

    Returns
    -------
    numpy.ndarray
        Shape (1, nx) where amplifiers stand side by side, else (ny, nx).

    Raises
    ------
    InstrumentError
        If a gain is not known.
    """
    ny, nx = detector.bbox.shape
    is_one_row = all(amplifier.bbox.height == ny for amplifier in detector)
    gains = np.ones((1 if is_one_row else ny, nx), np.float32)
    for amplifier in detector:
        rows, columns = amplifier.bbox.slices(detector.bbox.min)
        gains[slice(0, 1) if is_one_row else rows, columns] = required_gain(amplifier)
    return gains
