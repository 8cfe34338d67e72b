"""Where the pieces of a reference catalog are, in a chain of repositories."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from butler.data_id import DataId
from butler.errors import DatasetNotFoundError, FormatterError, UnknownDatasetTypeError, suggest
from butler.refcats.config_text import CatalogConfig, parse_config
from butler.refcats.sky_pixels import DEFAULT_DEPTH, SkyPixels, depth_of_pixel
from butler.registry.condition import from_keywords
from butler.repository.base import Found, RepositoryQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lsst.sphgeom import Region

    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import Repository, StoredDataset
    from butler.repository.chain import Chain

__all__ = [
    "CONFIG",
    "PIECE",
    "SCHEMA",
    "CatalogShards",
    "catalog_names",
    "find_catalog",
    "local_catalog",
]

PIECE: Final = "ref_cat"
"""The dataset type of a piece; keys ``name`` and ``pixel_id``."""
CONFIG: Final = "ref_cat_config"
"""That of the configuration of a catalog; key ``name``."""
SCHEMA: Final = "ref_cat_schema"
"""That of a table without rows, whose columns are those of all pieces; key ``name``."""

_MOST_LOOKUPS: Final = 500  # one by one; for more pixels than these all pieces are listed


class CatalogShards:
    """The pieces of one catalog, all of one repository.

    Parameters
    ----------
    repository
        That holds them.
    kinds
        `PIECE`, `CONFIG` and `SCHEMA` as it knows them, as far as it does.
    name
        Of the catalog.
    """

    def __init__(self, repository: Repository, kinds: dict[str, DatasetType], name: str) -> None:
        self.repository, self.name = repository, name
        self._kinds = kinds
        self.on_read: Callable[[Found, DatasetType], None] | None = None
        """Is told of each piece before `covering` yields its file."""

    @property
    def place(self) -> str:
        """The repository, for messages."""
        return self.repository.root

    @cached_property
    def config(self) -> CatalogConfig:
        """What its ``config.py`` says, nothing if there is none."""
        stored = self._single(CONFIG)
        if stored is None:
            return CatalogConfig()
        source = self.repository.uri(stored)
        try:
            text = self.repository.read_bytes(stored).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatterError(f"{source} is not UTF-8 text: {error}") from error
        return parse_config(text, source)

    @property
    def format_version(self) -> int | None:
        """The version of its format, None if its configuration does not say it."""
        return self.config.format_version

    @cached_property
    def pixels(self) -> SkyPixels:
        """The mesh by which it is cut: that of its numbers, which its configuration may not say."""
        first = next(self.iter_pieces(limit=1), None)
        depth = None if first is None else depth_of_pixel(int(first.data_id["pixel_id"]))
        return SkyPixels(DEFAULT_DEPTH if depth is None else depth)

    def samples(self) -> Iterator[str]:
        """Yield files that tell what its columns are: its schema first, if there is one."""
        stored = self._single(SCHEMA)
        if stored is not None:
            yield from self._files([stored])
        yield from self._files(self.iter_pieces(limit=1))

    def covering(self, region: Region) -> Iterator[str]:
        """Yield the files whose pixels meet a region, each there until the next is asked for.

        Parameters
        ----------
        region
            Of lsst.sphgeom.
        """
        wanted = self.pixels.covering(region)
        if len(wanted) > _MOST_LOOKUPS:
            pieces = (one for one in self.iter_pieces() if int(one.data_id["pixel_id"]) in wanted)
        else:
            found = (self._piece(number) for number in wanted.ids())
            pieces = (one for one in found if one is not None)
        for piece in pieces:
            if self.on_read is not None:
                self.on_read(Found(self.repository, piece), self._kinds[PIECE])
            yield from self._files([piece])

    def iter_pieces(self, limit: int | None = None) -> Iterator[StoredDataset]:
        """Yield its pieces."""
        condition = from_keywords({"name": self.name})
        query = RepositoryQuery(self._kinds[PIECE], condition, limit=limit)
        for stored, _ in self.repository.query(query):
            yield stored

    def _piece(self, pixel_id: int) -> StoredDataset | None:
        data_id = DataId({"name": self.name, "pixel_id": pixel_id})
        return self.repository.find(self._kinds[PIECE], data_id)

    def _single(self, dataset_type: str) -> StoredDataset | None:
        kind = self._kinds.get(dataset_type)
        return None if kind is None else self.repository.find(kind, DataId({"name": self.name}))

    def _files(self, pieces: Iterable[StoredDataset]) -> Iterator[str]:
        for stored in pieces:
            with self.repository.local(stored) as path:
                yield path

    def read_schema_cards(self) -> dict[str, object]:
        """Return the cards of the table without rows, none if there is none."""
        from butler.formatter import find_formatter

        stored = self._single(SCHEMA)
        if stored is None:
            return {}
        formatter = find_formatter(self._kinds[SCHEMA].storage_class)
        with self.repository.local(stored) as path:
            return dict(formatter.read(path, "metadata"))  # type: ignore[call-overload, no-any-return]  # cards by name


def catalog_names(chain: Chain) -> list[str]:
    """Return the reference catalogs that a chain holds, sorted."""
    found: set[str] = set()
    with suppress(UnknownDatasetTypeError):
        for repository, kind in chain.lookup(PIECE).places:
            rows = repository.distinct(kind, ["name"], None, None)
            found.update(str(row[0]) for row in rows)
    return sorted(found)


def local_catalog(
    repository: Repository, kinds: dict[str, DatasetType], name: str
) -> CatalogShards | None:
    """Return the catalog of this name that a repository itself holds, registered or linked in.

    Parameters
    ----------
    repository
        Its parents are not asked.
    kinds
        As for `CatalogShards`.
    name
        Of the catalog.
    """
    for place in (repository, repository.unregistered):
        shards = None if place is None else CatalogShards(place, kinds, name)
        if shards is not None and next(shards.iter_pieces(limit=1), None) is not None:
            return shards
    return None


def find_catalog(chain: Chain, name: str) -> CatalogShards:
    """Return a reference catalog: that of the nearest repository which has one of this name.

    Parameters
    ----------
    chain
        Where to look.
    name
        Of the catalog.

    Raises
    ------
    DatasetNotFoundError
        If no repository has it.
    UnknownDatasetTypeError
        If no camera of the chain has reference catalogs.

    Notes
    -----
    A catalog is never pieced together of several repositories: their pieces
    may be of other sizes and have other columns.
    """
    places = chain.lookup(PIECE).places
    for repository, kind in places:
        kinds = {PIECE: kind}
        for other in (CONFIG, SCHEMA):
            if chain.knows(other):
                own = dict(chain.lookup(other).places).get(repository)
                if own is not None:
                    kinds[other] = own
        shards = CatalogShards(repository, kinds, name)
        if next(shards.iter_pieces(limit=1), None) is not None:
            return shards
    known = catalog_names(chain)
    hint = f"There are: {', '.join(known) or 'none at all'}.{suggest(name, known)}"
    roots = list(dict.fromkeys(repository.root for repository, _ in places))
    raise DatasetNotFoundError(PIECE, f"name={name}", roots, hint)
