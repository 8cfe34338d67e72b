"""Searching of sorted catalogs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import ParameterValueError
from imaging.table.source_catalog import SimpleCatalog
from imaging.table.table import SimpleTable


def sorted_by_id(values: list[int]) -> SimpleCatalog:
    catalog = SimpleCatalog(SimpleTable.make_minimal_schema())
    catalog.resize(len(values))
    catalog["id"] = sorted(values)
    return catalog


@given(st.lists(st.integers(0, 9)), st.integers(-1, 10), st.integers(-1, 10))
def test_places_are_those_that_counting_finds(values: list[int], lower: int, upper: int) -> None:
    catalog = sorted_by_id(values)
    assert catalog.lower_bound(lower) == sum(value < lower for value in values)
    assert catalog.upper_bound(lower) == sum(value <= lower for value in values)
    equal = catalog[catalog.equal_range(lower)]
    assert [record.id for record in equal] == [lower] * values.count(lower)
    between = catalog[catalog.between(lower, upper)]
    expected = [value for value in sorted(values) if lower <= value <= upper]
    assert [record.id for record in between] == expected


def test_other_fields_are_searched_too() -> None:
    catalog = sorted_by_id([1, 2, 3])
    catalog["coord_ra"] = [0.5, 1.5, 2.5]
    assert catalog.lower_bound(1.0, "coord_ra") == 1
    assert catalog.between(1.0, 9.0, catalog.schema.find("coord_ra").key) == slice(1, 3, 1)


def test_catalog_that_is_not_sorted_is_refused() -> None:
    catalog = sorted_by_id([1, 2, 3])[np.array([1, 0])]
    with pytest.raises(ParameterValueError, match=r"catalog.sort\('id'\)"):
        catalog.lower_bound(1)
