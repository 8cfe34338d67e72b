"""The local maxima within a footprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, overload

import numpy as np

from imaging.errors import ColumnNotFoundError, ParameterTypeError, ParameterValueError
from imaging.footprint.gen2_names import PeakNames
from imaging.footprint.runs import LIMIT
from imaging.geometry.points import Point2D, Point2I

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["PEAK_DTYPE", "Peak", "PeakCatalog", "column_of"]

PEAK_DTYPE: Final = np.dtype(
    [
        ("id", np.int64),
        ("f_x", np.float32),
        ("f_y", np.float32),
        ("i_x", np.int32),
        ("i_y", np.int32),
        ("peak_value", np.float32),
    ]
)
"""One peak: number, position, pixel, and value of the (smoothed) image there."""

_NAMES = PEAK_DTYPE.names or ()
_COLUMNS = {"peakValue": "peak_value"}  # what the LSST stack calls the column


def column_of(array: NDArray[np.void], name: str) -> NDArray[np.generic]:
    """Return a column of peaks, also by the name that the LSST stack has for it: a view.

    Raises
    ------
    ColumnNotFoundError
        If there is none of that name.
    """
    known = _COLUMNS.get(name, name)
    if known not in _NAMES:
        raise ColumnNotFoundError([name], _NAMES, "The peak catalog")
    return array[known]


class Peak(PeakNames):
    """One row of a `PeakCatalog`; it sees what is changed there. ``peak["f_x"]`` is a value.

    Parameters
    ----------
    row
        An array of one peak, of type `PEAK_DTYPE`; a view.
    """

    __slots__ = ("_row",)

    def __init__(self, row: NDArray[np.void]) -> None:
        self._row = row

    def __getitem__(self, name: str) -> float | int:
        return cast("float | int", column_of(self._row, name)[0].item())

    @property
    def id(self) -> int:
        """Its number, not the same as that of any other peak of the footprint."""
        return int(self._row["id"][0])

    @property
    def f_x(self) -> float:
        """Column of the maximum, with fractions of a pixel where they are known."""
        return float(self._row["f_x"][0])

    @property
    def f_y(self) -> float:
        """Row of the maximum."""
        return float(self._row["f_y"][0])

    @property
    def i_x(self) -> int:
        """Column of the highest pixel."""
        return int(self._row["i_x"][0])

    @property
    def i_y(self) -> int:
        """Row of the highest pixel."""
        return int(self._row["i_y"][0])

    @property
    def position(self) -> Point2D:
        """The maximum."""
        return Point2D(self.f_x, self.f_y)

    @property
    def pixel(self) -> Point2I:
        """The highest pixel."""
        return Point2I(self.i_x, self.i_y)

    @property
    def value(self) -> float:
        """Value of the image, or of the smoothed image, at the highest pixel."""
        return float(self._row["peak_value"][0])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Peak):
            return NotImplemented
        return self._row.tobytes() == other._row.tobytes()

    __hash__ = None  # type: ignore[assignment]  # what it sees can be changed

    def __repr__(self) -> str:
        return f"<Peak {self.id} at ({self.f_x:g}, {self.f_y:g}), value {self.value:g}>"


class PeakCatalog:
    """The peaks of one footprint, by convention the brightest first.

    Parameters
    ----------
    array
        Peaks of type `PEAK_DTYPE`, which are copied and stay in their order.

    Raises
    ------
    ParameterTypeError
        If the array is of another type.

    Notes
    -----
    ``catalog[0]`` is a `Peak`, ``catalog["f_x"]`` a column.
    """

    __slots__ = ("_array",)

    def __init__(self, array: NDArray[np.void] | None = None) -> None:
        if array is None:
            array = np.empty(0, PEAK_DTYPE)
        if array.dtype != PEAK_DTYPE or array.ndim != 1:
            message = f"Peaks are a one-dimensional array of PEAK_DTYPE, not of {array.dtype}."
            raise ParameterTypeError(message)
        self._array = array.copy()

    @property
    def array(self) -> NDArray[np.void]:
        """All peaks: a view, until a peak is added."""
        return self._array

    def add(self, x: float, y: float, value: float) -> Peak:
        """Add a peak before the first that is fainter.

        Parameters
        ----------
        x, y
            The maximum; the pixel it lies in, whose centre is nearest, is
            taken for the highest one. (The LSST stack cuts the fractions
            off, so that a maximum at 10.7 gets pixel 10 and not 11.)
        value
            Value of the image there.

        Returns
        -------
        Peak
            The new one. Its number is one more than the largest so far.

        Raises
        ------
        ParameterValueError
            If the position is not one of a pixel.
        """
        if not (abs(x) < LIMIT and abs(y) < LIMIT):  # nor NaN
            raise ParameterValueError(f"A peak cannot be at ({x}, {y}).")
        number = int(self._array["id"].max()) + 1 if len(self) else 1
        pixel = Point2D(x, y).rounded()
        row = np.array([(number, x, y, pixel.x, pixel.y, value)], PEAK_DTYPE)
        fainter = np.flatnonzero(~(self._array["peak_value"] >= row["peak_value"]))
        place = len(self) if np.isnan(value) or not fainter.size else int(fainter[0])
        self._array = np.insert(self._array, place, row)
        return self[place]

    def sort(self) -> None:
        """Put the brightest first; equal ones stay in their order, NaN comes last."""
        self._array = self._array[np.argsort(-self._array["peak_value"], kind="stable")]

    def __len__(self) -> int:
        return int(self._array.size)

    def __iter__(self) -> Iterator[Peak]:
        return (Peak(self._array[number : number + 1]) for number in range(len(self)))

    @overload
    def __getitem__(self, which: int) -> Peak: ...
    @overload
    def __getitem__(self, which: str) -> NDArray[np.generic]: ...
    def __getitem__(self, which: int | str) -> Peak | NDArray[np.generic]:
        if isinstance(which, str):
            return column_of(self._array, which)
        number = range(len(self))[which]
        return Peak(self._array[number : number + 1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PeakCatalog):
            return NotImplemented
        return self._array.tobytes() == other._array.tobytes()

    __hash__ = None  # type: ignore[assignment]  # peaks can be added

    def __repr__(self) -> str:
        return f"<PeakCatalog: {len(self)} peaks>"
