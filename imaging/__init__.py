"""Images, their metadata and their files. Knows no butler."""

from __future__ import annotations

from imaging.box import Box
from imaging.errors import ImagingError
from imaging.geometry import Extent2D, Extent2I, Point2D, Point2I
from imaging.image import Image
from imaging.metadata import Metadata

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
