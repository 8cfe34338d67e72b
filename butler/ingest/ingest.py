"""Raw files into a repository: the whole way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.errors import RepositoryError
from butler.ingest.files import find_files
from butler.ingest.ingestion import Ingestion, Options
from butler.ingest.link import as_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from butler.ingest.report import FileReport, IngestReport
    from butler.repository.native import NativeRepository

__all__ = ["ingest_files"]


def ingest_files(
    repository: NativeRepository,
    files: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    mode: str = "link",
    processes: int = 1,
    dry_run: bool = False,
    fail_fast: bool = False,
    checksum: bool = False,
    bad_files: Sequence[str] = (),
    bad_ids: Sequence[Mapping[str, object]] = (),
    on_file: Callable[[FileReport], None] | None = None,
) -> IngestReport:
    """Ingest raw files.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    files
        Files, directories, or patterns such as ``raw/*.fits``.
    mode
        ``link`` places a symbolic link with an absolute path, ``relsymlink``
        one with a relative path, ``hardlink`` a hard link; ``copy`` copies;
        ``move`` removes the source once the file is registered; ``auto`` takes
        the first that works of a reflink, a hard link, a symbolic link and a
        copy; ``direct`` registers the file where it lies; ``skip`` registers
        files that lie in their places already.
    processes
        How many to read headers in.
    dry_run
        Only report what would be done.
    fail_fast
        Stop at the first file that is rejected or a conflict; what was named
        before it is ingested.
    checksum
        Read files that are not copied for their sha256, too.
    bad_files
        Patterns of file names that are left out.
    bad_ids
        Files whose observation has all of these values are left out.
    on_file
        Told what became of each file, as soon as it is known.

    Returns
    -------
    IngestReport
        One report for each file. Nothing about a single file is raised.

    Raises
    ------
    ReadOnlyError
        If the repository may not be written.
    RepositoryError
        If it is not on a local disk, or its camera has no raw files.
    ParameterError
        If the mode is unknown.
    DataIdError
        If a bad ID cannot be one.
    RegistryError, StorageError
        If the registry or the disk refuses altogether. Batches that were
        finished before stay; nothing half done does.

    Notes
    -----
    Ingesting the same files again does nothing and says so. When the process
    is killed, the next ingest takes away what it left half done.
    """
    names = [files] if isinstance(files, (str, os.PathLike)) else files
    options = Options(
        as_mode(mode),
        processes=processes,
        dry_run=dry_run,
        fail_fast=fail_fast,
        checksum=checksum,
        bad_ids=tuple(
            {key: repository.policy.keys.cast(key, value) for key, value in one.items()}
            for one in bad_ids
        ),
        on_file=on_file,
    )
    if not repository.policy.raw_types:
        raise RepositoryError(
            f"The camera {repository.mapper.name!r} declares no raw files, so nothing can be "
            f"ingested into {repository.root}."
        )
    return Ingestion(repository, options).run(find_files(names, bad_files))
