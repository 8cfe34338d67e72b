"""What a command returns to the shell."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.errors import ButlerError
    from pipelines.errors import PipelineError

__all__ = ["CODES", "ExitCode", "exit_code"]


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    STORAGE = 5
    INTERRUPTED = 130


CODES: Mapping[str, ExitCode] = {
    "alias": ExitCode.USAGE,
    "ambiguous_data_id": ExitCode.USAGE,
    "butler": ExitCode.STORAGE,
    "config": ExitCode.USAGE,
    "conflict": ExitCode.CONFLICT,
    "data_id": ExitCode.USAGE,
    "dataset_exists": ExitCode.CONFLICT,
    "dataset_not_found": ExitCode.NOT_FOUND,
    "expression": ExitCode.USAGE,
    "formatter": ExitCode.STORAGE,
    "ingest": ExitCode.SOME_FAILED,
    "mismatch": ExitCode.CONFLICT,
    "missing_dependency": ExitCode.USAGE,
    "not_offered": ExitCode.USAGE,
    "package_folder": ExitCode.NOT_FOUND,
    "parameter": ExitCode.USAGE,
    "pipeline": ExitCode.SOME_FAILED,
    "policy": ExitCode.USAGE,
    "read_only": ExitCode.STORAGE,
    "registry": ExitCode.STORAGE,
    "registry_version": ExitCode.STORAGE,
    "repository": ExitCode.USAGE,
    "repository_exists": ExitCode.CONFLICT,
    "repository_not_found": ExitCode.NOT_FOUND,
    "run": ExitCode.USAGE,
    "storage": ExitCode.STORAGE,
    "template": ExitCode.USAGE,
    "unknown_dataset_type": ExitCode.USAGE,
    "unknown_key": ExitCode.USAGE,
    "unknown_mapper": ExitCode.USAGE,
    "unknown_step": ExitCode.USAGE,
    "unknown_task": ExitCode.USAGE,
    "untrusted_file": ExitCode.USAGE,
}
"""The exit code of each error's ``code``."""


def exit_code(error: ButlerError | PipelineError) -> ExitCode:
    """Return the exit code of an error; one of a later release counts as its nearest kin."""
    for kind in type(error).__mro__:
        code = getattr(kind, "code", "")
        if code in CODES:
            return CODES[code]
    return ExitCode.STORAGE
