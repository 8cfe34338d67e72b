"""Radial distortion: from the focal plane to angles on the sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import CameraError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["RadialDistortion"]

_MAX_STEPS = 50
_TOLERANCE = 1e-12  # of the radius; a picometre at the edge of any camera


@dataclass(frozen=True, slots=True)
class RadialDistortion:
    """An odd polynomial of the distance from the boresight.

    Parameters
    ----------
    coefficients
        A position at ``r`` mm appears where it would without distortion at
        ``c[0] * r + c[1] * r**3 + c[2] * r**5 + ...`` mm.

    Raises
    ------
    CameraError
        If there is no first coefficient, or it is not positive.
    """

    coefficients: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not (self.coefficients and self.coefficients[0] > 0):
            message = (
                "The first coefficient of a radial distortion is the scale at the centre and "
                f"positive; the coefficients are {self.coefficients}."
            )
            raise CameraError(message)

    def undistort(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where positions in the focal plane would be without distortion, mm."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        factor = self._factor(np.square(x) + np.square(y))
        return x * factor, y * factor

    def distort(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions in the focal plane of undistorted ones, mm.

        Raises
        ------
        CameraError
            If there is none: the polynomial does not reach so far.
        """
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        wanted = np.hypot(x, y)
        radius = self._solve(wanted)
        scale = np.divide(radius, wanted, out=np.ones_like(wanted), where=wanted > 0)
        return x * scale, y * scale

    def _solve(self, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distances that the polynomial turns into the wanted ones."""
        radius = wanted / self.coefficients[0]
        with np.errstate(all="ignore"):  # what does not converge is found below
            for _ in range(_MAX_STEPS):
                square = np.square(radius)
                error = radius * self._factor(square) - wanted
                if np.all(np.abs(error) <= _TOLERANCE * np.maximum(wanted, 1.0)):
                    return radius
                radius = radius - error / self._slope(square)
        message = (
            f"The radial distortion {self.coefficients} does not reach "
            f"{float(np.max(wanted)):.6g} mm from the centre."
        )
        raise CameraError(message)

    def _factor(self, square: NDArray[np.float64]) -> NDArray[np.float64]:
        factor = np.zeros_like(square)
        for coefficient in reversed(self.coefficients):
            factor = factor * square + coefficient
        return factor

    def _slope(self, square: NDArray[np.float64]) -> NDArray[np.float64]:
        slope = np.zeros_like(square)
        for power in reversed(range(len(self.coefficients))):
            slope = slope * square + (2 * power + 1) * self.coefficients[power]
        return slope
