"""Gen2 spellings give what the names of this package give, also when those are overridden."""

from __future__ import annotations

import inspect
import math
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from imaging.errors import NotContiguousError, ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.footprint.footprint import Footprint
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.sky.angle import degrees
from imaging.sky.sphere_point import SpherePoint
from imaging.table import gen2_names
from imaging.table.column_view import Columns
from imaging.table.ids import IdFactory
from imaging.table.read_flags import NO_FOOTPRINTS, NO_HEAVY_FOOTPRINTS
from imaging.table.record import SourceRecord
from imaging.table.schemas import gen2_names as schema_names
from imaging.table.schemas.aliases import AliasMap
from imaging.table.schemas.fields import Field, SchemaEntry
from imaging.table.schemas.mapping import SchemaMapper
from imaging.table.schemas.schema import Schema, SubSchema
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from imaging.wcs.wcs import make_cd_matrix, make_tan_wcs

if TYPE_CHECKING:
    from pathlib import Path

FLUXES = {"Psf": "psf", "Ap": "ap", "Gaussian": "gaussian", "Model": "model", "Calib": "calib"}
SLOTS = {"getX": "x", "getY": "y", "getCentroidFlag": "centroid_flag", "getShapeFlag": "shape_flag"}
SLOTS |= {f"getI{axes}": f"i{axes}" for axes in ("xx", "yy", "xy")}
DEFINITIONS = {"defineCentroid": "define_centroid", "defineShape": "define_shape"}
for old, new in FLUXES.items():
    SLOTS |= {f"get{old}InstFlux": f"{new}_flux", f"get{old}Flux": f"{new}_flux"}
    SLOTS |= {f"get{old}InstFluxErr": f"{new}_flux_err", f"get{old}FluxErr": f"{new}_flux_err"}
    SLOTS |= {f"get{old}FluxFlag": f"{new}_flux_flag"}
    DEFINITIONS |= {f"define{old}Flux": f"define_{new}_flux"}

SAME = {
    Field: {
        "getName": "name",
        "getTypeString": "type",
        "getDoc": "doc",
        "getUnits": "units",
        "getElementCount": "element_count",
        "getSize": "element_count",
        "copyRenamed": "renamed",
    },
    SchemaEntry: {"getKey": "key", "getField": "field"},
    AliasMap: {"set": "__setitem__", "erase": "pop"},
    Schema: {
        **DEFINITIONS,
        "addField": "add_field",
        "getNames": "get_names",
        "getOrderedNames": "get_ordered_names",
        "getFieldCount": "__len__",
        "getFlagFieldCount": "flag_names",
        "getNonFlagFieldCount": "flag_names",
        "getAliasMap": "aliases",
        "setAliasMap": "set_aliases",
    },
    SubSchema: {"asKey": "as_key", "asField": "as_field", "getPrefix": "prefix"},
    SchemaMapper: {
        "getInputSchema": "input_schema",
        "getOutputSchema": "output_schema",
        "editOutputSchema": "output_schema",
        "addMinimalSchema": "add_minimal_schema",
        "addOutputField": "add_output_field",
        "addMapping": "add_mapping",
    },
    IdFactory: {"makeSimple": "make_simple", "makeSource": "make_source"},
    SourceTable: {
        **DEFINITIONS,
        "makeMinimalSchema": "make_minimal_schema",
        "checkSchema": "check_schema",
        "getIdKey": "field_key",
        "getParentKey": "field_key",
        "getSchema": "schema",
        "makeRecord": "make_record",
        "copyRecord": "copy_record",
        "getIdFactory": "id_factory",
        "getMetadata": "metadata",
        "setMetadata": "metadata",
    },
    SourceRecord: {
        **SLOTS,
        "getSchema": "schema",
        "getTable": "table",
        **{
            f"{verb}{name}": name.lower() for verb in ("get", "set") for name in ("Id", "Ra", "Dec")
        },
        "getCoord": "ra",
        "setCoord": "ra",
        **{f"{verb}{name}": name.lower() for verb in ("get", "set") for name in ("Parent",)},
        **{f"{verb}{name}": name.lower() for verb in ("get", "set") for name in ("Footprint",)},
        "getCentroid": "centroid",
        "getShape": "shape",
        "updateCoord": "update_coord",
    },
    Columns: SLOTS,
    SourceCatalog: {
        **SLOTS,
        **DEFINITIONS,
        "getSchema": "schema",
        "getTable": "table",
        "getColumnView": "columns",
        "isContiguous": "is_contiguous",
        "addNew": "add_new",
        "getMetadata": "metadata",
        "setMetadata": "metadata",
        "asAstropy": "to_astropy",
        "readFits": "read_fits",
        "writeFits": "write_fits",
        "isSorted": "is_sorted",
        "getChildren": "get_children",
    },
}
ARGUMENTS = {
    "copyRenamed": ("other",),
    "set": ("a", "b"),
    "erase": ("a",),
    "addField": ("a", "D"),
    "setAliasMap": ({},),
    "setCoord": (SpherePoint(),),
    "addMinimalSchema": (Schema(),),
    "addOutputField": (Field("a", "D"),),
    "addMapping": ("id",),
    "makeSource": (1, 2),
    "checkSchema": (Schema(),),
    "copyRecord": (None,),
    "updateCoord": ("wcs",),
    "readFits": ("a",),
    "writeFits": ("a",),
    "getChildren": (0,),
}
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]


