"""Files without rows are adopted, or set aside, many at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from butler.doctor.adoption import Adoption
    from butler.doctor.examination import Examination
    from butler.storage.local_store import LocalStore

__all__ = ["StrayRepair"]

_AT_ONCE = 200  # files moved while writers wait: some milliseconds


class StrayRepair:
    """Adopts files or sets them aside.

    Parameters
    ----------
    examination
        Says which.
    adoption
        Registers files.
    store
        Where they are.

    Attributes
    ----------
    outcomes
        What was done, by path. Missing are those that somebody else has come
        to meanwhile.
    """

    def __init__(self, examination: Examination, adoption: Adoption, store: LocalStore) -> None:
        self.examination, self.adoption, self.store = examination, adoption, store
        self.registry = examination.repository.registry
        self.outcomes: dict[str, str] = {}

    def resolve(self, paths: Sequence[str]) -> None:
        """Repair what can be.

        Parameters
        ----------
        paths
            Files without rows, relative to the root.

        Raises
        ------
        StorageError, RegistryError
            If the disk or the registry refuses.
        """
        for start in range(0, len(paths), _AT_ONCE):
            busy = self.examination.busy_paths()
            some = [path for path in paths[start : start + _AT_ONCE] if path not in busy]
            why: Mapping[str, str] = {}
            if self.examination.treatment.repair == "adopt":
                adopted, why = self.adoption.adopt_each(some)
                self.outcomes.update(adopted)
            rest = [path for path in some if path not in self.outcomes]
            for path, aside in self._set_aside(rest):
                reason = f" ({why[path]})" if path in why else ""
                self.outcomes[path] = f"set aside as {aside}{reason}"

    def _set_aside(self, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Move files to the orphans, unless a row or a writer has come to them meanwhile."""
        if not paths:
            return
        moved = []
        with self.registry.write():
            busy = self.examination.busy_paths()
            free = [path for path in paths if path not in busy and not self.store.is_claimed(path)]
            used = self.registry.paths_in_use(free)
            for path in free:
                if path not in used and os.path.lexists(os.path.join(self.store.root, path)):
                    try:
                        moved.append((path, self.store.set_aside(path)))
                    except StorageError:
                        if not moved:
                            raise
                        break  # the next examination says why
        yield from moved
