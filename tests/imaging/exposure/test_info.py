"""Parts of an exposure are checked where they are set."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.exposure.info import ExposureInfo, ExposureParts
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure


@pytest.mark.parametrize(
    ("name", "part", "expected"),
    [
        ("wcs", "abc", "a Wcs"),
        ("psf", 3, "a Psf"),
        ("photo_calib", 3.0, "a PhotoCalib"),
        ("detector", 5, "a Detector"),
        ("visit_info", {"id": 3}, "a VisitInfo"),
        ("filter", "r", "a FilterLabel"),
        ("aperture_corrections", {}, "an ApertureCorrections"),
        ("valid_polygon", [(0, 0), (1, 0), (1, 1)], "a Polygon"),
        ("id", "x", "an integer"),
        ("id", 1.5, "an integer"),
        ("metadata", {}, "a Metadata"),
        ("metadata", None, "a Metadata"),
        ("undecoded", ["PSF"], "a mapping"),
    ],
)
def test_part_of_another_class_is_refused_by_name(
    example: Exposure, name: str, part: object, expected: str
) -> None:
    before = getattr(example.info, name)
    with pytest.raises(ParameterTypeError, match=f"The {name} of an exposure is {expected}"):
        setattr(example if name != "undecoded" else example.info, name, part)
    assert getattr(example, name) is before
    with pytest.raises(ParameterTypeError, match=expected):
        ExposureInfo(**{name: part})  # type: ignore[arg-type]  # the mistake


def test_every_part_is_checked() -> None:
    for name in ExposureParts.__annotations__:
        with pytest.raises(ParameterTypeError, match=name):
            setattr(ExposureInfo(), name, object())


def test_parts_may_be_absent_and_identifiers_of_numpy(example: Exposure) -> None:
    for name in set(ExposureParts.__annotations__) - {"metadata", "undecoded"}:
        setattr(example, name, None)
        assert getattr(example, name) is None
    example.id = np.int64(7)  # type: ignore[assignment]  # NumPy's integers are no int
    assert type(example.id) is int


def test_copies_have_every_part(example: Exposure) -> None:
    example.info.undecoded = {"PSF": "unknown"}
    for made in (
        example.info.copy(),
        example.info.copy(deep=True),
        copy.copy(example.info),
        pickle.loads(pickle.dumps(example.info)),
    ):
        for name in ExposureParts.__annotations__:
            if name not in {"aperture_corrections", "detector", "valid_polygon"}:
                assert getattr(made, name) == getattr(example.info, name)
            assert getattr(made, name) is not None
        made.metadata = Metadata()
        assert example.metadata["EXPTIME"] == 31.0


@pytest.mark.parametrize("name", ["image", "mask", "variance", "masked_image"])
@pytest.mark.parametrize("pixels", [None, np.zeros((12, 20))])
def test_planes_are_replaced_by_planes_alone(example: Exposure, name: str, pixels: object) -> None:
    before = example.copy()
    with pytest.raises(ParameterTypeError, match="array"):
        setattr(example, name, pixels)
    assert example.masked_image == before.masked_image
    if name != "masked_image":
        with pytest.raises(ParameterTypeError, match=r"\.array"):
            setattr(MaskedImage(Image(Box(Point2I(0, 0), Extent2I(2, 2)))), name, pixels)


@pytest.mark.parametrize("size", [2**40, Extent2I(2**20, 2**20), 10**30])
def test_cutout_that_no_memory_holds_is_refused(example: Exposure, size: int | Extent2I) -> None:
    with pytest.raises(ParameterValueError, match="more than the memory"):
        example.get_cutout(Point2I(105, 55), size)


def test_size_of_a_cutout_is_a_whole_number(example: Exposure) -> None:
    with pytest.raises(ParameterTypeError, match=r"not 1\.5"):
        example.get_cutout(Point2I(105, 55), 1.5)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError):
        example.get_cutout(None, 5)  # type: ignore[arg-type]  # the mistake
