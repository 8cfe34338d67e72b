"""``lsstDebug``."""

from __future__ import annotations

from butler.gen2_modules.gen2_names import Info, getDebugFrame, getInfo

__all__ = ["Info", "getDebugFrame", "getInfo"]
