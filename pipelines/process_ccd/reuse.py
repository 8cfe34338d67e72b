"""How far a raw was processed before, as its datasets tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from butler.data_ref import DataRef

__all__ = ["STEPS", "last_step_there"]

_OUTPUTS: Final = {
    "isr": ("postISRCCD",),
    "charImage": ("icExp", "icExpBackground", "icSrc"),
    "calibrate": ("calexp", "calexpBackground", "src"),
}
"""What each step leaves for the next one, or for the user."""

STEPS: Final = tuple(_OUTPUTS)
"""The steps from a raw to a catalog, in their order."""


def last_step_there(ref: DataRef, steps: Collection[str]) -> str:
    """Return the last of some steps whose outputs are all there, ``""`` if there is none.

    Parameters
    ----------
    ref
        The raw.
    steps
        Names out of `STEPS`.
    """
    for step in reversed(STEPS):
        if step in steps and all(map(ref.dataset_exists, _OUTPUTS[step])):
            return step
    return ""
