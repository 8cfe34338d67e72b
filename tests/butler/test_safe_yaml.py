"""YAML as data only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.errors import FormatterError
from butler.safe_yaml import dump_yaml, load_yaml

if TYPE_CHECKING:
    from pathlib import Path


def test_plain_data_come_back_in_their_order() -> None:
    content = {"b": [1, 2.5, None, True], "a": {"x": "2013-11-02", "y": "1e3", "z": "no"}}
    loaded = load_yaml(dump_yaml(content), "x")
    assert loaded == content
    assert isinstance(loaded, dict)
    assert list(loaded) == ["b", "a"]


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch CANARY']",
        "!!python/object/new:os.system ['touch CANARY']",
        "!!python/name:os.system ''",
        "!!python/module:antigravity ''",
        "!!set {a, b}",
        "!mine {a: 1}",
    ],
)
def test_a_tag_is_refused_with_its_line_and_runs_nothing(
    tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatterError, match=r"file\.yaml, line 2: tags .* are refused"):
        load_yaml(f"a: 1\nb: {tag}\n", "file.yaml")
    assert list(tmp_path.iterdir()) == []


def test_an_alias_is_refused_so_that_nothing_explodes() -> None:
    laughs = "a: &a [1, 2]\nb: &b [*a, *a]\n"
    with pytest.raises(FormatterError, match=r"line 2: aliases .* are refused"):
        load_yaml(laughs, "x")


def test_a_deep_document_is_refused() -> None:
    assert load_yaml("[" * 100 + "]" * 100, "x")
    with pytest.raises(FormatterError, match="100 levels"):
        load_yaml("[" * 101 + "]" * 101, "x")


def test_a_long_document_is_refused_without_being_read() -> None:
    with pytest.raises(FormatterError, match="longer than 10 bytes"):
        load_yaml("[" * 11, "x", largest=10)


@pytest.mark.parametrize(
    "text", ["a: [1", "\x00", "a: b: c", "2013-99-99", b"\xff\xfe\xff", "{[1]: 2}", "- a\nb"]
)
def test_what_is_no_yaml_is_one_error(text: str | bytes) -> None:
    with pytest.raises(FormatterError, match="thing"):
        load_yaml(text, "thing")


def test_an_object_that_occurs_twice_is_written_twice() -> None:
    shared = {"template": "{visit}"}
    text = dump_yaml({"a": shared, "b": shared})
    assert "&" not in text
    assert load_yaml(text, "x") == {"a": shared, "b": shared}


def test_what_is_no_plain_data_is_refused() -> None:
    with pytest.raises(FormatterError, match="cannot be written as YAML"):
        dump_yaml({"a": object()})


def test_a_circle_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(FormatterError, match="cannot be written as YAML"):
        dump_yaml(circle)
