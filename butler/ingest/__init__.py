"""From raw files to datasets: reading headers, planning, placing, registering.

``ingest``
    The whole way; ``destination`` opens the repository it leads to, and
    ``report`` says what became of each file.
``files``
    Expands what the user names.
``workers``
    Reads files in other processes; ``candidate`` is what is read of one.
``plan``
    Decides what is to be done with each file, by the ``facts``.
``apply``
    Does it, in batches; ``link`` brings one file to its place, ``recovery``
    cleans up after a process that died.
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
