"""Calibrations into a repository, each with the range of time in which it is valid.

``ingestion``
    Files, by their headers; ``translation`` says what a header tells.
``curated``
    Tables that people keep by hand, as text or ECSV.
"""

from __future__ import annotations

__all__: list[str] = []
