"""A dataset whose file is lost: brought back from elsewhere, or given up if that is wanted."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from butler.errors import StorageError
from butler.repository.locations import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.doctor.examination import Examination
    from butler.doctor.finding import Finding
    from butler.doctor.sources import Source, Sources
    from butler.registry.inspection import DatasetRecord

__all__ = ["LostFile"]


class LostFile:
    """One dataset whose file is gone or has changed.

    Parameters
    ----------
    examination
        Says what may be done.
    sources
        Other repositories.
    record
        What the registry says.
    is_lost
        Looks again, since a living process may be at work.
    """

    def __init__(
        self,
        examination: Examination,
        sources: Sources,
        record: DatasetRecord,
        is_lost: Callable[[DatasetRecord], bool],
    ) -> None:
        self.examination, self.sources = examination, sources
        self.record, self.is_lost = record, is_lost
        self.store = examination.repository.store
        self.registry = examination.repository.registry

    def explain(self, finding: Finding) -> Finding:
        """Return the finding with the repository that has the same content, if one is known."""
        source = self.sources.relative(self.record)
        if source is None:
            return finding
        said = f"{finding.detail}; " if finding.detail else ""
        return replace(finding, detail=f"{said}{source.root} has the same content")

    def action(self) -> Callable[[], str | None] | None:
        """Return what the treatment allows to be done, None if that is nothing."""
        treatment = self.examination.treatment
        if treatment.restore_from:
            return self._restore_or_forget
        return self._forget if treatment.forget_missing else None

    def _restore_or_forget(self) -> str | None:
        source = self.sources.named(self.record)
        if source is not None:
            return self._restore(source)
        if self.examination.treatment.forget_missing:
            return self._forget()
        places = ", ".join(self.examination.treatment.restore_from)
        why = "" if self.record.sha256 else ", and its sha256 is not known, so none could be sure"
        raise StorageError(f"It is not in {places}{why}.")

    def _restore(self, source: Source) -> str | None:
        record = self.record
        if record.path.startswith("/") or "://" in record.path:
            raise StorageError(f"{record.path} lies elsewhere. Copy it there from {source.path}.")
        pending = self.store.begin(record.path)
        try:
            shutil.copyfile(source.path, pending.temporary)
            facts = self.store.seal(pending)
            if facts.sha256 != record.sha256:
                raise StorageError(f"{source.path} has other content than is registered.")
            with self.registry.write():
                now = self.registry.records([record.id]).get(record.id)
                if now is None or now.path != record.path or not self.is_lost(now):
                    return None
                if self._is_there():
                    self.store.set_aside(record.path)
                self.store.publish(pending)
                self.store.sync([record.path])
            found = record._replace(size=facts.size, mtime_ns=facts.mtime_ns)
            self.registry.record_contents([found])
        finally:
            self.store.discard(pending)
        return f"brought back from {source.path}"

    def _is_there(self) -> bool:
        if is_remote(self.store.root):
            return self.store.facts(self.record.path) is not None
        return os.path.lexists(os.path.join(self.store.root, self.record.path))

    def _forget(self) -> str | None:
        aside: list[str] = []

        def set_aside(record: DatasetRecord) -> bool:
            if not self.is_lost(record):
                return False
            is_inside = not record.path.startswith("/") and "://" not in record.path
            if is_inside and self._is_there():
                aside.append(self.store.set_aside(record.path))
            return True

        if not self.registry.forget_records([self.record.id], set_aside):
            return None
        return f"given up; what was there is {aside[0]}" if aside else "given up"
