"""A reference catalog of a repository as an object; made by whatever package knows of stars."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, cast

from butler.entry_points import all_entry_points, load_entry_point, quick_entry_points
from butler.errors import FormatterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from butler.refcats.shards import CatalogShards

__all__ = ["ReferenceCatalog", "open_catalog"]

GROUP: Final = "skybutler.reference_catalogs"
_KIND: Final = "htm"


class ReferenceCatalog(Protocol):
    """Loads the stars of some part of the sky; see `imaging.reference.reference_catalog`."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def filters(self) -> tuple[str, ...]:
        """What it has fluxes in."""

    def load_circle(
        self,
        centre: object,
        radius: float,
        *,
        epoch: object = None,
        filter: object = None,  # noqa: A002 - the word that users know
        parallax: bool = False,
    ) -> object:
        """Return the stars at most so far from a position."""

    def load_box(
        self,
        lower: object,
        upper: object,
        *,
        epoch: object = None,
        filter: object = None,  # noqa: A002
        parallax: bool = False,
    ) -> object:
        """Return the stars in a range of right ascension and declination."""

    def load_exposure(
        self,
        exposure: object,
        padding: float = 0,
        *,
        epoch: object = "exposure",
        filter: object = None,  # noqa: A002
        parallax: bool = False,
    ) -> object:
        """Return the stars on the pixels of an exposure."""


def open_catalog(shards: CatalogShards) -> ReferenceCatalog:
    """Return a reference catalog.

    Parameters
    ----------
    shards
        Where it is.

    Raises
    ------
    FormatterError
        If nothing that is installed can read it, or its files cannot be read.
    """
    make = _loader()
    try:
        return make(shards)
    except OSError as error:  # what cannot be read is one of these
        raise FormatterError(f"The reference catalog {shards.name!r}: {error}") from error


@cache
def _loader() -> Callable[[CatalogShards], ReferenceCatalog]:
    value = quick_entry_points(GROUP).get(_KIND) or all_entry_points(GROUP).get(_KIND)
    if value is None:
        raise FormatterError("No installed package can read reference catalogs.")
    return cast("Callable[[CatalogShards], ReferenceCatalog]", load_entry_point(value))
