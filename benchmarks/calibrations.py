"""How long it takes to choose a calibration, measured apart: the peer reads no such registry.

Run it with ``python -m benchmarks.calibrations GEN2``, where GEN2 is a folder with
``cfht_megacam_calibRegistry.sqlite3`` (31,248 rows) and ``ci_hsc_calibRegistry.sqlite3``.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from butler import Butler, DataId, create_repository
from butler.policies.dataset_type import CalibrationRule
from butler.registry.calibration_groups import DatedCalibration, RangeRule
from butler.registry.rows import NewDataset
from butler.repository.gen2.calib_registry import CalibRegistry
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.data_id import KeyValue

__all__ = ["main"]

_LOOKUPS = 1000
_SEED = 20081101
_MONTHS = [f"{year}-{month:02d}-01" for year in range(2013, 2018) for month in range(1, 13)]


def _timed(questions: Sequence[Callable[[], object]]) -> tuple[float, float, float]:
    """Return the first, the median and the mean time of some calls in milliseconds."""
    times = []
    for ask in questions:
        began = perf_counter()
        ask()
        times.append((perf_counter() - began) * 1000)
    return times[0], median(times), sum(times) / len(times)


def _megacam(folder: Path) -> tuple[float, float, float]:
    registry = CalibRegistry(str(folder / "cfht_megacam_calibRegistry.sqlite3"))
    dice = random.Random(_SEED)  # noqa: S311 - no secret
    rule = CalibrationRule("bias", columns={"calibPath": "path"})

    def ask() -> object:
        match: dict[str, KeyValue] = {"extension": dice.randint(1, 36)}
        date = f"2008-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}T12:00:00"
        return registry.choose(rule, ["calibPath"], match, date)

    return _timed([ask] * _LOOKUPS)


def _megacam_flats(folder: Path) -> tuple[float, float, float]:
    registry = CalibRegistry(str(folder / "cfht_megacam_calibRegistry.sqlite3"))
    dice = random.Random(_SEED)  # noqa: S311 - no secret
    rule = CalibrationRule("flat", columns={"calibPath": "path"})

    def ask() -> object:
        match: dict[str, KeyValue] = {"extension": dice.randint(1, 36), "filter": "i2"}
        date = f"2008-{dice.randint(2, 12):02d}-{dice.randint(1, 28):02d}T12:00:00"
        return registry.choose(rule, ["calibPath"], match, date)

    return _timed([ask] * _LOOKUPS)


def _hsc(folder: Path) -> tuple[float, float, float]:
    registry = CalibRegistry(str(folder / "ci_hsc_calibRegistry.sqlite3"))
    rule = CalibrationRule("defects")
    dice = random.Random(_SEED)  # noqa: S311 - no secret

    def ask() -> object:
        return registry.choose(rule, ["calibDate"], {"ccd": dice.randint(0, 111)}, "2013-11-02")

    return _timed([ask] * _LOOKUPS)


def _native(number_of_filters: int) -> tuple[float, float, float]:
    """Time ``get_uri("flat", visit, ccd)`` among many registered flats."""
    filters = ["HSC-R", "HSC-I", "HSC-G"][:number_of_filters]
    with TemporaryDirectory() as folder:
        create_repository(folder, "hsc")
        with Butler(folder) as butler:
            place = butler.repositories[0]
            assert isinstance(place, NativeRepository)
            _register(place, filters)
            dice = random.Random(_SEED)  # noqa: S311 - no secret
            return _timed(
                [lambda: butler.get_uri("flat", visit=1, ccd=dice.randint(0, 111))] * _LOOKUPS
            )


def _register(place: NativeRepository, filters: Sequence[str]) -> None:
    kind, registry = place.policy.dataset_types["flat"], place.registry
    rule = RangeRule.of(kind)
    assert rule is not None
    registry.ensure_keys({key: place.policy.keys[key] for key in kind.keys})
    registry.ensure_dataset_type("flat", kind.keys, storage_class="Exposure", template=None)
    seen: dict[str, KeyValue] = {
        "visit": 1,
        "filter": "HSC-R",
        "taiObs": "2014-03-02",
        "field": "X",
        "pointing": 1,
    }
    registry.add_observations([{**seen, "ccd": ccd} for ccd in range(112)])
    ids = [
        DataId(calibDate=date, ccd=ccd, filter=name)
        for date in _MONTHS
        for ccd in range(112)
        for name in filters
    ]
    rows = [NewDataset("flat", one.canonical(kind.keys), one, "CALIB/x.fits") for one in ids]
    dated = [DatedCalibration.of(rule, one, 100) for one in ids]
    registry.insert(rows, then=lambda cursor: _derive(registry.derive_ranges(cursor, rule, dated)))


def _derive(_ranges: object) -> None:
    """Take what nobody needs here."""


def main() -> None:
    """Print a table of the times."""
    folder = Path(sys.argv[1])
    print("| choose one of | rows | first | median | mean |")
    print("| --- | --- | --- | --- | --- |")
    for title, rows, times in (
        ("MegaCam's biases, Gen2's registry", 4_140, _megacam(folder)),
        ("MegaCam's flats, Gen2's registry", 20_520, _megacam_flats(folder)),
        ("HSC's defects, Gen2's registry", 840, _hsc(folder)),
        ("flats of HSC, ours, `get_uri` by visit", 6_720, _native(1)),
        ("flats of HSC, ours, `get_uri` by visit", 20_160, _native(3)),
    ):
        shown = " | ".join(f"{time:.3g} ms" for time in times)
        print(f"| {title} | {rows:,} | {shown} |")


if __name__ == "__main__":
    main()
