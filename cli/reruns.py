"""``butler reruns``."""

from __future__ import annotations

from cli.arguments import format_option, repository_argument
from cli.command import verb
from cli.output import write_rows
from cli.reporting import note

__all__ = ["reruns"]

_COLUMNS = ("name", "root", "kind", "camera", "parents", "problem")


@verb
@repository_argument
@format_option
def reruns(repo: str, form: str) -> None:
    """List the known reruns of REPO.

    Known are those below REPO/rerun, and those elsewhere that stand on REPO
    and could write that down there.

    butler reruns DATA
    """
    from butler.repository.reruns import known_reruns

    rows = [
        {
            "name": one.name,
            "root": one.root,
            "kind": one.kind,
            "camera": one.camera,
            "parents": list(one.parents),
            "problem": one.problem,
        }
        for one in known_reruns(repo)
    ]
    columns: tuple[str, ...] = _COLUMNS
    if form == "table":
        columns = tuple(name for name in columns if name != "problem" or any(r[name] for r in rows))
    if not write_rows(rows, columns, form):
        note("No rerun is known. To make one: butler rerun REPO NAME")
