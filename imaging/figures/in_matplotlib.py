"""Scenes drawn with matplotlib."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import MissingLibraryError, ParameterTypeError, ParameterValueError
from imaging.geometry.real_box import Box2D
from imaging.preview.limits import find_limits

if TYPE_CHECKING:
    from types import ModuleType

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from imaging.figures.scene import Ellipses, Scene
    from imaging.image.mask import Mask

__all__ = ["new_axes", "show_in_matplotlib"]


def show_in_matplotlib(scene: Scene, *, axes: Axes | None = None, cmap: str = "gray") -> Axes:
    """Draw a scene.

    Parameters
    ----------
    scene
        What is to be seen.
    axes
        Where; by default the current axes of the current figure.
    cmap
        Name of a colour map.

    Returns
    -------
    matplotlib.axes.Axes
        Its coordinates are the parent coordinates of the image.

    Raises
    ------
    MissingLibraryError
        If matplotlib is not installed.
    ParameterValueError
        If it does not know a colour; then nothing is drawn.
    """
    if axes is None:
        axes = _pyplot().gca()
    if not hasattr(axes, "imshow"):
        message = f"axes= takes axes of matplotlib, not {type(axes).__name__}."
        raise ParameterTypeError(message)
    overlays = [] if scene.mask is None else _overlays(scene, scene.mask)
    low, high = find_limits(scene.image.array, scene.limits)
    area = Box2D(scene.image.bbox)
    extent = (area.min_x, area.max_x, area.min_y, area.max_y)
    draw = partial(axes.imshow, origin="lower", interpolation="nearest", extent=extent)
    draw(scene.image.array, vmin=low, vmax=high, cmap=cmap)
    for overlay in overlays:
        draw(overlay)
    if scene.ellipses is not None:
        _draw(axes, scene.ellipses)
    axes.set(xlim=extent[:2], ylim=extent[2:], xlabel="x (pixels)", ylabel="y (pixels)")
    if scene.title:
        axes.set_title(scene.title)
    return axes


def new_axes(name: str) -> Axes:
    """Return the axes of a figure of that name, empty.

    Raises
    ------
    MissingLibraryError
        If matplotlib is not installed.
    """
    axes: Axes = _pyplot().figure(num=name, clear=True).add_subplot()
    return axes


def _pyplot() -> ModuleType:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingLibraryError("matplotlib", "plot") from None
    return plt


def _overlays(scene: Scene, mask: Mask) -> list[NDArray[np.uint8]]:
    return [_overlay(mask, name, color, scene.alpha) for name, color in scene.planes.items()]


def _overlay(mask: Mask, name: str, color: str, alpha: float) -> NDArray[np.uint8]:
    """Return one plane as a picture that is clear where no bit is set."""
    from matplotlib.colors import to_rgba

    is_set = (mask.array & mask.get_bit_mask(name)) != 0
    try:
        rgba = np.round(np.array(to_rgba(color, alpha)) * 255).astype(np.uint8)
    except (TypeError, ValueError):
        message = (
            f"{name}: {color!r} is no colour that matplotlib knows, such as 'red' or '#ff8800'."
        )
        raise ParameterValueError(message) from None
    overlay: NDArray[np.uint8] = is_set[:, :, np.newaxis] * rgba
    return overlay


def _draw(axes: Axes, ellipses: Ellipses) -> None:
    from matplotlib.collections import EllipseCollection

    collection = EllipseCollection(
        2 * ellipses.a,
        2 * ellipses.b,
        np.degrees(ellipses.theta),
        units="xy",
        offsets=np.column_stack([ellipses.x, ellipses.y]),
        offset_transform=axes.transData,
        facecolors="none",
        edgecolors="lime",
        linewidths=1.0,
    )
    axes.add_collection(collection)
