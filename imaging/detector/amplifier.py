"""One amplifier: its place on the detector, its electronics, its sections of a raw file."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from imaging.detector.box_field import BoxField
from imaging.detector.gen2_names import AmplifierNames
from imaging.errors import CameraError
from imaging.geometry.points import Extent2I

if TYPE_CHECKING:
    from typing import Self

    from imaging.geometry.box import Box

__all__ = ["LINEARITY_KINDS", "Amplifier", "Linearity", "ReadoutCorner"]

LINEARITY_KINDS = ("None", "Squared", "Polynomial", "LookupTable")
"""How counts are made proportional to light; the words are those of the LSST stack."""


class ReadoutCorner(IntEnum):
    """The corner of the assembled section where the first pixel is read."""

    LOWER_LEFT = 0
    LOWER_RIGHT = 1
    UPPER_RIGHT = 2
    UPPER_LEFT = 3


@dataclass(frozen=True, slots=True)
class Linearity:
    """How the counts of an amplifier are made proportional to light.

    Parameters
    ----------
    kind
        ``None``; ``Squared``, which adds ``coefficients[0] * counts ** 2`` to
        the counts; ``Polynomial``, which adds ``coefficients[k] * counts **
        (k + 2)`` for each ``k``; or ``LookupTable``, which adds ``table[row,
        floor(counts + offset)]`` of a table that lies elsewhere.
    coefficients
        For counts in ADU above the bias; for a table its row and offset.
    threshold
        ADU below which nothing is corrected.
    maximum
        ADU up to which the coefficients are good; NaN if that is not known.

    Raises
    ------
    CameraError
        If there is no such kind.
    """

    kind: str = "None"
    coefficients: tuple[float, ...] = ()
    threshold: float = 0.0
    maximum: float = math.nan

    def __post_init__(self) -> None:
        if self.kind not in LINEARITY_KINDS:
            message = f"Linearity is one of {', '.join(LINEARITY_KINDS)}, not {self.kind!r}."
            raise CameraError(message)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Linearity):
            return NotImplemented
        return _same_values(self, other)

    def __hash__(self) -> int:
        return hash((self.kind, self.coefficients, self.threshold))


_NO_LINEARITY: Final = Linearity()
_NO_OFFSET: Final = Extent2I()


@dataclass(frozen=True, eq=False, kw_only=True)
class Amplifier(AmplifierNames):
    """One amplifier of a detector.

    Sections called raw are in the pixels of the image in which the file has
    them: of the whole detector where one image holds all amplifiers, of one
    extension where each has its own. All boxes are given as copies.

    Parameters
    ----------
    name
        Unique in the detector.
    bbox
        Its pixels in the assembled detector.
    gain
        Electrons per ADU; NaN if it is not known, as the next four.
    read_noise
        Electrons.
    saturation
        ADU from which pixels are useless.
    suspect_level
        ADU from which pixels are doubtful.
    linearity
        How counts are made proportional to light.
    raw_bbox
        All that it reads; empty if nothing is known of raw files.
    raw_data_bbox
        The pixels that see the sky, of the size of `bbox`.
    raw_serial_overscan_bbox
        Pixels read after (or before) those of a row, without light.
    raw_parallel_overscan_bbox
        Rows read after those with light.
    raw_prescan_bbox
        Pixels read before those of a row.
    is_raw_flipped_x, is_raw_flipped_y
        Whether columns, rows of the raw sections run against those of the
        assembled detector.
    raw_xy_offset
        Where the first raw pixel belongs in a raw image of all amplifiers.
    readout_corner
        Where the first pixel is read, in the assembled detector.

    Raises
    ------
    CameraError
        If there are no pixels, or raw sections do not fit.
    """

    name: str
    bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    gain: float = math.nan
    read_noise: float = math.nan
    saturation: float = math.nan
    suspect_level: float = math.nan
    linearity: Linearity = _NO_LINEARITY
    raw_bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    raw_data_bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    raw_serial_overscan_bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    raw_parallel_overscan_bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    raw_prescan_bbox: BoxField = BoxField()  # noqa: RUF009 - a descriptor
    is_raw_flipped_x: bool = False
    is_raw_flipped_y: bool = False
    raw_xy_offset: Extent2I = _NO_OFFSET
    readout_corner: ReadoutCorner = ReadoutCorner.LOWER_LEFT

    def __post_init__(self) -> None:
        bbox, data, whole = self.bbox, self.raw_data_bbox, self.raw_bbox
        if bbox.is_empty:
            message = f"The amplifier {self.name!r} has no pixels: its bbox is empty."
            raise CameraError(message)
        if not data.is_empty and data.shape != bbox.shape:
            message = (
                f"The amplifier {self.name!r} has {bbox.width} x {bbox.height} pixels, but its "
                f"raw_data_bbox {data} has {data.width} x {data.height}."
            )
            raise CameraError(message)
        for name in _SECTIONS:
            section: Box = getattr(self, name)
            if not whole.contains(section):
                message = (
                    f"The {name} {section} of the amplifier {self.name!r} is not inside its "
                    f"raw_bbox {whole}."
                )
                raise CameraError(message)

    @property
    def has_raw_info(self) -> bool:
        """Whether it is known where a raw file has the pixels."""
        return not self.raw_data_bbox.is_empty

    def is_raw_flipped(self) -> bool:
        """Return whether columns or rows of the raw sections run backwards."""
        return self.is_raw_flipped_x or self.is_raw_flipped_y

    def replace(self, **changes: object) -> Self:
        """Return an amplifier with other values, as ``replace(gain=3.5)``."""
        known = {field.name for field in fields(self)}
        if unknown := changes.keys() - known:
            message = f"An amplifier has no {', '.join(sorted(unknown))}."
            raise CameraError(message)
        if changes.keys() <= _ELECTRONICS:  # what fits still fits: a camera has 448 of these
            other = object.__new__(type(self))
            other.__dict__.update(self.__dict__, **changes)
            return other
        return replace(self, **changes)  # type: ignore[arg-type]  # checked when it is made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Amplifier):
            return NotImplemented
        return _same_values(self, other)

    __hash__ = None  # type: ignore[assignment]  # boxes have none

    def __repr__(self) -> str:
        return f"<Amplifier {self.name!r}: {self.bbox}, gain {self.gain:.4g} e-/ADU>"


_ELECTRONICS = {"gain", "read_noise", "saturation", "suspect_level", "linearity"}
_SECTIONS = (
    "raw_data_bbox",
    "raw_serial_overscan_bbox",
    "raw_parallel_overscan_bbox",
    "raw_prescan_bbox",
)


def _same_values(one: Amplifier | Linearity, two: Amplifier | Linearity) -> bool:
    """Return whether all fields of two values of one class agree; NaN equals NaN."""
    return all(
        mine == theirs or (mine != mine and theirs != theirs)  # noqa: PLR0124 - NaN
        for mine, theirs in (
            (getattr(one, field.name), getattr(two, field.name)) for field in fields(one)
        )
    )
