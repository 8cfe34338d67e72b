"""What an operation of the kill suite is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONTENT = {"text": "old " * 25_000}
OTHER_CONTENT = {"text": "new " * 25_000}


def _nothing(scene: Path, is_done: bool) -> list[str]:
    del scene, is_done
    return []


class Operation(NamedTuple):
    """What is done to a scene; what is expected of dataset 2/1 before and after.

    ``check`` tells what else is broken, after it was stopped or when it is done.
    """

    do: Callable[[Path], object]
    before: object = CONTENT
    after: object = CONTENT
    scene: str = "plain"
    check: Callable[[Path, bool], list[str]] = _nothing
