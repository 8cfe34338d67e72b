"""Reference catalogs of a repository: in pieces by pixel of a hierarchical triangular mesh.

``shards``
    Finds the pieces of a catalog in a chain; what speaks of stars is found by
    an entry point of the group ``skybutler.reference_catalogs``.
``sky_pixels``
    The mesh.
``config_text``
    The catalog's ``config.py``, as text.
"""

from __future__ import annotations

__all__: list[str] = []
