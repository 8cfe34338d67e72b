"""One call that shows an image, in whichever viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import ParameterValueError
from imaging.figures.by_samp import show_in_ds9, show_in_ginga
from imaging.figures.in_firefly import show_in_firefly
from imaging.figures.in_matplotlib import show_in_matplotlib
from imaging.figures.scene import make_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from imaging.figures.scene import Shown
    from imaging.geometry.box import Box
    from imaging.preview.limits import Limits
    from imaging.table.source_catalog import SourceCatalog

__all__ = ["display"]

_VIEWERS: Mapping[str, Callable[..., object]] = {
    "matplotlib": show_in_matplotlib,
    "ds9": show_in_ds9,
    "firefly": show_in_firefly,
    "ginga": show_in_ginga,
}


def display(
    shown: Shown,
    *,
    bbox: Box | None = None,
    planes: str | Iterable[str] | Mapping[str, str] | None = None,
    sources: SourceCatalog | None = None,
    radius_factor: float = 2.0,
    limits: Limits = "zscale",
    alpha: float = 0.4,
    title: str = "",
    viewer: str = "matplotlib",
    **options: object,
) -> object:
    """Show an image, with mask planes in colours and sources as ellipses.

    Parameters
    ----------
    shown
        An Image, Mask, MaskedImage or Exposure.
    bbox
        The part to show, in parent coordinates; by default all of it.
    planes
        Mask planes: a name, several, ``all``, or names with their colours.
    sources
        A catalog, drawn at its centroids with its shapes (the slots); without
        shapes as circles of 3 pixels.
    radius_factor
        How many standard deviations an ellipse reaches.
    limits
        What is black and what is white: ``zscale``, ``minmax``, or two numbers.
    alpha
        How much of a masked pixel is the colour, 0 to 1.
    title
        A text above it, and its name in the viewer.
    viewer
        ``matplotlib``, or ``ds9``, ``ginga``, ``firefly``, which have to run.
    **options
        For the viewer: ``axes=`` and ``cmap=`` of matplotlib, ``url=`` of Firefly.

    Returns
    -------
    object
        The axes of matplotlib, or the path of the file that the viewer was given.

    Raises
    ------
    BoxError
        If the part is not inside the image.
    DisplayError
        If the viewer cannot be reached.
    MaskPlaneError
        If there is no such plane.
    MissingLibraryError
        If what talks to the viewer is not installed.
    ParameterTypeError, ParameterValueError
        If something else cannot be shown.
    """
    if viewer not in _VIEWERS:
        message = f"viewer={viewer!r}: choose one of {', '.join(_VIEWERS)}."
        raise ParameterValueError(message)
    scene = make_scene(
        shown,
        bbox=bbox,
        planes=planes,
        sources=sources,
        radius_factor=radius_factor,
        limits=limits,
        alpha=alpha,
        title=title,
    )
    return _VIEWERS[viewer](scene, **options)
