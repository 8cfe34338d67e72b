"""What catalogs refuse: no value is changed or lost without an error."""

from __future__ import annotations

from threading import Barrier, Thread

import astropy.units as u
import numpy as np
import pytest

from imaging.errors import (
    FootprintError,
    ImagingError,
    ParameterTypeError,
    ParameterValueError,
    SchemaError,
)
from imaging.footprint.footprint import Footprint
from imaging.footprint.span import Span
from imaging.table.attachments import Attachments
from imaging.table.catalog import BaseCatalog
from imaging.table.schemas.aliases import AliasMap
from imaging.table.schemas.fields import Field
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable


@pytest.fixture
def catalog() -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    schema.add_field("f", "F")
    schema.add_field("arr", "ArrayF", size=3)
    schema.add_field("text", "String", size=4)
    schema.add_field("length", "D", units="m")
    catalog = SourceCatalog(schema)
    catalog.resize(3)
    catalog["f"] = 0.0
    catalog["arr"] = 0.0
    return catalog


def test_masked_values_are_refused(catalog: SourceCatalog) -> None:
    masked = np.ma.MaskedArray([1.0, 2.0, 3.0], [False, True, False])
    with pytest.raises(ParameterValueError, match="filled"):
        catalog["f"] = masked
    with pytest.raises(ParameterValueError, match="masked"):
        catalog[0].set("f", np.ma.masked)
    catalog["f"] = masked.filled(7)
    assert catalog["f"].tolist() == [1, 7, 3]
    catalog["f"] = np.ma.MaskedArray([4.0, 5.0, 6.0])
    assert catalog["f"].tolist() == [4, 5, 6]


def test_masked_arrays_become_nan_or_are_refused() -> None:
    made = BaseCatalog.from_arrays({"a": np.ma.MaskedArray([1.0, 2.0], [False, True])})
    np.testing.assert_array_equal(made["a"], [1.0, np.nan])
    with pytest.raises(SchemaError, match="masked"):
        BaseCatalog.from_arrays({"a": np.ma.MaskedArray([1, 2], [False, True])})


def test_units_are_kept_converted_or_refused(catalog: SourceCatalog) -> None:
    made = BaseCatalog.from_arrays({"a": [1.0, 2.0] * u.km})
    assert made.schema.find("a").field.units == "km"
    catalog["length"] = [1, 2, 3] * u.km
    assert catalog["length"].tolist() == [1000, 2000, 3000]
    with pytest.raises(ImagingError, match="'f' of type F"):
        catalog["f"] = [1, 2, 3] * u.km  # the field has no unit
    with pytest.raises(ImagingError, match="'length' of type D"):
        catalog["length"] = [1, 2, 3] * u.s


@pytest.mark.parametrize("value", [1e300, -1e39])
def test_numbers_that_would_become_infinite_are_refused(
    catalog: SourceCatalog, value: float
) -> None:
    for name, wrong in ("f", value), ("arr", [value, 0, 0]), ("f", np.float64(value)):
        with pytest.raises(ParameterValueError, match=r"up to 3\.402823e\+38"):
            catalog[0].set(name, wrong)
    with pytest.raises(ParameterValueError, match="up to"):
        catalog["f"] = [value, 0, 0]
    assert not catalog["f"].any()
    assert not catalog["arr"].any()
    for fine in (np.inf, -np.inf, np.nan, 3.4028234663852886e38):
        catalog[0].set("f", fine)
        np.testing.assert_equal(catalog[0].get("f"), fine)


def test_bytes_that_are_no_utf8_are_refused_but_those_of_files_shown() -> None:
    schema = Schema([Field("text", "String", size=4)])
    catalog = BaseCatalog(schema)
    catalog.resize(2)
    with pytest.raises(ParameterValueError, match="utf-8"):
        catalog[0].set("text", b"\xff\xfe")
    catalog["text"] = ["é", b"ab".decode()]
    catalog.table.array["text"][0] = b"\xe9t"
    assert catalog["text"].tolist() == ["\N{REPLACEMENT CHARACTER}t", "ab"]
    assert catalog[0].get("text") == "\N{REPLACEMENT CHARACTER}t"
    assert "ab" in repr(catalog)
    assert catalog.to_astropy()["text"][1] == "ab"
    other = BaseCatalog(schema)
    other.extend(catalog)
    other.append(catalog[0])
    assert other.table.array["text"].tolist() == [b"\xe9t", b"ab", b"\xe9t"]


