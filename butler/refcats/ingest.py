"""Tables become a reference catalog of a repository, all of it or nothing."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Protocol

from butler.data_id import DataId
from butler.errors import (
    ButlerError,
    DatasetExistsError,
    IngestError,
    ParameterError,
    RepositoryError,
    StorageError,
)
from butler.refcats.config_text import CatalogConfig
from butler.refcats.leftovers import remove_leftovers
from butler.refcats.shards import CONFIG, PIECE, SCHEMA, CatalogShards, local_catalog
from butler.refcats.sky_pixels import DEFAULT_DEPTH, SkyPixels
from butler.refcats.spill import Spill
from butler.repository.chain import Chain
from butler.storage.local_store import LocalStore
from butler.storage.store import digest_file
from butler.writes.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository
    from butler.storage.commit import PendingDataset

__all__ = ["CatalogReport", "RowSource", "ingest_refcat"]

_FINGERPRINT: Final = "RCSHA256"
_ROWS: Final = "REFCAT_ROWS"
_SOME_FAILED: Final = 1
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
"""Names that stand in a path as they are, which the LSST stack needs."""


class RowSource(Protocol):
    """What the rows of a catalog come from; see `imaging.reference.reference_input`."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that they come from."""

    @property
    def mapping(self) -> str:
        """How, as a text that is the same for the same catalog."""

    @property
    def notes(self) -> list[str]:
        """What was taken for granted."""

    @property
    def left_out(self) -> int:
        """How many rows had no position, of those that were read."""

    @property
    def format_version(self) -> int:
        """Of the pieces."""

    def iter_rows(self) -> Iterator[NDArray[np.void]]:
        """Yield rows with ``coord_ra`` and ``coord_dec`` in radians, some thousands at a time."""

    def write_piece(self, rows: NDArray[np.void], path: str) -> None:
        """Write rows to a new file."""

    def write_schema(self, path: str, cards: Mapping[str, str | int]) -> None:
        """Write a table without rows, with cards about all of them."""


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """What became of a catalog.

    Parameters
    ----------
    name
        Of the catalog.
    outcome
        ``ingested``, or ``already there`` from the same files.
    rows
        How many it has.
    left_out
        How many rows had no position.
    pieces
        How many files it has.
    depth
        Of its mesh.
    notes
        What was taken for granted.
    is_dry_run
        Whether nothing was done: ``ingested`` means that it would be.
    """

    name: str
    outcome: Literal["ingested", "already there"]
    rows: int
    left_out: int
    pieces: int
    depth: int
    notes: tuple[str, ...] = ()
    is_dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """What a command returns: 0 all well, 1 some rows left out."""
        return _SOME_FAILED if self.left_out else 0


def ingest_refcat(
    repository: NativeRepository,
    name: str,
    source: RowSource,
    *,
    depth: int = DEFAULT_DEPTH,
    dry_run: bool = False,
    on_rows: Callable[[int], None] | None = None,
) -> CatalogReport:
    """Make a reference catalog.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    name
        Of the new catalog.
    source
        Its rows.
    depth
        Of the mesh by which it is cut into pieces.
    dry_run
        Read everything and write nothing.
    on_rows
        Told how many rows have been read since it was last told.

    Raises
    ------
    DatasetExistsError
        If there is a catalog of this name made of something else.
    ParameterError
        If there can be no catalog of this name, or no such depth.
    IngestError
        If the rows cannot be read, or there are none.
    ReadOnlyError
        If the repository may not be written.
    RepositoryError
        If it is not on a local disk, or its camera has no reference catalogs.
    StorageError, RegistryError
        If the disk or the registry refuses. Nothing is left then.

    Notes
    -----
    Rows are sorted on disk, in the memory of some ten thousand of them. The
    files of the catalog become visible together. What a process left that was
    killed is taken away by the next ingest of the same name.
    """
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"A reference catalog cannot be called {name!r}: its folder is, too. Use letters, "
            f"digits, and . _ + - behind the first."
        )
    pixels = SkyPixels(depth)
    kinds, store = _checked(repository, dry_run=dry_run)
    with _one_error():
        fingerprint = _fingerprint(source, depth)
    there = local_catalog(repository, kinds, name)
    if there is not None:
        return _known(there, fingerprint, source, dry_run=dry_run)
    if not dry_run:
        remove_leftovers(repository, store, kinds.values(), name)
    job = _Job(repository, kinds, name, source, pixels, fingerprint)
    return job.count(on_rows) if dry_run else job.run(on_rows)


def _checked(
    repository: NativeRepository, *, dry_run: bool
) -> tuple[dict[str, DatasetType], LocalStore]:
    if not isinstance(repository.store, LocalStore):
        raise RepositoryError(
            f"Reference catalogs are made in repositories on a local disk, and {repository.root} "
            f"is a remote one. Make it in a local one and copy that."
        )
    known = repository.policy.dataset_types
    missing = [kind for kind in (PIECE, CONFIG, SCHEMA) if kind not in known]
    if missing:
        raise RepositoryError(
            f"The camera {repository.mapper.name!r} has no dataset types {', '.join(missing)}, so "
            f"there can be no reference catalogs in {repository.root}. Declare them in its policy."
        )
    if not dry_run:
        repository.require_writable()
    return {kind: known[kind] for kind in (PIECE, CONFIG, SCHEMA)}, repository.store


