"""``lsst.afw.image``."""

from __future__ import annotations

from imaging.exposure.aperture_corrections import ApertureCorrections as ApCorrMap
from imaging.exposure.calibration.measurement import Measurement
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.info import ExposureInfo
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.pixel_types import ExposureD, ExposureF, ExposureI, ExposureL, ExposureU
from imaging.exposure.pixel_types import make_exposure as makeExposure  # noqa: N812 - of Gen2
from imaging.exposure.visit_info import VisitInfo
from imaging.gen2_modules.gen2_names import (
    makePhotoCalibFromCalibZeroPoint,
    makePhotoCalibFromMetadata,
    readMetadata,
)
from imaging.image.gen2_names import LOCAL, PARENT, ImageOrigin
from imaging.image.image import Image
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
    MaskedImageL,
    MaskedImageU,
    MaskX,
)
from imaging.image.pixel_types import MaskX as Mask
from imaging.image.pixel_types import MaskX as MaskU
from imaging.image.pixel_types import make_image as makeImageFromArray  # noqa: N812 - of Gen2
from imaging.image.pixel_types import make_mask as makeMaskFromArray  # noqa: N812 - of Gen2
from imaging.image.pixel_types import make_masked_image as makeMaskedImage  # noqa: N812 - of Gen2
from imaging.image.pixel_types import (
    make_masked_image as makeMaskedImageFromArrays,  # noqa: N812 - of Gen2
)

__all__ = [
    "LOCAL",
    "PARENT",
    "ApCorrMap",
    "Exposure",
    "ExposureD",
    "ExposureF",
    "ExposureI",
    "ExposureInfo",
    "ExposureL",
    "ExposureU",
    "FilterLabel",
    "Image",
    "ImageD",
    "ImageF",
    "ImageI",
    "ImageL",
    "ImageOrigin",
    "ImageU",
    "Mask",
    "MaskU",
    "MaskX",
    "MaskedImage",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageI",
    "MaskedImageL",
    "MaskedImageU",
    "Measurement",
    "PhotoCalib",
    "VisitInfo",
    "makeExposure",
    "makeImageFromArray",
    "makeMaskFromArray",
    "makeMaskedImage",
    "makeMaskedImageFromArrays",
    "makePhotoCalibFromCalibZeroPoint",
    "makePhotoCalibFromMetadata",
    "readMetadata",
]
