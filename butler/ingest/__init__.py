"""From a raw file to a data ID: the bounded reading of headers.

``gate``
    Decides whether a file is whole, and finds its HDUs, reading headers only.
``header``
    The mapping of keyword to value that data IDs are made of.
``cards``
    One header card, read and written.
``sources``
    Bytes of a plain or a gzip-compressed file, by offset.
"""

from __future__ import annotations

__all__: list[str] = []
