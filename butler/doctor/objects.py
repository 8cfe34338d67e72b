"""Objects of a remote store that no row names."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from butler.doctor.finding import Finding
from butler.repository.config import CONFIG_NAME
from butler.storage.fsspec_store import FsspecStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.doctor.adoption import Adoption
    from butler.doctor.examination import Examination
    from butler.doctor.path_index import PathIndex

__all__ = ["check_objects"]

_OURS = ("rerun/", ".butler/")
_ASIDE = ".butler/orphans/"


def check_objects(examination: Examination, adoption: Adoption, index: PathIndex) -> None:
    """Find objects without rows; those that a living writer may be about to register stay.

    Parameters
    ----------
    examination
        Told of each.
    adoption
        Says what an object may be.
    index
        The paths of all rows, as they were before.
    """
    store = examination.repository.store
    if not isinstance(store, FsspecStore):
        return
    limit = time.time() - examination.treatment.longest_s
    objects = list(store.iter_objects())
    others = {os.path.dirname(path) for path, _ in objects if path.endswith(f"/{CONFIG_NAME}")}
    unknown = []
    for path, written in objects:
        is_theirs = any(path.startswith(f"{other}/") for other in others)
        if path.startswith(_OURS) or path == CONFIG_NAME or is_theirs:
            continue
        examination.report.files += 1
        if path not in index and (written is None or written < limit):
            unknown.append((path, written))
    aside = sum(path.startswith(_ASIDE) for path, _ in objects)
    if aside:
        examination.tell(Finding("set_aside", _ASIDE.rstrip("/"), f"{aside} objects"))
    for finding, is_old in _orphans(examination, adoption, unknown):
        may_move = is_old and examination.treatment.repair == "quarantine"
        move = partial(_set_aside, examination, finding.path)
        examination.repair(finding, move if may_move else None)


def _orphans(
    examination: Examination, adoption: Adoption, unknown: list[tuple[str, float | None]]
) -> Iterator[tuple[Finding, bool]]:
    registry = examination.repository.registry
    paths = [path for path, _ in unknown]
    named = {path for one in registry.intents() for path in one.paths}
    named.update(row.path for row in registry.trash())
    used = registry.paths_in_use(paths) if paths else set()
    for path, written in unknown:
        if path in used or path in named:
            continue
        found = adoption.identify(path)
        if not found and not adoption.is_version(path):
            yield Finding("foreign_file", path), False
        for one in found[:1]:
            data_id = one.data_id.canonical(one.kind.keys)
            age = "" if written is not None else "the store does not say how old it is"
            finding = Finding("orphan", path, age, one.kind.name, data_id)
            yield finding, written is not None


def _set_aside(examination: Examination, path: str) -> str | None:
    registry = examination.repository.registry
    with registry.write():
        named = {one for intent in registry.intents() for one in intent.paths}
        if path in named or registry.paths_in_use([path]):
            return None
        return f"set aside as {examination.repository.store.set_aside(path)}"
