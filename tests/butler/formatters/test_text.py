"""JSON, YAML, text and configuration."""

from __future__ import annotations

from enum import Enum, IntEnum
from math import inf, isnan, nan
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.errors import FormatterError
from butler.formatters.text import (
    ConfigFormatter,
    JsonFormatter,
    TextFormatter,
    YamlFormatter,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Level(IntEnum):
    """Its members are numbers."""

    ONE = 1


class Word(str, Enum):  # noqa: UP042 - the older form is what is tested
    """Its members are texts."""

    A = "a"


@given(_PLAIN)
def test_plain_data_come_back_from_json(content: object) -> None:
    assert JsonFormatter().load(JsonFormatter().dump(content)) == content


@given(_PLAIN)
def test_plain_data_come_back_from_yaml(content: object) -> None:
    assert YamlFormatter().load(YamlFormatter().dump(content)) == content


@given(_TEXTS)
def test_text_comes_back_exactly(content: str) -> None:
    assert TextFormatter().load(TextFormatter().dump(content)) == content


@pytest.mark.parametrize("formatter", [JsonFormatter(), YamlFormatter()])
@pytest.mark.parametrize(
    ("obj", "plain"),
    [
        (np.float64(1.5), 1.5),
        (np.float32(1.5), 1.5),
        (np.int16(-3), -3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.arange(3), [0, 1, 2]),
        (np.zeros((1, 2)), [[0.0, 0.0]]),
        ((1, (2, "b")), [1, [2, "b"]]),
        ({"b", "a"}, ["a", "b"]),
        ({np.str_("k"): np.float64(2)}, {"k": 2.0}),
        (Level.ONE, 1),
        ({"x": Word.A}, {"x": "a"}),
    ],
)
def test_what_astronomers_hold_becomes_plain(
    formatter: JsonFormatter | YamlFormatter, obj: object, plain: object
) -> None:
    assert formatter.load(formatter.dump(obj)) == plain


@pytest.mark.parametrize("formatter", [JsonFormatter(), YamlFormatter()])
def test_what_is_not_a_number_survives(formatter: JsonFormatter | YamlFormatter) -> None:
    loaded = formatter.load(formatter.dump([nan, inf, -inf]))
    assert isinstance(loaded, list)
    assert isnan(loaded[0])
    assert loaded[1:] == [inf, -inf]


@pytest.mark.parametrize("formatter", [JsonFormatter(), YamlFormatter()])
@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ({"a": [1, object()]}, r"the object\['a'\]\[1\] is of type builtins\.object"),
        (b"bytes", "builtins.bytes"),
        ({1: 2}, "key 1, which is not text"),
        ({(1, 2): 3}, "not text"),
        (1j, "builtins.complex"),
        (np.array([object()]), "builtins.object"),
        (np.array(["2013-11-02"], dtype="datetime64[D]"), r"datetime\.date"),
    ],
)
def test_anything_else_is_refused_by_name(
    formatter: JsonFormatter | YamlFormatter, obj: object, message: str
) -> None:
    with pytest.raises(FormatterError, match=message):
        formatter.dump(obj)


@pytest.mark.parametrize("formatter", [JsonFormatter(), YamlFormatter()])
def test_what_could_not_be_read_again_is_not_written(
    formatter: JsonFormatter | YamlFormatter,
) -> None:
    def nested(levels: int) -> list[object]:
        deep: list[object] = []
        for _ in range(levels - 1):
            deep = [deep]
        return deep

    assert formatter.load(formatter.dump(nested(90))) == nested(90)
    with pytest.raises(FormatterError, match="90 levels"):
        formatter.dump(nested(200))


def test_bad_content_is_one_error() -> None:
    with pytest.raises(FormatterError, match="not JSON"):
        JsonFormatter().load(b"{")
    with pytest.raises(FormatterError, match="not JSON"):
        JsonFormatter().load(b"[" * 100_000)
    with pytest.raises(FormatterError, match="not UTF-8"):
        TextFormatter().load(b"\xff")
    with pytest.raises(FormatterError, match="tags"):
        YamlFormatter().load(b"!!python/name:os.system ''")


def test_only_text_is_text() -> None:
    with pytest.raises(FormatterError, match="Text is wanted, not int"):
        TextFormatter().dump(1)


def test_a_configuration_is_asked_for_its_text_and_never_executed(tmp_path: Path) -> None:
    text = f"open({str(tmp_path / 'canary')!r}, 'w')\n"
    configuration = SimpleNamespace(saveToString=lambda: text)  # as lsst.pex.config has it
    formatter = ConfigFormatter()
    content = formatter.dump(configuration)
    assert formatter.load(content) == text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [JsonFormatter, YamlFormatter, TextFormatter, ConfigFormatter])
def test_a_file_is_written_once_and_never_over_another(
    make: Callable[[], JsonFormatter], tmp_path: Path
) -> None:
    formatter = make()
    path = str(tmp_path / "file")
    formatter.write("first", path)
    with pytest.raises(FileExistsError):
        formatter.write("second", path)
    assert formatter.read(path) == "first"
