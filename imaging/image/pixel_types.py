"""Images of one type of pixels, by the names that the LSST stack has for them.

``ImageF(box)`` is ``Image(box, dtype=np.float32)``; so the others. They make
images; a type to test for is `Image`, `Mask` or `MaskedImage`.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

__all__ = [
    "ImageD",
    "ImageF",
    "ImageI",
    "ImageL",
    "ImageU",
    "MaskX",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageI",
]

ImageD: Final = partial(Image, dtype=np.float64)
ImageF: Final = partial(Image, dtype=np.float32)
ImageI: Final = partial(Image, dtype=np.int32)
ImageL: Final = partial(Image, dtype=np.int64)
ImageU: Final = partial(Image, dtype=np.uint16)
MaskX: Final = Mask
MaskedImageD: Final = partial(MaskedImage, dtype=np.float64)
MaskedImageF: Final = partial(MaskedImage, dtype=np.float32)
MaskedImageI: Final = partial(MaskedImage, dtype=np.int32)
