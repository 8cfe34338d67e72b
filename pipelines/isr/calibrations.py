"""Calibrations of an exposure, got from a butler by date."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypedDict, TypeVar

import numpy as np

from butler.errors import DatasetNotFoundError
from imaging.exposure.visit_info import VisitInfo
from imaging.geometry.box import Box
from imaging.image.image import Image
from imaging.image.mask import Mask
from pipelines.errors import CalibrationError
from pipelines.isr.defects import defect_boxes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from butler.data_ref import DataRef
    from imaging.exposure.exposure import Exposure
    from pipelines.isr.masters import MasterCalibration

__all__ = ["Calibrations", "StoredMaster", "dark_scale", "read_array", "read_defects"]

_Part = TypeVar("_Part")


class Calibrations(TypedDict, total=False):
    """What may be given to `pipelines.isr.task.IsrTask.run`, by name."""

    bias: MasterCalibration | None
    dark: MasterCalibration | None
    flat: MasterCalibration | None
    fringes: MasterCalibration | None
    defects: Iterable[Box] | None
    bf_kernel: NDArray[np.floating] | None
    linearity_table: NDArray[np.floating] | None


def _required(ref: DataRef, dataset_type: str, switch: str) -> object:
    try:
        return ref.get(dataset_type)
    except DatasetNotFoundError as error:
        raise CalibrationError(
            f"{switch} needs {dataset_type.partition('.')[0]!r}, which was not found for this "
            f"exposure. {error}\n"
            f"To go on without it, switch the step off: {switch} = False, or with butler run: "
            f"-c isr.{switch}=False"
        ) from error


class StoredMaster:
    """A master calibration in a repository, of which each plane is read when it is asked for.

    Parameters
    ----------
    ref
        The exposure that it is valid for.
    dataset_type
        Such as ``flat``.
    switch
        The configuration field that asks for it, for messages.

    Raises
    ------
    CalibrationError
        If there is none, or it is no image.

    Notes
    -----
    No plane is kept: each is read anew, and is gone when the step that asked
    for it is done.
    """

    def __init__(self, ref: DataRef, dataset_type: str, switch: str) -> None:
        self._ref, self._dataset_type, self._switch = ref, dataset_type, switch
        self.bbox = self._component("bbox", Box)

    @property
    def image(self) -> Image:
        """Its pixels."""
        return self._component("image", Image)

    @property
    def mask(self) -> Mask:
        """Their flags; zeros if it has none."""
        return self._component("mask", Mask)

    @property
    def variance(self) -> Image:
        """Their variances; zeros if it has none."""
        return self._component("variance", Image)

    @property
    def visit_info(self) -> VisitInfo | None:
        """Its exposure time, if it says so."""
        name = f"{self._dataset_type}.visit_info"
        found = _required(self._ref, name, self._switch)
        return found if isinstance(found, VisitInfo) else None

    def _component(self, name: str, kind: type[_Part]) -> _Part:
        found = _required(self._ref, f"{self._dataset_type}.{name}", self._switch)
        if not isinstance(found, kind):
            raise CalibrationError(
                f"{self._dataset_type!r} for {self._ref.data_id} is no exposure: its {name} is a "
                f"{type(found).__name__}."
            )
        return found


def read_defects(ref: DataRef, switch: str = "doDefect") -> list[Box]:
    """Return the bad regions of the detector of an exposure.

    Raises
    ------
    CalibrationError
        If there is no table of them, or one that cannot be understood.
    """
    from astropy.table import Table

    return defect_boxes(Table(_required(ref, "defects", switch)))


def read_array(ref: DataRef, dataset_type: str, switch: str) -> NDArray[np.floating]:
    """Return a calibration that is an array, as the brighter-fatter kernel.

    Raises
    ------
    CalibrationError
        If there is none, or it is no array.
    """
    found = _required(ref, dataset_type, switch)
    if not (isinstance(found, np.ndarray) and found.dtype.kind == "f"):
        raise CalibrationError(
            f"{dataset_type!r} for {ref.data_id} is a {type(found).__name__}, not an array of "
            "numbers."
        )
    return found


def dark_scale(exposure: Exposure, dark: MasterCalibration) -> float:
    """Return by what a dark is multiplied: the exposure's dark time over its own.

    Parameters
    ----------
    exposure
        Its dark time counts, or its exposure time where that is not known.
    dark
        The same; a dark that does not say so is taken as of one second.

    Returns
    -------
    float
        NaN if the exposure does not know its time.
    """
    own = _time_s(dark)
    return _time_s(exposure) / (own if own > 0 else 1.0)


def _time_s(exposure: Exposure | MasterCalibration) -> float:
    info = exposure.visit_info
    if info is None:
        return math.nan
    return info.exposure_time_s if math.isnan(info.dark_time_s) else info.dark_time_s
