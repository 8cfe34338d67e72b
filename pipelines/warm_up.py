"""Kernels are compiled before they are needed."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from butler.entry_points import all_entry_points

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WarmedModule", "iter_kernels", "kernel_modules"]

_GROUP = "skybutler.kernels"


class WarmedModule(NamedTuple):
    """A module of kernels that was imported.

    ``wall_s`` says how long that took; ``error`` is empty if all is well.
    """

    name: str
    module: str
    wall_s: float
    error: str


def kernel_modules() -> dict[str, str]:
    """Return the installed modules of kernels, by their names."""
    return dict(sorted(all_entry_points(_GROUP).items()))


def iter_kernels() -> Iterator[WarmedModule]:
    """Import all modules of kernels, which compiles and keeps them.

    Yields
    ------
    WarmedModule
        One for each; a module that cannot be imported stops no other.
    """
    for name, module in kernel_modules().items():
        began = time.perf_counter()
        error = ""
        try:
            import_module(module.partition(":")[0])
        except Exception as problem:  # noqa: BLE001 - whatever a module of somebody else raises
            error = f"{type(problem).__name__}: {problem}"
        yield WarmedModule(name, module, time.perf_counter() - began, error)
