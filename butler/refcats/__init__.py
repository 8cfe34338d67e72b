"""Reference catalogs of a repository: in pieces by pixel of a hierarchical triangular mesh.

``shards``
    Finds the pieces of a catalog in a chain; what speaks of stars is found by
    an entry point of the group ``skybutler.reference_catalogs``.
``sky_pixels``
    The mesh.
``config_text``
    The catalog's ``config.py``, as text.
``catalog``
    What loads stars, as an object.
``ingest``
    Makes a catalog of tables; ``spill`` sorts its rows, ``leftovers`` cleans
    up after a process that died.
"""

from __future__ import annotations

__all__: list[str] = []
