"""A repository whose four CCDs have a number each, for tasks that need no pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.repositories import TYPES, make_repository, observation

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TASK", "make_numbers"]

TASK = "support.tasks:DoubleTask"


def make_numbers(root: Path) -> Path:
    """Return the root of a new repository with a ``summary`` for each of four ccds."""
    observations = [observation(903334, ccd) for ccd in range(4)]
    with make_repository(root, types=TYPES, observations=observations) as butler:
        for ccd in range(4):
            butler.put({"n": ccd}, "summary", visit=903334, ccd=ccd)
    return root
