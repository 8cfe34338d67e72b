"""One preparation or one repetition, in a fresh process."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.imaging.cases import CASES, prepare
from benchmarks.imaging.library import load_library

__all__ = ["main"]


def main() -> None:
    """Do what the command line says; a measurement is the last line printed."""
    library_name, case_name, folder = sys.argv[1:]
    library = load_library(library_name)
    if case_name == "prepare":
        prepare(library, Path(folder))
        print(library.version())
    else:
        (case,) = (case for case in CASES if case.name == case_name)
        print(case.run(library, Path(folder)).to_json())


if __name__ == "__main__":
    main()
