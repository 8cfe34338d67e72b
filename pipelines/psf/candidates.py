"""Stars from which a PSF is made, and how well it fits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imaging.geometry.points import Point2D, Point2I
from imaging.image.image import Image
from imaging.psf.resampling import shift_taps
from pipelines.stars.kernels import shifted_images
from pipelines.stars.star_images import FIRST_TAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.psf.psf import Psf

__all__ = ["PsfCandidate", "StarStamps"]


@dataclass(slots=True)
class StarStamps:
    """The pixels of stars.

    Parameters
    ----------
    pixels, variance
        Shape (n, size, size).
    corner_x, corner_y
        First column and row of each stamp, in parent coordinates, shape (n,).
    x, y
        Where the stars are.
    """

    pixels: NDArray[np.float32]
    variance: NDArray[np.float32]
    corner_x: NDArray[np.int64]
    corner_y: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, chosen: NDArray[np.bool_]) -> StarStamps:
        """Return some of the stars."""
        return StarStamps(
            self.pixels[chosen],
            self.variance[chosen],
            self.corner_x[chosen],
            self.corner_y[chosen],
            self.x[chosen],
            self.y[chosen],
        )

    def centred(self, size: int) -> NDArray[np.float64]:
        """Return the stars moved into the middle of smaller stamps, shape (n, size, size).

        Notes
        -----
        The stamps have to be larger than ``size`` by ten pixels, which the
        interpolation needs around it.
        """
        middle = self.pixels.shape[1] // 2
        moves = np.column_stack([self.x - self.corner_x, self.y - self.corner_y]) - middle
        whole = np.floor(moves)
        taps_x, taps_y = (
            np.ascontiguousarray(shift_taps(moves[:, axis] - whole[:, axis]), np.float32)
            for axis in (0, 1)
        )
        moved = shifted_images(self.pixels, taps_x, taps_y, whole.astype(np.int64) + FIRST_TAP)
        low = middle - size // 2
        return np.asarray(moved[:, low : low + size, low : low + size], np.float64)


@dataclass(frozen=True, slots=True)
class PsfCandidate:
    """One star, the PSF where it is, and what is left of it.

    Parameters
    ----------
    source_id
        Identifier of the source.
    position
        Where the star is.
    image
        Its pixels, in parent coordinates, other sources replaced by noise.
    flux
        Of the PSF that fits it best.
    is_reserved
        Whether it was kept back, to test the PSF on it.
    is_used
        Whether the PSF was made from it.
    psf
        The PSF.
    """

    source_id: int
    position: Point2D
    image: Image
    flux: float
    is_reserved: bool
    is_used: bool
    psf: Psf

    @property
    def model(self) -> Image:
        """The PSF at the place and of the flux of the star, with the pixels of `image`."""
        model = Image(np.zeros(self.image.array.shape), self.image.bbox.min)
        star = self.psf.compute_image(self.position)
        box = star.bbox
        box.clip(model.bbox)
        model[box].array[:] = self.flux * star[box].array
        return model

    @property
    def residual(self) -> Image:
        """What is left of the star when the PSF is subtracted."""
        pixels = self.image.array - self.model.array
        return Image(pixels, Point2I(self.image.bbox.min_x, self.image.bbox.min_y))
