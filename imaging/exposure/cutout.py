"""The surroundings of a position, of a size that is always the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import BoxError, WcsError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.image.conversion import require_memory
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord

    from imaging.sky.sphere_point import SpherePoint
    from imaging.wcs.projection import SkyProjection

__all__ = ["cutout_pixels"]

_OUTSIDE = "NO_DATA"
_BYTES_BESIDE = 8  # of mask and variance


def cutout_pixels(
    pixels: MaskedImage,
    wcs: SkyProjection | None,
    center: Point2D | Point2I | SkyCoord | SpherePoint,
    size: Extent2I | int,
) -> MaskedImage:
    """Return a copy of the surroundings of a position.

    Parameters
    ----------
    pixels
        The whole, in parent coordinates.
    wcs
        For positions on the sky.
    center, size
        As for `imaging.exposure.exposure.Exposure.get_cutout`.

    Raises
    ------
    BoxError
        If the position is outside, or the size is not positive.
    ParameterTypeError
        If the size is no whole number, or the position is none.
    ParameterValueError
        If this computer cannot hold the cutout.
    WcsError
        If a position on the sky is given, and there is no WCS.
    """
    middle = _middle(wcs, center)
    extent = size if isinstance(size, Extent2I) else Extent2I(size, size)
    if extent.x < 1 or extent.y < 1:
        raise BoxError(f"A cutout has one pixel at least, not {extent.x} x {extent.y}.")
    require_memory(Box(Point2I(0, 0), extent), pixels.dtype.itemsize + _BYTES_BESIDE)
    if not (math.isfinite(middle.x) and math.isfinite(middle.y) and pixels.bbox.contains(middle)):
        message = f"The position ({middle.x}, {middle.y}) is not in the exposure, {pixels.bbox}."
        raise BoxError(message)
    corner = Point2I(
        math.floor(middle.x - extent.x / 2 + 1), math.floor(middle.y - extent.y / 2 + 1)
    )
    made = MaskedImage(Box(corner, extent), dtype=pixels.dtype, planes=pixels.mask.planes)
    if not pixels.bbox.contains(made.bbox):
        made.mask.add_plane(_OUTSIDE)
        is_real = pixels.dtype.kind == "f"
        made.fill(np.nan if is_real else 0, made.mask.get_bit_mask(_OUTSIDE), np.nan)
    common = made.bbox.clipped_to(pixels.bbox)
    made[common] = pixels[common]
    made.metadata = pixels.metadata.copy()
    return made


def _middle(
    wcs: SkyProjection | None, center: Point2D | Point2I | SkyCoord | SpherePoint
) -> Point2D:
    if isinstance(center, Point2D | Point2I):
        return Point2D(float(center.x), float(center.y))
    if wcs is None:
        raise WcsError("A position on the sky needs a WCS, which this exposure does not have.")
    return wcs.sky_to_point(center)
