"""A turn, a stretch, a mirror and a shift of positions in a plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Motion", "fit_motion"]


@dataclass(frozen=True, slots=True)
class Motion:
    """Positions are mirrored in x, turned and stretched about a centre, then shifted.

    ``angle`` in degrees, from x to y; ``dx`` and ``dy`` in pixels.
    """

    centre: tuple[float, float]
    angle: float = 0.0
    scale: float = 1.0
    is_mirrored: bool = False
    dx: float = 0.0
    dy: float = 0.0

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The linear part, shape (2, 2), for columns."""
        angle = math.radians(self.angle)
        cosine, sine = self.scale * math.cos(angle), self.scale * math.sin(angle)
        x_axis = np.array([cosine, sine]) * (-1 if self.is_mirrored else 1)
        return np.column_stack([x_axis, [-sine, cosine]])

    def move(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where positions come to lie, shape (n, 2)."""
        shift = np.array(self.centre) + np.array([self.dx, self.dy])
        return np.asarray((points - self.centre) @ self.matrix.T + shift)

    def move_back(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `move` made them of."""
        shift = np.array(self.centre) + np.array([self.dx, self.dy])
        return np.asarray((points - shift) @ np.linalg.inv(self.matrix).T + np.array(self.centre))

    def shifted(self, dx: float, dy: float) -> Motion:
        """Return the same motion with another shift."""
        return Motion(self.centre, self.angle, self.scale, self.is_mirrored, dx, dy)


def fit_motion(
    points: NDArray[np.float64],
    goals: NDArray[np.float64],
    weights: NDArray[np.float64],
    centre: tuple[float, float],
    *,
    is_mirrored: bool = False,
) -> Motion:
    """Return the motion that brings points nearest to goals.

    Parameters
    ----------
    points, goals
        Shape (n, 2), two or more.
    weights
        Shape (n,), as inverse variances.
    centre
        What is turned about.
    is_mirrored
        Whether points are mirrored first.

    Notes
    -----
    As complex numbers the motion is a straight line, goal = a * point + b.
    """
    flip = -1.0 if is_mirrored else 1.0
    z = flip * (points[:, 0] - centre[0]) + 1j * (points[:, 1] - centre[1])
    w = goals[:, 0] - centre[0] + 1j * (goals[:, 1] - centre[1])
    mean_z, mean_w = np.average(z, weights=weights), np.average(w, weights=weights)
    spread = float(np.sum(weights * np.abs(z - mean_z) ** 2))
    slope = np.sum(weights * np.conj(z - mean_z) * (w - mean_w)) / spread if spread else 1.0 + 0j
    shift = mean_w - slope * mean_z
    return Motion(
        centre,
        angle=math.degrees(float(np.angle(slope))),
        scale=float(abs(slope)),
        is_mirrored=is_mirrored,
        dx=float(shift.real),
        dy=float(shift.imag),
    )
