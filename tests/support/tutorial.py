"""The code cells of the LSST stack's tutorial, taken out of its text."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["code_cells"]

_MARK = "In [None]:"


def code_cells(tutorial: Path) -> list[str]:
    """Return the code cells in their order.

    Parameters
    ----------
    tutorial
        The text. A cell begins after ``In [None]:`` and ends where the lines
        stop being Python, so the prose behind it is left out. A cell for a
        shell is returned whole, with its first line.
    """
    _, *parts = tutorial.read_text(encoding="utf-8").split(_MARK)
    return [_longest_code(part.strip("\n").split("\n")) for part in parts]


def _longest_code(lines: list[str]) -> str:
    if lines[0].startswith("%%"):
        end = next((i for i, line in enumerate(lines) if line.startswith("#")), len(lines))
        return "\n".join(lines[:end]).rstrip()
    for end in range(len(lines), 0, -1):
        text = "\n".join(lines[:end])
        if _is_python(text):
            return re.sub(
                r"\n+## [^\n]*$", "", text.rstrip()
            )  # the next heading looks like a comment
    return ""


def _is_python(text: str) -> bool:
    without_magic = re.sub(r"^%.*$", "", text, flags=re.MULTILINE)
    try:
        ast.parse(without_magic)
    except SyntaxError:
        return False
    return True
