"""Pages that list what each installed task reads, writes and can be told.

``python -m pipelines.configuration.reference_pages docs/configuration`` writes
them anew.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pipelines.configuration.field_rows import iter_parts
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.task import CmdLineTask
from pipelines.task_lookup import find_task, task_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipelines.configuration.field_rows import ConfigPart, FieldRow
    from pipelines.task import Config

__all__ = ["reference_pages"]

_OF_CAMERAS = (SubaruIsrTask,)
_COMMAND = "python -m pipelines.configuration.reference_pages docs/configuration"


def reference_pages() -> dict[str, str]:
    """Return the pages by their file names: an index, and one for each installed task."""
    tasks: dict[type[CmdLineTask], list[str]] = {}
    for name in task_names():
        tasks.setdefault(find_task(name), []).append(name)
    known = {task.__name__: task for task in tasks}
    pages = {
        f"{task.default_name()}.md": _page(task, names, known) for task, names in tasks.items()
    }
    pages |= {f"{kind.__name__}.md": _camera_page(kind) for kind in _OF_CAMERAS}
    return {"README.md": _index(tasks), **pages}


def _index(tasks: dict[type[CmdLineTask], list[str]]) -> str:
    lines = [
        "# Fields of every task",
        "",
        "What each task of `butler run` reads and writes, and every field with its default. A",
        "camera changes some: `butler run TASK REPO --show config` says what holds there.",
        "[Tasks](../tasks.md#where-a-configuration-comes-from) says how values are spelled.",
        f"These pages are made by `{_COMMAND}`.",
        "",
        "| task | what it does |",
        "|---|---|",
    ]
    lines += [
        f"| [{', '.join(names)}]({task.default_name()}.md) | {_summary(task)} |"
        for task, names in tasks.items()
    ]
    lines += [f"| [{one.__name__}]({one.__name__}.md) | {_summary(one)} |" for one in _OF_CAMERAS]
    return "\n".join(lines) + "\n"


def _camera_page(task: type[CmdLineTask]) -> str:
    """Return the fields in which a camera's task differs from the one that it derives from."""
    usual = task.__mro__[1]
    assert issubclass(usual, CmdLineTask)  # noqa: S101 - what it derives from is one, too
    known = {row.path: row for row in _rows(usual.ConfigClass(), "isr")}
    rows = [row for row in _rows(task.ConfigClass(), "isr") if known.get(row.path) != row]
    lines = [
        f"# {task.__name__}",
        "",
        _summary(task),
        "",
        f"The fields that `{usual.__name__}` ([runIsr](runIsr.md)) does not have, or has with",
        "other defaults. Files of the camera change more of them.",
        "",
        *_table(rows),
    ]
    return "\n".join(lines) + "\n"


def _summary(task: type[CmdLineTask]) -> str:
    return (task.__doc__ or "").strip().partition("\n")[0]


def _page(
    task: type[CmdLineTask], names: list[str], others: Mapping[str, type[CmdLineTask]]
) -> str:
    config = task.ConfigClass()
    lines = [
        f"# {task.default_name()}",
        "",
        _summary(task),
        "",
        "| | by default |",
        "|---|---|",
        f"| called | {_codes(names)} |",
        f"| `--id` selects | {_codes([task.data_type])} |",
        f"| reads | {_codes(task.input_types(config))} |",
        f"| writes | {_codes(task.output_types(config))} |",
    ]
    if task.steps:
        lines.append(f"| steps to reuse | {_codes(task.steps)} |")
    elsewhere = ""
    for part in iter_parts(config, task.__name__):
        if elsewhere and part.path.startswith(elsewhere):
            continue
        other = others.get(part.name) if part.path else None
        lines += ["", *(_section(part) if other is None else _reference(config, part, other))]
        elsewhere = "" if other is None else f"{part.path}."
    return "\n".join(lines) + "\n"


def _reference(config: Config, part: ConfigPart, other: type[CmdLineTask]) -> Iterator[str]:
    """Yield where the fields of a task stand, and those whose default is another one here."""
    yield f"## {part.path}: {part.name}"
    yield ""
    page = other.default_name()
    yield f"The fields of [{page}]({page}.md), below `{part.path}`."
    usual = {row.path: row.value for row in _rows(other.ConfigClass(), part.path)}
    inside = getattr(config, part.path).value
    changed = [row for row in _rows(inside, part.path) if usual.get(row.path) != row.value]
    if changed:
        yield "Other defaults than there:"
        yield ""
        yield from _table(changed)


def _rows(config: Config, path: str) -> Iterator[FieldRow]:
    for part in iter_parts(config, "", path):
        yield from part.rows


def _codes(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{one}`" for one in words) or "nothing"


def _section(part: ConfigPart) -> Iterator[str]:
    yield f"## {part.path}: {part.name}" if part.path else f"## {part.name}"
    yield ""
    if not part.rows:
        yield "No fields."
        return
    yield from _table(part.rows)


def _table(rows: Iterable[FieldRow]) -> Iterator[str]:
    yield "| field | takes | default | |"
    yield "|---|---|---|---|"
    for row in rows:
        cells = (f"`{row.path}`", row.kind, f"`{row.value}`" if row.value else "none", row.doc)
        yield "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |"


def _write(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    for name, text in reference_pages().items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    _write(sys.argv[1])
