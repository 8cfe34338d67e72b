"""One folder per camera: a policy, and the few functions that a table cannot say."""

from __future__ import annotations

__all__: list[str] = []
