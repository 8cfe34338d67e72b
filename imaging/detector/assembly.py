"""From the sections of a raw file to one image of the detector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from imaging.errors import BoxError, CameraError
from imaging.image.image import Image

if TYPE_CHECKING:
    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector
    from imaging.fits.metadata import Metadata
    from imaging.geometry.box import Box

__all__ = ["Raw", "SectionName", "assemble", "raw_section"]

Raw: TypeAlias = Image | Mapping[str, Image]
"""One image that all amplifiers have a part of, or one image for each, by its name."""

SectionName: TypeAlias = Literal["all", "data", "serial_overscan", "parallel_overscan", "prescan"]


def raw_section(raw: Raw, amplifier: Amplifier, section: SectionName = "data") -> Image:
    """Return what one amplifier read, as the raw file has it.

    Parameters
    ----------
    raw
        The raw pixels.
    amplifier
        The amplifier.
    section
        Which pixels.

    Returns
    -------
    Image
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


def assemble(raw: Raw, detector: Detector) -> Image:
    """Put the pixels that see the sky where they belong on the detector.

    Overscans and prescans are left out; sections that were read backwards are
    turned round. Values are not changed.

    Parameters
    ----------
    raw
        One image that all amplifiers have a part of, or one image for each
        amplifier, by its name.
    detector
        Says which section belongs where.

    Returns
    -------
    Image
        A copy with the box of the detector, of the type of the raw pixels.
        Pixels that no amplifier has are 0. Its metadata are those of a raw of
        one image: cards that describe the raw's own pixels, as CRPIXn, are
        not changed.

    Raises
    ------
    CameraError
        If an amplifier or its pixels are missing.
    """
    if not detector.amplifiers:
        message = f"The detector {detector.name!r} has no amplifiers to assemble."
        raise CameraError(message)
    sections = [(one, raw_section(raw, one)) for one in detector]
    dtype = np.result_type(*[section.dtype for _, section in sections])
    image = Image(detector.bbox, metadata=_metadata(raw), dtype=dtype)
    for amplifier, section in sections:
        rows = slice(None, None, -1 if amplifier.is_raw_flipped_y else 1)
        columns = slice(None, None, -1 if amplifier.is_raw_flipped_x else 1)
        image[amplifier.bbox] = section.array[rows, columns]
    return image


def _part(raw: Raw, amplifier: Amplifier, box: Box) -> Image:
    whole = raw
    if isinstance(raw, Mapping):
        if amplifier.name not in raw:
            message = (
                f"The raw has no image of the amplifier {amplifier.name!r}; it has "
                f"{', '.join(map(repr, raw)) or 'none'}."
            )
            raise CameraError(message)
        whole = raw[amplifier.name]
    assert isinstance(whole, Image)  # noqa: S101 - for the type checker
    try:
        return whole.subset(box)
    except BoxError as error:
        message = f"The raw does not have the pixels of the amplifier {amplifier.name!r}: {error}"
        raise CameraError(message) from None


def _metadata(raw: Raw) -> Metadata | None:
    return raw.metadata.copy() if isinstance(raw, Image) else None
