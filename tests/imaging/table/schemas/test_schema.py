"""Schemas find fields by name, key, alias and old spelling, and print as users know them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.errors import FieldNotFoundError, ParameterTypeError, SchemaError
from imaging.table.schemas.aliases import AliasMap, old_spellings
from imaging.table.schemas.fields import Field, Key, kind_of
from imaging.table.schemas.schema import Schema
from imaging.table.table import SourceTable


@pytest.fixture
def schema() -> Schema:
    schema = SourceTable.make_minimal_schema()
    for name in ("base_SdssCentroid_x", "base_SdssCentroid_y", "base_SdssCentroid_xErr"):
        schema.add_field(name, "D", "position", "pixel")
    schema.add_field("base_PsfFlux_instFlux", "D", "flux", "count")
    schema.add_field("base_PsfFlux_instFluxErr", "D", "error", "count")
    schema.add_field("base_PsfFlux_flag", "Flag", "it failed")
    schema.define_centroid("base_SdssCentroid")
    schema.define_psf_flux("base_PsfFlux")
    return schema


def test_schema_prints_fields_keys_and_aliases() -> None:
    schema = SourceTable.make_minimal_schema()
    schema.add_field("n", "I", "count")
    schema.add_field("bad", "Flag", "failed")
    schema.add_field("worse", "Flag")
    schema.add_field("spectrum", "ArrayF", "flux", "count", 5)
    schema.define_centroid("base_SdssCentroid")
    assert str(schema).splitlines() == [
        "Schema(",
        '    (Field[\'L\'](name="id", doc="unique ID"), Key<L>(offset=0, nElements=1)),',
        (
            '    (Field[\'Angle\'](name="coord_ra", doc="position in ra/dec", units="rad"), '
            "Key<Angle>(offset=8, nElements=1)),"
        ),
        (
            '    (Field[\'Angle\'](name="coord_dec", doc="position in ra/dec", units="rad"), '
            "Key<Angle>(offset=16, nElements=1)),"
        ),
        (
            '    (Field[\'L\'](name="parent", doc="unique ID of parent source"), '
            "Key<L>(offset=24, nElements=1)),"
        ),
        '    (Field[\'I\'](name="n", doc="count"), Key<I>(offset=32, nElements=1)),',
        "    (Field['Flag'](name=\"bad\", doc=\"failed\"), Key['Flag'](offset=40, bit=0)),",
        "    (Field['Flag'](name=\"worse\", doc=\"\"), Key['Flag'](offset=40, bit=1)),",
        (
            '    (Field[\'ArrayF\'](name="spectrum", doc="flux", units="count", size=5), '
            "Key<ArrayF>(offset=48, nElements=5)),"
        ),
        "    'slot_Centroid'->'base_SdssCentroid'",
        ")",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("base_PsfFlux_instFlux", "base_PsfFlux_instFlux"),
        ("base_PsfFlux_flux", "base_PsfFlux_instFlux"),
        ("base_PsfFlux_fluxErr", "base_PsfFlux_instFluxErr"),
        ("base_PsfFlux_fluxSigma", "base_PsfFlux_instFluxErr"),
        ("base_SdssCentroid_xSigma", "base_SdssCentroid_xErr"),
        ("slot_Centroid_x", "base_SdssCentroid_x"),
        ("slot_PsfFlux_flux", "base_PsfFlux_instFlux"),
        ("slot_PsfFlux_flag", "base_PsfFlux_flag"),
    ],
)
def test_field_is_found_by_alias_and_old_spelling(schema: Schema, asked: str, found: str) -> None:
    entry = schema.find(asked)
    assert entry.field.name == entry.key.name == found
    assert asked in schema


def test_field_with_the_old_spelling_itself_comes_first() -> None:
    schema = Schema([Field("g_flux", "D"), Field("g_instFlux", "D")])
    assert schema.find("g_flux").field.name == "g_flux"


def test_missing_field_is_named_with_the_closest_ones(schema: Schema) -> None:
    with pytest.raises(FieldNotFoundError, match=r"base_PsfFlux_instFlx.*Did you mean"):
        schema.find("base_PsfFlux_instFlx")
    assert "base_PsfFlux_instFlx" not in schema


def test_key_of_another_type_is_not_found(schema: Schema) -> None:
    with pytest.raises(FieldNotFoundError):
        schema.find(Key("parent", "I"))
    assert Key("parent", "I") not in schema
    assert Key("parent", "L") in schema


def test_schema_is_not_searched_by_a_number(schema: Schema) -> None:
    with pytest.raises(ParameterTypeError, match="name or key"):
        schema.find(3)  # type: ignore[arg-type]


def test_extract_gives_fields_of_a_glob_without_their_old_names(schema: Schema) -> None:
    assert list(schema.extract("base_PsfFlux_*")) == [
        "base_PsfFlux_instFlux",
        "base_PsfFlux_instFluxErr",
        "base_PsfFlux_flag",
    ]


def test_extract_follows_aliases_under_the_names_asked_for(schema: Schema) -> None:
    assert list(schema.extract("slot_Centroid_*")) == [
        "slot_Centroid_x",
        "slot_Centroid_xErr",
        "slot_Centroid_y",
    ] or set(schema.extract("slot_Centroid_*")) == {
        "slot_Centroid_x",
        "slot_Centroid_xErr",
        "slot_Centroid_y",
    }
    found = schema.extract("base_PsfFlux_flux")
    assert found["base_PsfFlux_flux"].field.name == "base_PsfFlux_instFlux"
    assert set(schema.extract("*_flux")) == {"base_PsfFlux_flux"}


def test_extract_takes_a_regular_expression(schema: Schema) -> None:
    assert list(schema.extract(regex=r"coord_(ra|dec)")) == ["coord_ra", "coord_dec"]
    assert list(schema.extract("id", regex="par.*")) == ["id", "parent"]


def test_sub_schemas_are_reached_word_by_word(schema: Schema) -> None:
    assert schema["base_SdssCentroid"]["x"].as_key() is schema.find("base_SdssCentroid_x").key
    assert schema["base"]["PsfFlux"].names == ("instFlux", "instFluxErr", "flag")
    assert schema["slot_Centroid"]["y"].as_field().name == "base_SdssCentroid_y"
    assert "x" in schema["base_SdssCentroid"]
    assert "z" not in schema["base_SdssCentroid"]
    with pytest.raises(FieldNotFoundError):
        schema["base"]["GaussianFlux"]


def test_second_field_of_a_name_is_refused_unless_it_replaces(schema: Schema) -> None:
    with pytest.raises(SchemaError, match="already"):
        schema.add_field("parent", "I")
    place = schema.names.index("parent")
    schema.add_field("parent", "I", replace=True)
    assert schema.names.index("parent") == place
    assert schema.find("parent").field.type == "I"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (float, "D"),
        (int, "L"),
        (bool, "Flag"),
        (str, "String"),
        (np.float32, "F"),
        (np.int32, "I"),
        (np.uint16, "U"),
        (np.dtype("u1"), "B"),
        ("ArrayD", "ArrayD"),
    ],
)
def test_types_are_named_by_letter_python_and_numpy(kind: type, name: str) -> None:
    assert kind_of(kind) == name


@pytest.mark.parametrize("kind", ["X", "d", complex, np.int16, None, 3])
def test_types_that_no_field_has_are_refused(kind: object) -> None:
    with pytest.raises(SchemaError, match="fields are of one of"):
        kind_of(kind)  # type: ignore[arg-type]


def test_sizes_must_fit_the_type() -> None:
    with pytest.raises(SchemaError, match="elements"):
        Field("a", "ArrayF")
    with pytest.raises(SchemaError, match="bytes"):
        Field("a", "String", size=0)
    with pytest.raises(SchemaError, match="one value"):
        Field("a", "D", size=3)


def test_table_keeps_the_schema_it_was_made_from(schema: Schema) -> None:
    table = SourceTable.make(schema)
    schema.add_field("late", "D")
    schema.aliases["slot_Shape"] = "base_SdssShape"
    assert "late" not in table.schema
    assert "slot_Shape" not in table.schema.aliases
    with pytest.raises(FieldNotFoundError, match="make the table again"):
        table.make_record().set("late", 1.0)


def test_fields_added_to_the_schema_of_a_table_do_not_reach_it(schema: Schema) -> None:
    table = SourceTable.make(schema)
    table.schema.add_field("late", "D")
    assert "late" not in table.schema
    table.schema.aliases["slot_ApFlux"] = "base_PsfFlux"
    assert table.schema.find("slot_ApFlux_instFlux").field.name == "base_PsfFlux_instFlux"


def test_copies_change_by_themselves(schema: Schema) -> None:
    other = schema.copy()
    assert other == schema
    other.aliases["a"] = "id"
    assert other != schema
    assert "a" not in schema


def test_keys_are_one_object_also_after_pickling(schema: Schema) -> None:
    key = schema.find("parent").key
    assert Key("parent", "L") is key
    assert pickle.loads(pickle.dumps(key)) is key
    assert pickle.loads(pickle.dumps(schema)) == schema


def test_longest_alias_counts_and_aliases_chain() -> None:
    aliases = AliasMap({"slot": "wrong", "slot_Flux": "mine", "mine_a": "base_b"})
    assert aliases.apply("slot_Flux_a") == "base_b"
    assert aliases.apply("slot_other") == "wrong_other"


def test_aliases_in_a_circle_are_refused() -> None:
    aliases = AliasMap({"a": "b", "b": "a"})
    with pytest.raises(SchemaError, match="circle"):
        aliases.apply("a")


def test_alias_that_is_its_own_beginning_ends() -> None:
    with pytest.raises(SchemaError, match="circle"):
        AliasMap({"a": "ab"}).apply("a")
    assert AliasMap({"a": "a"}).apply("ax") == "ax"


def test_changed_alias_is_followed_at_once(schema: Schema) -> None:
    assert schema.find("slot_PsfFlux_flag").field.name == "base_PsfFlux_flag"
    schema.add_field("other_flag", "Flag")
    schema.define_psf_flux("other")
    assert schema.find("slot_PsfFlux_flag").field.name == "other_flag"


def test_fields_of_old_files_get_todays_names() -> None:
    names = ["base_PsfFlux_flux", "base_PsfFlux_fluxSigma", "base_SdssCentroid_xSigma"]
    schema = Schema((Field(name, "D") for name in names), old_spellings(names))
    assert schema.find("base_PsfFlux_instFlux").field.name == "base_PsfFlux_flux"
    assert schema.find("base_PsfFlux_instFluxErr").field.name == "base_PsfFlux_fluxSigma"
    assert schema.find("base_SdssCentroid_xErr").field.name == "base_SdssCentroid_xSigma"


@given(st.lists(st.sampled_from(["id", "a_b", "a_c", "x", "base_F_instFlux"]), unique=True))
def test_every_field_resolves_to_itself_and_order_is_kept(names: list[str]) -> None:
    schema = Schema(Field(name, "D") for name in names)
    assert schema.get_ordered_names() == names
    assert [schema.resolve(name) for name in names] == names
    assert len(schema) == len(names)
    assert [entry.key for entry in schema] == [Key(name, "D") for name in names]
