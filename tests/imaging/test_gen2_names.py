"""Gen2 spellings give what the names of this package give, also when those are overridden."""

from __future__ import annotations

import inspect

import pytest

from imaging import Metadata
from imaging.fits.gen2_names import MetadataNames

SAME = {
    Metadata: {
        "getScalar": "__getitem__",
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
PAIRS = [(kind, old, new) for kind, names in SAME.items() for old, new in names.items()]


@pytest.mark.parametrize(("kind", "mixin"), [(Metadata, MetadataNames)])
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type, mixin: type) -> None:
    names = {name for name in vars(mixin) if not name.startswith("_")}
    assert names == set(SAME[kind])


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []
    is_property = isinstance(inspect.getattr_static(kind, new), property)

    results = {"__iter__": iter(()), "__len__": 0}

    def method(_: object, *args: object) -> object:
        seen.append(args)
        return results.get(new, [])

    overridden = property(method) if is_property else method
    instance = type("Overridden", (kind,), {"__len__": lambda _: 0, new: overridden})
    made = instance.__new__(instance)
    takes = len(inspect.signature(getattr(kind, old)).parameters) - 1
    getattr(made, old)(*("X",) * takes)
    assert seen == [("X",) * takes]


METHODS = [(k, old, new) for k, old, new in PAIRS if callable(getattr(k, new)) and "__" not in new]


@pytest.mark.parametrize(("kind", "old", "new"), METHODS)
def test_gen2_method_has_the_parameters_of_the_other(kind: type, old: str, new: str) -> None:
    assert list(inspect.signature(getattr(kind, old)).parameters) == list(
        inspect.signature(getattr(kind, new)).parameters
    )


def test_gen2_names_of_metadata_give_the_same_values() -> None:
    metadata = Metadata({"A": [1, 2], "B": "x"})
    assert metadata.getScalar("A") == 1
    assert metadata.getArray("A") == [1, 2]
    assert metadata.exists("B")
    assert not metadata.exists("C")
    assert metadata.names() == ["A", "B"]
    assert (metadata.nameCount(), metadata.valueCount("A")) == (2, 2)
    assert metadata.toDict() == {"A": [1, 2], "B": "x"}
