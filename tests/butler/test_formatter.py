"""Finding formatters, and checking what they take."""

from __future__ import annotations

import pytest

from butler.errors import FormatterError, ParameterError
from butler.formatter import check_parameters, find_formatter, formatter_names


@pytest.mark.parametrize("name", formatter_names())
def test_every_installed_formatter_has_the_shape_that_is_asked_for(name: str) -> None:
    formatter = find_formatter(name)
    assert all(extension.startswith(".") for extension in formatter.extensions)
    assert all(isinstance(known, str) for known in formatter.components)
    assert formatter.read_parameters | formatter.write_parameters <= {
        "bbox", "columns", "compression", "dpi", "flags", "hdu", "origin", "recipe", "rows",
    }  # fmt: skip
    assert callable(formatter.read)
    assert callable(formatter.write)
    assert find_formatter(name) is formatter


def test_an_unknown_storage_class_says_what_is_known_and_the_way_out() -> None:
    with pytest.raises(FormatterError, match="Did you mean 'Json'") as caught:
        find_formatter("Jsn")
    assert "Known here are: ArrayPickle" in str(caught.value)
    assert "get_uri" in str(caught.value)


def test_a_storage_class_is_never_a_place_to_import_from() -> None:
    for name in ("os:system", "butler.formatters.text:JsonFormatter", "os.system", ""):
        with pytest.raises(FormatterError, match="No installed package"):
            find_formatter(name)


def test_an_unknown_parameter_gets_a_suggestion() -> None:
    known = frozenset({"bbox", "hdu"})
    check_parameters(["bbox"], known, "Image", "read")
    with pytest.raises(ParameterError, match="Did you mean 'bbox'") as caught:
        check_parameters(["bbx"], known, "Image", "read")
    assert "It takes: bbox, hdu." in str(caught.value)
