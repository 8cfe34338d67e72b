from __future__ import annotations

from typing import TYPE_CHECKING

import butler.registry.database  # its own kind of RegistryError
from butler.errors import ButlerError, DatasetNotFoundError, RepositoryError, StorageError
from cli.exit_codes import CODES, ExitCode, exit_code
from pipelines.errors import MismatchError, PipelineError, UntrustedFileError, WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_error(
    kind: type[ButlerError | PipelineError] = ButlerError,
) -> Iterator[type[ButlerError | PipelineError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every_error(below)


def test_every_error_has_an_exit_code() -> None:
    assert butler.registry.database.ConflictError in set(every_error())
    assert {kind.code for kind in every_error()} - set(CODES) == set()


def test_no_exit_code_is_for_an_error_that_does_not_exist() -> None:
    known = {kind.code for root in (ButlerError, PipelineError) for kind in every_error(root)}
    assert set(CODES) - known == set()


def test_errors_end_as_documented() -> None:
    assert exit_code(RepositoryError("x")) == ExitCode.USAGE == 2
    assert exit_code(DatasetNotFoundError("raw", "visit=1")) == ExitCode.NOT_FOUND == 3
    assert exit_code(StorageError("x")) == ExitCode.STORAGE == 5


def test_errors_of_tasks_end_as_documented() -> None:
    assert exit_code(MismatchError("x")) == ExitCode.CONFLICT
    assert exit_code(UntrustedFileError("x")) == ExitCode.USAGE
    assert exit_code(WorkerDiedError(-9)) == ExitCode.SOME_FAILED


def test_error_of_a_later_release_counts_as_its_kin() -> None:
    late = type("LateError", (RepositoryError,), {"code": "late"})
    assert exit_code(late("x")) == ExitCode.USAGE
    # leave no trace for the tests above
    del late
