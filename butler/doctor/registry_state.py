"""Whether the database of a registry is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.doctor.finding import Finding
from butler.registry.schema import FIXED_COLUMNS, LATEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.doctor.examination import Examination
    from butler.registry.registry import Registry

__all__ = ["check_registry"]

_LINKS = "points to a row"


def check_registry(examination: Examination) -> bool:
    """Find damage of the database and of its tables.

    Parameters
    ----------
    examination
        Told of each.

    Returns
    -------
    bool
        Whether the registry can be believed, so that others may go on.
    """
    registry = examination.repository.registry
    where = registry.database.url
    is_sound = True
    for fault in registry.check_integrity():
        code = "registry_links_broken" if _LINKS in fault else "registry_corrupt"
        examination.tell(Finding(code, where, fault))
        is_sound = is_sound and code != "registry_corrupt"
    if not is_sound:
        return False
    if registry.version < LATEST_VERSION:
        detail = f"version {registry.version}, the newest is {LATEST_VERSION}"
        examination.tell(Finding("registry_old_version", where, detail))
        return True
    for fault in _column_faults(registry):
        examination.tell(Finding("registry_columns_differ", where, fault))
        is_sound = False
    return is_sound


def _column_faults(registry: Registry) -> Iterator[str]:
    tables = registry.tables
    for table in tables.metadata.sorted_tables:
        wanted = [column.name for column in table.columns]
        there = registry.database.column_names(table.name)
        if not there:
            yield f"there is no table {table.name}"
            continue
        if missing := sorted(set(wanted) - set(there)):
            yield f"the table {table.name} lacks {', '.join(missing)}"
        if table is tables.dataset and (more := sorted(set(there) - set(wanted))):
            yield f"the table {table.name} has columns that are no keys: {', '.join(more)}"
    if reserved := sorted(set(registry.keys) & set(FIXED_COLUMNS)):
        yield f"keys have names of other columns: {', '.join(reserved)}"
