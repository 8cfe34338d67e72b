"""From what amplifiers have read to the pixels of the detector."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imaging.detector.assembly import assemble, raw_section
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage
from pipelines.isr.kernels import take_section
from pipelines.isr.section import section_bounds, writable_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector

__all__ = ["empty_detector", "floating_raw", "take_amplifier"]

_TAKEN = ("u2", "i4", "f4")
"""Types of raw pixels that are taken as they are."""


def empty_detector(raw: MaskedImage, detector: Detector) -> MaskedImage:
    """Return a detector without counts, with the flags that its raw has.

    Parameters
    ----------
    raw
        The sections of the amplifiers.
    detector
        Says where they belong.

    Returns
    -------
    MaskedImage
        Zeros of 32 bits, with the cards and mask planes of the raw.

    Raises
    ------
    CameraError
        If the detector has no amplifiers, or the raw lacks pixels of them.
    """
    image = Image(np.zeros(detector.bbox.shape, np.float32), detector.bbox.min, raw.metadata.copy())
    mask = Mask(detector.bbox, planes=raw.mask.planes)
    if raw.mask.array.any():
        mask.array[:] = assemble(Image(raw.mask.array, raw.bbox.min), detector).array
    return MaskedImage(image, mask)


def floating_raw(raw: MaskedImage) -> MaskedImage:
    """Return a copy of a raw, sections where they are, as numbers of 32 bits."""
    pixels = np.array(raw.image.array, np.float32, order="C")
    return MaskedImage(Image(pixels, raw.bbox.min, raw.metadata.copy()), Mask(raw.mask, deep=True))


def take_amplifier(
    raw: Image,
    amplifier: Amplifier,
    target: MaskedImage,
    levels: NDArray[np.float64] | None = None,
    limits: Sequence[tuple[str, float]] = (),
    *,
    is_assembled: bool = True,
) -> list[int]:
    """Write the data of an amplifier less its overscan, and flag its levels, in one pass.

    Parameters
    ----------
    raw
        In ADU. Not changed.
    amplifier
        Its data section is taken.
    target
        Changed: the detector, or an image like the raw.
    levels
        ADU, one for each row of the data; by default 0.
    limits
        At most two planes, and from how many ADU of the raw on each is set;
        not at all if that is NaN.
    is_assembled
        Whether pixels go where they are on the detector, turned round if they
        were read backwards; or where they are in the raw.

    Returns
    -------
    list of int
        How many pixels got each of these planes.

    Raises
    ------
    CameraError
        If the raw has no such pixels.
    """
    section = section_bounds(raw, raw_section(raw, amplifier).bbox)
    y0, y1, x0, x1 = section
    down, right = 1, 1
    if is_assembled:
        y0, y1, x0, x1 = section_bounds(target.image, amplifier.bbox)
        down = -1 if amplifier.is_raw_flipped_y else 1
        right = -1 if amplifier.is_raw_flipped_x else 1
    place = (y0 if down > 0 else y1 - 1, x0 if right > 0 else x1 - 1, down, right)
    known = [(name, level) for name, level in limits if not math.isnan(level)]
    bits = [target.mask.get_bit_mask(name) for name, _ in known]
    none = [math.inf] * (2 - len(known))
    counts = take_section(
        _plain(raw.array),
        section,
        writable_pixels(target.image),
        target.mask.array,
        place,
        np.zeros(y1 - y0) if levels is None else np.ascontiguousarray(levels, np.float64),
        tuple([float(level) for _, level in known] + none),  # type: ignore[arg-type]  # two
        tuple(bits + [0] * len(none)),  # type: ignore[arg-type]
    )
    found = dict(zip([name for name, _ in known], counts, strict=False))
    return [found.get(name, 0) for name, _ in limits]


def _plain(array: NDArray[np.generic]) -> NDArray[np.number]:
    """Return raw pixels as the loop takes them: a copy if they are of another type."""
    kind = array.dtype if array.dtype.str[1:] in _TAKEN and array.dtype.isnative else np.float32
    return np.ascontiguousarray(array, kind)
