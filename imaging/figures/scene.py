"""What is to be seen, whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from imaging.errors import FieldNotFoundError, MaskPlaneError, ParameterTypeError
from imaging.exposure.exposure import Exposure
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from imaging.preview.colors import plane_color
from imaging.table.source_catalog import SourceCatalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.preview.limits import Limits

__all__ = ["Ellipses", "Scene", "Shown", "make_scene"]

Shown: TypeAlias = Image | Mask | MaskedImage | Exposure


@dataclass(frozen=True, slots=True)
class Ellipses:
    """Outlines of sources.

    Parameters
    ----------
    x, y
        Centres, in parent coordinates.
    a, b
        Half the axes, in pixels.
    theta
        From the x axis to that of ``a``, counterclockwise, in radians.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    theta: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """An image with what lies over it.

    Parameters
    ----------
    shown
        The image, cut to what is to be seen.
    image
        Its pixels.
    mask
        Its mask, None without one.
    planes
        Names of mask planes to their colours.
    ellipses
        Outlines of sources, None without any.
    limits
        What is black and what is white; see `imaging.preview.limits.find_limits`.
    alpha
        How much of a coloured pixel is the colour, 0 to 1.
    title
        A text above it.
    """

    shown: Shown
    image: Image | Mask
    mask: Mask | None
    planes: Mapping[str, str]
    ellipses: Ellipses | None
    limits: Limits
    alpha: float
    title: str


def make_scene(
    shown: Shown,
    *,
    bbox: Box | None,
    planes: str | Iterable[str] | Mapping[str, str] | None,
    sources: SourceCatalog | None,
    radius_factor: float,
    limits: Limits,
    alpha: float,
    title: str,
) -> Scene:
    """Check and collect what is to be seen; see `imaging.figures.display.display`."""
    if not isinstance(shown, Image | Mask | MaskedImage | Exposure):
        kind = type(shown).__name__
        message = f"An Image, Mask, MaskedImage or Exposure can be displayed, not {kind}."
        raise ParameterTypeError(message)
    part = shown if bbox is None else shown[bbox]
    image = part if isinstance(part, Image | Mask) else part.image
    mask = part.mask if isinstance(part, MaskedImage | Exposure) else None
    colors = _colors(mask, planes)
    ellipses = None if sources is None else _ellipses(sources, radius_factor)
    return Scene(part, image, mask, colors, ellipses, limits, alpha, title)


def _colors(
    mask: Mask | None, planes: str | Iterable[str] | Mapping[str, str] | None
) -> Mapping[str, str]:
    if planes is None:
        return {}
    if mask is None:
        message = "There is no mask to show planes of: display an Exposure or a MaskedImage."
        raise MaskPlaneError(message)
    if isinstance(planes, str):
        planes = [planes] if planes != "all" else list(mask.planes)
    names = list(planes)
    numbers = {name: mask.planes[name] for name in names}
    if hasattr(planes, "items"):
        return dict(planes.items())
    return {name: plane_color(name, numbers[name]) for name in names}


def _ellipses(sources: SourceCatalog, radius_factor: float) -> Ellipses:
    if not isinstance(sources, SourceCatalog):
        message = f"sources= takes a SourceCatalog, not {type(sources).__name__}."
        raise ParameterTypeError(message)
    contiguous = sources if sources.is_contiguous else sources.copy(deep=True)
    x, y = (np.asarray(contiguous[f"slot_Centroid_{axis}"], float) for axis in "xy")
    try:
        xx, yy, xy = (np.asarray(contiguous[f"slot_Shape_{m}"], float) for m in ("xx", "yy", "xy"))
    except FieldNotFoundError:  # not measured yet: circles
        xx, yy, xy = np.full_like(x, 9.0), np.full_like(x, 9.0), np.zeros_like(x)
    half, difference = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    a, b = (np.sqrt(np.maximum(half + sign * difference, 0)) for sign in (1, -1))
    theta = np.arctan2(2 * xy, xx - yy) / 2
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(a) & np.isfinite(b)
    return Ellipses(x[good], y[good], radius_factor * a[good], radius_factor * b[good], theta[good])
