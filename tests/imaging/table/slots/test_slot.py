"""Slots give the keys of what they stand for, also by their Gen2 names."""

from __future__ import annotations

import pytest

from imaging import Point2D, Quadrupole, SourceTable
from imaging.errors import FieldNotFoundError, ParameterValueError
from imaging.table.slots.slot import PointKey, ShapeKey, Slot
from imaging.table.source_catalog import SourceCatalog

NAMES = "Centroid", "Shape", "PsfFlux", "ApFlux", "GaussianFlux", "ModelFlux", "CalibFlux"


@pytest.fixture
def catalog() -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    for name in ("x", "y", "xx", "yy", "xy", "instFlux"):
        schema.add_field(f"m_{name}", "D")
        schema.add_field(f"m_{name}Err", "D")
    schema.add_field("m_flag", "Flag")
    catalog = SourceCatalog(schema)
    for name in NAMES:
        catalog.aliases[f"slot_{name}"] = "m"
    return catalog


def test_slot_of_a_flux_gives_its_keys(catalog: SourceCatalog) -> None:
    slot = catalog.get_slot("PsfFlux")
    assert slot.is_valid
    assert slot.definition == "m"
    assert slot.measurement_key is catalog.schema.find("m_instFlux").key
    assert slot.error_key is catalog.schema.find("m_instFluxErr").key
    assert slot.flag_key is catalog.schema.find("m_flag").key


def test_positions_and_shapes_are_read_by_their_keys(catalog: SourceCatalog) -> None:
    record = catalog.add_new()
    for name, value in (("x", 1), ("y", 2), ("xx", 4), ("yy", 3), ("xy", 0.5)):
        record[f"m_{name}"] = value
    position = catalog.get_slot("Centroid").measurement_key
    assert isinstance(position, PointKey)
    assert position.get(record) == Point2D(1, 2)
    assert [record[key] for key in (position.getX(), position.getY())] == [1, 2]
    shape = catalog.get_slot("Shape").measurement_key
    assert isinstance(shape, ShapeKey)
    assert shape.get(record) == Quadrupole(4, 3, 0.5)
    assert [record[key] for key in (shape.getIxx(), shape.getIyy(), shape.getIxy())] == [4, 3, 0.5]


def test_slot_that_is_not_defined_is_not_valid(catalog: SourceCatalog) -> None:
    catalog.aliases.clear()
    slot = catalog.get_slot("Centroid")
    assert not slot.is_valid
    assert slot.definition == ""
    with pytest.raises(FieldNotFoundError, match="slot_Centroid_x"):
        _ = slot.measurement_key


def test_slot_that_does_not_exist_is_refused(catalog: SourceCatalog) -> None:
    with pytest.raises(ParameterValueError, match="Did you mean 'PsfFlux'"):
        catalog.get_slot("PsfFlx")


@pytest.mark.parametrize("name", NAMES)
def test_gen2_names_give_the_same_keys(catalog: SourceCatalog, name: str) -> None:
    slot = catalog.get_slot(name)
    for source in (catalog, catalog.table):
        assert getattr(source, f"get{name}Slot")().getMeasKey() == slot.measurement_key
        assert getattr(source, f"get{name}Key")() == slot.measurement_key
        assert getattr(source, f"get{name}ErrKey")() == slot.getErrKey() == slot.error_key
        assert getattr(source, f"get{name}FlagKey")() is slot.getFlagKey() is slot.flag_key
        assert getattr(source, f"get{name}Definition")() == slot.definition == "m"
    assert slot.isValid()


@pytest.mark.parametrize("suffix", ["Slot", "Key", "ErrKey", "FlagKey", "Definition"])
def test_gen2_names_follow_an_override(catalog: SourceCatalog, suffix: str) -> None:
    asked: list[str] = []

    class Overridden(SourceCatalog):
        def get_slot(self, name: str) -> Slot:
            asked.append(name)
            return super().get_slot("PsfFlux")

    getattr(Overridden(catalog), f"getModelFlux{suffix}")()
    assert asked == ["ModelFlux"]
