"""Whether pixels have a noise that they can be rounded to a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["has_noise"]

_FEWEST_FREE = 0.25
"""Of steps between neighbours: in noise of half a unit, stored in units, there are as many."""
_MOST_EQUAL = 0.75


def has_noise(pixels: NDArray[np.floating], tile: tuple[int, int]) -> bool:
    """Whether the noise of every tile can be estimated from the steps between its pixels.

    Codecs ignore neighbours that are equal, take what is left for noise, and
    round all pixels of the tile to a part of it. That is right where a corner
    is constant. Where spikes stand in a constant, the spikes are the
    noise, and the constant, which is known exactly, would be moved by percents.

    Parameters
    ----------
    pixels
        Shape (height, width). NaN count as no pixels; 0 is kept exactly by
        the codecs, however many there are.
    tile
        Rows and columns of a tile.

    Returns
    -------
    bool
        False if in some tile three quarters of the neighbours are equal and
        others are not, or most steps are between pixels with an equal neighbour.
    """
    return all(
        _has_noise(pixels[begin : begin + tile[0]], tile[1])
        for begin in range(0, pixels.shape[0], tile[0])
    )


def _has_noise(rows: NDArray[np.floating], width: int) -> bool:
    left, right = rows[:, :-1], rows[:, 1:]
    if not left.size:
        return True
    is_equal = left == right
    is_step = (left < right) | (left > right)
    is_free = is_step.copy()  # neither of the two has an equal neighbour
    is_free[:, 1:] &= ~is_equal[:, :-1]
    is_free[:, :-1] &= ~is_equal[:, 1:]
    begins = np.arange(0, left.shape[1], width)
    steps, free, equal = (
        np.add.reduceat(which.sum(axis=0, dtype=np.int64), begins)
        for which in (is_step, is_free, is_equal & (left != 0))
    )
    is_constant = equal > _MOST_EQUAL * (steps + equal)
    return not ((steps > 0) & (is_constant | (free < _FEWEST_FREE * steps))).any()
