"""Where the pixels of an object are: there where those of its image are."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Extent2I, Point2I
    from imaging.image.image import Image

__all__ = ["PixelGeometry"]


class PixelGeometry:
    """Box, size, origin and type of the pixels of something that has an image."""

    __slots__ = ()

    @property
    @abstractmethod
    def image(self) -> Image:
        """The image."""

    @property
    def dtype(self) -> np.dtype[np.number]:
        """Type of the image's pixels."""
        return self.image.dtype

    @property
    def bbox(self) -> Box:
        """The pixels that there are, in parent coordinates: a copy."""
        return self.image.bbox

    def get_bbox(self, origin: Origin = "parent") -> Box:
        """Return the box in ``parent`` coordinates, or in ``local`` ones, from (0, 0)."""
        return self.image.get_bbox(origin)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.image.width

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.image.height

    @property
    def dimensions(self) -> Extent2I:
        """Width and height."""
        return self.image.dimensions

    @property
    def xy0(self) -> Point2I:
        """Parent coordinates of the first pixel."""
        return self.image.xy0

    @property
    def x0(self) -> int:
        """Parent coordinate of the first column."""
        return self.image.x0

    @property
    def y0(self) -> int:
        """Parent coordinate of the first row."""
        return self.image.y0
