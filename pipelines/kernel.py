"""How loops over pixels become machine code, with types that a checker understands.

A module of kernels is called ``kernels.py``, stands beside the task that uses
it and is named in the entry-point group ``skybutler.kernels``; ``butler
warm-up`` imports all of them, which compiles and keeps them.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kernel"]

logger = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_CONSTANT = re.compile(r"\bconst\s+(\w+)\[([^\]]*)\]")
# Sums may be taken in another order, so that several are taken at once; NaN
# and infinity keep their meaning.
_REORDERED = frozenset({"reassoc", "contract", "arcp", "nsz"})


def kernel(
    *signatures: str, reorders: bool = False
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Compile a function with numba when its module is imported, and keep the result.

    Parameters
    ----------
    signatures
        What numba shall compile it for, such as ``"int64(f4[:, ::1], i4[:,
        ::1], f8)"``: result, then arguments; ``::1`` says that pixels of a row
        lie side by side, which is faster. ``const f4[:, ::1]`` also takes
        arrays that may not be written. A call with other types fails with a
        TypeError: nothing is compiled in a user's first run.
    reorders
        Whether sums may be taken in another order than the written one. Faster,
        and different in the last digits from one processor to another.

    Returns
    -------
    Callable
        A decorator. What it gives takes and returns what the function does;
        numba's dispatcher has the function itself as ``py_func``.

    Notes
    -----
    Division by zero gives infinity or NaN, as in NumPy; indices are not
    checked. The interpreter's lock is released. Machine code is kept beside
    the module, or in the user's cache where that is not writable, or not at
    all where neither is. A kernel that calls one of *another* module is not
    compiled again when that one changes, so kernels call those of their own
    module only.
    """
    wanted = [_CONSTANT.sub(_read_only, signature) for signature in signatures]

    def compiled(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        fast = set(_REORDERED) if reorders else False

        def compile_it(*, cache: bool) -> object:
            decorate = numba.njit(
                wanted, cache=cache, fastmath=fast, nogil=True, error_model="numpy"
            )
            return decorate(function)

        try:
            made = compile_it(cache=True)
        except RuntimeError as error:  # no folder for it is writable
            if "cache" not in str(error):
                raise
            logger.debug("%s is compiled for this process alone: %s", function.__name__, error)
            made = compile_it(cache=False)
        return cast("Callable[_Arguments, _Result]", made)

    return compiled


def _read_only(found: re.Match[str]) -> str:
    """Return how numba spells an array that is not written."""
    axes = found[2].split(",")
    layout = "C" if "::1" in axes[-1] else "A"
    return f"Array({found[1]}, {len(axes)}, {layout!r}, readonly=True)"
