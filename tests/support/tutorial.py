"""The code cells of the LSST stack's tutorial, taken out of its text."""

from __future__ import annotations

import ast
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CELLS", "TUTORIAL", "code_cells", "digest", "named_cells"]

TUTORIAL: Final = REPOSITORY.parent / "shared" / "tutorial" / "lsst_stack_tutorial.md"

_MARK = "In [None]:"
CELLS: Final = {
    "set up": "280c04ee1661661e",
    "import isr": "5d317d1df5b52ff5",
    "isr task": "5fdfbe56daf1c664",
    "import Butler": "fdcab6f9b8daca5c",
    "butler": "f35c70c004e49a90",
    "data ref": "2b5d4369711d7cea",
    "isr": "d8ec04ebb4d32a66",
    "import boxes": "0c740d248a687b6a",
    "read butler": "30e916989ef45870",
    "read": "086b9f4477774cb1",
    "cut out": "2eb683a76b0bc805",
    "matplotlib": "f6f92a4536dbbd3c",
    "display": "99ae3a96a3ca5f0a",
    "show raw sky": "40cd4e24432370f2",
    "import background": "1e8dc0f1f32bb413",
    "background config": "29831914f8000b58",
    "terrible background": "2ad22b629f0867c9",
    "help": "e5758f239ac091f5",
    "background task": "d6e6ed998a469e3c",
    "background": "fef7d68f3f79b321",
    "show sky": "35402b3486e851f4",
    "import PSF": "fee8ea82c4765701",
    "PSF": "4e61debbc350016d",
    "import repair": "8d0bfca8f27c00f8",
    "repair task": "a486ded1e00ac24b",
    "repair": "e1e030f44266f2ec",
    "show cosmic rays": "5bf0a50d460210b4",
    "import detection": "a547c71545f50dd4",
    "schema": "1ebd38d14f966bdd",
    "detection task": "6e3c476627d3c0ea",
    "table": "f8a9a1d1fb6bfcf4",
    "detect": "a9924449d7fe00a0",
    "show detections": "955f26341e7bac3c",
    "import deblending": "9fbc950ec2fe83fd",
    "deblending task": "83c0998df17acaa7",
    "catalog": "d7f4680935f0ebc8",
    "deblend": "77a7e12651a328a0",
    "find blends": "5c3e5223e6ce2f47",
    "import Image": "6122dadd583ae321",
    "parent": "f141dde5dab859a5",
    "children": "be4d22a7183ca834",
    "show blend": "d42ee83c007b8424",
    "import measurement": "518f370a8d03a4fc",
    "measurement task": "8e29f2031dd85835",
    "measure": "5f25f3710f6173ef",
    "import Axes": "81c4b4d2c2c5fec1",
    "show ellipses": "5d2a64e6a050d614",
    "print schema": "e6ce09d94a41fb0e",
    "copy": "1c15cae2032d8af4",
    "column": "3953f832f2d37379",
    "key": "694e619924b8b0df",
    "extract": "7e17862977504726",
    "astropy": "8313d09c1e34bc60",
}
"""What each cell does, in their order, and the digest of its text."""


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


def named_cells(tutorial: Path) -> dict[str, str]:
    """Return the code cells by their names in `CELLS`."""
    return dict(zip(CELLS, code_cells(tutorial), strict=True))


def digest(cell: str) -> str:
    """Return the first 16 digits of the sha256 of a cell."""
    return sha256(cell.encode()).hexdigest()[:16]


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