@pytest.mark.parametrize("alias", ["a:b", "é", " a", "a\n"])
def test_aliases_that_files_would_change_are_refused(alias: str) -> None:
    with pytest.raises(SchemaError, match="alias"):
        AliasMap()[alias] = "id"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "ab "}, {"name": " ab"}, {"name": "é"}, {"doc": "größer"}, {"doc": "a\nb"},
        {"units": "µm"},
    ],
)  # fmt: skip
def test_fields_that_files_cannot_hold_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SchemaError, match=r"Field|name of field"):
        Schema().add_field(**{"name": "a", "type": "D", **wrong})


@pytest.mark.parametrize(("kind", "size"), [("ArrayD", 10**10), ("String", 2**31)])
def test_fields_too_large_for_memory_are_refused(kind: str, size: int) -> None:
    with pytest.raises(SchemaError, match="give one from 1 to"):
        Field("a", kind, size=size)


def test_records_too_large_for_memory_are_refused() -> None:
    schema = Schema(Field(name, "ArrayD", size=2**27) for name in ("a", "b"))
    with pytest.raises(SchemaError, match="too large"):
        BaseCatalog(schema)


@pytest.mark.parametrize("count", [10**12, 2**31, -1, 1.5, "3", None])
def test_sizes_that_are_not_possible_are_refused(catalog: SourceCatalog, count: object) -> None:
    with pytest.raises((ParameterValueError, ParameterTypeError), match="record"):
        catalog.resize(count)
    assert len(catalog) == 3


def test_only_records_are_appended(catalog: SourceCatalog) -> None:
    for call in (
        lambda: catalog.append(3),
        lambda: catalog.extend(None),
        lambda: catalog.extend([3]),
        lambda: catalog[0].assign("abc"),
    ):
        with pytest.raises(ParameterTypeError):
            call()
    assert len(catalog) == len(catalog.table) == 3


def test_record_with_other_fields_leaves_no_row_behind(catalog: SourceCatalog) -> None:
    other = SourceCatalog(SourceTable.make_minimal_schema())
    with pytest.raises(SchemaError, match="differ"):
        catalog.append(other.add_new())
    with pytest.raises(SchemaError, match="differ"):
        catalog.extend(other)
    assert len(catalog.table) == 3


def test_arrays_have_no_order(catalog: SourceCatalog) -> None:
    for call in (
        lambda: catalog.sort("arr"),
        lambda: catalog.is_sorted("arr"),
        lambda: catalog.find(3, "arr"),
    ):
        with pytest.raises(ParameterTypeError, match="'arr'"):
            call()
    with pytest.raises(ParameterValueError, match="2 dimensions"):
        catalog[np.zeros((2, 2), int)]


@pytest.mark.parametrize("footprint", ["abc", 3])
def test_footprints_are_nothing_else(catalog: SourceCatalog, footprint: object) -> None:
    with pytest.raises(ParameterTypeError, match="Footprint"):
        catalog[0].footprint = footprint
    assert catalog[0].footprint is None


def test_spans_end_where_they_begin_or_later() -> None:
    assert Span(1, 5, 5).width == 1
    with pytest.raises(FootprintError, match="ends before"):
        Span(1, 5, 4)


class Slow:
    """A source of footprints that gives a new object each time it is asked."""

    def __len__(self) -> int:
        return 1

    def get(self, row: int) -> Footprint:
        return Footprint([Span(row, n, n) for n in range(0, 4000, 2)])


def test_threads_are_given_the_same_footprint() -> None:
    loads = []

    def load() -> Slow:
        loads.append(1)
        return Slow()

    attachments = Attachments(1, load)
    begin = Barrier(8)
    found = []

    def ask() -> None:
        begin.wait()
        found.append(attachments.get(1))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(footprint) for footprint in found}) == 1
    assert len(loads) == 1
