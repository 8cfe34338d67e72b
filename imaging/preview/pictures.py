"""Arrays as small pictures, with Pillow."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import MissingLibraryError, ParameterValueError
from imaging.preview.blocks import block_any, block_mean, block_size
from imaging.preview.limits import Limits, find_limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

__all__ = ["make_picture", "png_bytes", "thumbnail_html"]

_THUMBNAIL = 160
"""Pixels of the longer side of what a notebook shows."""


def make_picture(
    array: NDArray[np.number],
    *,
    longest: int = 1024,
    limits: Limits = "zscale",
    overlays: Mapping[str, NDArray[np.bool_]] | None = None,
    alpha: float = 0.5,
) -> Picture:
    """Return a picture of an array, its first row at the bottom.

    Parameters
    ----------
    array
        Shape (height, width). Each pixel of the picture is the mean of a
        block of pixels; where there are no numbers it is black.
    longest
        The longer side of the picture in pixels, at most.
    limits
        What is black and what is white; see `imaging.preview.limits.find_limits`.
    overlays
        Colour to flags of the shape of the array; a block of which one pixel
        is set is coloured.
    alpha
        How much of a coloured pixel is the colour, 0 to 1.

    Raises
    ------
    MissingLibraryError
        If Pillow is not installed.
    ParameterValueError
        If a size, a limit or a colour cannot be used.
    """
    if longest < 1:
        message = f"longest={longest}: a picture has one pixel at least."
        raise ParameterValueError(message)
    _require_pillow()
    from PIL import Image as PillowImage

    height, width = array.shape
    size = block_size((height, width), longest)
    means = block_mean(array, size)
    grey = _grey(means, limits)
    if not overlays:
        return PillowImage.fromarray(np.flipud(grey))
    rgb = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    for color, flags in overlays.items():
        chosen = block_any(flags, size)
        rgb[chosen] = (1 - alpha) * rgb[chosen] + alpha * np.array(_rgb(color))
    return PillowImage.fromarray(np.flipud(rgb))


def _grey(means: NDArray[np.float32], limits: Limits) -> NDArray[np.uint8]:
    low, high = find_limits(means, limits)
    scaled = (means.astype(np.float64) - low) * (255.0 / (high - low))
    return np.nan_to_num(np.clip(scaled, 0, 255), nan=0.0).astype(np.uint8)


def _rgb(color: str) -> tuple[int, ...]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(color)[:3]
    except ValueError:
        message = f"{color!r} is no colour. Use a name such as 'red', or '#rrggbb'."
        raise ParameterValueError(message) from None


def _require_pillow() -> None:
    try:
        import PIL  # noqa: F401 - whether it is there
    except ImportError:
        raise MissingLibraryError("Pillow", "plot") from None


def png_bytes(picture: Picture) -> bytes:
    """Return a picture as the content of a PNG file."""
    file = BytesIO()
    picture.save(file, format="png")
    return file.getvalue()


def thumbnail_html(array: NDArray[np.number]) -> str:
    """Return an ``<img>`` element that holds a small picture, empty without Pillow.

    Parameters
    ----------
    array
        Shape (height, width).
    """
    try:
        picture = make_picture(array, longest=_THUMBNAIL)
    except MissingLibraryError:
        return ""
    from base64 import b64encode

    content = b64encode(png_bytes(picture)).decode("ascii")
    return f'<img alt="thumbnail" src="data:image/png;base64,{content}">'
