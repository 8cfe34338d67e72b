"""Images whose pixels are polynomials of a position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import numpy as np

from imaging.errors import PsfError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from imaging.geometry.box import Box
    from imaging.geometry.real_box import Box2D

__all__ = ["PolynomialKind", "SpatialBasis", "VaryingPixels", "triangle"]

PolynomialKind: TypeAlias = Literal["chebyshev", "power"]
_MAX_POWER = 20  # far above what stars of one image can determine; guards against damaged files


def triangle(order: int) -> tuple[tuple[int, int], ...]:
    """Return the powers of x and y up to a total order: 1, x, y, x^2, xy, y^2, ..."""
    return tuple((total - y, y) for total in range(order + 1) for y in range(total + 1))


@dataclass(frozen=True)
class SpatialBasis:
    """Polynomials in x and y, as functions of a position in pixels.

    Parameters
    ----------
    powers
        Power of x and of y, or order of the Chebyshev polynomial, per term.
    center
        The position, x and y, at which the scaled coordinates are zero.
    scale
        How many pixels from there they are one.
    kind
        ``chebyshev`` polynomials of the first kind, or plain ``power``.

    Raises
    ------
    PsfError
        If there are no terms, powers are negative or a scale is zero.
    """

    powers: tuple[tuple[int, int], ...]
    center: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    kind: PolynomialKind = "chebyshev"

    def __post_init__(self) -> None:
        if not self.powers or not all(0 <= power <= _MAX_POWER for power in sum(self.powers, ())):
            message = f"Powers of x and y are between 0 and {_MAX_POWER}, not {self.powers}."
            raise PsfError(message)
        if not np.isfinite([*self.center, *self.scale]).all() or 0 in self.scale:
            message = f"Positions cannot be scaled by {self.scale} from {self.center}."
            raise PsfError(message)
        if self.kind not in {"chebyshev", "power"}:
            message = f"Polynomials are of the kind 'chebyshev' or 'power', not {self.kind!r}."
            raise PsfError(message)

    @classmethod
    def of_order(
        cls, order: int, domain: Box | Box2D, kind: PolynomialKind = "chebyshev"
    ) -> SpatialBasis:
        """Return the basis of all terms up to a total order.

        Parameters
        ----------
        order
            The highest sum of the powers of x and y; 0 for what does not vary.
        domain
            The rectangle (of pixels: to their outer edges) that is scaled to
            -1 and 1.
        kind
            See `SpatialBasis`.
        """
        center = (domain.center.x, domain.center.y)
        return cls(triangle(order), center, (domain.width / 2, domain.height / 2), kind)

    def __len__(self) -> int:
        return len(self.powers)

    @cached_property
    def _exponents(self) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
        powers = np.array(self.powers, np.intp)
        return powers[:, 0], powers[:, 1], int(powers.max())

    def evaluate(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the value of every term.

        Parameters
        ----------
        x, y
            Positions in pixels, of any shape.

        Returns
        -------
        numpy.ndarray
            Shape of the positions with the number of terms at the end: for
            one-dimensional positions the design matrix of a fit.
        """
        x_powers, y_powers, highest = self._exponents
        of_x = self._tower((np.asarray(x, float) - self.center[0]) / self.scale[0], highest)
        of_y = self._tower((np.asarray(y, float) - self.center[1]) / self.scale[1], highest)
        values = of_x[x_powers] * of_y[y_powers]
        return values if values.ndim == 1 else np.moveaxis(values, 0, -1)

    def _tower(self, scaled: NDArray[np.float64], highest: int) -> NDArray[np.float64]:
        """Return the polynomials of one coordinate up to an order, shape (highest + 1, ...)."""
        tower = np.ones((highest + 1, *np.shape(scaled)))
        if highest:
            tower[1] = scaled
        for power in range(2, highest + 1):
            if self.kind == "chebyshev":
                tower[power] = 2 * scaled * tower[power - 1] - tower[power - 2]
            else:
                tower[power] = scaled * tower[power - 1]
        return tower


class VaryingPixels:
    """An image for every position: a sum of fixed images times polynomials.

    Parameters
    ----------
    coefficients
        One image per term of the basis, shape (n_terms, ny, nx). Copied.
    basis
        The polynomials.

    Raises
    ------
    PsfError
        If the shapes do not match or values are not finite.
    """

    __slots__ = ("_flat", "basis", "coefficients")
    COLUMNS = ("coefficients", "powers", "center", "scale", "polynomials")

    def __init__(self, coefficients: ArrayLike, basis: SpatialBasis) -> None:
        planes = np.array(coefficients, np.float64)
        if planes.ndim != 3 or not planes.size or len(planes) != len(basis):  # noqa: PLR2004
            message = (
                f"Coefficients of shape {planes.shape} do not fit {len(basis)} polynomials: "
                "give one image per term, shape (n_terms, ny, nx)."
            )
            raise PsfError(message)
        if not np.isfinite(planes).all():
            message = "Coefficients are finite numbers; some of these are not."
            raise PsfError(message)
        planes.flags.writeable = False
        self.coefficients, self.basis = planes, basis
        self._flat = planes.reshape(len(planes), -1)

    @classmethod
    def from_components(
        cls, images: ArrayLike, weights: ArrayLike, basis: SpatialBasis
    ) -> VaryingPixels:
        """Return a sum of images whose weights vary, as one image per polynomial.

        Parameters
        ----------
        images
            Shape (n_images, ny, nx).
        weights
            Coefficients of the polynomials for each image, shape (n_images, n_terms).
        basis
            The polynomials.
        """
        return cls(np.tensordot(np.asarray(weights, float).T, np.asarray(images, float), 1), basis)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        _, height, width = self.coefficients.shape
        return height, width

    def at(self, x: float, y: float) -> NDArray[np.float64]:
        """Return the image at a position, shape (ny, nx)."""
        pixels: NDArray[np.float64] = self.basis.evaluate(x, y) @ self._flat
        return pixels.reshape(self.shape)

    def to_columns(self) -> dict[str, NDArray[np.generic]]:
        """Return all there is to know, as the columns of one row of a table."""
        return {
            "coefficients": self.coefficients,
            "powers": np.array(self.basis.powers, np.int32),
            "center": np.array(self.basis.center, np.float64),
            "scale": np.array(self.basis.scale, np.float64),
            "polynomials": np.array(self.basis.kind.encode(), "S9"),
        }

    @classmethod
    def from_columns(cls, row: np.void) -> VaryingPixels:
        """Return what `to_columns` described."""
        kind = cast("PolynomialKind", bytes(row["polynomials"]).decode().strip())
        basis = SpatialBasis(
            _pairs(np.asarray(row["powers"]).reshape(-1, 2).tolist()),
            (float(row["center"][0]), float(row["center"][1])),
            (float(row["scale"][0]), float(row["scale"][1])),
            kind,
        )
        return cls(row["coefficients"], basis)


def _pairs(powers: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(x), int(y)) for x, y in powers)
