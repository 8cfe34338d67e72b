"""YAML with line numbers: nothing is executed, nothing explodes."""

from __future__ import annotations

import pytest

from butler.errors import PolicyError
from butler.policies.policy_yaml import Node, as_node, read_yaml


def plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def test_scalars_are_what_they_look_like_and_dates_and_words_stay_texts() -> None:
    text = "[1, -2, 1.5, 1e5, 016, true, null, ~, yes, 2013-11-02, '1', \"true\", 1:30, +]"
    assert plain(read_yaml(text, "p.yaml")) == [
        1, -2, 1.5, "1e5", "016", True, None, None, "yes", "2013-11-02", "1", "true", "1:30", "+",
    ]  # fmt: skip


def test_values_know_the_line_of_their_key() -> None:
    node = read_yaml("a: 1\nb:\n  c:\n    - x\n    - y\n", "p.yaml")
    assert isinstance(node.value, dict)
    inner = node.value["b"]
    assert inner.line == 2
    assert isinstance(inner.value, dict)
    listed = inner.value["c"]
    assert listed.line == 3
    assert isinstance(listed.value, list)
    assert [element.line for element in listed.value] == [4, 5]


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert plain(read_yaml("# nothing\n", "p.yaml")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "p.yaml:2: 'a' comes twice"),
        ("a: &x 1\n", "p.yaml:1: an anchor"),
        ("a: 1\nb: *x\n", "p.yaml:2: an alias"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", "p.yaml:2: a tag"),
        ("a: !b 1\n", "p.yaml:1: a tag"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2: a second document"),
        ("a: 1\n? [x]\n: 2\n", "p.yaml:2: a key must be a text"),
        ("a: 1\nb: [1\n", "p.yaml:3"),
        ("a: 1\n\tb: 2\n", "p.yaml:2"),
        ("[" * 30, "nested deeper than 20"),
        ("[" * 20_000, "nest"),  # newer parsers have a limit of their own
        ("a: \x01\n", "p.yaml"),
        ("a" * 2_000_000, "larger than"),
    ],
)
def test_what_is_dangerous_or_wrong_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        read_yaml(text, "p.yaml")


def test_plain_values_become_nodes_without_lines() -> None:
    value = {"a": [1, "x", None, {"b": 1.5}], "c": (True,)}
    node = as_node(value)
    assert plain(node) == {"a": [1, "x", None, {"b": 1.5}], "c": [True]}
    assert node.line == 0