def _fingerprint(source: RowSource, depth: int) -> str:
    """Return what is the same for the same content of files, columns and depth."""
    digest = hashlib.sha256(f"{depth}\n{source.format_version}\n{source.mapping}\n".encode())
    for path in source.files:
        digest.update(digest_file(path))
    return digest.hexdigest()


def _known(
    there: CatalogShards, fingerprint: str, source: RowSource, *, dry_run: bool
) -> CatalogReport:
    """Report a catalog that is there already, if it is the same."""
    cards = there.read_schema_cards()
    if cards.get(_FINGERPRINT) != fingerprint:
        first = next(there.iter_pieces(limit=1))
        place = os.path.dirname(there.repository.uri(first))
        made = "of other files, columns or depth" if _FINGERPRINT in cards else "not made by us"
        raise DatasetExistsError(
            f"There is a reference catalog {there.name!r} already, {made}: {place}. Nothing is "
            f"added to a catalog: give all files at once, under another name, or remove it first "
            f"(butler rm {there.place} {PIECE} --id name={there.name}, and likewise {CONFIG} and "
            f"{SCHEMA})."
        )
    pieces = sum(1 for _ in there.iter_pieces())
    rows = int(str(cards.get(_ROWS, 0)))
    depth = there.pixels.depth
    notes = tuple(source.notes)
    return CatalogReport(there.name, "already there", rows, 0, pieces, depth, notes, dry_run)


@contextmanager
def _one_error() -> Iterator[None]:
    """Turn what is raised about files of others into errors of ours."""
    try:
        yield
    except (ButlerError, MemoryError):
        raise
    except OSError as error:
        if getattr(error, "code", None) is None and error.filename is not None:
            raise StorageError(f"{error.filename} cannot be read: {error.strerror}.") from error
        raise IngestError(str(error)) from error
    except Exception as error:
        raise IngestError(str(error)) from error


@dataclass(slots=True)
class _Job:
    """Makes one catalog."""

    repository: NativeRepository
    kinds: Mapping[str, DatasetType]
    name: str
    source: RowSource
    pixels: SkyPixels
    fingerprint: str

    def count(self, on_rows: Callable[[int], None] | None) -> CatalogReport:
        """Read everything and report what would be."""
        rows, found = 0, set[int]()
        for numbers, part in self._rows(on_rows):
            rows += len(part)
            found.update(numbers.tolist())
        return self._report(rows, len(found), is_dry_run=True)

    def run(self, on_rows: Callable[[int], None] | None) -> CatalogReport:
        """Make the catalog."""
        rows = 0
        with Spill(_scratch(self.repository.root)) as spill:
            for numbers, part in self._rows(on_rows):
                rows += len(part)
                spill.add(numbers, part)
            report = self._report(rows, 0, is_dry_run=False)
            writer = Writer(self.repository, Chain([self.repository]))
            pending: list[PendingDataset] = []
            try:
                for pixel, part in spill.iter_pixels():
                    write = partial(self.source.write_piece, part)
                    pending.append(self._prepared(writer, PIECE, write, pixel_id=pixel))
                pieces = len(pending)
                pending += self._described(writer, report)
                writer.commit.publish(pending, writer.run_id)
            except BaseException:
                for one in pending:
                    self.repository.store.discard(one.file)
                raise
        return self._report(rows, pieces, is_dry_run=False)

    def _rows(
        self, on_rows: Callable[[int], None] | None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.void]]]:
        """Yield pixels and rows."""
        parts = self.source.iter_rows()
        while True:
            with _one_error():
                part = next(parts, None)
            if part is None:
                return
            yield self.pixels.index(part["coord_ra"], part["coord_dec"]), part
            if on_rows is not None:
                on_rows(len(part))

    def _described(self, writer: Writer, report: CatalogReport) -> list[PendingDataset]:
        """Prepare what says what the pieces are."""
        config = CatalogConfig(self.name, self.source.format_version, self.pixels.depth)
        cards: dict[str, str | int] = {_FINGERPRINT: self.fingerprint, _ROWS: report.rows}

        def write_schema(path: str) -> None:
            self.source.write_schema(path, cards)

        return [
            self._prepared(writer, CONFIG, config.to_text().encode()),
            self._prepared(writer, SCHEMA, write_schema),
        ]

    def _prepared(
        self,
        writer: Writer,
        kind: str,
        content: bytes | Callable[[str], None],
        **keys: int,
    ) -> PendingDataset:
        data_id = DataId({"name": self.name, **keys})
        return writer.prepare_file(content, self.kinds[kind], data_id)

    def _report(self, rows: int, pieces: int, *, is_dry_run: bool) -> CatalogReport:
        if not rows:
            raise IngestError(
                f"No row of {_shown(self.source.files)} has a position, so there is no catalog "
                f"{self.name!r} ({self.source.left_out} rows were looked at)."
            )
        return CatalogReport(
            self.name,
            "ingested",
            rows,
            self.source.left_out,
            pieces,
            self.pixels.depth,
            tuple(self.source.notes),
            is_dry_run,
        )


def _scratch(root: str) -> str:
    """Return a directory on the disk of the repository, where there is room if anywhere."""
    own = os.path.join(root, ".butler")
    return own if os.access(own, os.W_OK) else tempfile.gettempdir()


def _shown(files: Sequence[str]) -> str:
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0]}{more}"
