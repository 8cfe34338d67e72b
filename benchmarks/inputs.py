"""What the cases work on: data IDs, small dicts, JSON files, raw files with real headers."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.system import DataKey, Json

__all__ = ["CCDS", "FIRST_VISIT", "data_keys", "json_files", "levels", "raw_files", "small_dict"]

CCDS = 112  # an HSC exposure
FIRST_VISIT = 100000
_REDONE = 20  # each rerun after the first redoes one dataset in twenty
_PIXELS = (10, 10)
_NOT_COPIED = {"SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "COMMENT", "HISTORY", ""}


def data_keys(count: int) -> list[DataKey]:
    """The first `count` data IDs, visit by visit."""
    return [(FIRST_VISIT + index // CCDS, index % CCDS) for index in range(count)]


def levels(count: int, depth: int) -> list[list[DataKey]]:
    """The data IDs held by each level of a chain; the last level is the nearest."""
    chooser = random.Random(1)  # noqa: S311 - the same data on every run
    everything = data_keys(count)
    redone = [chooser.sample(everything, len(everything) // _REDONE) for _ in range(depth - 1)]
    return [everything, *redone]


def small_dict(visit: int, ccd: int) -> Json:
    """A dict of about 120 bytes as JSON."""
    return {
        "seeing": 0.71,
        "background": [1.0, 2.0, float(ccd)],
        "nsrc": visit,
        "flags": {"ok": True},
        "filter": "HSC-R",
    }


def json_files(folder: Path, count: int) -> list[tuple[Path, DataKey]]:
    """Small JSON files in one folder per visit; those that exist are left alone."""
    files = []
    for visit, ccd in data_keys(count):
        path = folder / f"{visit:06d}" / f"stats-{visit:06d}-{ccd:03d}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(small_dict(visit, ccd)))
        files.append((path, (visit, ccd)))
    return files


def raw_files(folder: Path, count: int, header_file: Path) -> list[Path]:
    """Raw files with the cards of a real HSC header, and few pixels.

    Parameters
    ----------
    folder
        Where they are made, unless they exist.
    count
        Whole exposures are of 112 files.
    header_file
        A real header as YAML: a list of name, type, value and comment.
    """
    import numpy as np
    from astropy.io import fits

    cards = _read_header(header_file)
    pixels = np.zeros(_PIXELS, np.int16)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for index in range(count):
        visit, ccd = 900000 + 2 * (index // CCDS), index % CCDS
        # HSC numbers its frames with two digits: those over 99 belong to the next, odd visit
        frame_id = f"HSCA{visit + ccd // 100:06d}{ccd % 100:02d}"
        path = folder / f"{frame_id}.fits"
        if not path.exists():
            own = {"EXP-ID": f"HSCA{visit:06d}00", "FRAMEID": frame_id, "DET-ID": ccd}
            header = fits.Header([*(cards | own).items()])
            fits.PrimaryHDU(pixels, header).writeto(path, output_verify="silentfix")
        files.append(path)
    return files


def _read_header(path: Path) -> dict[str, str | float | bool]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads the one tag that such files carry as a plain list."""

    def plain_list(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[object]:
        return list(loader.construct_sequence(node, deep=True))

    Loader.add_constructor("lsst.daf.base.PropertyList", plain_list)
    entries = cast(
        "Sequence[Sequence[str | float | bool]]",
        yaml.load(path.read_text(), Loader=Loader),  # noqa: S506 - a SafeLoader
    )
    return {
        str(name): value
        for name, _, value, _ in entries
        if name not in _NOT_COPIED and not isinstance(value, list)
    }
