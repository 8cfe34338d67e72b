"""From the sections of a raw file to one image of the detector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, overload

import numpy as np

from imaging.errors import BoxError, CameraError
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector
    from imaging.geometry.box import Box

__all__ = ["SectionName", "assemble", "raw_section"]

SectionName: TypeAlias = Literal["all", "data", "serial_overscan", "parallel_overscan", "prescan"]
_Pixels = TypeVar("_Pixels", Image, Mask, MaskedImage)


def raw_section(
    raw: _Pixels | Mapping[str, _Pixels], amplifier: Amplifier, section: SectionName = "data"
) -> _Pixels:
    """Return what one amplifier read, as the raw file has it.

    Parameters
    ----------
    raw
        One image (or mask, or masked image) that all amplifiers have a part
        of, or one for each amplifier, by its name.
    amplifier
        The amplifier.
    section
        Which pixels.

    Returns
    -------
    Image or Mask or MaskedImage
        A view, in the coordinates and the direction of the raw file: nothing
        is flipped.

    Raises
    ------
    CameraError
        If the amplifier has no such section, or the raw has no such pixels.
    """
    boxes = {
        "all": amplifier.raw_bbox,
        "data": amplifier.raw_data_bbox,
        "serial_overscan": amplifier.raw_serial_overscan_bbox,
        "parallel_overscan": amplifier.raw_parallel_overscan_bbox,
        "prescan": amplifier.raw_prescan_bbox,
    }
    if section not in boxes:
        message = f"A raw has no section {section!r}; there are {', '.join(boxes)}."
        raise CameraError(message)
    box = boxes[section]
    if box.is_empty:
        message = f"The amplifier {amplifier.name!r} has no raw section {section!r}."
        raise CameraError(message)
    return _part(raw, amplifier, box)


@overload
def assemble(raw: Image | Mapping[str, Image], detector: Detector) -> Image: ...
@overload
def assemble(raw: MaskedImage | Mapping[str, MaskedImage], detector: Detector) -> MaskedImage: ...
def assemble(
    raw: Image | MaskedImage | Mapping[str, Image] | Mapping[str, MaskedImage], detector: Detector
) -> Image | MaskedImage:
    """Put the pixels that see the sky where they belong on the detector.

    Overscans and prescans are left out; sections that were read backwards are
    turned round. Values are not changed.

    Parameters
    ----------
    raw
        One image, or masked image, that all amplifiers have a part of, or one
        for each amplifier, by its name.
    detector
        Says which section belongs where.

    Returns
    -------
    Image or MaskedImage
        A copy with the box of the detector, of the type of the raw pixels.
        Pixels that no amplifier has are 0. Its metadata are those of a raw of
        one image: cards that describe the raw's own pixels, as CRPIXn, are
        not changed. Mask planes are those of the first amplifier.

    Raises
    ------
    CameraError
        If an amplifier, its pixels or its mask planes are missing, or images
        are mixed with masked images.
    """
    if not detector.amplifiers:
        message = f"The detector {detector.name!r} has no amplifiers to assemble."
        raise CameraError(message)
    metadata = None if isinstance(raw, Mapping) else raw.metadata.copy()
    parts: list[Image | MaskedImage] = [_section(raw, one) for one in detector]
    images = [part for part in parts if isinstance(part, Image)]
    masked = [part for part in parts if isinstance(part, MaskedImage)]
    if images and masked:
        message = "A raw has images or masked images of its amplifiers, not both."
        raise CameraError(message)
    if images:
        return Image(_joined([one.array for one in images], detector), detector.bbox.min, metadata)
    _require_same_planes(masked, detector)
    image, bits, variance = (
        _joined([part.arrays[plane] for part in masked], detector) for plane in range(3)
    )
    origin = detector.bbox.min
    return MaskedImage(
        Image(image, origin, metadata),
        Mask(bits, origin, planes=masked[0].mask.planes),
        Image(variance, origin),
    )


def _section(
    raw: Image | MaskedImage | Mapping[str, Image] | Mapping[str, MaskedImage],
    amplifier: Amplifier,
) -> Image | MaskedImage:
    return raw_section(raw, amplifier)  # type: ignore[type-var, return-value]  # either


def _joined(arrays: Iterable[NDArray[np.number]], detector: Detector) -> NDArray[np.number]:
    """Return one array of all data sections, which come in the order of the amplifiers."""
    arrays = list(arrays)
    whole = np.zeros(detector.bbox.shape, np.result_type(*arrays))
    for amplifier, array in zip(detector, arrays, strict=True):
        rows = slice(None, None, -1 if amplifier.is_raw_flipped_y else 1)
        columns = slice(None, None, -1 if amplifier.is_raw_flipped_x else 1)
        whole[amplifier.bbox.slices(detector.bbox.min)] = array[rows, columns]
    return whole


def _require_same_planes(parts: list[MaskedImage], detector: Detector) -> None:
    first = dict(parts[0].mask.planes)
    for amplifier, part in zip(detector, parts, strict=True):
        if dict(part.mask.planes) != first:
            message = (
                f"The mask planes of the amplifiers {detector[0].name!r} and {amplifier.name!r} "
                f"differ: {first} and {dict(part.mask.planes)}."
            )
            raise CameraError(message)


def _part(raw: _Pixels | Mapping[str, _Pixels], amplifier: Amplifier, box: Box) -> _Pixels:
    if isinstance(raw, Mapping):
        if amplifier.name not in raw:
            message = (
                f"The raw has no image of the amplifier {amplifier.name!r}; it has "
                f"{', '.join(map(repr, raw)) or 'none'}."
            )
            raise CameraError(message)
        whole = raw[amplifier.name]
    else:
        whole = raw
    try:
        return whole.subset(box)
    except BoxError as error:
        message = f"The raw does not have the pixels of the amplifier {amplifier.name!r}: {error}"
        raise CameraError(message) from None
