"""The Butler: data IDs in, objects out, on chained repositories."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from butler.access.certification import Certification
from butler.access.tag_access import TagAccess
from butler.components import DatasetName
from butler.data_id import DataId
from butler.errors import FormatterError, ReadOnlyError, RepositoryError
from butler.formatter import check_parameters
from butler.writes.registering import copy_in, register_in_place
from butler.writes.transaction import Transaction
from butler.writes.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from butler.access.arguments import RepositoryArgument, RepositoryArguments
    from butler.data_ref import DatasetAccess
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import Provenance
    from butler.repository.native import NativeRepository
    from butler.storage.commit import PendingDataset

__all__ = ["Butler"]


class Butler(Certification, TagAccess):
    """Reads datasets from a chain of repositories and writes them to outputs.

    Parameters
    ----------
    root
        A repository to read from, and to write to if it may be written; None
        for the working directory, if there are no ``inputs`` and ``outputs``.
    mapper
        Camera of a ``root`` that does not say so itself: its name, its class
        or an instance.
    inputs
        Repositories to read from: paths, URLs, mappings with ``root``, or
        several of these.
    outputs
        Repositories to write to, which are searched first; one that is not
        there is made, with the inputs as its parents.
    user_calibs
        Type of calibration to the file that `get` takes for it, whatever is
        registered. The path may hold keys: ``"mine/flat-{ccd:03d}.fits"``.
    calib_root
        Folder with Gen2's ``calibRegistry.sqlite3`` that is read for ``root``
        instead of its ``CALIB``; absolute, or relative to ``root``. Of inputs:
        ``{"root": ..., "mapperArgs": {"calibRoot": ...}}``.

    Raises
    ------
    DatasetNotFoundError
        If such a file is not there.
    RepositoryNotFoundError
        If a repository to read from is not there.
    RepositoryError
        If the arguments contradict each other or what is there.

    Notes
    -----
    Repositories are searched depth first: outputs, then inputs, each followed
    by its parents; the first that holds a dataset wins. A Butler may be used
    by several threads, is pickled by its arguments, and holds no lock while
    the caller works.
    """

    def __init__(
        self,
        root: RepositoryArgument | None = None,
        mapper: object = None,
        *,
        inputs: RepositoryArguments | None = None,
        outputs: RepositoryArguments | None = None,
        user_calibs: Mapping[str, str | PathLike[str]] | None = None,
        calib_root: str | PathLike[str] | None = None,
    ) -> None:
        super().__init__(root, mapper, inputs, outputs, user_calibs, calib_root)
        self._lock = threading.Lock()
        self._writers: tuple[Writer, ...] = ()

    def _writable(self) -> tuple[Writer, ...]:
        """Return a writer for each output, made at the first write.

        Raises
        ------
        ReadOnlyError
            If there is no output, or one may not be written.
        """
        self._first_output()
        with self._lock:
            if not self._writers:
                natives: list[NativeRepository] = self._outputs  # type: ignore[assignment]
                self._writers = tuple(Writer(place, self._chain) for place in natives)
        return self._writers

    def _access(self) -> DatasetAccess:
        return self

    def put(
        self,
        obj: object,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        replace: bool = False,
        backup: bool = False,
        provenance: Provenance | None = None,
        **keywords: object,
    ) -> None:
        """Write a dataset to every output, whole or not at all.

        Parameters
        ----------
        obj
            What is written, of a type that the dataset type's formatter knows.
        dataset_type
            Its name.
        data_id, **keywords
            Which one; missing keys are completed. Keywords may also be write
            parameters of the formatter.
        replace
            Let it take the place of another; without, other content for the
            same data ID is refused, and the same content is no change.
        backup
            Keep the replaced file as ``name~1``, ``name~2`` and so on; implies
            ``replace``.
        provenance
            How it was made.

        Raises
        ------
        DatasetExistsError
            If it is there with other content.
        FormatterError
            If the object cannot be written.
        ReadOnlyError
            If there is nothing to write to.
        """
        backup = bool(keywords.pop("doBackup", backup))
        writers = self._writable()
        chain, name, lookup, asked, parameters = self._ask(dataset_type, data_id, keywords)
        kind = lookup.dataset_type
        if kind.composite is not None and not name.is_part:
            how = {"replace": replace, "backup": backup, "provenance": provenance}
            self._put_composite(obj, kind, asked, {**parameters, **how})
            return
        _require_file(name, kind)
        complete = chain.complete(lookup, asked)

        def prepare(writer: Writer) -> PendingDataset:
            return writer.prepare(
                obj,
                kind,
                complete,
                parameters,
                replace=replace or backup,
                backup=backup,
                provenance=provenance,
            )

        self._write(writers, prepare)

    def put_file(
        self,
        path: str | PathLike[str],
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        replace: bool = False,
        backup: bool = False,
        **keys: object,
    ) -> None:
        """Copy a file into every output as a dataset; it is not opened by a formatter.

        Parameters
        ----------
        path
            The file, which stays.
        dataset_type, data_id, replace, backup, **keys
            As for `put`.

        Raises
        ------
        StorageError
            If the file cannot be read.
        DatasetExistsError
            If the dataset is there with other content.
        """
        writers = self._writable()
        chain, name, lookup, asked, parameters = self._ask(dataset_type, data_id, keys)
        kind = lookup.dataset_type
        _require_file(name, kind)
        check_parameters(parameters, frozenset(), "a file that is copied", "write")
        complete = chain.complete(lookup, asked)

        def prepare(writer: Writer) -> PendingDataset:
            return copy_in(writer, path, kind, complete, replace=replace or backup, backup=backup)

        self._write(writers, prepare)

    def register(
        self,
        dataset_type: str,
        files: Iterable[tuple[str | PathLike[str], Mapping[str, object]]],
    ) -> int:
        """Register files where they lie, without opening them.

        Parameters
        ----------
        dataset_type
            What they are.
        files
            The path and the data ID of each, with every key of the template.
            They stay where they are and are never removed by the Butler.

        Returns
        -------
        int
            How many were registered.

        Raises
        ------
        DatasetExistsError
            If one is registered already; nothing of its batch is then.
        """
        lookup = self._chain.lookup(self._aliases.resolve(dataset_type))
        _require_file(DatasetName(dataset_type), lookup.dataset_type)
        types = lookup.policy.keys
        typed = ((path, DataId(data_id).cast(types)) for path, data_id in files)
        writer = self._writable()[0]
        return register_in_place(writer, lookup.dataset_type, typed, lookup.policy.observation)

    def _write(
        self, writers: Sequence[Writer], prepare: Callable[[Writer], PendingDataset]
    ) -> None:
        """Write to every output, then publish, now or with the transaction of this thread."""
        pending: list[tuple[Writer, PendingDataset]] = []
        try:
            for writer in writers:
                pending.append((writer, prepare(writer)))  # noqa: PERF401 - kept if one fails
            transaction: Transaction | None = getattr(self._local, "transaction", None)
            for writer, one in pending:
                if transaction is not None:
                    transaction.add(one)
                else:
                    writer.commit.publish([one], writer.run_id)
        except BaseException:
            for writer, one in pending:
                writer.repository.store.discard(one.file)
            raise

    def _put_composite(
        self, obj: object, kind: DatasetType, data_id: DataId, how: dict[str, object]
    ) -> None:
        parts = kind.composite or {}
        if not isinstance(obj, Mapping) or set(obj) != set(parts):
            raise FormatterError(f"{kind.name!r} is a mapping of {', '.join(parts)}.")
        is_open = getattr(self._local, "transaction", None) is not None
        with nullcontext() if is_open or len(self._outputs) > 1 else self.transaction():
            for part, part_type in parts.items():
                self.put(obj[part], part_type, data_id, **how)  # type: ignore[arg-type]

    def remove(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        force: bool = False,
        **keywords: object,
    ) -> None:
        """Forget a dataset of an output and remove its file.

        Parameters
        ----------
        dataset_type, data_id, **keywords
            Which one. What a link points to, and what was registered where
            it lies, stays.
        force
            Also a raw file or a calibration that a known rerun reads.

        Raises
        ------
        DatasetNotFoundError
            If it is nowhere.
        ReadOnlyError
            If it lies in a parent, which this Butler only reads.
        RepositoryError
            If it is a raw file or a calibration, and a known rerun reads it.
            Also inside a transaction. Nothing is removed then.

        Notes
        -----
        Only for raw files and calibrations are the known reruns asked, which
        means to open each of them: some milliseconds, and more the more there
        are. What tasks have made can be made again and is removed in loops;
        ``butler rm`` asks for it, too, once for all that it removes.
        """
        if getattr(self._local, "transaction", None) is not None:
            raise RepositoryError("Inside a transaction nothing is removed: do it after its end.")
        writers = self._writable()
        chain, _, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        if lookup.dataset_type.composite is not None:
            for part in lookup.dataset_type.composite.values():
                self.remove(part, asked, force=force)
            return
        found = chain.find(lookup.dataset_type.name, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        ready = chain.ready(lookup, asked)
        if not force and lookup.dataset_type.category in {"raw", "calibration"}:
            from butler.writes.removal import refuse_read

            refuse_read([writer.repository for writer in writers], lookup.dataset_type, ready)
        removed = [self._remove_from(writer, lookup.dataset_type, ready) for writer in writers]
        if not any(removed):
            if any(found.repository is writer.repository for writer in writers):
                raise self._not_found(chain, lookup, asked)  # somebody has just removed it
            raise ReadOnlyError(
                f"{lookup.dataset_type.name!r} for {found.stored.data_id} lies in "
                f"{found.repository.root}, which this Butler only reads. Open that to remove it."
            )

    def _remove_from(self, writer: Writer, kind: DatasetType, data_id: DataId) -> bool:
        rows = writer.repository.registry.find(kind.name, kind.keys, data_id)
        writer.commit.remove([row.id for row in rows], [row.path for row in rows])
        return bool(rows)

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Publish what is put inside together at the end, or nothing of it.

        Inside, this Butler (in this thread) sees what it has put; others see
        it after the end. An exception discards everything. No lock is held
        meanwhile, and the rows are written in one batch.

        Yields
        ------
        Butler
            This one.

        Raises
        ------
        RepositoryError
            If a transaction is open in this thread, or there are several
            outputs.
        DatasetExistsError
            At the end, if somebody else has put one of the datasets.
        """
        writers = self._writable()
        if getattr(self._local, "transaction", None) is not None:
            raise RepositoryError("A transaction is open in this thread already.")
        if len(writers) > 1:
            raise RepositoryError("A transaction needs exactly one output.")
        transaction = Transaction(writers[0])
        self._local.transaction = transaction
        try:
            yield self
            self._local.transaction = None
            transaction.publish()
        finally:
            self._local.transaction = self._local.searched = None
            transaction.discard()

    def close(self) -> None:
        """Close all connections. They are opened again when they are needed."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self._arguments, self._aliases.as_dict())

    def __repr__(self) -> str:
        outputs = ", ".join(place.root for place in self._outputs if place.kind == "native")
        chain = ", ".join(place.root for place in self._chain.repositories)
        return f"<Butler, reads {chain}; writes {outputs or 'nothing'}>"


def _require_file(name: DatasetName, kind: DatasetType) -> None:
    """Refuse what has no file of its own."""
    if name.is_part or kind.template is None:
        raise FormatterError(
            f"{kind.name!r}{f', component {name.component!r},' if name.component else ''} is no "
            f"dataset with a file of its own: it cannot be put."
        )


def _rebuild(
    made: type[Butler], arguments: Mapping[str, object], aliases: Mapping[str, str]
) -> Butler:
    """Make a Butler from what a pickle holds."""
    butler = made(**arguments)  # type: ignore[arg-type]
    for alias, dataset_type in aliases.items():
        butler.define_alias(alias, dataset_type)
    return butler
