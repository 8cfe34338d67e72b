"""The verbs of `benchmarks.system` spoken by lsst-daf-butler. Runs in .venv-peer."""

from __future__ import annotations

import sys
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, cast

import astropy.time
import astropy.units as u
from lsst.daf.butler import (
    Butler,
    CollectionType,
    Config,
    DataCoordinate,
    DatasetRef,
    DatasetType,
    FileDataset,
    FormatterV2,
    Timespan,
)
from lsst.daf.butler.formatters.json import JsonFormatter

from benchmarks.inputs import CCDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from astro_metadata_translator import ObservationInfo

    from benchmarks.system import DataKey, Json, Row

__all__ = ["SYSTEM", "DafButler", "DafButlerSession", "RawFormatter"]

_INSTRUMENT = "HSC"
_RUN = "run/stats"
_RAW_RUN = "HSC/raw/all"
_LEVEL = "level/{:02d}"
_BANDS = {"HSC-R": "r", "HSC-I": "i"}
_ONE_GET = """
import json
from lsst.daf.butler import Butler
butler = Butler({root!r}, collections={run!r}, instrument={instrument!r})
print(json.dumps(butler.get("stats", visit={visit}, detector={ccd})))
"""


class RawFormatter(FormatterV2):  # type: ignore[misc]
    """Lets the peer record raw files; it is never asked to read one."""

    default_extension = ".fits"


class DafButlerSession:
    """An open repository of lsst-daf-butler.

    Parameters
    ----------
    root
        Folder of the repository.
    writeable
        Whether it may be written.
    collections
        Where datasets are looked for.
    """

    def __init__(self, root: Path, collections: Sequence[str], *, writeable: bool) -> None:
        self._butler = Butler.from_config(
            str(root),
            writeable=writeable,
            collections=collections,
            instrument=_INSTRUMENT,
        )

    def put(self, value: Json, visit: int, ccd: int) -> None:
        self._butler.put(value, "stats", visit=visit, detector=ccd, run=_RUN)

    def get(self, visit: int, ccd: int) -> Json:
        return cast("Json", self._butler.get("stats", visit=visit, detector=ccd))

    def batch(self) -> AbstractContextManager[object]:
        return cast("AbstractContextManager[object]", self._butler.transaction())

    def find(self, visit: int, ccd: int) -> int:
        found = self._butler.find_dataset("calexp", visit=visit, detector=ccd)
        return _level(found)

    def one_visit(self, visit: int) -> Sequence[object]:
        return self._query("calexp", f"visit = {visit}")

    def all_rows(self) -> Sequence[object]:
        return self._query("calexp", f"instrument = '{_INSTRUMENT}'")

    def row(self, found: object) -> Row:
        ref = cast("DatasetRef", found)
        return ref.dataId["visit"], ref.dataId["detector"], _level(ref)

    def register(self, files: Sequence[tuple[Path, DataKey]]) -> None:
        dataset_type = self._butler.get_dataset_type("stats")
        self._butler.ingest(
            *(
                self._file_dataset(path, dataset_type, _RUN, visit=visit, detector=ccd)
                for path, (visit, ccd) in files
            ),
            transfer="direct",
        )

    def ingest_raws(self, files: Sequence[Path]) -> None:
        """What can be done without RawIngestTask, which no package of the peer installs.

        Headers are read by astropy and translated by ObservationInfo; nothing is
        written before all are read, then there is one transaction for each exposure.
        """
        observed = [(_read(path), path) for path in files]
        observed.sort(key=lambda pair: (_number(pair[0].exposure_id), pair[1]))
        dataset_type = self._butler.get_dataset_type("raw")
        for visit, members in groupby(observed, key=lambda pair: _number(pair[0].exposure_id)):
            exposure = list(members)
            datasets = [
                self._file_dataset(
                    path,
                    dataset_type,
                    _RAW_RUN,
                    exposure=visit,
                    detector=_number(info.detector_num),
                )
                for info, path in exposure
            ]
            with self._butler.transaction():
                _insert_exposures(self._butler, [exposure[0][0]])
                self._butler.ingest(*datasets, transfer="symlink")

    def stored(self) -> list[DataKey]:
        found = self._query("stats", f"instrument = '{_INSTRUMENT}'")
        return [(ref.dataId["visit"], ref.dataId["detector"]) for ref in found]

    def raws(self) -> list[tuple[int, int, float, str]]:
        records = {
            record.dataId["exposure"]: record
            for record in self._butler.query_dimension_records("exposure")
        }
        rows = []
        for ref in self._query("raw", f"instrument = '{_INSTRUMENT}'"):
            record = records[ref.dataId["exposure"]]
            seconds = float(record.exposure_time)
            rows.append((record.id, ref.dataId["detector"], seconds, record.physical_filter))
        return rows

    def _query(self, dataset_type: str, where: str) -> list[DatasetRef]:
        return cast(
            "list[DatasetRef]",
            self._butler.query_datasets(dataset_type, where=where, limit=None, explain=False),
        )

    def _file_dataset(
        self, path: Path, dataset_type: DatasetType, run: str, **data_id: int
    ) -> FileDataset:
        coordinate = DataCoordinate.standardize(
            instrument=_INSTRUMENT, universe=self._butler.dimensions, **data_id
        )
        ref = DatasetRef(dataset_type, coordinate, run=run)
        formatter = RawFormatter if path.suffix == ".fits" else JsonFormatter
        return FileDataset(str(path), [ref], formatter=formatter)


