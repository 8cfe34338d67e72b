"""``lsst.afw.image``."""

from __future__ import annotations

from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.info import ExposureInfo
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.pixel_types import ExposureD, ExposureF, ExposureI, ExposureU
from imaging.exposure.visit_info import VisitInfo
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from imaging.image.pixel_types import (
    ImageD,
    ImageF,
    ImageI,
    ImageL,
    ImageU,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskX,
)

__all__ = [
    "Exposure",
    "ExposureD",
    "ExposureF",
    "ExposureI",
    "ExposureInfo",
    "ExposureU",
    "FilterLabel",
    "Image",
    "ImageD",
    "ImageF",
    "ImageI",
    "ImageL",
    "ImageU",
    "Mask",
    "MaskX",
    "MaskedImage",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageI",
    "PhotoCalib",
    "VisitInfo",
]
