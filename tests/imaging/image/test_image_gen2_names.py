"""Gen2 spellings give what the names of images give, also when those are overridden."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Extent2I, Image, Point2I
from imaging.errors import ParameterTypeError
from imaging.image import gen2_names
from imaging.image.gen2_names import LOCAL, PARENT
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = {
    "getBBox": "get_bbox",
    "getDimensions": "dimensions",
    "getWidth": "width",
    "getHeight": "height",
    "getXY0": "xy0",
    "getX0": "x0",
    "getY0": "y0",
    "clone": "copy",
    "writeFits": "write_fits",
    "readFits": "read_fits",
}
ARRAY = {**PIXELS, "getArray": "array"}
CONVERTED = {f"convert{letter}": "astype" for letter in "DFIU"}
SCALED = {"scaledPlus": "scaled_plus", "scaledMinus": "scaled_minus"}
SAME: dict[type, dict[str, str]] = {
    Image: {**ARRAY, **SCALED, **CONVERTED},
    Mask: {
        **ARRAY,
        "getPlaneBitMask": "get_bit_mask",
        "getMaskPlane": "planes",
        "getMaskPlaneDict": "planes",
        "addMaskPlane": "add_plane",
        "removeMaskPlane": "remove_plane",
        "clearAllMaskPlanes": "clear_all_planes",
    },
    MaskedImage: {
        **PIXELS,
        **SCALED,
        **CONVERTED,
        "getImage": "image",
        "getMask": "mask",
        "getVariance": "variance",
        "getArrays": "arrays",
    },
}
# what has more than one form in Gen2; the tests below show what each does
FORMS = {"setXY0", "Factory", "get", "set"}
MASK_FORMS = FORMS | {
    "clearMaskPlane",
    "getAsString",
    "getNumPlanesUsed",
    "removeAndClearMaskPlane",
}
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]
TYPES = {"convertD": "f8", "convertF": "f4", "convertI": "i4", "convertU": "u2"}
# what Gen2 calls the arguments
SPELLINGS = {
    "fileName": "path",
    "c": "factor",
    "rhs": "other",
    "image": "source",
    "plane": "names",
}


@pytest.mark.parametrize("kind", SAME)
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type) -> None:
    mixins = [base for base in kind.__mro__ if base.__module__ == gen2_names.__name__]
    names = {name for mixin in mixins for name in vars(mixin) if not name.startswith("_")}
    assert names == set(SAME[kind]) | (MASK_FORMS if kind is Mask else FORMS)


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[list[object]] = []

    def method(_: object, *args: object, **keywords: object) -> object:
        seen.append([*args, *keywords.values()])
        return {"X": 1} if new == "planes" else 0

    static = inspect.getattr_static(kind, new)
    overridden: object = method
    if isinstance(static, property):
        overridden = property(method)
    elif isinstance(static, classmethod):
        overridden = classmethod(method)  # type: ignore[arg-type]
    made = object.__new__(type("Overridden", (kind,), {new: overridden}))
    takes = len(inspect.signature(getattr(made, old)).parameters)
    getattr(made, old)(*("X",) * takes)
    expected = [] if isinstance(static, property) else ["X"] * takes
    assert seen == [[TYPES[old]] if old in TYPES else expected]


METHODS = [(k, old, new) for k, old, new in PAIRS if callable(getattr(k, new))]


@pytest.mark.parametrize(("kind", "old", "new"), METHODS)
def test_gen2_method_has_parameters_of_the_other(kind: type, old: str, new: str) -> None:
    parameters = [
        SPELLINGS.get(name, name) for name in inspect.signature(getattr(kind, old)).parameters
    ]
    known = {*inspect.signature(getattr(kind, new)).parameters}
    if new == "get_bit_mask":
        parameters = ["names" if name == "name" else name for name in parameters]
    elif new == "fill":
        known |= {"value"}
    elif new in SCALED.values():
        known |= {"other"}
    assert set(parameters) <= known


PART = Box(Point2I(3, 4), Extent2I(2, 2))


@pytest.fixture
def image() -> Image:
    return Image(np.arange(20, dtype=np.float32).reshape(5, 4), (2, 3))


def test_gen2_names_of_images_do_the_same(image: Image, tmp_path: Path) -> None:
    assert image.getBBox() == image.getBBox(PARENT) == image.bbox
    assert image.getBBox(LOCAL) == Box(Point2I(0, 0), Extent2I(4, 5))
    assert image.getArray() is image.array
    assert image.getDimensions() == Extent2I(image.getWidth(), image.getHeight())
    view = image.Factory(image, PART)
    assert view == image.Factory(image, Box(Point2I(1, 1), Extent2I(2, 2)), LOCAL) == image[PART]
    assert np.shares_memory(view.array, image.array)
    assert not np.shares_memory(image.Factory(image, PART, PARENT, True).array, image.array)
    assert not image.Factory(PART).array.any()
    assert not np.shares_memory(image.clone().array, image.array)
    path = str(tmp_path / "image.fits")
    image.writeFits(path)
    assert Image.readFits(path) == image
    assert Image.readFits(path, 0, PART) == image[PART]
    view.set(3)
    view.scaledPlus(2.0, view)
    view.scaledMinus(1.0, 4.0)
    assert (image[PART].array == 5).all()
    image.setXY0(Point2I(7, 8))
    assert (image.getXY0(), image.getX0(), image.getY0()) == (Point2I(7, 8), 7, 8)


def test_gen2_names_of_masks_do_the_same(tmp_path: Path) -> None:
    mask = Mask(PART)
    assert mask.getPlaneBitMask("SAT") == 2
    assert mask.getPlaneBitMask(["SAT", "CR"]) == 10
    assert mask.getMaskPlane("INTERP") == 2
    assert mask.addMaskPlane("STREAK") == 9
    assert mask.getMaskPlaneDict() == dict(mask.planes)
    mask.getMaskPlaneDict().clear()
    mask.set(3)
    mask.clearMaskPlane("BAD")
    assert (mask.array == 2).all()
    path = str(tmp_path / "mask.fits")
    mask.writeFits(path)
    assert Mask.readFits(path) == mask
    mask.removeAndClearMaskPlane("SAT")
    mask.removeMaskPlane("BAD")
    assert not mask.array.any()
    assert "SAT" not in mask.planes
    mask.set(4)
    mask.clearAllMaskPlanes()
    assert not mask.array.any()
    assert mask.Factory(mask, PART).planes is mask.planes


def test_gen2_names_of_masked_images_do_the_same(image: Image, tmp_path: Path) -> None:
    masked = MaskedImage(image)
    assert masked.getImage() is masked.image
    assert masked.getMask() is masked.mask
    assert masked.getVariance() is masked.variance
    assert masked.getArrays()[0] is image.array
    path = str(tmp_path / "masked.fits")
    masked.writeFits(path)
    assert MaskedImage.readFits(path) == masked == masked.clone()
    assert MaskedImage.readFits(path, PART) == masked.Factory(masked, PART) == masked[PART]
    before = image.array.copy()
    masked.scaledMinus(2, masked.clone())
    np.testing.assert_array_equal(masked.image.array, -before)
    masked.setXY0(Point2I(7, 8))
    assert masked.getMask().getXY0() == masked.getXY0() == Point2I(7, 8)


def test_numbers_in_old_setters_are_local(image: Image) -> None:
    image.set(1, 2, 77)
    assert image.get(1, 2) == image[3, 5] == image.array[2, 1] == 77
    image.set(3)
    assert (image.array == 3).all()
    with pytest.raises(ParameterTypeError, match="x, y and value"):
        image.set(1, 2)
    image.setXY0(7, 8)
    assert image.getXY0() == Point2I(7, 8)
    masked = MaskedImage(image)
    masked.set(5, 2, 4.0)
    assert masked.get(0, 0) == (5, 2, 4)
    masked.set(6)
    assert masked.get(0, 0) == (6, 0, 0)


def test_bits_of_masks_are_cleared_by_number() -> None:
    mask = Mask(PART)
    mask.set(7)
    mask.clearMaskPlane(1)
    assert (mask.array == 5).all()
    assert mask.getAsString(0, 0) == "BAD,INTRP"
    mask.array[:] = -1
    mask.clear_bits(1 << 31)
    assert (mask.array == 2**31 - 1).all()
    mask.removeAndClearMaskPlane("BAD", True)
    assert mask.get(0, 0) & 1 == 0
    assert mask.getNumPlanesUsed() == len(mask.planes) == 8
