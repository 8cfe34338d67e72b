"""Reference catalogs: stars whose positions and fluxes are known, in pieces by sky pixel.

``reference_catalog``
    What one reads them with, around a place or on an exposure.
``regions``
    The parts of the sky that are asked for.
``motion``
    Moves stars to another epoch.
``epochs``
    Points in time, as one names them.
``shard_rows``
    Reads one piece, whatever wrote it.
"""

from __future__ import annotations

__all__: list[str] = []
