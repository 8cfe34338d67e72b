"""Images, their metadata and their files. Knows no butler."""

from __future__ import annotations

from imaging.errors import ImagingError
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.image.image import Image

__all__ = [
    "Box",
    "Extent2D",
    "Extent2I",
    "Image",
    "ImagingError",
    "Metadata",
    "Point2D",
    "Point2I",
]
