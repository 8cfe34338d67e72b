"""What lets a data butler keep images, headers and tables: one class for each.

They have the shape of the butler's formatter and do not know the butler. The
heavy libraries are imported when something is read or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from imaging.box import Box
from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.fits_header import read_metadata, write_metadata
from imaging.fits_image import read_bbox, read_image, write_image
from imaging.metadata import Metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from astropy.table import Table
    from numpy.typing import NDArray

    from imaging.fits_tiles import Compression
    from imaging.image import Image, Origin

__all__ = ["FitsHeaderFormatter", "ImageFormatter", "TableFormatter"]

_FITS = (".fits", ".fits.gz", ".fits.fz", ".fit", ".fit.gz")


class ImageFormatter:
    """`imaging.image.Image` in FITS files."""

    extensions = _FITS
    components = frozenset({"bbox", "metadata"})
    read_parameters = frozenset({"bbox", "hdu", "origin"})
    write_parameters = frozenset({"compression"})

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Image | Metadata | Box:
        """Return the image, a part of it, its metadata or its box.

        Parameters
        ----------
        path
            The file.
        component
            ``metadata`` or ``bbox``: nothing but headers is read.
        parameters
            ``bbox`` (a Box), ``hdu`` (number or EXTNAME), ``origin``
            (``parent`` or ``local``); see `imaging.fits_image.read_image`.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        ParameterTypeError
            If a parameter is of the wrong type.
        """
        hdu = _hdu(parameters)
        if component == "metadata":
            return read_metadata(path, hdu)
        if component == "bbox":
            return read_bbox(path, hdu=hdu)
        _no_component(component, self.components)
        bbox = parameters.get("bbox")
        if isinstance(bbox, str):
            bbox = Box.from_string(bbox)
        if bbox is not None and not isinstance(bbox, Box):
            message = f"bbox={bbox!r}: give a Box, or a text such as '0:200,100:150'."
            raise ParameterTypeError(message)
        origin = cast("Origin", parameters.get("origin") or "parent")
        return read_image(path, bbox=bbox, hdu=hdu, origin=origin)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an image.

        Parameters
        ----------
        obj
            An Image.
        path
            The file.
        parameters
            ``compression`` (None, ``lossless`` or ``rice``); see
            `imaging.fits_image.write_image`.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no Image.
        """
        compression = cast("Compression | None", parameters.get("compression"))
        write_image(cast("Image", obj), path, compression=compression)


class FitsHeaderFormatter:
    """`imaging.metadata.Metadata`: the header of a FITS file, whatever else is in it."""

    extensions = _FITS
    components: frozenset[str] = frozenset()
    read_parameters = frozenset({"hdu"})
    write_parameters: frozenset[str] = frozenset()

    def read(self, path: str, component: str | None = None, **parameters: object) -> Metadata:
        """Return the header.

        Parameters
        ----------
        path
            The file.
        component
            There is none.
        parameters
            ``hdu`` (number or EXTNAME); see `imaging.fits_header.read_metadata`.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        """
        _no_component(component, self.components)
        return read_metadata(path, _hdu(parameters))

    def write(self, obj: object, path: str, **parameters: object) -> None:  # noqa: ARG002 - the shape of a formatter
        """Write a file that is a header only.

        Parameters
        ----------
        obj
            Metadata.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no Metadata.
        """
        if not isinstance(obj, Metadata):
            message = f"Metadata are needed, not {type(obj).__name__}. Use Metadata(mapping)."
            raise ParameterTypeError(message)
        write_metadata(obj, path)


class TableFormatter:
    """`astropy.table.Table` in FITS files."""

    extensions = _FITS
    components = frozenset({"len", "metadata", "schema"})
    read_parameters = frozenset({"columns", "hdu"})
    write_parameters: frozenset[str] = frozenset()

    def read(
        self, path: str, component: str | None = None, **parameters: object
    ) -> Table | Metadata | int:
        """Return the table, some of its columns, its header, length or schema.

        Parameters
        ----------
        path
            The file.
        component
            ``len`` (number of rows), ``metadata`` (the table's own header)
            or ``schema`` (the table without rows): nothing but headers is read.
        parameters
            ``columns`` (names), ``hdu`` (number or EXTNAME); see
            `imaging.fits_table.read_table`.

        Raises
        ------
        ColumnNotFoundError
            If a column does not exist.
        FitsFileError
            If the file cannot be read.
        """
        from imaging import fits_table

        hdu = _hdu(parameters)
        if component == "len":
            return fits_table.read_table_length(path, hdu=hdu)
        if component == "metadata":
            return fits_table.read_table_metadata(path, hdu=hdu)
        if component == "schema":
            return fits_table.read_table_schema(path, hdu=hdu)
        _no_component(component, self.components)
        columns = cast("Sequence[str] | None", parameters.get("columns"))
        return fits_table.read_table(path, columns=columns, hdu=hdu)

    def write(self, obj: object, path: str, **parameters: object) -> None:  # noqa: ARG002 - the shape of a formatter
        """Write a table.

        Parameters
        ----------
        obj
            A table of astropy, a structured array of numpy or a DataFrame of pandas.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is no table.
        """
        from imaging.fits_table import write_table

        write_table(cast("NDArray[np.void]", obj), path)


def _hdu(parameters: dict[str, object]) -> int | str | None:
    return cast("int | str | None", parameters.get("hdu"))  # checked where it is used


def _no_component(component: str | None, known: frozenset[str]) -> None:
    if component is not None:
        message = f"There is no component {component!r}, but {', '.join(sorted(known)) or 'none'}."
        raise ParameterValueError(message)
