"""The names that users of the LSST stack's second generation know: the sky.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from imaging.geometry.points import Point2D

__all__ = ["AffineTransformNames", "AngleNames", "LinearTransformNames", "SpherePointNames"]

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_S_co = TypeVar("_S_co", covariant=True)
_S = TypeVar("_S")
_T_contra = TypeVar("_T_contra", contravariant=True)


class _Measured(Protocol):
    @property
    def radians(self) -> float: ...
    @property
    def degrees(self) -> float: ...
    @property
    def hours(self) -> float: ...
    @property
    def arcminutes(self) -> float: ...
    @property
    def arcseconds(self) -> float: ...
    @property
    def milliarcseconds(self) -> float: ...


class _Converting(Protocol[_T_contra]):
    def to(self, unit: _T_contra) -> float: ...


class _Wrapping(Protocol[_T_co]):
    def wrapped(self) -> _T_co: ...
    def wrapped_around_zero(self) -> _T_co: ...


class _Nearing(Protocol[_T_contra, _S_co]):
    def wrapped_near(self, reference: _T_contra) -> _S_co: ...
    def difference(self, other: _T_contra) -> _S_co: ...


class AngleNames:
    """Gen2 spellings of `imaging.sky.angle.Angle`."""

    __slots__ = ()

    def asRadians(self: _Measured) -> float:
        """Return ``radians``."""
        return self.radians

    def asDegrees(self: _Measured) -> float:
        """Return ``degrees``."""
        return self.degrees

    def asHours(self: _Measured) -> float:
        """Return ``hours``."""
        return self.hours

    def asArcminutes(self: _Measured) -> float:
        """Return ``arcminutes``."""
        return self.arcminutes

    def asArcseconds(self: _Measured) -> float:
        """Return ``arcseconds``."""
        return self.arcseconds

    def asMilliarcseconds(self: _Measured) -> float:
        """Return ``milliarcseconds``."""
        return self.milliarcseconds

    def asAngularUnits(self: _Converting[_T], unit: _T) -> float:
        """Call ``to``."""
        return self.to(unit)

    def wrap(self: _Wrapping[_T]) -> _T:
        """Call ``wrapped``."""
        return self.wrapped()

    def wrapCtr(self: _Wrapping[_T]) -> _T:
        """Call ``wrapped_around_zero``."""
        return self.wrapped_around_zero()

    def wrapNear(self: _Nearing[_T, _S], reference: _T) -> _S:
        """Call ``wrapped_near``."""
        return self.wrapped_near(reference)

    def separation(self: _Nearing[_T, _S], other: _T) -> _S:
        """Call ``difference``."""
        return self.difference(other)


class _Located(Protocol[_T_co]):
    @property
    def ra(self) -> _T_co: ...
    @property
    def dec(self) -> _T_co: ...


class _Directed(Protocol):
    @property
    def vector(self) -> NDArray[np.float64]: ...
    @property
    def is_pole(self) -> bool: ...
    @property
    def is_finite(self) -> bool: ...


class _InUnit(Protocol[_T_contra]):
    def position(self, unit: _T_contra) -> Point2D: ...


class _Apart(Protocol[_T_contra, _S_co]):
    def bearing_to(self, other: _T_contra) -> _S_co: ...


class _Projecting(Protocol[_T_contra, _S_co]):
    def tangent_plane_offset(self, other: _T_contra) -> _S_co: ...


class SpherePointNames:
    """Gen2 spellings of `imaging.sky.sphere_point.SpherePoint`."""

    __slots__ = ()

    def getRa(self: _Located[_T]) -> _T:
        """Return ``ra``."""
        return self.ra

    def getDec(self: _Located[_T]) -> _T:
        """Return ``dec``."""
        return self.dec

    def getLongitude(self: _Located[_T]) -> _T:
        """Return ``ra``."""
        return self.ra

    def getLatitude(self: _Located[_T]) -> _T:
        """Return ``dec``."""
        return self.dec

    def getPosition(self: _InUnit[_T], units: _T) -> Point2D:
        """Call ``position``."""
        return self.position(units)

    def getVector(self: _Directed) -> NDArray[np.float64]:
        """Return ``vector``."""
        return self.vector

    def atPole(self: _Directed) -> bool:
        """Return ``is_pole``."""
        return self.is_pole

    def isFinite(self: _Directed) -> bool:
        """Return ``is_finite``."""
        return self.is_finite

    def bearingTo(self: _Apart[_T, _S], other: _T) -> _S:
        """Call ``bearing_to``."""
        return self.bearing_to(other)

    def getTangentPlaneOffset(self: _Projecting[_T, _S], other: _T) -> _S:
        """Call ``tangent_plane_offset``."""
        return self.tangent_plane_offset(other)


class _Matrix(Protocol):
    @property
    def matrix(self) -> NDArray[np.float64]: ...


class LinearTransformNames:
    """Gen2 spellings of `imaging.sky.affine_transform.LinearTransform`."""

    __slots__ = ()

    def getMatrix(self: _Matrix) -> NDArray[np.float64]:
        """Return ``matrix``."""
        return self.matrix


class _Affine(Protocol[_T_co, _S_co]):
    @property
    def linear(self) -> _T_co: ...
    @property
    def translation(self) -> _S_co: ...


class AffineTransformNames(LinearTransformNames):
    """Gen2 spellings of `imaging.sky.affine_transform.AffineTransform`."""

    __slots__ = ()

    def getLinear(self: _Affine[_T, _S]) -> _T:
        """Return ``linear``."""
        return self.linear

    def getTranslation(self: _Affine[_T, _S]) -> _S:
        """Return ``translation``."""
        return self.translation
