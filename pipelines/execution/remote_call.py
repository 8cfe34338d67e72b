"""Calls as bytes, to be sent to another process, and what came of them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from pipelines.errors import RemoteCallError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["answer", "pack_call", "result_of"]


def pack_call(
    function: Callable[..., object], args: tuple[object, ...], keywords: Mapping[str, object]
) -> bytes:
    """Return a call as bytes."""
    return pickle.dumps((function, args, keywords))


def answer(call: bytes) -> bytes:
    """Do a call from `pack_call`, and return what it returns or raises."""
    try:
        function, args, keywords = pickle.loads(call)  # noqa: S301 - from our own parent
        return pickle.dumps((True, function(*args, **keywords)))
    except Exception as error:  # noqa: BLE001 - it belongs to who asked
        return _pickled_error(error)


def _pickled_error(error: Exception) -> bytes:
    try:
        pickled = pickle.dumps((False, error))
        pickle.loads(pickled)  # noqa: S301 - some can be written and not be read
    except Exception:  # noqa: BLE001 - whatever its class does when it is pickled
        return pickle.dumps((False, RemoteCallError(f"{type(error).__name__}: {error}")))
    return pickled


def result_of(answered: bytes) -> object:
    """Return what the call returned that was answered so, or raise what it raised."""
    succeeded, result = pickle.loads(answered)  # noqa: S301 - by our own child
    if not succeeded:
        raise result
    return result
