"""Hierarchical triangular mesh: the index of the trixel that holds a position.

Eight triangles, 8 to 15, cover the sphere; each level splits a triangle at the middles
of its sides into four, whose index is the parent's times four plus 0 to 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["htm_index"]

_CORNERS = np.array(
    [[0, 0, 1], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, -1]], dtype=np.float64
)
_ROOTS = np.array(
    [[1, 5, 2], [2, 5, 3], [3, 5, 4], [4, 5, 1], [1, 0, 4], [4, 0, 3], [3, 0, 2], [2, 0, 1]]
)
_FIRST_ROOT = 8
_CENTER_CHILD = 3


def htm_index(
    ra_rad: NDArray[np.float64], dec_rad: NDArray[np.float64], depth: int = 7
) -> NDArray[np.int64]:
    """Index of the trixel of each position.

    Parameters
    ----------
    ra_rad, dec_rad
        Positions, shape (n,), in radians.
    depth
        Number of subdivisions; 7 is what reference catalogs use.

    Returns
    -------
    numpy.ndarray
        Shape (n,). A position on an edge belongs to one of its neighbours.
    """
    ra, dec = np.atleast_1d(ra_rad), np.atleast_1d(dec_rad)
    point = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)
    index = np.zeros(len(point), dtype=np.int64)
    corners = np.zeros((len(point), 3, 3))
    for number, root in enumerate(_ROOTS):
        triangle = np.broadcast_to(_CORNERS[root], corners.shape)
        chosen = (index == 0) & _is_inside(point, triangle)
        index[chosen] = _FIRST_ROOT + number
        corners[chosen] = _CORNERS[root]
    for _ in range(depth):
        index, corners = _descend(point, index, corners)
    return index


def _descend(
    point: NDArray[np.float64], index: NDArray[np.int64], corners: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Go one level down."""
    v0, v1, v2 = corners[:, 0], corners[:, 1], corners[:, 2]
    w0, w1, w2 = _middle(v1, v2), _middle(v0, v2), _middle(v0, v1)
    children = [(v0, w2, w1), (v1, w0, w2), (v2, w1, w0)]
    child = np.full(len(point), _CENTER_CHILD)
    result = np.stack([w0, w1, w2], axis=1)
    for number, triangle in enumerate(children):
        candidate = np.stack(triangle, axis=1)
        chosen = (child == _CENTER_CHILD) & _is_inside(point, candidate)
        child[chosen] = number
        result[chosen] = candidate[chosen]
    return 4 * index + child, result


def _middle(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Middle of two corners on the sphere."""
    total = a + b
    return np.asarray(total / np.linalg.norm(total, axis=-1, keepdims=True))


def _is_inside(point: NDArray[np.float64], triangle: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point lies on the inner side of the three edges of its triangle."""
    inside = np.ones(len(point), dtype=bool)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        edge = np.cross(triangle[:, first], triangle[:, second])
        inside &= np.einsum("ij,ij->i", edge, point) >= 0
    return inside
