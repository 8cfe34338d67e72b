"""Gen2's spellings of colour terms, as files of overrides have them."""

from __future__ import annotations

from pipelines.photometry.color_terms import ColorTerm as Colorterm
from pipelines.photometry.color_terms import ColorTermLibrary as ColortermLibrary
from pipelines.photometry.color_terms import ColorTermSet as ColortermDict

__all__ = ["Colorterm", "ColortermDict", "ColortermLibrary"]