class DafButler:
    """lsst-daf-butler from the package index, with SQLite and files."""

    name = "peer"
    title = "lsst-daf-butler"

    def versions(self) -> Mapping[str, str]:
        names = ("lsst-daf-butler", "lsst-resources", "astro-metadata-translator", "SQLAlchemy")
        return {name: version(name) for name in names}

    def help_command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("butler")), "--help"]

    def get_command(self, root: Path, visit: int, ccd: int) -> list[str]:
        code = _ONE_GET.format(
            root=str(root), run=_RUN, instrument=_INSTRUMENT, visit=visit, ccd=ccd
        )
        return [sys.executable, "-c", code]

    def create(self, root: Path, visits: Sequence[int], *, shared: bool = False) -> None:
        del shared  # it always has a rollback journal
        _insert_visits(_make(root), visits)

    def create_chain(self, root: Path, levels: Sequence[Sequence[DataKey]]) -> None:
        self.create(root, sorted({visit for visit, _ in levels[0]}))
        butler = Butler.from_config(str(root), writeable=True)
        runs = [_LEVEL.format(index) for index in range(len(levels))]
        for run, keys in zip(runs, levels, strict=True):
            butler.collections.register(run)
            rows = [
                {"instrument": _INSTRUMENT, "visit": visit, "detector": ccd} for visit, ccd in keys
            ]
            butler.registry.insertDatasets("calexp", rows, run=run)
        butler.collections.register("chain", CollectionType.CHAINED)
        butler.collections.redefine_chain("chain", runs[::-1])

    def create_for_raws(self, root: Path) -> None:
        _make(root)

    def open(self, root: Path) -> DafButlerSession:
        return DafButlerSession(root, [_RUN, _RAW_RUN], writeable=True)

    def open_chain(self, root: Path, _depth: int) -> DafButlerSession:
        return DafButlerSession(root, ["chain"], writeable=False)

    def registry_bytes(self, root: Path) -> int:
        return sum(path.stat().st_size for path in root.glob("gen3.sqlite3*"))


def _level(ref: DatasetRef) -> int:
    return int(ref.run.rpartition("/")[2])


def _make(root: Path) -> Butler:
    config = Config()
    # JSON on both sides: it is the faster of the two that the peer has for a dict.
    config["datastore", "formatters", "StructuredDataDict"] = (
        "lsst.daf.butler.formatters.json.JsonFormatter"
    )
    Butler.makeRepo(str(root), config=config)
    butler = Butler.from_config(str(root), writeable=True)
    own = {"instrument": _INSTRUMENT}
    insert = butler.registry.insertDimensionData
    insert(
        "instrument",
        {"name": _INSTRUMENT, "visit_max": 10**8, "exposure_max": 10**8, "detector_max": 200}
        | {"class_name": "none", "visit_system": 0},
    )
    insert("physical_filter", *(own | {"name": name, "band": _BANDS[name]} for name in _BANDS))
    insert("visit_system", own | {"id": 0, "name": "one-to-one"})
    detectors = [
        own
        | {"id": ccd, "full_name": f"0_{ccd:02d}", "name_in_raft": f"{ccd:02d}", "raft": "0"}
        | {"purpose": "SCIENCE"}
        for ccd in range(CCDS)
    ]
    insert("detector", *detectors)
    for name, observation in (("raw", "exposure"), ("stats", "visit"), ("calexp", "visit")):
        dimensions = ["instrument", observation, "detector"]
        dataset_type = DatasetType(
            name, dimensions, "StructuredDataDict", universe=butler.dimensions
        )
        butler.registry.registerDatasetType(dataset_type)
    for run in (_RUN, _RAW_RUN):
        butler.collections.register(run)
    return butler


def _insert_visits(butler: Butler, visits: Iterable[int]) -> None:
    start = astropy.time.Time("2026-01-01T00:00:00", scale="tai")
    own = {"instrument": _INSTRUMENT, "physical_filter": "HSC-R", "exposure_time": 30.0}
    rows = []
    days = set()
    for order, visit in enumerate(visits):
        begin = start + order * 60 * u.s
        day = int(begin.strftime("%Y%m%d"))
        days.add(day)
        rows.append(
            own
            | {"id": visit, "name": str(visit), "day_obs": day, "seq_num": order}
            | {"timespan": Timespan(begin, begin + 30 * u.s)}
        )
    insert = butler.registry.insertDimensionData
    with butler.transaction():
        insert("day_obs", *({"instrument": _INSTRUMENT, "id": day} for day in sorted(days)))
        insert("visit", *rows)


def _number(value: int | None) -> int:
    if value is None:
        message = "the header does not give the exposure or the detector"
        raise ValueError(message)
    return value


def _read(path: Path) -> ObservationInfo:
    from astro_metadata_translator import ObservationInfo
    from astropy.io import fits

    return ObservationInfo(fits.getheader(path), filename=str(path))


def _insert_exposures(butler: Butler, infos: Iterable[ObservationInfo]) -> None:
    insert = butler.registry.insertDimensionData
    for info in infos:
        own = {"instrument": _INSTRUMENT, "physical_filter": info.physical_filter}
        day = info.observing_day
        seconds = info.exposure_time.to_value(u.s) if info.exposure_time is not None else None
        insert("day_obs", {"instrument": _INSTRUMENT, "id": day}, skip_existing=True)
        insert("group", {"instrument": _INSTRUMENT, "name": str(info.exposure_id)})
        insert(
            "exposure",
            own
            | {"id": info.exposure_id, "obs_id": info.observation_id, "day_obs": day}
            | {"group": str(info.exposure_id), "seq_num": info.observation_counter}
            | {"exposure_time": seconds, "target_name": info.object}
            | {"observation_type": info.observation_type, "science_program": info.science_program}
            | {"timespan": Timespan(info.datetime_begin, info.datetime_end)},
        )


SYSTEM = DafButler()
