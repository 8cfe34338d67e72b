"""Tasks that compare sources with known stars, and mark those that they have used."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pipelines.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog

__all__ = ["MatchedStarsTask"]


class MatchedStarsTask(Task):
    """A task whose catalogs have a flag for the sources that it has used.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the flag ``used_flag``.
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    used_flag: ClassVar[str]
    used_doc: ClassVar[str]

    def __init__(self, schema: Schema, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        if self.used_flag not in schema:
            schema.add_field(self.used_flag, "Flag", self.used_doc)

    def mark_used(self, sources: SourceCatalog, rows: NDArray[np.intp]) -> None:
        """Set the flag for some rows of a catalog, and clear it for all others."""
        used = np.zeros(len(sources), np.bool_)
        used[rows] = True
        sources[self.used_flag] = used
