"""What is needed of ``lsst.utils`` where that is not installed."""

from __future__ import annotations

from butler.gen2_modules.gen2_names import getPackageDir

__all__ = ["getPackageDir"]
