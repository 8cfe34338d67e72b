"""What processes set out to do and did not finish: intents and the trash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from butler.doctor.finding import Finding
from butler.registry.intents import now_text
from butler.storage.commit import Commit
from butler.storage.recovery import is_dead, take_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.doctor.adoption import Adoption
    from butler.doctor.examination import Examination
    from butler.registry.registry import Registry
    from butler.registry.rows import IntentRow, TrashRow

__all__ = ["check_intents", "check_trash"]

_SHOWN = 3
_AT_ONCE = 5000


def check_intents(examination: Examination, adoption: Adoption) -> None:
    """Find the intents of dead processes; take back what they did, or finish it.

    Parameters
    ----------
    examination
        Told of each.
    adoption
        With ``--repair adopt``, a put of which every file is whole is
        finished: all of it, or nothing.
    """
    for intent in examination.repository.registry.intents():
        if is_dead(intent, examination.treatment.longest_s):
            paths = ", ".join(intent.paths[:_SHOWN])
            more = f" and {len(intent.paths) - _SHOWN} more" if len(intent.paths) > _SHOWN else ""
            finding = Finding(
                "intent_left",
                path=intent.paths[0] if intent.paths else "",
                detail=f"{intent.operation} by process {intent.pid} on {intent.host}, begun "
                f"{intent.started}: {paths}{more}",
            )
            examination.repair(finding, partial(_resolve, examination, adoption, intent))


def _resolve(examination: Examination, adoption: Adoption, intent: IntentRow) -> str | None:
    repository = examination.repository
    if examination.treatment.repair == "adopt" and intent.operation != "ingest":
        adopted = adoption.adopt_all(intent.paths)
        if adopted:
            take_back(repository.registry, repository.store, intent)
            return f"finished: {adopted} files were registered"
    taken = take_back(repository.registry, repository.store, intent)
    if taken is None:
        return None
    aside = [one.aside for one in taken if one.aside is not None]
    outcome = f"taken back: {len(taken)} files"
    return f"{outcome}, of which set aside: {', '.join(aside)}" if aside else outcome


def check_trash(examination: Examination) -> None:
    """Find files that nothing uses any more and that need not wait for readers.

    Parameters
    ----------
    examination
        Told of each.
    """
    registry = examination.repository.registry
    trash = registry.trash()
    grace = timedelta(seconds=examination.treatment.grace_s)
    limit = (datetime.now(UTC) - grace).isoformat(timespec="seconds")
    if examination.treatment.grace_s <= 0:
        limit = max(limit, now_text())
    waiting = 0
    for start in range(0, len(trash), _AT_ONCE):
        some = trash[start : start + _AT_ONCE]
        used = _used_paths(registry, some)
        for row in some:
            if row.path in used:
                finding = Finding("trash_in_use", row.path, f"in the trash since {row.removed}")
                examination.repair(finding, partial(_take_out, examination, row))
            elif row.removed <= limit:
                finding = Finding("trash_left", row.path, f"in the trash since {row.removed}")
                examination.repair(finding, partial(_empty, examination, row))
            else:
                waiting += 1
    if waiting:
        examination.tell(Finding("trash_waiting", detail=f"{waiting} files"))


def _used_paths(registry: Registry, trash: Sequence[TrashRow]) -> set[str]:
    """Return the paths of the trash that datasets have; most often there are none."""
    used = registry.paths_in_use([row.path for row in trash])
    if used:  # perhaps somebody has just put one again, which took it out of the trash
        still = {(row.id, row.path) for row in registry.trash()}
        again = [row.path for row in trash if row.path in used and (row.id, row.path) in still]
        used = registry.paths_in_use(again)
    return used


def _take_out(examination: Examination, row: TrashRow) -> str | None:
    registry = examination.repository.registry
    taken: list[str] = []

    def is_used(path: str) -> bool:
        taken.extend(registry.paths_in_use([path]))
        return bool(taken)

    registry.take_trash([row.id], is_used)  # the file stays
    return "taken out of the trash" if taken else None


def _empty(examination: Examination, row: TrashRow) -> str | None:
    repository = examination.repository
    kept = Commit(repository.store, repository.registry).empty([row])
    if row.path in kept:
        raise kept[row.path]
    left = {one.id for one in repository.registry.trash()}
    return None if row.id in left else "removed"
