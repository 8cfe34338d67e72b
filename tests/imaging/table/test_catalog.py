"""Catalogs give columns, records and parts of themselves, all of the same memory."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import (
    FieldNotFoundError,
    NotContiguousError,
    ParameterTypeError,
    ParameterValueError,
    SchemaError,
)
from imaging.footprint.footprint import Footprint
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.table.ids import IdFactory
from imaging.table.schemas.mapping import SchemaMapper
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog
from imaging.table.table import SimpleTable, SourceTable

if TYPE_CHECKING:
    from imaging.table.schemas.schema import Schema


def make_schema() -> Schema:
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "s_xx", "s_yy", "s_xy"):
        schema.add_field(name, "D", "position", "pixel")
    schema.add_field("f_instFlux", "D", "flux", "count")
    schema.add_field("n", "I")
    for number in range(11):
        schema.add_field(f"flag_{number}", "Flag")
    schema.add_field("name", "String", size=6)
    schema.add_field("spectrum", "ArrayF", size=3)
    schema.define_centroid("c")
    schema.define_shape("s")
    schema.define_psf_flux("f")
    return schema


@pytest.fixture
def catalog() -> SourceCatalog:
    catalog = SourceCatalog(make_schema())
    catalog.resize(6)
    catalog["id"] = [10, 11, 12, 13, 14, 15]
    catalog["parent"] = [0, 0, 11, 10, 11, 0]
    catalog["f_instFlux"] = [5.0, 3.0, 4.0, 1.0, 2.0, np.nan]
    catalog["c_x"] = np.arange(6.0)
    catalog["c_y"] = 7.0
    return catalog


def make_footprint(x: int) -> Footprint:
    return Footprint(Box(Point2I(x, 2), Extent2I(3, 4)))


def test_new_record_has_no_values_yet() -> None:
    record = SourceCatalog(make_schema()).add_new()
    assert (record.id, record.parent, record["n"]) == (1, 0, 0)
    assert np.isnan(record["c_x"])
    assert np.isnan(record["spectrum"]).all()
    assert record["name"] == ""
    assert record["flag_10"] is False
    assert record.footprint is None


def test_identifiers_count_and_carry_the_exposure() -> None:
    table = SourceTable.make(make_schema(), IdFactory.make_source(5, 20))
    assert [table.make_record().id for _ in range(2)] == [(5 << 20) + 1, (5 << 20) + 2]
    with pytest.raises(ParameterValueError, match="Reserve fewer"):
        IdFactory(1 << 40, 40)
    factory = IdFactory(1, 1)
    factory()
    with pytest.raises(ParameterValueError, match="no more"):
        factory()


def test_new_identifiers_follow_those_that_are_there(catalog: SourceCatalog) -> None:
    assert catalog.add_new().id == 16


@pytest.mark.parametrize("count", [1, 17, 300])
def test_values_survive_the_growth_of_the_table(count: int) -> None:
    catalog = SourceCatalog(make_schema())
    for number in range(count):
        record = catalog.add_new()
        record["c_x"] = float(number)
        record["flag_7"] = number % 3 == 0
    assert catalog.is_contiguous
    assert catalog["id"].tolist() == list(range(1, count + 1))
    assert catalog["c_x"].tolist() == list(range(count))
    assert catalog["flag_7"].tolist() == [number % 3 == 0 for number in range(count)]


def test_record_taken_before_the_table_grew_still_writes_to_it() -> None:
    catalog = SourceCatalog(make_schema())
    first = catalog.add_new()
    for _ in range(100):
        catalog.add_new()
    first.set("c_x", 4.5)
    assert catalog["c_x"][0] == 4.5


def test_columns_are_views_and_flags_and_texts_copies(catalog: SourceCatalog) -> None:
    catalog["c_x"][2] = 99.0
    assert catalog[2].x == 99.0
    catalog["flag_3"][:] = True
    assert not catalog["flag_3"].any()
    catalog["name"] = ["a", "bé", "", "d", "e", "f"]
    assert catalog["name"].tolist() == ["a", "bé", "", "d", "e", "f"]
    assert catalog[1]["name"] == "bé"


def test_columns_are_found_by_key_alias_and_old_spelling(catalog: SourceCatalog) -> None:
    key = catalog.schema.find("f_instFlux").key
    for name in ("f_instFlux", key, "slot_PsfFlux_instFlux", "f_flux", "slot_PsfFlux_flux"):
        assert np.shares_memory(catalog[name], catalog.table.array)
        assert catalog[name][0] == 5.0
        assert catalog[0].get(name) == 5.0


def test_values_of_records_are_pythons(catalog: SourceCatalog) -> None:
    record = catalog[0]
    assert type(record["id"]) is int
    assert type(record["c_x"]) is float
    assert type(record["flag_0"]) is bool
    assert type(record["name"]) is str


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), max_size=30))
def test_flags_do_not_disturb_each_other(changes: list[tuple[int, bool]]) -> None:
    catalog = SourceCatalog(make_schema())
    catalog.resize(2)
    wanted = [False] * 11
    for number, value in changes:
        wanted[number] = value
        catalog[1].set(f"flag_{number}", value)
    assert [catalog[1].get(f"flag_{number}") for number in range(11)] == wanted
    assert [bool(catalog[f"flag_{number}"][1]) for number in range(11)] == wanted
    assert not any(catalog[0].get(f"flag_{number}") for number in range(11))


@given(st.lists(st.booleans(), min_size=6, max_size=6), st.integers(0, 10))
def test_flag_column_that_is_written_is_read(values: list[bool], number: int) -> None:
    catalog = SourceCatalog(make_schema())
    catalog.resize(6)
    catalog[f"flag_{number}"] = np.array(values)
    assert catalog[f"flag_{number}"].tolist() == values
    others = [other for other in range(11) if other != number]
    assert not any(catalog[f"flag_{other}"].any() for other in others)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("n", 1.5, ParameterTypeError),
        ("n", float("nan"), ParameterTypeError),
        ("n", 2**31, ParameterValueError),
        ("n", "1", ParameterTypeError),
        ("id", 2**63, ParameterValueError),
        ("c_x", "1.5", ParameterTypeError),
        ("c_x", None, ParameterTypeError),
        ("flag_0", 2, ParameterTypeError),
        ("flag_0", 0.0, ParameterTypeError),
        ("name", "too long", ParameterValueError),
        ("name", "ééééé", ParameterValueError),
        ("name", 5, ParameterTypeError),
        ("spectrum", [1.0, 2.0], ParameterValueError),
        ("spectrum", ["a", "b", "c"], ParameterTypeError),
    ],
)
def test_values_that_do_not_fit_are_refused_and_change_nothing(
    catalog: SourceCatalog, name: str, value: object, error: type[Exception]
) -> None:
    before = catalog.table.array.tobytes()
    with pytest.raises(error, match=name):
        catalog[0].set(name, value)  # type: ignore[arg-type]
    with pytest.raises(error, match=name):
        catalog[name] = value if name == "spectrum" else [value] * 6
    assert catalog.table.array.tobytes() == before


def test_numpy_scalars_and_quantities_are_taken(catalog: SourceCatalog) -> None:
    record = catalog[0]
    record["n"] = np.int64(7)
    record["c_x"] = np.float32(1.5)
    record["flag_2"] = np.bool_(True)
    record["coord_ra"] = 180 * units.deg
    assert (record["n"], record["c_x"], record["flag_2"]) == (7, 1.5, True)
    assert record.ra == pytest.approx(np.pi, rel=1e-15)
    catalog["coord_dec"] = np.full(6, 90) * units.deg
    assert catalog["coord_dec"] == pytest.approx(np.full(6, np.pi / 2), rel=1e-15)


def test_column_of_another_length_is_refused(catalog: SourceCatalog) -> None:
    with pytest.raises(ParameterValueError, match="c_x"):
        catalog["c_x"] = np.zeros(5)


def test_slice_is_a_view_of_the_same_records(catalog: SourceCatalog) -> None:
    part = catalog[2:5]
    assert part["id"].tolist() == [12, 13, 14]
    part["c_y"][0] = 1.0
    assert catalog[2].y == 1.0
    assert part[0] == catalog[2]
    assert catalog[-1].id == 15
    assert catalog[::-2]["id"].tolist() == [15, 13, 11]
    assert catalog[::-1]["id"].tolist() == [15, 14, 13, 12, 11, 10]


def test_scattered_records_have_no_columns_until_they_are_copied(catalog: SourceCatalog) -> None:
    part = catalog[catalog["f_instFlux"] > 2.5]
    assert part.is_contiguous  # the first three
    part = catalog[np.array([True, False, True, False, False, True])]
    assert not part.is_contiguous
    assert [record.id for record in part] == [10, 12, 15]
    with pytest.raises(NotContiguousError, match=r"copy\(deep=True\)"):
        part["id"]
    with pytest.raises(NotContiguousError):
        part.columns  # noqa: B018 - the property raises
    copy = part.copy(deep=True)
    assert copy["id"].tolist() == [10, 12, 15]
    copy["id"] = 1
    assert catalog["id"].tolist() == [10, 11, 12, 13, 14, 15]


def test_columns_of_scattered_records_can_be_written(catalog: SourceCatalog) -> None:
    part = catalog[np.array([3, 0])]
    part["c_y"] = [1.0, 2.0]
    part["flag_9"] = [True, False]
    assert catalog["c_y"].tolist() == [2.0, 7.0, 7.0, 1.0, 7.0, 7.0]
    assert catalog["flag_9"].tolist() == [False, False, False, True, False, False]


def test_masks_and_places_that_do_not_exist_are_refused(catalog: SourceCatalog) -> None:
    with pytest.raises(ParameterValueError, match="5 booleans for 6"):
        catalog[np.ones(5, bool)]
    with pytest.raises(IndexError, match="7"):
        catalog[np.array([1, 7])]
    with pytest.raises(IndexError, match="6"):
        catalog[6]
    with pytest.raises(ParameterTypeError):
        catalog[1.5]  # type: ignore[call-overload]
    with pytest.raises(FieldNotFoundError, match="make the table again"):
        catalog["nothing"]


def test_children_are_found_whatever_the_order(catalog: SourceCatalog) -> None:
    assert [child.id for child in catalog.get_children(11)] == [12, 14]
    assert [child.id for child in catalog.get_children(0)] == [10, 11, 15]
    assert len(catalog.get_children(99)) == 0
    children, names, numbers = catalog.get_children(11, list("abcdef"), np.arange(6))
    assert [child.id for child in children] == [12, 14]
    assert names == ["c", "e"]
    assert numbers.tolist() == [2, 4]
    several = catalog.get_children(catalog.get_children(0))
    assert [[child.id for child in part] for part in several] == [[13], [12, 14], []]
    with pytest.raises(ParameterValueError, match="5 values for 6"):
        catalog.get_children(0, list("abcde"))


@given(st.lists(st.integers(0, 4), max_size=30), st.permutations(range(5)))
def test_children_of_all_parents_are_those_of_each(parents: list[int], asked: list[int]) -> None:
    catalog = SourceCatalog(make_schema())
    catalog.resize(len(parents))
    catalog["parent"] = np.array(parents, int)
    catalog["id"] = np.arange(len(parents))
    together = [[child.id for child in part] for part in catalog.get_children(asked)]
    singly = [[child.id for child in catalog.get_children(parent)] for parent in asked]
    oracle = [[n for n, parent in enumerate(parents) if parent == one] for one in asked]
    assert together == singly == oracle


def test_records_are_found_and_sorted(catalog: SourceCatalog) -> None:
    found = catalog.find(13)
    assert found is not None
    assert found == catalog[3]
    assert catalog.find(99) is None
    assert catalog.is_sorted()
    assert not catalog.is_sorted("f_instFlux")
    catalog.sort("f_instFlux")
    assert [record.id for record in catalog] == [13, 14, 11, 12, 10, 15]  # NaN last
    assert not catalog.is_contiguous
    assert catalog.copy(deep=True)["id"].tolist() == [13, 14, 11, 12, 10, 15]


def test_sort_keeps_the_order_of_equal_records(catalog: SourceCatalog) -> None:
    catalog.sort("parent")
    assert [record.id for record in catalog] == [10, 11, 15, 13, 12, 14]


def test_appended_record_of_the_same_table_is_shared(catalog: SourceCatalog) -> None:
    other = SourceCatalog(catalog.table)
    other.append(catalog[1])
    other.append(catalog[4])
    other.append(catalog[2])
    assert [record.id for record in other] == [11, 14, 12]
    other[1].set("c_x", -1.0)
    assert catalog[4].x == -1.0


def test_record_of_another_table_is_copied(catalog: SourceCatalog) -> None:
    other = SourceCatalog(make_schema())
    catalog[2].footprint = make_footprint(5)
    other.append(catalog[2])
    assert other[0].id == 12
    assert other[0].footprint is catalog[2].footprint
    other[0].set("c_x", -1.0)
    assert catalog[2].x == 2.0


def test_extend_copies_all_columns_and_footprints(catalog: SourceCatalog) -> None:
    catalog["flag_8"] = np.arange(6) % 2 == 0
    catalog["name"] = list("abcdef")
    catalog[1].footprint = make_footprint(1)
    other = SourceCatalog(make_schema())
    other.add_new()
    other.extend(catalog[::2])
    other.extend(catalog[1:2])
    assert other["id"].tolist() == [1, 10, 12, 14, 11]
    assert other["flag_8"].tolist() == [False, True, True, True, False]
    assert other["name"].tolist() == ["", "a", "c", "e", "b"]
    assert other[4].footprint is catalog[1].footprint
    assert other[1].footprint is None
    catalog.extend(catalog[:1])
    assert catalog[6] == catalog[0]
    catalog.extend(catalog[:1], deep=True)
    assert catalog[7] != catalog[0]
    assert catalog[7].id == 10


def test_other_fields_need_a_mapper(catalog: SourceCatalog) -> None:
    mapper = SchemaMapper(catalog.schema)
    mapper.add_minimal_schema(SourceTable.make_minimal_schema())
    mapper.add_mapping("slot_PsfFlux_instFlux", "flux")
    mapper.output_schema.add_field("more", "F")
    other = SourceCatalog(mapper.output_schema)
    with pytest.raises(SchemaError, match="SchemaMapper"):
        other.extend(catalog)
    with pytest.raises(SchemaError, match="SchemaMapper"):
        other.append(catalog[0])
    assert len(other) == 0
    assert len(other.table) == 0
    other.extend(catalog, mapper=mapper)
    other.append(catalog[0], mapper)
    assert other["id"].tolist() == [10, 11, 12, 13, 14, 15, 10]
    assert other["flux"][:3].tolist() == [5.0, 3.0, 4.0]
    assert np.isnan(other["more"]).all()


def test_resize_drops_and_adds(catalog: SourceCatalog) -> None:
    catalog.resize(2)
    assert catalog["id"].tolist() == [10, 11]
    catalog.reserve(50)
    assert len(catalog) == 2


def test_footprint_belongs_to_the_record_wherever_it_goes(catalog: SourceCatalog) -> None:
    first, second = make_footprint(0), make_footprint(9)
    catalog[0].footprint, catalog[4].footprint = first, second
    assert catalog[0].footprint is first
    assert catalog[4:][0].footprint is second
    catalog.sort("f_instFlux")
    assert [record.footprint for record in catalog][1] is second
    copy = catalog.copy(deep=True)
    assert copy[4].footprint is first
    copy[4].footprint = None
    assert copy[4].footprint is None
    assert catalog[4].footprint is first
    for _ in range(40):
        catalog.add_new()
    assert catalog[4].footprint is first
    assert catalog[45].footprint is None


def test_slots_are_read_of_records_and_catalogs(catalog: SourceCatalog) -> None:
    record = catalog[3]
    record["s_xx"], record["s_yy"], record["s_xy"] = 4.0, 9.0, 1.0
    assert record.centroid == Point2D(3.0, 7.0)
    assert (record.shape.ixx, record.shape.iyy, record.shape.ixy) == (4.0, 9.0, 1.0)
    assert record.psf_flux == 1.0
    assert catalog.x.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert catalog.psf_flux[:3].tolist() == [5.0, 3.0, 4.0]
    with pytest.raises(FieldNotFoundError, match="slot_ApFlux_instFlux"):
        record.ap_flux  # noqa: B018 - the property raises
    catalog.define_ap_flux("f")
    assert record.ap_flux == 1.0


def test_positions_on_the_sky(catalog: SourceCatalog) -> None:
    record = catalog[0]
    record.coord = SkyCoord(10, -20, unit="deg")
    assert record.coord.ra.deg == pytest.approx(10, rel=1e-14)
    assert record.dec == pytest.approx(np.radians(-20), rel=1e-14)
    assert catalog[:1].coord.dec.deg == pytest.approx([-20], rel=1e-14)


def test_extract_gives_values_and_columns(catalog: SourceCatalog) -> None:
    assert catalog[1].extract("c_*", "slot_PsfFlux_*") == {
        "c_x": 1.0,
        "c_y": 7.0,
        "slot_PsfFlux_instFlux": 3.0,
    }
    columns = catalog.extract("c_*")
    assert list(columns) == ["c_x", "c_y"]
    assert np.shares_memory(columns["c_x"], catalog.table.array)
    assert set(catalog.columns) == set(catalog.schema.names)
    assert catalog.columns["slot_Centroid_x"].tolist() == catalog.x.tolist()


def test_catalog_is_shown_in_lines_and_in_a_notebook(catalog: SourceCatalog) -> None:
    assert "id" in str(catalog).splitlines()[0]
    assert "6 records and" in str(catalog)
    assert max(map(len, str(catalog).splitlines())) <= 100
    assert repr(catalog).startswith("<SourceCatalog: 6 records>")
    catalog["name"] = "<b>"
    html = catalog._repr_html_()
    assert html.count("<tr>") == 7
    assert "&lt;b&gt;" in html
    catalog.resize(500)
    assert "..." in str(catalog)
    assert "500 records" in str(catalog)
    assert "0 records" in str(catalog[:0])
    assert "c_x: 1.0" in repr(catalog[1])


def test_catalog_survives_pickling(catalog: SourceCatalog) -> None:
    catalog[2].footprint = make_footprint(3)
    catalog["flag_4"] = True
    part = pickle.loads(pickle.dumps(catalog[np.array([2, 0])]))
    assert [record.id for record in part] == [12, 10]
    assert all(record["flag_4"] for record in part)
    assert part[0].footprint.area == 12
    part.add_new()
    assert len(part) == 3


def test_minimal_schema_is_required() -> None:
    with pytest.raises(SchemaError, match="'parent'"):
        SourceCatalog(SimpleTable.make_minimal_schema())
    assert len(SimpleCatalog(SimpleTable.make_minimal_schema())) == 0
    with pytest.raises(ParameterTypeError, match="Schema or a SourceTable"):
        SourceCatalog([1, 2])  # type: ignore[arg-type]


def test_name_of_the_packed_column_is_refused() -> None:
    schema = make_schema()
    schema.add_field("flags", "I")
    with pytest.raises(SchemaError, match="'flags'"):
        SourceCatalog(schema)


@given(
    st.lists(st.integers(0, 9), max_size=12),
    st.slices(12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_parts_of_parts_list_what_lists_of_python_do(
    places: list[int], part: slice, mask: list[bool]
) -> None:
    catalog = SourceCatalog(make_schema())
    catalog.resize(10)
    catalog["id"] = np.arange(10)
    chosen = catalog[np.array(places, int)]
    assert [record.id for record in chosen] == places
    assert [record.id for record in chosen[part]] == places[part]
    kept = np.array(mask[: len(places)], bool)
    assert [record.id for record in chosen[kept]] == [
        place for place, keep in zip(places, mask, strict=False) if keep
    ]
    assert chosen.copy(deep=True)["id"].tolist() == places
