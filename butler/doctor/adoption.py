"""Files without rows become datasets, if their names and their contents say which."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from butler.errors import ButlerError, StorageError
from butler.repository.chain import Chain
from butler.repository.locations import is_remote
from butler.repository.opening import RepositoryPool
from butler.writes.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.data_id import DataId
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository
    from butler.storage.commit import PendingDataset

__all__ = ["Adoption", "Identity", "why_not_whole"]

_UNIQUE = re.compile(r"-[0-9a-f]{8}(?=\.|\Z)")
_VERSION = re.compile(r"~\d+\Z")
_FITS = (".fits", ".fit", ".fts")
_PACKED = ("", ".gz", ".fz")
_FITS_NAMES = tuple(end + packed for end in _FITS for packed in _PACKED)
_SMALL = 64 << 20  # bytes of a text that is read to see whether it can be


class Identity(NamedTuple):
    """Whose file it is by its name; ``is_unique`` says that a replacement has given it."""

    kind: DatasetType
    data_id: DataId
    is_unique: bool = False


class Adoption:
    """Finds out which dataset a file is, and registers it.

    Parameters
    ----------
    repository
        Which holds the file.
    """

    def __init__(self, repository: NativeRepository) -> None:
        self.repository = repository
        self._pool = RepositoryPool()

    def close(self) -> None:
        """Close the parents that were opened."""
        self._pool.close()

    @cached_property
    def _chain(self) -> Chain:
        """The repository and its parents, as far as they can be reached."""
        try:
            return self._pool.chain([(self.repository.root, frozenset())])
        except ButlerError:  # what a missing parent knows of observations is missing too
            return Chain([self.repository])

    @cached_property
    def _kinds(self) -> list[DatasetType]:
        """The dataset types that have files of their own; a rerun has those of its parents."""
        kinds: dict[str, DatasetType] = {}
        for place in self._chain.repositories:
            if place.mapper.name == self.repository.mapper.name:
                kinds = {**place.policy.dataset_types, **kinds}
        return [one for one in kinds.values() if one.template is not None and not one.composite]

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self.repository, self._chain)

    def identify(self, path: str) -> list[Identity]:
        """Return the datasets that a file may be by its name.

        Parameters
        ----------
        path
            Relative to the root.

        Returns
        -------
        list of Identity
            If the registry knows the type of one of them, only such; several
            if templates do not tell them apart.
        """
        found = self._parse(path, is_unique=False)
        if not found:
            directory, slash, name = path.rpartition("/")
            plain = _UNIQUE.sub("", name, count=1)
            if plain != name:
                found = self._parse(f"{directory}{slash}{plain}", is_unique=True)
        known = self.repository.registry.dataset_types()
        return [one for one in found if one.kind.name in known] or found

    def _parse(self, path: str, *, is_unique: bool) -> list[Identity]:
        found = []
        for kind in self._kinds:
            inner = path
            if kind.category == "calibration":
                if not path.startswith("CALIB/"):
                    continue
                inner = path.removeprefix("CALIB/")
            data_id = None if kind.template is None else kind.template.parse(inner)
            if data_id is not None:
                found.append(Identity(kind, data_id, is_unique))
        return found

    def is_version(self, path: str) -> bool:
        """Tell whether a file is the kept version of a dataset, ``name~N``."""
        plain = _VERSION.sub("", path)
        return plain != path and bool(self.identify(plain))

    def adopt_all(self, paths: Sequence[str]) -> int:
        """Register several files together, and return how many; 0 if one of them cannot be.

        Parameters
        ----------
        paths
            Relative to the root.
        """
        pending: list[PendingDataset] = []
        extra: list[str] = []
        try:
            for path in paths:
                pending.append(self._pending(path))
                if pending[-1].file.target != path:
                    extra.append(path)
            self._writer.commit.publish(pending, self._writer.run_id)
        except (ButlerError, OSError):
            return 0
        finally:
            for one in pending:
                self.repository.store.discard(one.file)
        for path in extra:
            self.repository.store.remove(path)  # it has its own name now, too
        return len(pending)

    def adopt_each(self, paths: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Register files under the data IDs that their names say; one stops no other.

        Parameters
        ----------
        paths
            Relative to the root.

        Returns
        -------
        tuple
            What was done, by path; and why the others cannot be registered.
        """
        raws = [path for path in paths if self._is_raw(path)]
        done, refused = self._adopt_raws(raws) if raws else ({}, {})
        pending: list[tuple[str, PendingDataset]] = []
        for path in set(paths).difference(raws):
            try:
                pending.append((path, self._pending(path)))
            except (ButlerError, OSError) as error:
                refused[path] = str(error)
        groups = [[one] for _, one in pending]
        errors = self._writer.commit.publish_groups(groups, self._writer.run_id) if groups else []
        for (path, one), why in zip(pending, errors, strict=True):
            if why is not None:
                refused[path] = str(why)
                continue
            if one.file.target != path:
                self.repository.store.remove(path)  # it has its own name now, too
            done[path] = f"registered as {one.dataset_type.name!r} for {one.data_id}"
        return done, refused

    def _adopt_raws(self, paths: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Let ingest read the headers, which alone say which observations they are."""
        from butler.ingest.ingest import ingest_files

        names = {os.path.join(self.repository.root, path): path for path in paths}
        done, refused = {}, {}
        for one in ingest_files(self.repository, list(names), mode="skip", checksum=True).files:
            path = names.get(one.path, one.path)
            if one.outcome in {"ingested", "already there"} and one.target == path:
                done[path] = f"registered as a raw file for {one.data_id}"
            else:
                refused[path] = f"{one.outcome}: {one.reason}"
        return done, refused

    def _pending(self, path: str) -> PendingDataset:
        """Give a file a second name, a temporary one, from which it can be published."""
        identity = self._only_identity(path)
        full = os.path.join(self.repository.root, path)
        reason = why_not_whole(full, identity.kind.storage_class)
        if reason:
            raise StorageError(f"{full} is not whole: {reason}")

        def link(temporary: str) -> None:
            os.link(full, temporary, follow_symlinks=False)

        pending = self._writer.prepare_file(link, identity.kind, identity.data_id)
        template = identity.kind.template
        pending.hdu = None if template is None else template.hdu
        return pending

    def _only_identity(self, path: str) -> Identity:
        found = self.identify(path)
        if len(found) != 1:
            names = " or ".join(sorted(one.kind.name for one in found)) or "nothing that is known"
            raise StorageError(
                f"{path} may be {names} by its name. If it is to be a dataset: butler put"
            )
        if is_remote(self.repository.root):
            raise StorageError(f"{path} lies on a remote store, where nothing is adopted.")
        if os.path.islink(os.path.join(self.repository.root, path)):
            raise StorageError(f"{path} is a link, and only raw files are adopted as links.")
        return found[0]

    def _is_raw(self, path: str) -> bool:
        return any(one.kind.category == "raw" for one in self.identify(path))


def why_not_whole(path: str, storage_class: str) -> str:
    """Return why a file cannot be what it should be; nothing if it can.

    Parameters
    ----------
    path
        Absolute.
    storage_class
        What it should be.

    Notes
    -----
    Pixels are not decoded: a damaged file could end this process.
    """
    if not os.path.isfile(path):
        return "it is no file" if os.path.lexists(path) else "it is gone"
    size = os.path.getsize(path)
    if size == 0:
        return "it is empty"
    if path.endswith(_FITS_NAMES):
        return _fault_of_fits(path)
    if path.endswith((".parq", ".parquet")):
        return _fault_of_parquet(path)
    if storage_class in {"Json", "Yaml"} and size <= _SMALL:
        from butler.formatter import find_formatter

        try:
            find_formatter(storage_class).read(path)
        except ButlerError as error:
            return str(error)
    return ""


def _fault_of_fits(path: str) -> str:
    from butler.errors import IngestError
    from butler.ingest.gate import scan, verify_gzip

    try:
        if scan(path).is_gzip:
            verify_gzip(path)
    except IngestError as error:
        return str(error)
    return ""


def _fault_of_parquet(path: str) -> str:
    mark = b"PAR1"
    with open(path, "rb") as file:
        head = file.read(len(mark))
        file.seek(-len(mark), os.SEEK_END)
        tail = file.read()
    return "" if head == tail == mark else "its beginning or its end is missing"