def mixins() -> list[type]:
    found = [getattr(gen2_names, name) for name in gen2_names.__all__]
    return found + [getattr(schema_names, name) for name in schema_names.__all__]


@pytest.mark.parametrize("mixin", mixins())
def test_every_gen2_name_is_in_the_table_of_this_test(mixin: type) -> None:
    names = {name for name in vars(mixin) if not name.startswith("_")}
    users = [kind for kind in SAME if issubclass(kind, mixin)]
    assert users
    assert all(names <= set(SAME[kind]) for kind in users)


@pytest.mark.parametrize("kind", SAME)
def test_every_name_in_the_table_of_this_test_is_a_gen2_name(kind: type) -> None:
    known = {name for mixin in mixins() if issubclass(kind, mixin) for name in vars(mixin)}
    assert set(SAME[kind]) <= known


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []
    original = inspect.getattr_static(kind, new, property())  # metadata is set by __init__
    is_data = isinstance(original, property) or not callable(getattr(kind, new, None))

    class Moments(float):
        ixx = iyy = ixy = 0.0

        def __len__(self) -> int:
            return 0

    def called(_: object, *args: object, **__: object) -> object:
        seen.append(args)
        return 0 if new.startswith("__") else Moments()

    if isinstance(original, classmethod):
        overridden: object = classmethod(called)
    else:
        overridden = property(called, called) if is_data else called
    subclass = type("Overridden", (kind,), {"dec": 0.0, new: overridden})
    empty = {Schema: (), SchemaEntry: (None, None)}  # those that work with nothing in them
    instance = subclass(*empty[kind]) if kind in empty else object.__new__(subclass)
    arguments = ARGUMENTS.get(old, ("value",) if old.startswith(("define", "set")) else ())
    getattr(instance, old)(*arguments)
    assert len(seen) == 1


@pytest.fixture
def catalog() -> SourceCatalog:
    schema = SourceTable.makeMinimalSchema()
    schema.addField("n", type=np.int32, doc="count", units="pixel")
    schema.addField(Field("base_x", "D"))
    schema.addField("base_y", type="D")
    for name in ("xx", "yy", "xy", "instFlux", "instFluxErr"):
        schema.addField(f"base_{name}", type=float)
    schema.addField("base_flag", type="Flag")
    schema.getAliasMap().set("slot_PsfFlux", "base")
    catalog = SourceCatalog(SourceTable.make(schema))
    catalog.defineCentroid("base")
    catalog.getTable().defineShape("base")
    for number in range(3):
        record = catalog.addNew()
        record.setId(number + 10)
        record.setParent(10 if number else 0)
        for name, value in (("x", 1.0), ("y", 2.0), ("xx", 4.0), ("yy", 9.0), ("xy", 0.5)):
            record.set(f"base_{name}", value + number)
        record.set("base_instFlux", 100.0)
    return catalog


def test_positions_are_those_of_the_stack(catalog: SourceCatalog) -> None:
    record = catalog[0]
    place = SpherePoint(10.0, 20.0, degrees)
    for given in (place, place.to_skycoord(), tuple(place)):
        record.setRa(0 * degrees)
        record.setCoord(given)
        assert record.getCoord().separation(place) < 1e-14
    assert (record.getRa().asDegrees(), record.getDec().asDegrees()) == pytest.approx((10, 20))
    record.setDec(-5 * degrees)
    assert record["coord_dec"] == record.getCoord().getDec() == -5 * degrees


def test_lines_of_the_stacks_users_work(catalog: SourceCatalog) -> None:
    record = catalog[0]
    assert (record.getId(), record.getParent(), record.getX(), record.getY()) == (10, 0, 1.0, 2.0)
    assert (record.getIxx(), record.getIyy(), record.getIxy()) == (4.0, 9.0, 0.5)
    assert record.getShape().iyy == 9.0
    assert record.getCentroid().x == 1.0
    assert record.getPsfFlux() == record.getPsfInstFlux() == 100.0
    assert [child.getId() for child in catalog.getChildren(record.getId())] == [11, 12]
    footprint = Footprint(Box(Point2I(0, 0), Extent2I(2, 2)))
    record.setFootprint(footprint)
    assert record.getFootprint() is footprint
    key = catalog.getSchema().find("n").key
    assert [one.get(key) for one in catalog] == [0, 0, 0]
    assert catalog.getSchema()["base"]["x"].asKey().name == "base_x"
    field = catalog.schema.find("n").field
    assert (field.getName(), field.getDoc(), field.getUnits()) == ("n", "count", "pixel")
    assert field.getTypeString() == "I"
    assert catalog.getX().tolist() == [1.0, 2.0, 3.0]
    assert catalog.isContiguous()
    assert catalog.copy(deep=True).getColumnView()["base_x"].tolist() == [1.0, 2.0, 3.0]
    assert catalog.asAstropy().colnames == catalog.schema.getOrderedNames()


