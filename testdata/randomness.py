"""One independent stream of random numbers for each part of the simulation.

Switching one effect off must not change the numbers that another one draws, so
nothing shares a generator.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["DEFAULT_SEED", "Stream", "generator"]

DEFAULT_SEED = 20131102
"""Seed of the data that the tutorial and the tests use: the night of visit 903334."""


class Stream(IntEnum):
    """What the numbers are for. The values are part of the data: never renumber."""

    SKY_CELL = 1
    CLUSTER = 2
    REFERENCE = 3
    DITHER = 4
    POINTING_ERROR = 5
    SEEING = 6
    DETECTOR = 7
    FLAT_PIXELS = 8
    BIAS_PIXELS = 9
    DARK_PIXELS = 10
    DEFECTS = 11
    SHOT_NOISE = 12
    READ_NOISE = 13
    COSMIC_RAYS = 14
    OVERSCAN_DRIFT = 15


def generator(seed: int, stream: Stream, *keys: int) -> np.random.Generator:
    """Make the generator of one stream.

    Parameters
    ----------
    seed
        Seed of the whole simulation, not negative.
    stream
        What the numbers are for.
    *keys
        What else they depend on: visit, ccd, cell of the sky. Not negative.

    Returns
    -------
    numpy.random.Generator
        Always the same numbers for the same arguments.
    """
    return np.random.default_rng([seed, int(stream), *keys])
