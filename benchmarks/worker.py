"""One preparation or one repetition, in a fresh process of the system's own interpreter.

Run by `benchmarks.run`: ``python -m benchmarks.worker prepare|measure SYSTEM NAME COUNT ROOT ...``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.cases import PREPARATIONS, Place, find_case
from benchmarks.system import SYSTEMS, load_system

__all__ = ["main"]


def main() -> None:
    """Do what the command line says; a measurement is the last line printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["prepare", "measure", "versions"])
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--name", default="")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--inputs", type=Path, default=Path())
    parser.add_argument("--header-file", type=Path, default=Path())
    options = parser.parse_args()
    system = load_system(options.system)
    if options.action == "versions":
        print("; ".join(f"{name} {version}" for name, version in system.versions().items()))
    elif options.action == "prepare":
        PREPARATIONS[options.name](system, options.root, options.count)
    else:
        place = Place(options.root, options.inputs, options.header_file)
        print(find_case(options.name).run(system, place, options.count).to_json())


if __name__ == "__main__":
    main()
