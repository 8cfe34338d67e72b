"""Calibrations of an exposure, got from a butler by date."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from butler.errors import DatasetNotFoundError
from imaging.exposure.exposure import Exposure
from pipelines.errors import CalibrationError
from pipelines.isr.defects import defect_boxes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from butler.data_ref import DataRef
    from imaging.geometry.box import Box

__all__ = ["Calibrations", "dark_scale", "read_defects", "read_kernel", "read_master"]


class Calibrations(TypedDict, total=False):
    """What may be given to `pipelines.isr.task.IsrTask.run`, by name."""

    bias: Exposure | None
    dark: Exposure | None
    flat: Exposure | None
    fringes: Exposure | None
    defects: Iterable[Box] | None
    bf_kernel: NDArray[np.floating] | None


def _required(ref: DataRef, dataset_type: str, switch: str) -> object:
    try:
        return ref.get(dataset_type)
    except DatasetNotFoundError as error:
        raise CalibrationError(
            f"{switch} needs {dataset_type!r}, which was not found for this exposure. {error}\n"
            f"To go on without it, switch the step off: {switch} = False, or with butler run: "
            f"-c isr.{switch}=False"
        ) from error


def read_master(ref: DataRef, dataset_type: str, switch: str) -> Exposure:
    """Return a master calibration that is valid for an exposure.

    Parameters
    ----------
    ref
        The exposure.
    dataset_type
        Such as ``flat``.
    switch
        The configuration field that asks for it, for the message.

    Raises
    ------
    CalibrationError
        If there is none, or it is no image.
    """
    found = _required(ref, dataset_type, switch)
    if not isinstance(found, Exposure):
        raise CalibrationError(
            f"{dataset_type!r} for {ref.data_id} is a {type(found).__name__}, not an exposure."
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


def read_kernel(ref: DataRef, switch: str = "doBrighterFatter") -> NDArray[np.floating]:
    """Return the brighter-fatter kernel.

    Raises
    ------
    CalibrationError
        If there is none, or it is no array.
    """
    found = _required(ref, "bfKernel", switch)
    if not (isinstance(found, np.ndarray) and found.dtype.kind == "f"):
        raise CalibrationError(
            f"'bfKernel' for {ref.data_id} is a {type(found).__name__}, not an array of numbers."
        )
    return found


def dark_scale(exposure: Exposure, dark: Exposure) -> float:
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


def _time_s(exposure: Exposure) -> float:
    info = exposure.visit_info
    if info is None:
        return math.nan
    return info.exposure_time_s if math.isnan(info.dark_time_s) else info.dark_time_s
