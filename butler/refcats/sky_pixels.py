"""The hierarchical triangular mesh (HTM) by which reference catalogs are cut into pieces.

Eight triangles, numbered 8 to 15, cover the sky; each level cuts a triangle
into four, whose numbers are four times that of the whole and 0 to 3 more. The
numbers are those of lsst-sphgeom, and of the catalogs of the LSST stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from butler.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from lsst.sphgeom import HtmPixelization, Region
    from numpy.typing import NDArray

__all__ = ["DEEPEST", "DEFAULT_DEPTH", "PixelRanges", "SkyPixels", "depth_of_pixel"]

DEFAULT_DEPTH: Final = 7
"""About 0.3 square degrees a piece; that of the LSST stack."""
DEEPEST: Final = 12
"""Pieces of one square arcminute."""

_FIRST: Final = 8
_CHILDREN: Final = 4


def depth_of_pixel(pixel_id: int) -> int | None:
    """Return how often triangles were cut for a pixel of this number, None if it is no number."""
    depth, rest = divmod(pixel_id.bit_length() - _FIRST.bit_length(), 2)
    return depth if pixel_id > 0 and depth >= 0 and rest == 0 else None


@dataclass(frozen=True, slots=True)
class PixelRanges:
    """Numbers of pixels, in half-open ranges in rising order.

    Parameters
    ----------
    ranges
        Begin and end of each.
    """

    ranges: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return sum(end - begin for begin, end in self.ranges)

    def __contains__(self, pixel_id: int) -> bool:
        return any(begin <= pixel_id < end for begin, end in self.ranges)

    def ids(self) -> list[int]:
        """Return every number, in rising order."""
        return [number for begin, end in self.ranges for number in range(begin, end)]


class SkyPixels:
    """The mesh at one depth.

    Parameters
    ----------
    depth
        How often triangles are cut, from 0 to 12.

    Raises
    ------
    ParameterError
        If there is no such depth.
    """

    def __init__(self, depth: int = DEFAULT_DEPTH) -> None:
        if not 0 <= depth <= DEEPEST:
            raise ParameterError(
                f"depth={depth}: choose one from 0 to {DEEPEST}; catalogs have {DEFAULT_DEPTH}."
            )
        self.depth = depth

    @cached_property
    def _mesh(self) -> HtmPixelization:
        from lsst.sphgeom import HtmPixelization

        return HtmPixelization(self.depth)

    def index(self, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the pixel of each position.

        Parameters
        ----------
        ra, dec
            In radians, finite, shape (n,).
        """
        import numpy as np
        from lsst.sphgeom import UnitVector3d

        cosine = np.cos(dec)
        xyz = (cosine * np.cos(ra)).tolist(), (cosine * np.sin(ra)).tolist(), np.sin(dec).tolist()
        index = self._mesh.index
        return np.fromiter(
            (index(UnitVector3d(x, y, z)) for x, y, z in zip(*xyz, strict=True)),
            np.int64,
            len(ra),
        )

    def covering(self, region: Region) -> PixelRanges:
        """Return the pixels that may meet a region, a few others perhaps among them.

        Parameters
        ----------
        region
            Of lsst.sphgeom.
        """
        return PixelRanges(tuple(self._mesh.envelope(region).ranges()))
