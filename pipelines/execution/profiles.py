"""Where the time of data IDs goes, as files that ``pstats`` and its viewers read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from butler.data_id import DataId

__all__ = ["Profiles"]


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profile of each data ID of a run.

    Parameters
    ----------
    path
        Absolute place of the file.
    keys
        Whose values go into its name; none if there is one data ID.
    """

    path: str
    keys: tuple[str, ...] = ()

    def path_of(self, data_id: DataId) -> str:
        """Return the file of a data ID: ``FILE``, or ``FILE-903334-16`` before its suffix."""
        stem, suffix = os.path.splitext(self.path)
        values = (quote(str(data_id[key]), safe="") for key in self.keys if key in data_id)
        return "-".join((stem, *values)) + suffix

    def written(self, data_ids: Iterable[DataId]) -> list[str]:
        """Return the files of data IDs that are there."""
        return [path for path in map(self.path_of, data_ids) if os.path.exists(path)]

    @contextmanager
    def recording(self, data_id: DataId) -> Iterator[None]:
        """Write the profile of what runs inside, also if it fails; another one is replaced."""
        from cProfile import Profile

        profile = Profile()
        profile.enable()
        try:
            yield
        finally:
            profile.disable()
            profile.dump_stats(self.path_of(data_id))
