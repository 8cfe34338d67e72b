"""Detectors as the headers of a raw file describe them.

The sections ``[x1:x2,y1:y2]`` of NOAO's convention count pixels from 1, both
ends included; one that is written backwards was read backwards.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imaging.detector.amplifier import Amplifier, ReadoutCorner
from imaging.detector.detector import Detector
from imaging.errors import CameraError, ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.points import Point2I
from imaging.image.image import Image

if TYPE_CHECKING:
    from imaging.fits.cards import CardValue

__all__ = ["FlippedBox", "amplifier_from_header", "detector_from_headers", "parse_section"]

_SECTION = re.compile(r"\s*\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]\s*")
_DATA: Final = ("DATASEC", "TRIMSEC")
_PLACE: Final = ("DETSEC", "CCDSEC")
_SIZE: Final = ("DETSIZE", "CCDSIZE")
_CORNERS: Final = {
    (False, False): ReadoutCorner.LOWER_LEFT,
    (True, False): ReadoutCorner.LOWER_RIGHT,
    (True, True): ReadoutCorner.UPPER_RIGHT,
    (False, True): ReadoutCorner.UPPER_LEFT,
}


@dataclass(frozen=True, slots=True)
class FlippedBox:
    """What a section card says.

    Parameters
    ----------
    box
        The pixels, counted from 0.
    is_flipped_x, is_flipped_y
        Whether it is written from high to low.
    """

    box: Box
    is_flipped_x: bool = False
    is_flipped_y: bool = False


def parse_section(text: str) -> FlippedBox:
    """Return the pixels of ``[x1:x2,y1:y2]``.

    Raises
    ------
    CameraError
        If the text is of another form.
    """
    match = _SECTION.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a section. Sections are written [x1:x2,y1:y2]."
        raise CameraError(message)
    x1, x2, y1, y2 = (int(number) - 1 for number in match.groups())
    box = Box(Point2I(min(x1, x2), min(y1, y2)), Point2I(max(x1, x2), max(y1, y2)))
    return FlippedBox(box, x1 > x2, y1 > y2)


def amplifier_from_header(
    name: str, header: Mapping[str, CardValue], raw_bbox: Box, *, is_trimmed_alone: bool = False
) -> Amplifier:
    """Return the amplifier that one header describes.

    Parameters
    ----------
    name
        Its name.
    header
        DATASEC, or TRIMSEC, is what sees the sky, BIASSEC the overscan,
        DETSEC, or CCDSEC, the place on the detector; GAIN and RDNOISE are the
        electronics.
    raw_bbox
        The pixels of its image in the file.
    is_trimmed_alone
        Whether it is the only one, TRIMSEC is preferred to DATASEC, and its
        pixels begin at (0, 0) of the detector if nothing says otherwise.

    Raises
    ------
    CameraError
        If a section is missing, malformed, or does not fit another.
    """
    names = _DATA[::-1] if is_trimmed_alone else _DATA
    data = _require_section(name, header, names)
    place = _find_section(name, header, _PLACE)
    if place is None and is_trimmed_alone:
        place = FlippedBox(Box(Point2I(0, 0), data.box.dimensions))
    if place is None:
        place = _require_section(name, header, _PLACE)
    if place.box.shape != data.box.shape:
        message = (
            f"The amplifier {name!r} reads {data.box.width} x {data.box.height} pixels with light "
            f"(DATASEC), but has {place.box.width} x {place.box.height} on the detector (DETSEC)."
        )
        raise CameraError(message)
    overscan = _find_section(name, header, ("BIASSEC",))
    flips = data.is_flipped_x != place.is_flipped_x, data.is_flipped_y != place.is_flipped_y
    return Amplifier(
        name=name,
        bbox=place.box,
        gain=_number(header, "GAIN"),
        read_noise=_number(header, "RDNOISE"),
        raw_bbox=raw_bbox,
        raw_data_bbox=data.box,
        raw_serial_overscan_bbox=None if overscan is None else overscan.box,
        is_raw_flipped_x=flips[0],
        is_raw_flipped_y=flips[1],
        readout_corner=_CORNERS[flips],
    )


def detector_from_headers(
    raw: Mapping[str, Image] | Image,
    *,
    id: int = 0,  # noqa: A002 - its name
    name: str = "0",
) -> Detector:
    """Return the detector that the headers of a raw file describe.

    Parameters
    ----------
    raw
        The images of all amplifiers, by their names, or the only one.
    id, name
        What the detector is called.

    Returns
    -------
    Detector
        Its box is what DETSIZE says, or what the amplifiers cover. Pixels
        have no size and the detector no place in a focal plane.

    Raises
    ------
    CameraError
        If a section is missing, malformed, or does not fit another.
    ParameterTypeError
        If there are no images.

    Notes
    -----
    The cards of a file say where its pixels are in *its* detector
    coordinates. Those of the LSST camera run downwards compared to the images
    that the LSST stack assembles.
    """
    if not isinstance(raw, Mapping | Image):
        kind = type(raw).__name__
        message = f"Images are needed, not {kind}: read_amplifiers(path) reads them."
        raise ParameterTypeError(message)
    if not isinstance(raw, Mapping):
        amplifiers = [amplifier_from_header("0", raw.metadata, raw.bbox, is_trimmed_alone=True)]
        headers = [raw.metadata]
    else:
        amplifiers = [
            amplifier_from_header(key, image.metadata, image.bbox) for key, image in raw.items()
        ]
        headers = [image.metadata for image in raw.values()]
    size = next((_find_section(name, header, _SIZE) for header in headers), None)
    if size is not None:
        bbox = size.box
    else:
        bbox = Box()
        for amplifier in amplifiers:
            bbox.include(amplifier.bbox)
    return Detector(id=id, name=name, bbox=bbox, amplifiers=tuple(amplifiers))


def _require_section(
    name: str, header: Mapping[str, CardValue], cards: tuple[str, ...]
) -> FlippedBox:
    found = _find_section(name, header, cards)
    if found is None:
        message = f"The header of the amplifier {name!r} has no {' and no '.join(cards)}."
        raise CameraError(message)
    return found


def _find_section(
    name: str, header: Mapping[str, CardValue], cards: tuple[str, ...]
) -> FlippedBox | None:
    for card in cards:
        value = header.get(card)
        if isinstance(value, str):
            try:
                return parse_section(value)
            except CameraError as error:
                message = f"{card} of the amplifier {name!r} is wrong: {error}"
                raise CameraError(message) from None
    return None


def _number(header: Mapping[str, CardValue], card: str) -> float:
    value = header.get(card)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return math.nan
