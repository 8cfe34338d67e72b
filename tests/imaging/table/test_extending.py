"""Records of other tables: whole rows where the tables are alike, otherwise field by field."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from imaging.footprint.footprint import Footprint
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable

FIELDS = [
    Field("a_flag", "Flag"),
    Field("x", "F"),
    Field("name", "String", size=5),
    Field("arr", "ArrayI", size=2),
    Field("b_flag", "Flag"),
]


def make_catalog(fields: list[Field], count: int) -> SourceCatalog:
    catalog = SourceCatalog(Schema([*SourceTable.minimal, *fields]))
    catalog.resize(count)
    for name in ("id", "coord_ra", "coord_dec"):
        catalog[name] = np.arange(count) + 100
    catalog["a_flag"] = np.arange(count) % 2 == 0
    catalog["b_flag"] = np.arange(count) % 3 == 0
    catalog["x"] = np.arange(count) / 2
    catalog["name"] = [f"g{n}" for n in range(count)]
    catalog["arr"] = np.arange(2 * count).reshape(count, 2)
    for record in catalog[::2]:
        record.footprint = Footprint(Box(Point2I(record.id, 0), Extent2I(2, 2)))
    return catalog


@pytest.mark.parametrize("fields", [FIELDS, FIELDS[::-1]], ids=["alike", "other order"])
@pytest.mark.parametrize("rows", [slice(None), slice(4, 1, -1), np.array([5, 0, 5])])
@pytest.mark.parametrize("by_record", [True, False])
def test_values_and_footprints_of_other_tables_are_copied(
    fields: list[Field], rows: slice | np.ndarray, *, by_record: bool
) -> None:
    other = make_catalog(fields, 6)[rows]
    catalog = make_catalog(FIELDS, 3)
    catalog.extend(list(other) if by_record else other)
    for name in catalog.schema.names:
        assert catalog[name][3:].tolist() == other.values(name).tolist()
        assert catalog[name][:3].tolist() == make_catalog(FIELDS, 3)[name].tolist()
    assert [one.footprint for one in catalog[3:]] == [one.footprint for one in other]
    catalog[3].set("x", -1.0)
    assert -1.0 not in other.values("x")


def test_table_may_grow_between_records_of_another() -> None:
    other, catalog = make_catalog(FIELDS, 1), make_catalog(FIELDS, 0)
    for number in range(100):
        catalog.append(other[-1])
        other.add_new().set("x", float(number))
    assert catalog["x"].tolist() == [0.0, *map(float, range(99))]


def test_table_that_has_copied_records_is_pickled() -> None:
    catalog = make_catalog(FIELDS, 2)
    catalog.append(make_catalog(FIELDS, 1)[0])
    again = pickle.loads(pickle.dumps(catalog))
    again.append(make_catalog(FIELDS, 1)[0])
    assert again["name"].tolist() == ["g0", "g1", "g0", "g0"]


def test_records_are_copied_within_their_table() -> None:
    catalog = make_catalog(FIELDS, 20)
    catalog.extend(catalog, deep=True)
    assert catalog["x"].tolist() == [*np.arange(20) / 2] * 2
    catalog[20].set("x", -1.0)
    assert catalog[0].get("x") == 0
