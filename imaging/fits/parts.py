"""Several images and tables of one FITS file, read in one pass."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from imaging.errors import FitsFileError
from imaging.fits.hdus import iter_hdus
from imaging.fits.header import described_as_image, without_layout
from imaging.fits.planes import bbox_of, plane_of
from imaging.fits.reference_pixel import without_origin
from imaging.fits.rows import read_rows
from imaging.fits.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imaging.fits.hdus import Hdu
    from imaging.fits.metadata import Metadata
    from imaging.fits.planes import Plane
    from imaging.fits.rows import Rows
    from imaging.fits.source import FitsSource
    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin

__all__ = ["FitsPart", "FitsParts", "open_parts"]


class FitsPart:
    """One HDU of a file that is being read; what it holds is read before the next is asked for.

    Parameters
    ----------
    source
        Standing at the first byte of its data.
    hdu
        Its header.
    """

    __slots__ = ("_source", "hdu")

    def __init__(self, source: FitsSource, hdu: Hdu) -> None:
        self._source, self.hdu = source, hdu

    @property
    def index(self) -> int:
        """Its number, 0 for the primary HDU."""
        return self.hdu.index

    @property
    def name(self) -> str:
        """EXTNAME in upper case, or an empty text."""
        return self.hdu.name

    @property
    def is_image(self) -> bool:
        """Whether it has two-dimensional pixels, plain or compressed."""
        return self.hdu.image_shape is not None

    @property
    def is_table(self) -> bool:
        """Whether it is a table."""
        return self.hdu.is_table

    @property
    def header(self) -> Metadata:
        """Its own cards, nothing inherited, without those of layout and origin."""
        return without_origin(without_layout(described_as_image(self.hdu)))

    @property
    def bbox(self) -> Box:
        """The box of its image, in parent coordinates.

        Raises
        ------
        HduNotFoundError
            If it is no image.
        """
        return bbox_of(self.hdu)

    def plane(self, bbox: Box | None = None, origin: Origin = "parent") -> Plane:
        """Read its image.

        Parameters
        ----------
        bbox
            The part; by default all of it.
        origin
            Whether ``bbox`` is in ``parent`` or ``local`` coordinates.

        Returns
        -------
        Plane
            With its own header, nothing inherited.

        Raises
        ------
        BoxError
            If the box is not inside the image.
        FitsFileError
            If it is no image, is damaged, or the file stands at another part already.
        """
        self._check_place()
        return plane_of(self._source, self.hdu, self.hdu, bbox, origin)

    def rows(self, columns: Sequence[str] | None = None) -> Rows:
        """Read its table; see `imaging.fits.rows.read_rows`."""
        self._check_place()
        return read_rows(self._source, self.hdu, columns)

    def _check_place(self) -> None:
        if self._source.position != self.hdu.data_offset:
            reason = f"HDU {self.index} is read already, or the file stands behind it: open it anew"
            raise FitsFileError(self._source.path, reason)


class FitsParts:
    """A file that is read part by part.

    Parameters
    ----------
    source
        Standing at its beginning.
    """

    def __init__(self, source: FitsSource) -> None:
        self.path = source.path
        self._source = source
        self._hdus = iter_hdus(source)
        self._primary = next(self._hdus)
        self._is_begun = False

    @property
    def primary(self) -> Metadata:
        """All cards of the primary header."""
        return self._primary.header

    def iter_hdus(self) -> Iterator[FitsPart]:
        """Yield the parts of the file in their order, the primary one first, once.

        Raises
        ------
        FitsFileError
            If a header is not possible.
        """
        if not self._is_begun:
            self._is_begun = True
            yield FitsPart(self._source, self._primary)
        for hdu in self._hdus:
            yield FitsPart(self._source, hdu)


@contextmanager
def open_parts(path: str) -> Iterator[FitsParts]:
    """Open a file to read several of its parts in one pass; nothing stays open afterwards.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped. The latter is inflated to its end, so
        that its checksum can be compared.

    Raises
    ------
    FitsFileError
        If it cannot be opened or read, then or within the context.
    """
    with open_source(path) as source:
        yield FitsParts(source)
        source.finish()
