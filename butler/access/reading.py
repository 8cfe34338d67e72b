"""How a dataset that was found becomes an object."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from butler.components import FILENAME, DatasetName
from butler.errors import (
    ButlerError,
    DatasetNotFoundError,
    FormatterError,
    ParameterError,
    suggest,
)
from butler.formatter import as_bytes_formatter, check_parameters, find_formatter
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.formatter import Formatter
    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import Found

__all__ = ["VERIFY", "read_dataset"]

VERIFY = "verify"
"""The read parameter that every storage class takes: compare the sha256 before reading."""


def read_dataset(
    found: Found, name: DatasetName, dataset_type: DatasetType, parameters: Mapping[str, object]
) -> object:
    """Return a dataset or a component of it.

    Parameters
    ----------
    found
        Where it is.
    name
        What was asked for.
    dataset_type
        Its dataset type.
    parameters
        Read parameters, such as ``bbox``. ``verify=True`` compares the sha256
        of the file with the registered one first.

    Raises
    ------
    FormatterError
        If the file cannot be read, has no such component, or is not what was
        registered and that was to be verified.
    ParameterError
        If a parameter is unknown to its formatter.
    """
    if name.is_gen2_spelling and name.component is None and parameters.get("bbox") is None:
        raise ParameterError(f"'{name.dataset_type}_sub' is a part of an image: give its bbox=.")
    if name.component == FILENAME:
        uri = found.repository.uri(found.stored)
        return [uri] if name.is_gen2_spelling else uri
    parameters = _verified(found, parameters)
    formatter = find_formatter(dataset_type.storage_class)
    if name.component is not None and name.component not in formatter.components:
        raise _no_component(name.component, dataset_type, formatter)
    if parameters:
        check_parameters(parameters, formatter.read_parameters, dataset_type.storage_class, "read")
    if found.stored.hdu is not None and "hdu" in formatter.read_parameters:
        parameters = {"hdu": found.stored.hdu, **parameters}
    read = partial(_read, found, formatter, parameters)
    try:
        if dataset_type.category == "raw":
            mapper, stored = found.repository.mapper, found.stored
            return mapper.read_raw(stored.dataset_type, stored.data_id, name.component, read)
        return read(name.component)
    except Exception as error:  # whatever a formatter raises becomes one error of ours
        if not found.repository.has_file(found.stored):
            raise _gone(found) from error
        if isinstance(error, ButlerError) and not isinstance(error, FormatterError):
            raise
        raise _unreadable(found, error) from error


def _verified(found: Found, parameters: Mapping[str, object]) -> Mapping[str, object]:
    """Compare content with what was registered, if asked to; return the other parameters."""
    if VERIFY not in parameters:
        return parameters
    if parameters[VERIFY]:
        _verify(found)
    return {key: value for key, value in parameters.items() if key != VERIFY}


def _verify(found: Found) -> None:
    expected = found.stored.sha256
    if expected is None:
        raise FormatterError(
            f"The sha256 of {found.repository.uri(found.stored)} is not known, because it was only "
            f"linked. To have it recorded: butler doctor {found.repository.root} --deep"
        )
    try:
        with found.repository.local(found.stored) as path:
            digest = digest_file(path)
    except Exception as error:
        if not found.repository.has_file(found.stored):
            raise _gone(found) from error
        raise _unreadable(found, error) from error
    if digest != expected:
        raise FormatterError(
            f"{found.repository.uri(found.stored)} ({found.stored.dataset_type} "
            f"{found.stored.data_id}) is not what was registered: its sha256 is "
            f"{digest.hex()[:12]}..., and {expected.hex()[:12]}... was written. What can be done: "
            f"butler doctor {found.repository.root} --deep"
        )


def _read(
    found: Found, formatter: Formatter, parameters: Mapping[str, object], component: str | None
) -> object:
    in_memory = as_bytes_formatter(formatter)
    if in_memory is not None:
        return in_memory.load(found.repository.read_bytes(found.stored), component)
    with found.repository.local(found.stored) as path:
        return formatter.read(path, component, **parameters)


def _no_component(
    component: str, dataset_type: DatasetType, formatter: Formatter
) -> FormatterError:
    known = sorted({FILENAME, *formatter.components})
    return FormatterError(
        f"{dataset_type.name!r} has no component {component!r} that can be read here."
        f"{suggest(component, known)} Its components are: {', '.join(known)}."
    )


def _gone(found: Found) -> DatasetNotFoundError:
    uri = found.repository.uri(found.stored)
    return DatasetNotFoundError(
        found.stored.dataset_type,
        str(found.stored.data_id),
        [uri],
        f"The registry of {found.repository.root} has it, but the file is gone. If it was a "
        f"link, what it pointed to has been moved or removed.",
    )


def _unreadable(found: Found, error: Exception) -> FormatterError:
    uri = found.repository.uri(found.stored)
    return FormatterError(
        f"{uri} ({found.stored.dataset_type} {found.stored.data_id}) could not be read: {error}"
    )
