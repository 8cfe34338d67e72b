"""Lines of old notebooks about pixels, and what the LSST stack answers."""

from __future__ import annotations

import numpy as np

from imaging import Exposure, Image, Mask, MaskedImage
from imaging.gen2_modules import afw_image, geom


def test_lines_of_notebooks_do_what_they_did() -> None:
    image = afw_image.ImageF(20, 10, 1.5)
    image.setXY0(100, 200)
    assert image[102, 203] == image[2, 3, afw_image.LOCAL] == 1.5
    image[105:110, 202:204] = 3
    part = image.Factory(
        image, geom.Box2I(geom.Point2I(5, 2), geom.Extent2I(5, 2)), afw_image.LOCAL
    )
    assert part.getXY0() == geom.Point2I(105, 202)
    assert (part.getArray() == 3).all()
    assert image[-1, -1, afw_image.ImageOrigin.LOCAL] == 1.5

    masked = afw_image.makeMaskedImage(image, afw_image.Mask(image.getBBox()))
    masked.getMask()[:] = afw_image.Mask.getPlaneBitMask("SAT")
    assert masked.getMask().getAsString(0, 0) == "SAT"
    assert masked.get(0, 0) == (1.5, 2, 0)
    exposure = afw_image.makeExposure(masked)
    assert isinstance(exposure, afw_image.ExposureF)
    assert isinstance(exposure.convertD(), afw_image.ExposureD)
    assert exposure[102:104, 201:204].getDimensions() == geom.Extent2I(2, 3)


def test_names_make_plain_objects() -> None:
    pixels = np.ones((2, 3), np.float32)
    bits = np.ones((2, 3), np.int32)
    assert type(afw_image.makeImageFromArray(pixels)) is type(afw_image.ImageF(3, 2)) is Image
    assert type(afw_image.makeMaskFromArray(bits)) is type(afw_image.Mask(3, 2)) is Mask
    made = afw_image.makeMaskedImageFromArrays(pixels, bits, pixels)
    assert type(made) is type(afw_image.MaskedImageF(3, 2)) is MaskedImage
    assert type(afw_image.ExposureF(3, 2)) is Exposure
