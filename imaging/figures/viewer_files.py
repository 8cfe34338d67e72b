"""What viewers of others read: a scene as a FITS file, masks of their own, DS9's regions."""

from __future__ import annotations

import os
import re
from functools import cache
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING

import numpy as np

from imaging.image.image import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.figures.scene import Ellipses, Scene

__all__ = ["region_text", "write_image_file", "write_mask_file", "write_region_file"]


@cache
def _session() -> TemporaryDirectory[str]:
    """Return a folder that lives as long as this process: viewers read it when they like."""
    return TemporaryDirectory(prefix="display-")


def _new_file(name: str) -> str:
    return os.path.join(mkdtemp(dir=_session().name), re.sub(r"[^\w.-]", "_", name))


def write_image_file(scene: Scene) -> str:
    """Write the image of a scene, with its WCS and masks if it has them, and return the path."""
    path = _new_file(f"{scene.title or 'image'}.fits")
    scene.shown.write_fits(path)
    return path


def write_mask_file(scene: Scene, plane: str) -> str:
    """Write one plane as an image of 0 and 1 and return the path."""
    if scene.mask is None:
        return ""
    path = _new_file(f"{plane}.fits")
    flags = (scene.mask.array & scene.mask.get_bit_mask(plane)) != 0
    Image(flags.astype(np.uint8), scene.mask.xy0).write_fits(path)
    return path


def write_region_file(scene: Scene) -> str:
    """Write the outlines of a scene as DS9's regions and return the path."""
    path = _new_file("sources.reg")
    with open(path, "w", encoding="ascii") as file:
        if scene.ellipses is not None:
            file.write(region_text(scene.ellipses, scene.image.x0, scene.image.y0))
    return path


def region_text(ellipses: Ellipses, x0: int, y0: int) -> str:
    """Return ellipses in DS9's region format, in its image coordinates.

    Parameters
    ----------
    ellipses
        In parent coordinates.
    x0, y0
        Parent coordinates of the first pixel, which is (1, 1) in DS9.
    """
    header = "# Region file format: DS9 version 4.1\nglobal color=green\nimage\n"
    return header + "".join(_regions(ellipses, x0, y0))


def _regions(ellipses: Ellipses, x0: int, y0: int) -> Iterator[str]:
    columns = (ellipses.x, ellipses.y, ellipses.a, ellipses.b, np.degrees(ellipses.theta))
    for x, y, a, b, angle in zip(*columns, strict=True):
        yield f"ellipse({x - x0 + 1:.3f},{y - y0 + 1:.3f},{a:.3f},{b:.3f},{angle:.3f})\n"
