"""The verbs of `benchmarks.system` spoken by skybutler."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

import sqlalchemy.dialects.sqlite  # noqa: F401 - as the peer's import of itself does

from benchmarks.inputs import CCDS
from butler import Butler, DataId, create_repository
from butler.ingest.ingest import ingest_files
from butler.registry.registry import Registry  # noqa: F401 - likewise
from butler.registry.rows import NewDataset
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.system import DataKey, Json, Row
    from butler.data_id import KeyValue
    from butler.queries.query import QueryRow

__all__ = ["SYSTEM", "SkyButler", "SkyButlerSession"]

_STATS = {
    "template": "stats/{visit:07d}/stats-{visit:07d}-{ccd:03d}.json",
    "storage_class": "Json",
    "description": "numbers of one ccd",
}
_LEVEL = "level-{:02d}"
_CALEXP = "{pointing:05d}/{filter}/corr/CORR-{visit:07d}-{ccd:03d}.fits"
_SHA256 = bytes(range(32))  # what a put keeps of each file
_ONE_GET = """
import json
from butler import Butler
print(json.dumps(Butler({root!r}).get("stats", visit={visit}, ccd={ccd})))
"""


class SkyButlerSession:
    """An open repository or chain of skybutler.

    Parameters
    ----------
    root
        The repository, of a chain the nearest one.
    """

    def __init__(self, root: Path) -> None:
        self._butler = Butler(root)
        for place in self._butler.repositories:
            cast("NativeRepository", place).registry.info  # noqa: B018 - connects, as the peer does

    def put(self, value: Json, visit: int, ccd: int) -> None:
        self._butler.put(value, "stats", visit=visit, ccd=ccd)

    def get(self, visit: int, ccd: int) -> Json:
        return cast("Json", self._butler.get("stats", visit=visit, ccd=ccd))

    def batch(self) -> AbstractContextManager[object]:
        return self._butler.transaction()

    def find(self, visit: int, ccd: int) -> int:
        return _level(self._butler.get_uri("calexp", visit=visit, ccd=ccd))

    def one_visit(self, visit: int) -> Sequence[object]:
        return list(self._butler.query("calexp", visit=visit))

    def all_rows(self) -> Sequence[object]:
        return list(self._butler.query("calexp"))

    def row(self, found: object) -> Row:
        row = cast("QueryRow", found)
        return (*_key(row), _level(row.uri))

    def register(self, files: Sequence[tuple[Path, DataKey]]) -> None:
        self._butler.register(
            "stats", ((path, {"visit": visit, "ccd": ccd}) for path, (visit, ccd) in files)
        )

    def ingest_raws(self, files: Sequence[Path]) -> None:
        report = ingest_files(self._native(), files, mode="link")
        ingested = report.counts["ingested"]
        if ingested != len(files):
            message = f"Only {ingested} of {len(files)} files were ingested."
            raise ValueError(message)

    def stored(self) -> list[DataKey]:
        return [_key(row) for row in self._butler.query("stats")]

    def raws(self) -> list[tuple[int, int, float, str]]:
        rows = []
        for row in self._butler.query("raw", columns=["expTime"]):
            visit, ccd = _key(row)
            rows.append((visit, ccd, cast("float", row["expTime"]), str(row["filter"])))
        return rows

    def _native(self) -> NativeRepository:
        return cast("NativeRepository", self._butler.repositories[0])


class SkyButler:
    """skybutler with SQLite and files, fsync and sha256 on, as a user gets it."""

    name = "ours"
    title = "skybutler"

    def versions(self) -> Mapping[str, str]:
        return {name: version(name) for name in ("skybutler", "SQLAlchemy", "PyYAML")}

    def help_command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("butler")), "--help"]

    def get_command(self, root: Path, visit: int, ccd: int) -> list[str]:
        code = _ONE_GET.format(root=str(root), visit=visit, ccd=ccd)
        return [sys.executable, "-c", code]

    def create(self, root: Path, visits: Sequence[int], *, shared: bool = False) -> None:
        create_repository(root, "hsc", shared=shared, dataset_types={"stats": _STATS})
        native = NativeRepository(str(root))
        native.registry.add_observations(
            _observation(visit, ccd) for visit in visits for ccd in range(CCDS)
        )
        native.close()

    def create_chain(self, root: Path, levels: Sequence[Sequence[DataKey]]) -> None:
        root.mkdir()
        for number, keys in enumerate(levels):
            below = [root / _LEVEL.format(number - 1)] if number else []
            create_repository(root / _LEVEL.format(number), "hsc", parents=below)
            _fill(root / _LEVEL.format(number), keys)

    def create_for_raws(self, root: Path) -> None:
        create_repository(root, "hsc")

    def open(self, root: Path) -> SkyButlerSession:
        return SkyButlerSession(root)

    def open_chain(self, root: Path, depth: int) -> SkyButlerSession:
        return SkyButlerSession(root / _LEVEL.format(depth - 1))

    def registry_bytes(self, root: Path) -> int:
        return sum(path.stat().st_size for path in root.glob("registry.sqlite3*"))


def _key(row: QueryRow) -> DataKey:
    return cast("int", row["visit"]), cast("int", row["ccd"])


def _level(uri: str) -> int:
    """The number of the level in whose folder a file lies."""
    return int(uri.partition("/level-")[2][:2])


def _observation(visit: int, ccd: int) -> dict[str, KeyValue | None]:
    return {
        "visit": visit,
        "ccd": ccd,
        "field": "COSMOS",
        "filter": "HSC-R",
        "dateObs": "2026-01-01",
        "taiObs": "2026-01-01",
        "pointing": 814,
        "expTime": 30.0,
        "dataType": "OBJECT",
    }


def _fill(root: Path, keys: Sequence[DataKey]) -> None:
    """Put rows into a rerun's registry as so many puts of ``calexp`` leave them."""
    native = NativeRepository(str(root))
    kind = native.policy.dataset_type("calexp")
    native.registry.ensure_dataset_type(
        kind.name, kind.keys, storage_class=kind.storage_class, template=_CALEXP
    )
    run_id = native.registry.start_run(user="nobody", host="localhost", version="0")
    native.registry.insert(
        list(_calexps(kind.keys, keys)),
        [_observation(visit, ccd) for visit, ccd in keys],
        run_id=run_id,
    )
    native.close()


def _calexps(identity: Sequence[str], keys: Sequence[DataKey]) -> Iterator[NewDataset]:
    for visit, ccd in keys:
        data_id = DataId(pointing=814, filter="HSC-R", visit=visit, ccd=ccd)
        path = _CALEXP.format(**data_id)
        yield NewDataset(
            "calexp",
            data_id.canonical(identity),
            data_id,
            path,
            size=120,
            mtime_ns=1_700_000_000_000_000_000,
            sha256=_SHA256,
        )


SYSTEM = SkyButler()
