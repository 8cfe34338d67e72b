"""Parts of catalogs: records taken out, ranges of records, columns by patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging.table.catalog import BaseCatalog
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def catalog() -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    schema.add_field("c_x", "D")
    schema.add_field("c_y", "D")
    catalog = SourceCatalog(schema)
    catalog.resize(6)
    catalog["id"] = [10, 11, 12, 13, 14, 15]
    catalog["c_x"] = np.arange(6.0)
    return catalog


def test_records_are_taken_out_of_a_catalog(catalog: SourceCatalog) -> None:
    part = catalog.copy()
    del part[0]
    del part[-1]
    assert [record.id for record in part] == [11, 12, 13, 14]
    assert part.is_contiguous
    del part[1:3]
    assert [record.id for record in part] == [11, 14]
    assert len(catalog) == 6
    with pytest.raises(IndexError):
        del part[2]


def test_parts_are_taken_by_numbers_as_slices_do(catalog: SourceCatalog) -> None:
    assert [record.id for record in catalog.subset(1, 5, 2)] == [11, 13]
    assert [record.id for record in catalog.subset(4, 6)] == [14, 15]


def test_deep_copies_are_made_without_the_keyword_too(catalog: SourceCatalog) -> None:
    other = catalog.copy(True)
    other["id"] = 0
    assert catalog["id"][0] == 10


def test_columns_are_renamed_by_the_groups_of_an_expression(catalog: SourceCatalog) -> None:
    found = catalog.extract(regex=re.compile(r"(c)_([xy])"), sub=r"\2_\1", ordered=True)
    assert list(found) == ["x_c", "y_c"]
    assert found["x_c"].tolist() == catalog["c_x"].tolist()
    assert catalog[2].extract("id", regex=r"c_(x)", sub=r"\1") == {"id": 12, "x": 2.0}


def test_field_called_footprint_is_one_like_others(tmp_path: Path) -> None:
    catalog = BaseCatalog(Schema([Field("footprint", "I")]))
    catalog.resize(2)
    catalog["footprint"] = [3, 4]
    catalog.write_fits(str(tmp_path / "a.fits"))
    assert BaseCatalog.read_fits(str(tmp_path / "a.fits"))["footprint"].tolist() == [3, 4]
