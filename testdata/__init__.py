"""A simulator of HSC-shaped data: what the tests and the tutorial start from.

It shares no code with the packages that read its files. The names to use are in
:mod:`testdata.simulator`; ``python -m testdata --help`` writes data from a shell.
"""

from __future__ import annotations

__all__: list[str] = []
