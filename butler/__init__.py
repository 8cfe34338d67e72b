"""A data butler: data IDs in, files out, on chained repositories.

::

    from butler import Butler

    butler = Butler(inputs="DATA", outputs="DATA/rerun/isr")
    exposure = butler.get("raw", visit=903334, ccd=16)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from butler.version import __version__

if TYPE_CHECKING:
    from butler.butler import Butler
    from butler.data_id import DataId
    from butler.data_ref import DataRef, Subset
    from butler.errors import ButlerError
    from butler.queries.query import Query
    from butler.repository.create import create_repository

__all__ = [
    "Butler",
    "ButlerError",
    "DataId",
    "DataRef",
    "Query",
    "Subset",
    "__version__",
    "create_repository",
]

_PLACES = {
    "Butler": "butler.butler",
    "ButlerError": "butler.errors",
    "DataId": "butler.data_id",
    "DataRef": "butler.data_ref",
    "Query": "butler.queries.query",
    "Subset": "butler.data_ref",
    "create_repository": "butler.repository.create",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: the command line must start at once."""
    if name not in _PLACES:
        raise AttributeError(f"module 'butler' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """Offer what there is to users, imported already or not, to who completes names."""
    return list(__all__)