def test_words_of_gen2_are_taken(catalog: SourceCatalog, tmp_path: Path) -> None:
    schema = Schema([Field("a_b", "D"), Field("a_c", "D")])
    assert schema.getNames(topOnly=True) == {"a"}
    schema.addField(field="a_b", type="F", doReplace=True)
    assert schema.find("a_b").field.type == "F"
    assert schema.getAliasMap().erase("nothing") is False
    mapper = SchemaMapper(catalog.schema)
    mapper.addMinimalSchema(SourceTable.makeMinimalSchema(), doMap=True)
    mapper.addMapping("n", outputName="m", doReplace=False)
    assert "m" in mapper.getOutputSchema()
    assert IdFactory.makeSource(expId=1, reserved=8)() == 257
    path = str(tmp_path / "a.fits")
    catalog.setMetadata(Metadata({"A": 1}))
    catalog.writeFits(path)
    assert SourceCatalog.readFits(path).getMetadata()["A"] == 1
    assert catalog.asAstropy(copy=True)["n"].tolist() == [0, 0, 0]


def test_entries_of_a_schema_give_key_and_field(catalog: SourceCatalog) -> None:
    entry = catalog.schema.find("n")
    assert entry.getKey() is entry.key
    assert entry.getField() is entry.field
    key, field = pickle.loads(pickle.dumps(entry))
    assert (key, field) == entry
    assert SourceTable.getIdKey() is catalog.schema.find("id").key
    assert catalog.getTable().getParentKey() is catalog.schema.find("parent").key
    assert catalog.schema.getFlagFieldCount() == 1
    assert catalog.schema.getNonFlagFieldCount() == len(catalog.schema) - 1


def test_catalogs_and_their_columns_give_moments(catalog: SourceCatalog) -> None:
    assert catalog.getIxx().tolist() == [4, 5, 6]
    columns = catalog.getColumnView()
    assert columns.getIyy().tolist() == [9, 10, 11]
    assert columns.getX().tolist() == [1, 2, 3]
    assert columns.getPsfInstFlux().tolist() == [100, 100, 100]
    assert columns.getPsfFluxFlag().tolist() == [False] * 3


def test_slots_of_a_scattered_catalog_say_what_to_do(catalog: SourceCatalog) -> None:
    scattered = catalog[np.array([0, 2])]
    for get in (scattered.getX, scattered.getIxx, scattered.getPsfInstFlux, scattered.getShapeFlag):
        with pytest.raises(NotContiguousError, match=r"copy\(deep=True\)"):
            get()
    assert scattered.copy(deep=True).getX().tolist() == [1, 3]


def test_catalogs_are_read_without_footprints_when_the_flags_say_so(
    catalog: SourceCatalog, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.fits")
    catalog[1].setFootprint(Footprint(Box(Point2I(0, 0), Extent2I(2, 2))))
    catalog.writeFits(path)
    assert SourceCatalog.readFits(path, flags=NO_FOOTPRINTS)[1].getFootprint() is None
    assert SourceCatalog.readFits(path, flags=NO_HEAVY_FOOTPRINTS)[1].getFootprint() is not None


def test_tables_of_astropy_are_of_the_class_that_is_asked_for(catalog: SourceCatalog) -> None:
    table = catalog.asAstropy(QTable, copy=True, unviewable="skip")
    assert type(table) is QTable
    assert "base_flag" not in table.colnames
    assert "n" in table.colnames
    with pytest.raises(ParameterValueError, match="unviewable='copy'"):
        catalog.asAstropy(unviewable="raise")
    with pytest.raises(ParameterValueError, match="'view' is none of"):
        catalog.to_astropy(unviewable="view")  # type: ignore[arg-type]


def test_positions_follow_from_the_wcs(catalog: SourceCatalog) -> None:
    wcs = make_tan_wcs(SkyCoord(150, 2, unit="deg"), Point2D(1, 2), make_cd_matrix(0.2))
    catalog.update_coords(wcs)
    for record in catalog:
        ra, dec = wcs.pixel_to_sky(record.x, record.y)
        assert (record.ra, record.dec) == (math.radians(ra), math.radians(dec))
        record.ra = 0
        record.updateCoord(wcs)
        assert record.ra == math.radians(ra)
