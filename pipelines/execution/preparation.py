"""What an output repository must agree to before a run: configuration, versions, schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from butler.data_id import DataId
from butler.edit_dataset_types import add_dataset_types
from butler.errors import DatasetExistsError
from butler.repository.chain import Chain
from butler.task_butler import TaskButler
from pipelines.configuration.saved import differences, parse_saved
from pipelines.errors import MismatchError, RunError
from pipelines.execution.dataset_types import PACKAGES, run_dataset_types
from pipelines.versions import software_versions, version_differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.butler import Butler
    from pipelines.configuration.override_file import LoadedFile
    from pipelines.execution.places import RunPlaces
    from pipelines.task.cmd_line_task import CmdLineTask
    from pipelines.task.config import Config

__all__ = [
    "Clobber",
    "Differences",
    "check_recorded",
    "check_types",
    "config_text",
    "open_output",
    "record_run",
]

_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Clobber:
    """What may take the place of what an earlier run has recorded.

    Parameters
    ----------
    config
        The configuration; everything is done again then.
    versions
        The versions of the software.
    keeps_backup
        Whether the old ones are kept as ``name~1`` and so on.
    """

    config: bool = False
    versions: bool = False
    keeps_backup: bool = True


def config_text(config: Config, loaded: Sequence[LoadedFile] = ()) -> str:
    """Return a configuration as it is recorded, with the files that it was made by."""
    files = "".join(f"# from {one.path} (sha256 {one.sha256})\n" for one in loaded)
    return f"{config.saveToString().rstrip()}\n{files}"


def check_types(task: type[CmdLineTask], config: Config, chain: Chain) -> None:
    """Refuse a task whose dataset types the camera does not have.

    Raises
    ------
    UnknownDatasetTypeError
        With a suggestion.
    RunError
        If its ``--id`` would name nothing.
    """
    for name in (*task.input_types(config), *task.output_types(config)):
        chain.lookup(name)
    if chain.lookup(task.data_type).dataset_type.template is None:
        raise RunError(
            f"{task.__name__} takes its data IDs from {task.data_type!r}, of which there are no "
            f"files."
        )


def open_output(task: type[CmdLineTask], places: RunPlaces) -> TaskButler:
    """Return a Butler on the output, made if need be, that knows all dataset types of a run.

    Parameters
    ----------
    task
        What will run.
    places
        Where.
    """
    butler = TaskButler(**places.as_arguments())  # type: ignore[arg-type]
    missing = run_dataset_types(task, Chain(butler.repositories))
    if not missing:
        return butler
    butler.close()
    add_dataset_types(places.output, missing)
    return TaskButler(**places.as_arguments())  # type: ignore[arg-type]


def record_run(butler: TaskButler, task: CmdLineTask, text: str, clobber: Clobber) -> None:
    """Record configuration, versions and schemas, or compare them with what is there.

    Parameters
    ----------
    butler
        Of the output.
    task
        What will run.
    text
        Its configuration, from `config_text`.
    clobber
        What may differ.

    Raises
    ------
    MismatchError
        If something differs that may not.
    """
    other = check_recorded(butler, type(task), text, clobber)
    keeps = clobber.keeps_backup
    kind, now = task.config_type(), software_versions(type(task).__module__)
    if other.configuration or not _holds(butler, kind):
        is_other = bool(other.configuration)
        butler.put(text, kind, replace=is_other, backup=is_other and keeps)
    old = butler.get(PACKAGES) if _holds(butler, PACKAGES) else None
    known = old if isinstance(old, dict) else {}
    if old is None:
        butler.put(now, PACKAGES)
    elif {**known, **now} != known:
        is_other = bool(other.versions)
        butler.put({**known, **now}, PACKAGES, replace=True, backup=is_other and keeps)
    for name, catalog in task.all_schema_catalogs().items():
        try:
            butler.put(catalog, f"{name}_schema", replace=clobber.config)
        except DatasetExistsError as error:
            raise MismatchError(
                f"{butler.outputs[0].root} has catalogs of {name} with other fields. Write to "
                f"another rerun, or do everything again: --clobber-config"
            ) from error


class Differences(NamedTuple):
    """In what a run differs from those before, as lines that people read."""

    configuration: Sequence[str] = ()
    versions: Sequence[str] = ()


def check_recorded(
    butler: Butler, task: type[CmdLineTask], text: str, clobber: Clobber
) -> Differences:
    """Compare configuration and versions with what is recorded, and write nothing.

    Parameters
    ----------
    butler
        Its first repository is the output.
    task, text, clobber
        As for `record_run`.

    Raises
    ------
    MismatchError
        If something differs that may not.
    """
    root, kind = butler.repositories[0].root, task.config_type()
    configuration: Sequence[str] = ()
    versions: Sequence[str] = ()
    if _holds(butler, kind):
        configuration = differences(parse_saved(str(butler.get(kind))), parse_saved(text))
    if configuration and not clobber.config:
        raise MismatchError(
            f"{root} was made with another configuration of {task.default_name()}:\n"
            f"{_listed(configuration)}\n"
            f"Write to another rerun, or do everything again: --clobber-config"
        )
    if _holds(butler, PACKAGES):
        versions = version_differences(butler.get(PACKAGES), software_versions(task.__module__))
    if versions and not clobber.versions:
        raise MismatchError(
            f"{root} was made with other versions:\n{_listed(versions)}\n"
            f"Write to another rerun, or go on with these: --clobber-versions"
        )
    return Differences(configuration, versions)


def _holds(butler: Butler, name: str) -> bool:
    """Tell whether the first repository itself has the one dataset of a type."""
    chain, output = Chain(butler.repositories), butler.repositories[0]
    return chain.knows(name) and output.find(chain.lookup(name).dataset_type, DataId()) is not None


def _listed(lines: Sequence[str]) -> str:
    shown = [f"  {line}" for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"  and {len(lines) - _MOST_LINES} more")
    return "\n".join(shown)
