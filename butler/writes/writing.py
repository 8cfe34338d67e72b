"""How an object becomes a dataset in one repository."""

from __future__ import annotations

import getpass
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from butler.errors import FormatterError, MissingDependencyError
from butler.formatter import as_bytes_formatter, check_parameters, find_formatter
from butler.storage.commit import Commit, PendingDataset
from butler.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.formatter import BytesFormatter
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import Provenance, StoredRow
    from butler.repository.chain import Chain
    from butler.repository.native import NativeRepository

__all__ = ["RECIPE", "Writer"]

RECIPE = "recipe"
"""The write parameter that a dataset type's recipe is handed on as."""

_MOST_OBSERVATIONS = 1000  # of one visit; the largest cameras have about 200 detectors


class Writer:
    """Writes datasets into one repository.

    Parameters
    ----------
    repository
        Where to.
    chain
        Where observations are looked up.
    """

    def __init__(self, repository: NativeRepository, chain: Chain) -> None:
        repository.require_writable()
        self.repository = repository
        self.commit = Commit(repository.store, repository.registry)
        self.chain = chain
        self._run_id: tuple[int, int] | None = None
        self._types: set[str] = set()
        self._copied: set[tuple[KeyValue | None, ...]] = set()

    @property
    def run_id(self) -> int:
        """The run of this process, recorded when it first writes."""
        if self._run_id is None or self._run_id[0] != os.getpid():
            number = self.repository.registry.start_run(
                user=_user(), host=socket.gethostname(), version=__version__
            )
            self._run_id = (os.getpid(), number)
        return self._run_id[1]

    def prepare(
        self,
        obj: object,
        dataset_type: DatasetType,
        data_id: DataId,
        parameters: Mapping[str, object],
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
    ) -> PendingDataset:
        """Write an object to a temporary file; nothing is visible yet.

        Parameters
        ----------
        obj
            What is written.
        dataset_type
            Its dataset type, with a template.
        data_id
            Every key of the template.
        parameters
            Write parameters.
        replace
            Whether it may take the place of another.
        backup
            Whether that one is kept.
        provenance
            How it was made, if known.

        Raises
        ------
        FormatterError
            If the formatter cannot write the object.
        ParameterError
            If a parameter is unknown.
        StorageError
            If the store refuses.
        """
        formatter = find_formatter(dataset_type.storage_class)
        check_parameters(
            parameters, formatter.write_parameters, dataset_type.storage_class, "write"
        )
        in_memory = as_bytes_formatter(formatter)
        if dataset_type.recipe is not None and RECIPE in formatter.write_parameters:
            parameters = {RECIPE: dataset_type.recipe, **parameters}

        def write(path: str) -> None:
            with _one_error(obj, dataset_type, data_id):
                formatter.write(obj, path, **parameters)

        def dump(how: BytesFormatter) -> bytes:
            with _one_error(obj, dataset_type, data_id):
                return how.dump(obj)

        return self.prepare_file(
            write if in_memory is None else dump(in_memory),
            dataset_type,
            data_id,
            replace=replace,
            backup=backup,
            provenance=provenance,
        )

    def prepare_file(
        self,
        content: bytes | Callable[[str], None],
        dataset_type: DatasetType,
        data_id: DataId,
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
    ) -> PendingDataset:
        """Fill a temporary file; nothing is visible yet.

        Parameters
        ----------
        content
            What it holds, or what writes it to a path.
        dataset_type, data_id, replace, backup, provenance
            As for `prepare`.

        Raises
        ------
        StorageError
            If the store refuses. No temporary is left then.
        """
        self.ensure_type(dataset_type)
        store = self.repository.store
        file = store.begin(self.repository.target_path(dataset_type, data_id))
        try:
            if isinstance(content, bytes):
                store.write(file, content)
            else:
                content(file.temporary)
                store.seal(file)
        except BaseException:
            store.discard(file)
            raise
        return PendingDataset(
            dataset_type,
            data_id,
            file,
            replaces=self._replaced(dataset_type, data_id) if replace else None,
            may_replace=replace,
            backup=backup,
            observations=self.observations_of(data_id),
            provenance=provenance,
        )

    def ensure_type(self, kind: DatasetType) -> None:
        """Record a dataset type and its keys in the registry, once."""
        if kind.name in self._types:
            return
        if kind.template is not None:
            self.repository.registry.ensure_keys(kind.template.types)
        self.repository.registry.ensure_dataset_type(
            kind.name,
            kind.keys,
            storage_class=kind.storage_class,
            template=None if kind.template is None else kind.template.text,
        )
        self._types.add(kind.name)

    def _replaced(self, kind: DatasetType, data_id: DataId) -> StoredRow | None:
        rows = self.repository.registry.find(kind.name, kind.keys, data_id)
        return rows[0] if rows else None

    def observations_of(self, data_id: DataId) -> Sequence[Mapping[str, KeyValue | None]]:
        """Return the observations of a data ID, if this registry does not have them yet.

        Parameters
        ----------
        data_id
            Of a dataset that is written here.
        """
        table = self.repository.policy.observation
        ways = [table.unique, *(one.by for one in table.implied)]
        by = next((keys for keys in ways if keys and all(key in data_id for key in keys)), None)
        if by is None:
            return ()
        values = tuple(data_id[key] for key in by)
        if values in self._copied:
            return ()
        # All ccds of a visit are asked for at once: most often they follow one another.
        group = next((one.by for one in table.implied if set(one.by) < set(by)), by)
        siblings = {key: data_id[key] for key in group}
        # Not marked before they are there: what is put may never be published.
        self._copied.update(self.repository.observations(by, siblings, _MOST_OBSERVATIONS))
        if values in self._copied:
            return ()
        given, columns = dict(zip(by, values, strict=True)), tuple(table.columns)
        rows = self.chain.observations(table, columns, given, _MOST_OBSERVATIONS)
        return [dict(zip(columns, row, strict=True)) for row in rows]


@contextmanager
def _one_error(obj: object, kind: DatasetType, data_id: DataId) -> Iterator[None]:
    """Turn whatever a formatter raises into one error of ours."""
    try:
        yield
    except MissingDependencyError:
        raise
    except Exception as error:
        raise _unwritable(obj, kind, data_id, error) from error


def _unwritable(
    obj: object, kind: DatasetType, data_id: DataId, error: Exception
) -> FormatterError:
    return FormatterError(
        f"{type(obj).__qualname__} could not be written as {kind.name!r} ({kind.storage_class}) "
        f"for {data_id}: {error}"
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
