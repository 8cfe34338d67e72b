"""Kernels: compiled when they are imported, for what they say and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipelines.kernel import kernel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from support.users import OtherUser

SOURCE = """
from pipelines.kernel import kernel

@kernel("f8(const f4[:, ::1], f4)")
def scaled_sum(pixels, factor):
    total = 0.0
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            total += pixels[y, x] * factor
    return total
"""


@kernel("f8(f4[:, ::1])", "f8(f8[:, :])", reorders=True)
def total(pixels: NDArray[np.floating]) -> float:
    found = 0.0
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            found += pixels[y, x]
    return found


@kernel("f8(const f8[::1], f8)")
def first_over(values: NDArray[np.float64], divisor: float) -> float:
    return float(values[0] / divisor)


def test_a_kernel_is_compiled_before_it_is_called() -> None:
    assert len(first_over.signatures) == 1  # type: ignore[attr-defined]
    assert first_over.nopython_signatures  # type: ignore[attr-defined]


def test_a_kernel_computes_what_its_function_says() -> None:
    pixels = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert total(pixels) == total.py_func(pixels) == 66.0  # type: ignore[attr-defined]


def test_each_signature_is_taken() -> None:
    assert total(np.ones((4, 6))[:, ::2]) == 12.0


def test_other_types_are_refused_instead_of_compiled() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        total(np.ones((2, 2), np.int16))  # type: ignore[arg-type]


def test_constant_arrays_may_be_read_only_or_not() -> None:
    values = np.array([6.0, 1.0])
    assert first_over(values, 2.0) == 3.0
    values.flags.writeable = False
    assert first_over(values, 2.0) == 3.0


def test_others_may_not_be_read_only() -> None:
    pixels = np.ones((2, 2), np.float32)
    pixels.flags.writeable = False
    with pytest.raises(TypeError, match="readonly array"):
        total(pixels)


def test_division_by_zero_gives_infinity_as_in_numpy() -> None:
    assert first_over(np.array([1.0]), 0.0) == np.inf


def test_not_a_number_stays_one_when_sums_are_reordered() -> None:
    assert np.isnan(total(np.array([[1.0, np.nan]], np.float32)))


def test_machine_code_is_kept_beside_the_module(tmp_path: Path) -> None:
    (tmp_path / "kept_kernels.py").write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("kept_kernels", tmp_path / "kept_kernels.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kept_kernels"] = module
    try:
        spec.loader.exec_module(module)
        assert list((tmp_path / "__pycache__").glob("kept_kernels.scaled_sum*.nbc"))
    finally:
        del sys.modules["kept_kernels"]


def test_a_kernel_works_for_somebody_who_may_write_nowhere(
    other_user: OtherUser, public_tmp_path: Path
) -> None:
    (public_tmp_path / "public_kernels.py").write_text(SOURCE)
    public_tmp_path.chmod(0o555)
    snippet = (
        "import os, sys; os.environ['HOME'] = sys.argv[1]; sys.path.append(sys.argv[1])\n"
        "import numpy as np; from public_kernels import scaled_sum\n"
        "print(scaled_sum(np.ones((2, 3), np.float32), 2))"
    )
    done = other_user.run(snippet, public_tmp_path, cannot_write=public_tmp_path)
    assert done.stdout == "12.0\n", done.stderr
