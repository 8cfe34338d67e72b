"""Pickles of plain arrays, and of nothing else."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from butler.errors import FormatterError
from butler.formatters.array_pickle import ArrayPickleFormatter

if TYPE_CHECKING:
    from collections.abc import Callable


class Hostile:
    """Pickles to the call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[object, ...]:
        return self.call


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.arange(12).reshape(3, 4).T,
        np.array(5.0),
        np.zeros((0, 3), dtype=np.float32),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array(["a", "bc"]),
        np.array([True, False]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_an_array_comes_back_with_its_shape_and_type(array: np.ndarray) -> None:
    formatter = ArrayPickleFormatter()
    loaded = formatter.load(formatter.dump(array))
    assert isinstance(loaded, np.ndarray)
    assert loaded.dtype == array.dtype
    assert loaded.shape == array.shape
    np.testing.assert_array_equal(loaded, array)


@pytest.mark.parametrize("protocol", range(5))
def test_arrays_of_every_protocol_are_read(protocol: int) -> None:
    array = np.arange(6.0).reshape(2, 3)
    loaded = ArrayPickleFormatter().load(pickle.dumps(array, protocol=protocol))
    np.testing.assert_array_equal(loaded, array)


def test_a_kernel_that_gen2_left_is_read(shared_data: Path) -> None:
    found = list(shared_data.rglob("brighter_fatter_kernel.pkl"))
    if not found:
        pytest.skip("the kernel of ci_hsc is not among the data")
    loaded = ArrayPickleFormatter().read(str(found[0]))
    assert isinstance(loaded, np.ndarray)
    assert loaded.shape == (17, 17)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (os.system, r"(posix|nt)\.system"),
        (subprocess.call, r"subprocess\.call"),
        (eval, r"builtins\.eval"),
        (exec, r"builtins\.exec"),
        (open, r"(_io|io)\.open"),
        (getattr, r"builtins\.getattr"),
        (__import__, r"builtins\.__import__"),
        (np.load, r"numpy\.load"),
        (np.fromfile, r"numpy.*\.fromfile"),
        (np.save, r"numpy\.save"),
        (Path, r"pathlib\.(Posix)?Path"),
        (pickle.loads, r"_pickle\.loads"),
    ],
)
def test_a_hostile_pickle_is_refused_by_name_and_runs_nothing(
    function: Callable[..., object], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = pickle.dumps(Hostile(function, "canary", "w"))
    with pytest.raises(FormatterError, match=f"The pickle asks for {name}"):
        ArrayPickleFormatter().load(content)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_only_looks_allowed_is_refused() -> None:
    dotted = b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93."
    with pytest.raises(FormatterError, match=r"numpy\.ndarray\.tofile"):
        ArrayPickleFormatter().load(dotted)


@pytest.mark.parametrize("obj", [{"a": 1}, [1, 2], "text", np.float64(1.0)])
def test_a_pickle_of_something_else_is_refused(obj: object) -> None:
    with pytest.raises(FormatterError):
        ArrayPickleFormatter().load(pickle.dumps(obj))


def test_an_array_of_objects_is_neither_read_nor_written() -> None:
    array = np.array([{}, []], dtype=object)
    with pytest.raises(FormatterError):
        ArrayPickleFormatter().dump(array)
    with pytest.raises(FormatterError, match="array of numbers"):
        ArrayPickleFormatter().load(pickle.dumps(array))


def test_an_array_that_would_lose_its_mask_is_refused() -> None:
    with pytest.raises(FormatterError, match="MaskedArray"):
        ArrayPickleFormatter().dump(np.ma.masked_equal([1, 2], 2))


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80", b"\x80\x04.", b"\x80\x04h\x00."])
def test_a_damaged_pickle_is_one_error(content: bytes) -> None:
    with pytest.raises(FormatterError, match="not a pickled array"):
        ArrayPickleFormatter().load(content)


def test_every_truncation_of_a_pickle_is_one_error() -> None:
    content = ArrayPickleFormatter().dump(np.arange(4.0))
    for length in range(len(content)):
        with pytest.raises(FormatterError):
            ArrayPickleFormatter().load(content[:length])
