"""An exposure that has every part."""

from __future__ import annotations

import numpy as np
import pytest

from imaging import Box, Extent2I, Metadata, Point2I
from imaging.detector.amplifier import Amplifier
from imaging.detector.detector import Detector
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.visit_info import Observatory, VisitInfo, Weather
from imaging.geometry.polygon import Polygon
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.wcs.parameters import Sip
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs


def make_sky() -> Wcs:
    """Return a WCS with distortion."""
    sip = Sip(((0.0, 0.0, 1e-6), (0.0, 2e-6, 0.0), (0.0, 0.0, 0.0)), ((0.0,) * 3,) * 3, (), ())
    linear = make_tan_wcs((150.1, 2.2), (110.25, 55.5), make_cd_matrix(0.168, 30.0))
    return Wcs(type(linear.parameters)(**{**_fields(linear), "sip": sip}))


def _fields(wcs: Wcs) -> dict[str, object]:
    names = ("crval", "crpix", "cd", "projection", "lonpole", "latpole", "radesys", "equinox")
    return {name: getattr(wcs.parameters, name) for name in names}


@pytest.fixture
def example() -> Exposure:
    box = Box(Point2I(100, 50), Extent2I(20, 12))
    exposure = Exposure(box)
    exposure.image.array = np.arange(240, dtype=np.float32).reshape(12, 20) / 7
    exposure.image.array[0, 0] = np.nan
    exposure.variance.array = exposure.image.array[::-1] + 1
    exposure.mask.add_plane("CROSSTALK")
    exposure.mask.array[3, 4] = exposure.mask.get_bit_mask("CR", "CROSSTALK")
    exposure.image.metadata["BUNIT"] = "adu"
    exposure.mask.metadata["NOTE"] = "of the mask"
    exposure.wcs = make_sky()
    exposure.psf = SingleGaussianPsf(9, 9, 1.5)
    field = ChebyshevField(box, [[1.0, 0.01], [0.02, 0.0]])
    exposure.photo_calib = PhotoCalib(0.5, 0.01, field)
    amplifier = Amplifier(name="A", bbox=Box.from_string("0:200,0:100"))
    exposure.detector = Detector(
        id=7, name="1_07", bbox=Box.from_string("0:200,0:100"), amplifiers=(amplifier,)
    )
    exposure.visit_info = VisitInfo(
        exposure_time_s=30.5,
        date_avg_ns=1747791080647836617,
        observatory=Observatory(-155.476, 19.8255, 4139.0),
        weather=Weather(humidity_percent=20.0),
        object="COSMOS",
        id=903334,
    )
    exposure.filter = FilterLabel("r", "HSC-R2")
    exposure.aperture_corrections = ApertureCorrections({"psf": field, "gauss": field * field})
    exposure.valid_polygon = Polygon(np.array([[100.0, 50.0], [119.0, 50.5], [110.0, 61.0]]))
    exposure.id = 90333407
    exposure.metadata = Metadata({"EXPTIME": 31.0, "COMMENT": ["one", "two"], "A long name": 1.5})
    return exposure
