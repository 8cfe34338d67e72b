"""Maps of the plane that keep lines straight, such as what a WCS is near one position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterValueError
from imaging.geometry.points import Extent2D, Point2D
from imaging.sky.gen2_names import AffineTransformNames, LinearTransformNames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.points import Point2I

__all__ = ["AffineTransform", "LinearTransform"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearTransform(LinearTransformNames):
    """A map of the plane that leaves its origin where it is.

    Parameters
    ----------
    matrix
        Shape (2, 2), applied to columns of x and y.
    """

    matrix: NDArray[np.float64]

    def __call__(self, point: Point2D | Point2I) -> Point2D:
        """Return where a point goes."""
        return Point2D(*(self.matrix @ (point.x, point.y)))

    def inverted(self) -> LinearTransform:
        """Return the way back.

        Raises
        ------
        ParameterValueError
            If there is none.
        """
        try:
            return LinearTransform(np.asarray(np.linalg.inv(self.matrix), np.float64))
        except np.linalg.LinAlgError:
            raise ParameterValueError(f"{self.matrix.tolist()} has no inverse.") from None


@dataclass(frozen=True, slots=True)
class AffineTransform(AffineTransformNames):
    """A linear map, and a shift after it.

    Parameters
    ----------
    linear
        The first.
    translation
        The second.
    """

    linear: LinearTransform
    translation: Extent2D

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Both as one: shape (3, 3), applied to columns of x, y and 1."""
        matrix = np.eye(3)
        matrix[:2, :2] = self.linear.matrix
        matrix[:2, 2] = tuple(self.translation)
        return matrix

    def __call__(self, point: Point2D | Point2I) -> Point2D:
        """Return where a point goes."""
        return self.linear(point) + self.translation

    def inverted(self) -> AffineTransform:
        """Return the way back.

        Raises
        ------
        ParameterValueError
            If there is none.
        """
        back = self.linear.inverted()
        return AffineTransform(back, -Extent2D(back(Point2D(*self.translation))))
