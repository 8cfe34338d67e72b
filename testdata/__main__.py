"""``python -m testdata DIR --visit 903334 --ccd 16 --small``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from testdata.effects import Effects
from testdata.errors import SimulationError
from testdata.geometry import FULL, SMALL
from testdata.layout import write_tutorial_data
from testdata.observation import CI_HSC_VISITS
from testdata.randomness import DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Write simulated data and say where they are.

    Returns
    -------
    int
        Exit code: 0, or 2 if the camera cannot take such an exposure.
    """
    parser = argparse.ArgumentParser(
        prog="python -m testdata",
        description="Write HSC-shaped raws with calibrations, reference catalog and truth.",
    )
    parser.add_argument("directory", help="where to write; made if absent")
    parser.add_argument("--visit", type=int, nargs="+", help="visits (default: those of ci_hsc)")
    parser.add_argument("--ccd", type=int, nargs="+", help="ccds of each visit (default: 16)")
    parser.add_argument("--small", action="store_true", help="CCDs of 256 x 128 pixels")
    parser.add_argument("--clean", action="store_true", help="no noise, no instrumental effects")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options = parser.parse_args(arguments)
    if options.visit is None and options.ccd is None:
        visits = dict(CI_HSC_VISITS)
    else:
        visits = {v: tuple(options.ccd or [16]) for v in options.visit or list(CI_HSC_VISITS)}
    try:
        data = write_tutorial_data(
            options.directory,
            visits,
            geometry=SMALL if options.small else FULL,
            effects=Effects.none() if options.clean else Effects(),
            seed=options.seed,
        )
    except SimulationError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR
    sys.stdout.write(
        f"{len(data.raws)} raws in {data.raw_dir}\n"
        f"calibrations in {data.calib_dir}\n"
        f"reference catalog in {data.reference_dir}\n"
        f"truth in {data.root / 'truth'}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
