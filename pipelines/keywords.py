"""Arguments of tasks under the names that Gen2 had for them."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["renamed_keywords"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def renamed_keywords(
    **names: str,
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Let a function take keyword arguments by other names, too.

    Parameters
    ----------
    **names
        Other names, and those of the function.

    Examples
    --------
    >>> @renamed_keywords(binSize="size")
    ... def cells(size):
    ...     return 4096 // size
    >>> cells(binSize=128)
    32
    """

    def decorate(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @wraps(function)
        def renamed(*arguments: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result:
            ours = {names.get(name, name): value for name, value in keywords.items()}
            return function(*arguments, **ours)  # type: ignore[arg-type]  # names alone differ

        return renamed

    return decorate
