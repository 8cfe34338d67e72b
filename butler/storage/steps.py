"""The named steps of the commit protocol, so that a test can stop at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["observe_steps", "step"]

_observer: Callable[[str], None] | None = None


def observe_steps(observer: Callable[[str], None] | None) -> None:
    """Call ``observer`` with the name of each step from now on, None to stop.

    Parameters
    ----------
    observer
        Called after the step has been done. It may kill the process: that is
        what it is for.
    """
    global _observer  # noqa: PLW0603 - the one switch of this process
    _observer = observer


def step(name: str) -> None:
    """Say that a step has been done.

    Parameters
    ----------
    name
        Operation and step, such as ``put:linked``.
    """
    if _observer is not None:
        _observer(name)
