"""A camera, and rows for its registry."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.data_id import DataId
from butler.registry.registry import Registry
from butler.registry.rows import NewDataset, RegistryQuery

if TYPE_CHECKING:
    from butler.data_id import KeyValue

__all__ = [
    "CALEXP",
    "COADD",
    "FLAT",
    "KEYS",
    "OBSERVATION",
    "VISIT_SUMMARY",
    "add_types",
    "calexp",
    "create",
    "flat",
    "new",
    "observation",
    "query",
]

KEYS = {
    "visit": "int",
    "ccd": "int",
    "filter": "str",
    "pointing": "int",
    "tract": "int",
    "patch": "str",
    "calibDate": "str",
    "expTime": "float",
}
OBSERVATION = SimpleNamespace(
    columns={
        "taiObs": "str",
        "visit": "int",
        "filter": "str",
        "ccd": "int",
        "expTime": "float",
        "field": "str",
        "end": "str",  # a word of SQL
    },
    unique=("visit", "ccd"),
    implied=(
        SimpleNamespace(by=("visit",), columns=("filter", "field", "taiObs")),
        SimpleNamespace(by=("field",), columns=("end",)),
    ),
)
CALEXP = ("ccd", "filter", "pointing", "visit")
COADD = ("filter", "patch", "tract")
VISIT_SUMMARY = ("visit",)
FLAT = ("calibDate", "ccd", "filter")


def create(place: str, **options: object) -> Registry:
    """A new registry for a camera like HSC."""
    arguments = {"uuid": uuid4().hex, "camera": "hsc", "keys": KEYS, "observation": OBSERVATION}
    return Registry.create(place, **{**arguments, **options})  # type: ignore[arg-type]


def add_types(registry: Registry) -> None:
    types = {"calexp": CALEXP, "deepCoadd": COADD, "summary": VISIT_SUMMARY, "flat": FLAT}
    for name, keys in types.items():
        registry.ensure_dataset_type(name, keys, storage_class="fits", template="x")


def new(dataset_type: str, keys: tuple[str, ...], path: str, **values: KeyValue) -> NewDataset:
    return NewDataset(dataset_type, DataId(values).canonical(keys), DataId(values), path)


def calexp(visit: int, ccd: int, filter: str = "HSC-R", pointing: int = 671) -> NewDataset:  # noqa: A002
    data_id = DataId(visit=visit, ccd=ccd, filter=filter, pointing=pointing)
    path = f"{pointing:05d}/{filter}/corr/CORR-{visit:07d}-{ccd:03d}.fits"
    return NewDataset(
        "calexp", data_id.canonical(CALEXP), data_id, path, None, 10, 2**60, 2**40, b"\x01" * 32
    )


def flat(date: str, ccd: int, filter: str) -> NewDataset:  # noqa: A002
    path = f"CALIB/FLAT/{date}/{filter}/{ccd}"
    return new("flat", FLAT, path, calibDate=date, ccd=ccd, filter=filter)


def observation(visit: int, ccd: int, **values: KeyValue | None) -> dict[str, KeyValue | None]:
    common: dict[str, KeyValue | None] = {
        "filter": "HSC-R",
        "field": "WIDE",
        "taiObs": "2015-07-21",
        "expTime": 30.0,
    }
    return {"visit": visit, "ccd": ccd, **common, **values}


def query(registry: Registry, **options: object) -> list[tuple[object, ...]]:
    arguments = {"dataset_type": "calexp", "identity_keys": CALEXP, **options}
    return [row.values for row in registry.query(RegistryQuery(**arguments))]  # type: ignore[arg-type]
