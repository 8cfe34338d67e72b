"""Gen2's spellings of background models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.image.image import Image

__all__ = ["BackgroundListNames", "BackgroundNames"]

Model = TypeVar("Model")


class BackgroundNames:
    """`Background` as Gen2 spelled it."""

    if TYPE_CHECKING:
        levels: NDArray[np.float32]

        @property
        def bbox(self) -> Box: ...
        def image(self, bbox: Box | None = None) -> Image: ...

    def getImageF(self) -> Image:
        """See ``image``."""
        return self.image()

    def getImageBBox(self) -> Box:
        """See ``bbox``."""
        return self.bbox


class BackgroundListNames(Generic[Model]):
    """`BackgroundList` as Gen2 spelled it."""

    if TYPE_CHECKING:

        def image(self, bbox: Box | None = None) -> Image: ...

    def getImage(self) -> Image:
        """See ``image``."""
        return self.image()
