"""Ellipses, by their axes or by their second moments.

Both kinds can be changed in place and be made from each other. Angles are in
radians, counterclockwise from the x axis; sizes are in pixels. An ellipse
with the moments of a light distribution is the one where a Gaussian of these
moments has fallen to exp(-1/2): ``Axes(2, 2, 0)`` and ``Quadrupole(4, 4, 0)``
are the circle of a Gaussian with sigma = 2.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, SupportsFloat, overload

import numpy as np

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.gen2_names import AxesNames, EllipseNames, QuadrupoleNames
from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
from imaging.geometry.real_box import Box2D

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["Axes", "Ellipse", "EllipseCore", "Quadrupole"]

_ROUNDING = 1e-12  # of the product of two moments: what remains of a line's determinant


class EllipseCore(ABC):
    """An ellipse without a position: what `Axes` and `Quadrupole` have in common."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    @abstractmethod
    def as_axes(self) -> tuple[float, float, float]:
        """Return semi-major axis, semi-minor axis and position angle."""

    @abstractmethod
    def as_moments(self) -> tuple[float, float, float]:
        """Return the moments Ixx, Iyy and Ixy."""

    @abstractmethod
    def parameters(self) -> tuple[float, float, float]:
        """Return the three numbers of which an equal ellipse is made."""

    @abstractmethod
    def copy(self) -> EllipseCore:
        """Return an equal ellipse that changes by itself."""

    @property
    def area(self) -> float:
        """The area inside, in square pixels."""
        a, b, _ = self.as_axes()
        return math.pi * a * b

    @property
    def determinant_radius(self) -> float:
        """Radius of the circle of the same area."""
        a, b, _ = self.as_axes()
        return math.sqrt(a * b)

    @property
    def trace_radius(self) -> float:
        """Radius of the circle with the same mean of Ixx and Iyy."""
        ixx, iyy, _ = self.as_moments()
        return _root((ixx + iyy) / 2)

    def compute_dimensions(self) -> Extent2D:
        """Return width and height of the smallest box round the ellipse."""
        ixx, iyy, _ = self.as_moments()
        return Extent2D(2 * _root(ixx), 2 * _root(iyy))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.parameters() == other.parameters()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parameters()))})"


class Axes(AxesNames, EllipseCore):
    """An ellipse by its semi-axes and its position angle.

    Parameters
    ----------
    a
        First semi-axis, in pixels; or another ellipse, then the semi-major axis
        comes first and ``theta`` is within -pi/2 and pi/2, 0 for a circle.
    b
        Second semi-axis, in pixels.
    theta
        Angle from the x axis to the first semi-axis, in radians, counterclockwise.

    Raises
    ------
    ParameterValueError
        If a semi-axis is negative.

    Notes
    -----
    Made from moments that no ellipse has (a negative determinant, as
    measurements of faint sources may give), all three are NaN: a loop over
    the shapes of a catalog does not end there. `Quadrupole.normalize` raises.
    """

    __slots__ = ("a", "b", "theta")

    @overload
    def __init__(self, a: EllipseCore) -> None: ...
    @overload
    def __init__(self, a: float = 1.0, b: float = 1.0, theta: float = 0.0) -> None: ...
    def __init__(self, a: float | EllipseCore = 1.0, b: float = 1.0, theta: float = 0.0) -> None:
        self.a, self.b, self.theta = (
            a.as_axes() if isinstance(a, EllipseCore) else _numbers((a, b, theta))
        )
        if self.a < 0 or self.b < 0:
            raise ParameterValueError(f"The semi-axes {self.a} and {self.b} cannot be negative.")

    def parameters(self) -> tuple[float, float, float]:
        """Return ``a``, ``b`` and ``theta``."""
        return self.a, self.b, self.theta

    def copy(self) -> Axes:
        """Return an equal ellipse that changes by itself."""
        return Axes(*self.parameters())

    def as_axes(self) -> tuple[float, float, float]:
        """Return ``a``, ``b`` and ``theta`` as they are."""
        return self.a, self.b, self.theta

    def as_moments(self) -> tuple[float, float, float]:
        """Return the moments Ixx, Iyy and Ixy."""
        cos, sin = math.cos(self.theta), math.sin(self.theta)
        a2, b2 = self.a * self.a, self.b * self.b
        return (
            a2 * cos * cos + b2 * sin * sin,
            a2 * sin * sin + b2 * cos * cos,
            (a2 - b2) * cos * sin,
        )

    def normalize(self) -> None:
        """Let the semi-major axis come first, with ``theta`` above -pi/2 and up to pi/2."""
        if self.b > self.a:
            self.a, self.b, self.theta = self.b, self.a, self.theta + math.pi / 2
        self.theta = math.pi / 2 - (math.pi / 2 - self.theta) % math.pi

    def scale(self, factor: float) -> None:
        """Multiply the semi-axes, in place."""
        _check_factor(factor)
        self.a *= factor
        self.b *= factor

    def grow(self, margin: float) -> None:
        """Add pixels to both semi-axes, in place; neither becomes negative."""
        self.a, self.b = max(self.a + margin, 0.0), max(self.b + margin, 0.0)


