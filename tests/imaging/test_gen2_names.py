"""Gen2 spellings give what the names of this package give, also when those are overridden."""

from __future__ import annotations

import inspect

import pytest

from imaging import Metadata
from imaging.fits.gen2_names import MetadataNames

SAME = {
    Metadata: {
        "getScalar": "get_all",
        "getAsBool": "getScalar",
        "getAsInt": "getScalar",
        "getAsInt64": "getScalar",
        "getAsDouble": "getScalar",
        "getAsString": "getScalar",
        "setBool": "set",
        "setInt": "set",
        "setDouble": "set",
        "setString": "set",
        "deepCopy": "copy",
        "toString": "__str__",
        "paramNames": "__iter__",
        "getArray": "get_all",
        "getComment": "get_comment",
        "exists": "__contains__",
        "names": "__iter__",
        "getOrderedNames": "__iter__",
        "nameCount": "__len__",
        "valueCount": "get_all",
        "toDict": "to_dict",
    },
}
VALUES = {
    f"{verb}{kind}": value
    for kind, value in {"Bool": True, "Int": 1, "Int64": 1, "Double": 1.5, "String": "x"}.items()
    for verb in ("getAs", "set")
}
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]


@pytest.mark.parametrize(("kind", "mixin"), [(Metadata, MetadataNames)])
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type, mixin: type) -> None:
    names = {name for name in vars(mixin) if not name.startswith("_")}
    assert names == set(SAME[kind])


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []
    is_property = isinstance(inspect.getattr_static(kind, new), property)

    results = {"__iter__": iter(()), "__len__": 0, "__str__": "", "get_all": [1]}

    def method(_: object, *args: object) -> object:
        seen.append(args)
        return VALUES.get(old, results.get(new, []))

    overridden = property(method) if is_property else method
    instance = type("Overridden", (kind,), {"__len__": lambda _: 0, new: overridden})
    made = instance.__new__(instance)
    takes = len(inspect.signature(getattr(kind, new)).parameters) - (not is_property)
    takes = 1 if "__contains__" in new else takes
    given = ("X", VALUES[old], "X") if old.startswith("set") else ("X",) * takes
    getattr(made, old)(*given)
    assert seen == [given]


METHODS = [(k, old, new) for k, old, new in PAIRS if callable(getattr(k, new)) and "__" not in new]


@pytest.mark.parametrize(("kind", "old", "new"), METHODS)
def test_gen2_method_has_the_parameters_of_the_other(kind: type, old: str, new: str) -> None:
    assert list(inspect.signature(getattr(kind, old)).parameters) == list(
        inspect.signature(getattr(kind, new)).parameters
    )


def test_gen2_names_of_metadata_give_the_same_values() -> None:
    metadata = Metadata({"A": [1, 2], "B": "x"})
    assert metadata.getScalar("A") == 2  # the one that was added last
    with pytest.raises(KeyError, match="no card 'C'"):
        metadata.getScalar("C")
    assert metadata.getArray("A") == [1, 2]
    assert metadata.exists("B")
    assert not metadata.exists("C")
    assert metadata.names() == ["A", "B"]
    assert (metadata.nameCount(), metadata.valueCount("A")) == (2, 2)
    assert metadata.toDict() == {"A": [1, 2], "B": "x"}


def test_values_of_metadata_are_taken_and_set_by_their_types() -> None:
    metadata = Metadata()
    metadata.setBool("B", True, "a boolean")
    metadata.setInt("I", 3)
    metadata.setDouble("D", 2)
    metadata.setString("S", "text")
    assert (metadata.getAsBool("B"), metadata.getAsInt("I"), metadata.getAsInt64("I")) == (
        True,
        3,
        3,
    )
    assert (metadata.getAsDouble("D"), metadata.getAsDouble("I")) == (2.0, 3.0)
    assert type(metadata["D"]) is type(metadata.getAsDouble("I")) is float
    assert metadata.getAsString("S") == "text"
    assert metadata.getComment("B") == "a boolean"
    for wrong in (
        lambda: metadata.getAsInt("D"),
        lambda: metadata.getAsInt("B"),
        lambda: metadata.getAsDouble("S"),
        lambda: metadata.getAsBool("I"),
        lambda: metadata.getAsString("I"),
    ):
        with pytest.raises(TypeError, match="which is no"):
            wrong()


def test_metadata_are_copied_and_shown() -> None:
    metadata = Metadata({"A": 1, "B": "x"})
    other = metadata.deepCopy()
    other["A"] = 2
    assert metadata["A"] == 1
    assert metadata.paramNames() == metadata.names() == ["A", "B"]
    assert metadata.toString(indent="..") == "".join(
        f"..{line}\n" for line in str(metadata).splitlines()
    )
