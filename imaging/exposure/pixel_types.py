"""Exposures of one type of pixels, by the names that the LSST stack has for them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from imaging.exposure.exposure import Exposure

__all__ = ["ExposureD", "ExposureF", "ExposureI", "ExposureU"]


class ExposureD(Exposure):
    """An exposure whose image, if it is made of a box, has 64-bit floating point."""

    __slots__ = ()
    box_dtype: ClassVar[type[np.number]] = np.float64


class ExposureF(Exposure):
    """An exposure whose image, if it is made of a box, has 32-bit floating point."""

    __slots__ = ()
    box_dtype: ClassVar[type[np.number]] = np.float32


class ExposureI(Exposure):
    """An exposure whose image, if it is made of a box, has integers of 32 bits."""

    __slots__ = ()
    box_dtype: ClassVar[type[np.number]] = np.int32


class ExposureU(Exposure):
    """An exposure whose image, if it is made of a box, has unsigned integers of 16 bits."""

    __slots__ = ()
    box_dtype: ClassVar[type[np.number]] = np.uint16
