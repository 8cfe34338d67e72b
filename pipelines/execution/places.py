"""Where a run reads and writes: ``--rerun [IN:]OUT`` or ``--output DIR``."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from butler.repository.locations import absolute_location, is_remote, is_repository
from butler.repository.native import NativeRepository
from butler.repository.opening import open_repository
from butler.repository.reruns import rerun_location
from pipelines.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RunPlaces", "find_places"]

_RERUN = "rerun"
_MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class RunPlaces:
    """Where a run reads and writes.

    Parameters
    ----------
    inputs
        Absolute locations that the output stands on, in order; empty for an
        output that is there and has its parents already.
    output
        Absolute location; it need not be there.
    is_new
        Whether it has to be made.
    user_calibs
        Dataset types of calibrations and the files that are taken for them.
    """

    inputs: tuple[str, ...]
    output: str
    is_new: bool
    user_calibs: tuple[tuple[str, str], ...] = ()

    def as_arguments(self) -> dict[str, object]:
        """Return the keyword arguments of a Butler that reads and writes there."""
        return {
            "inputs": list(self.inputs),
            "outputs": self.output,
            "user_calibs": dict(self.user_calibs) or None,
        }

    def as_readable(self) -> dict[str, object]:
        """Return those of a Butler that makes nothing."""
        return {
            "inputs": [self.output] if not self.is_new else list(self.inputs),
            "user_calibs": dict(self.user_calibs) or None,
        }

    def require_output(self) -> None:
        """Refuse to resume what is not there.

        Raises
        ------
        RunError
            If the output has to be made.
        """
        if self.is_new:
            raise RunError(
                f"There is nothing to resume: {self.output} is not there. Leave --resume out."
            )


def find_places(
    root: str,
    *,
    rerun: str | None = None,
    output: str | None = None,
    user_calibs: Mapping[str, str] | None = None,
) -> RunPlaces:
    """Return where a run reads and writes; nothing is made.

    Parameters
    ----------
    root
        The repository that is read.
    rerun
        ``OUT`` or ``IN:OUT``, names below ``ROOT/rerun`` or places. With one
        name, a rerun that is there keeps its parents.
    output
        Any other place instead.
    user_calibs
        As for `Butler`.

    Raises
    ------
    RunError
        If neither is given, or both, or it is no such name.
    RepositoryNotFoundError
        If what is read is not there.
    """
    base = absolute_location(root)
    open_repository(base).close()
    places = _find(base, rerun, output)
    return replace(places, user_calibs=tuple((user_calibs or {}).items()))


def _find(base: str, rerun: str | None, output: str | None) -> RunPlaces:
    if (rerun is None) == (output is None):
        raise RunError(
            "Say where the outputs go: --rerun NAME for ROOT/rerun/NAME, --rerun IN:NAME to read "
            "from another rerun, or --output DIRECTORY; one of them."
        )
    if output is not None:
        place = absolute_location(output)
        return _places(base, (base,), place, names_inputs=False)
    names = str(rerun).split(":")
    if is_remote(base) or len(names) > _MOST_NAMES or not all(map(_is_name, names)):
        raise RunError(
            f"--rerun is NAME or IN:NAME of reruns of a local repository, not {rerun!r}."
        )
    place = os.path.join(base, _RERUN, names[-1])
    if len(names) == 1:
        return _places(base, (base,), place, names_inputs=False)
    source = rerun_location(base, names[0])
    open_repository(source).close()
    return _places(base, (source,), place, names_inputs=True)


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return all(part and part.isprintable() and not part.startswith(".") for part in parts)


def _places(base: str, inputs: tuple[str, ...], output: str, *, names_inputs: bool) -> RunPlaces:
    if output == base or output in inputs:
        raise RunError(
            f"{output} would be read and written: give the outputs a place of their own."
        )
    is_there = is_remote(output) or is_repository(output)
    if not is_there:
        return RunPlaces(inputs, output, is_new=True)
    there = open_repository(output)
    try:
        if not isinstance(there, NativeRepository):
            raise RunError(
                f"{output} was made by Gen2 and is only read. Write to another rerun, for example "
                f"one on top of it: --rerun {os.path.basename(output)}:NEW"
            )
        if names_inputs or not there.parents:
            return RunPlaces(inputs, output, is_new=False)
    finally:
        there.close()
    return RunPlaces((), output, is_new=False)
