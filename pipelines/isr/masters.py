"""Master calibrations: bias, dark and flat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np

from pipelines.errors import CalibrationError, ConfigError
from pipelines.isr.kernels import add_relative_variance, add_scaled, divide_by
from pipelines.isr.section import plain_pixels, writable_pixels

if TYPE_CHECKING:
    from imaging.exposure.visit_info import VisitInfo
    from imaging.geometry.box import Box
    from imaging.image.image import Image
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage

__all__ = ["FlatScaling", "MasterCalibration", "divide_flat", "subtract_bias", "subtract_dark"]

FlatScaling: TypeAlias = Literal["USER", "USERSCALE", "MEAN", "MEDIAN"]


class MasterCalibration(Protocol):
    """What the steps take of a master: an exposure has it, and what reads it when it is asked."""

    @property
    def bbox(self) -> Box:
        """Which pixels of the detector it has."""

    @property
    def image(self) -> Image:
        """Its pixels."""

    @property
    def mask(self) -> Mask:
        """Their flags."""

    @property
    def variance(self) -> Image:
        """Their variances; zeros if it has none."""

    @property
    def visit_info(self) -> VisitInfo | None:
        """Its exposure time."""


def subtract_bias(pixels: MaskedImage, bias: MasterCalibration) -> None:
    """Subtract a master bias in place; its flags are taken over.

    Parameters
    ----------
    pixels
        Assembled, in ADU.
    bias
        ADU. Its own variance counts for nothing: that of the pixels is
        written afterwards.

    Raises
    ------
    CalibrationError
        If it has other pixels than the exposure.
    """
    _check_box(pixels, bias, "bias")
    add_scaled(writable_pixels(pixels.image), plain_pixels(bias.image), -1.0)
    _join_flags(pixels.mask, bias.mask)


def subtract_dark(pixels: MaskedImage, dark: MasterCalibration, scale: float) -> None:
    """Subtract a master dark in place; its flags are taken over.

    Parameters
    ----------
    pixels
        Assembled, in ADU.
    dark
        ADU for its own exposure time.
    scale
        Exposure time over that of the dark.

    Raises
    ------
    CalibrationError
        If it has other pixels than the exposure, or the scale is no number.
    """
    _check_box(pixels, dark, "dark")
    if not np.isfinite(scale):
        raise CalibrationError(
            f"The dark cannot be scaled by {scale}: the exposure time of the exposure or of the "
            "dark is not known. Switch the step off by doDark = False."
        )
    add_scaled(writable_pixels(pixels.image), plain_pixels(dark.image), -scale)
    variance = plain_pixels(dark.variance)
    if variance.any():
        add_scaled(writable_pixels(pixels.variance), variance, scale**2)
    _join_flags(pixels.mask, dark.mask)


def divide_flat(
    pixels: MaskedImage,
    flat: MasterCalibration,
    scaling: FlatScaling = "USERSCALE",
    user_scale: float = 1.0,
    plane: str = "BAD",
) -> int:
    """Divide by a master flat in place; its flags are taken over.

    Parameters
    ----------
    pixels
        Assembled.
    flat
        The response of each pixel to light.
    scaling
        What the flat is divided by before: ``user_scale``, or its own mean or
        median.
    user_scale
        For ``USERSCALE``, or ``USER``.
    plane
        Set where the flat is no positive number; these pixels become NaN.

    Returns
    -------
    int
        The number of such pixels.

    Raises
    ------
    CalibrationError
        If it has other pixels than the exposure.
    ConfigError
        If there is no such scaling.
    """
    _check_box(pixels, flat, "flat")
    response = plain_pixels(flat.image)
    scale = {
        "USER": lambda: user_scale,
        "USERSCALE": lambda: user_scale,
        "MEAN": lambda: float(np.nanmean(response, dtype=np.float64)),
        "MEDIAN": lambda: float(np.nanmedian(response)),
    }.get(scaling)
    if scale is None:
        raise ConfigError(
            f"A flat is scaled by USERSCALE, MEAN or MEDIAN (flatScalingType), not {scaling!r}."
        )
    factor = scale()
    variance = plain_pixels(flat.variance)
    if variance.any():
        image, total = plain_pixels(pixels.image), writable_pixels(pixels.variance)
        add_relative_variance(image, total, response, variance)
    lost = divide_by(
        writable_pixels(pixels.image),
        writable_pixels(pixels.variance),
        pixels.mask.array,
        response,
        factor,
        pixels.mask.get_bit_mask(plane),
    )
    _join_flags(pixels.mask, flat.mask)
    return lost


def _check_box(pixels: MaskedImage, calibration: MasterCalibration, name: str) -> None:
    if calibration.bbox != pixels.bbox:
        raise CalibrationError(
            f"The {name} is {calibration.bbox}, but the exposure is {pixels.bbox}. It is of "
            f"another detector or readout; see which one was chosen with: butler explain {name}"
        )


def _join_flags(mask: Mask, other: Mask) -> None:
    """Take over flags; a mask of zeros costs no memory as long as nothing is set in it."""
    if other.array.any():
        mask.array |= mask.aligned(other).array