class Quadrupole(QuadrupoleNames, EllipseCore):
    """An ellipse by its second moments.

    Parameters
    ----------
    ixx
        Moment along x, in square pixels; or another ellipse.
    iyy
        Moment along y.
    ixy
        Mixed moment.

    Notes
    -----
    Moments are kept as measured, even if they are those of no ellipse.
    """

    __slots__ = ("ixx", "ixy", "iyy")

    @overload
    def __init__(self, ixx: EllipseCore) -> None: ...
    @overload
    def __init__(self, ixx: float = 1.0, iyy: float = 1.0, ixy: float = 0.0) -> None: ...
    def __init__(self, ixx: float | EllipseCore = 1.0, iyy: float = 1.0, ixy: float = 0.0) -> None:
        self.ixx, self.iyy, self.ixy = (
            ixx.as_moments() if isinstance(ixx, EllipseCore) else _numbers((ixx, iyy, ixy))
        )

    def parameters(self) -> tuple[float, float, float]:
        """Return ``ixx``, ``iyy`` and ``ixy``."""
        return self.ixx, self.iyy, self.ixy

    def copy(self) -> Quadrupole:
        """Return an equal ellipse that changes by itself."""
        return Quadrupole(*self.parameters())

    def as_moments(self) -> tuple[float, float, float]:
        """Return ``ixx``, ``iyy`` and ``ixy``."""
        return self.ixx, self.iyy, self.ixy

    def as_axes(self) -> tuple[float, float, float]:
        """Return semi-major axis, semi-minor axis and position angle, NaN if there are none."""
        trace, difference = self.ixx + self.iyy, self.ixx - self.iyy
        a2 = (trace + math.hypot(difference, 2 * self.ixy)) / 2
        determinant = self.determinant
        if abs(determinant) <= _ROUNDING * abs(self.ixx * self.iyy):
            determinant = 0.0
        if not (determinant >= 0 and trace >= 0):
            return math.nan, math.nan, math.nan
        b2 = determinant / a2 if a2 else 0.0
        return math.sqrt(a2), math.sqrt(b2), math.atan2(2 * self.ixy, difference) / 2

    @property
    def determinant(self) -> float:
        """Ixx Iyy - Ixy^2; negative if no ellipse has these moments."""
        return self.ixx * self.iyy - self.ixy * self.ixy

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The moments as a new symmetric 2 x 2 array."""
        return np.array([[self.ixx, self.ixy], [self.ixy, self.iyy]])

    def normalize(self) -> None:
        """Raise an error unless these are the moments of an ellipse.

        Raises
        ------
        ParameterValueError
            If the determinant or the trace is negative, or a moment is NaN.
        """
        if math.isnan(self.as_axes()[0]):
            raise ParameterValueError(
                f"{self!r} are the moments of no ellipse: "
                f"their determinant is {self.determinant:g}, their trace {self.ixx + self.iyy:g}."
            )

    def scale(self, factor: float) -> None:
        """Multiply the axes, in place; the moments are multiplied by the square."""
        _check_factor(factor)
        square = factor * factor
        self.ixx, self.iyy, self.ixy = self.ixx * square, self.iyy * square, self.ixy * square

    def grow(self, margin: float) -> None:
        """Add pixels to both semi-axes, in place; neither becomes negative."""
        axes = Axes(self)
        axes.grow(margin)
        self.ixx, self.iyy, self.ixy = axes.as_moments()


class Ellipse(EllipseNames):
    """An ellipse at a position; it can be changed in place.

    Parameters
    ----------
    core
        Axes or moments; they are copied.
    center
        Where its middle is.
    """

    __slots__ = ("center", "core")
    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __init__(self, core: Axes | Quadrupole, center: Point2D | Point2I | None = None) -> None:
        if not isinstance(core, EllipseCore):
            raise ParameterTypeError(f"An ellipse is made from Axes or a Quadrupole, not {core!r}.")
        self.core = core.copy()
        self.center = Point2D(center or Point2D())

    def compute_bbox(self) -> Box2D:
        """Return the smallest box round the ellipse."""
        return Box2D.from_center(self.center, self.core.compute_dimensions())

    def scale(self, factor: float) -> None:
        """Multiply the axes, in place."""
        self.core.scale(factor)

    def grow(self, margin: float) -> None:
        """Add pixels to both semi-axes, in place."""
        self.core.grow(margin)

    def shift(self, offset: Extent2D | Extent2I) -> None:
        """Move the ellipse, in place."""
        self.center += offset

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ellipse):
            return NotImplemented
        return self.core == other.core and self.center == other.center

    def __repr__(self) -> str:
        return f"Ellipse({self.core!r}, {self.center!r})"


def _numbers(values: Iterable[float]) -> tuple[float, float, float]:
    try:
        first, second, third = map(float, values)
    except (TypeError, ValueError):
        raise ParameterTypeError(f"An ellipse is made of numbers, not of {values!r}.") from None
    return first, second, third


def _root(square: float) -> float:
    return math.sqrt(square) if square >= 0 else math.nan


def _check_factor(factor: float) -> None:
    if not isinstance(factor, SupportsFloat):
        raise ParameterTypeError(f"An ellipse is scaled by a number, not by {factor!r}.")
    if float(factor) < 0:
        raise ParameterValueError(f"An ellipse cannot be scaled by {factor}: it is negative.")
