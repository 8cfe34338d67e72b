"""``lsst.daf.persistence``."""

from __future__ import annotations

from butler.butler import Butler
from butler.data_ref import DataRef as ButlerDataRef
from butler.data_ref import Subset as ButlerSubset
from butler.errors import DatasetNotFoundError as NoResults

__all__ = ["Butler", "ButlerDataRef", "ButlerSubset", "NoResults"]
