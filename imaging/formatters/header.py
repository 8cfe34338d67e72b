"""Headers in a data butler."""

from __future__ import annotations

from imaging.errors import ParameterTypeError
from imaging.fits.header import read_metadata, write_metadata
from imaging.fits.metadata import Metadata
from imaging.formatters.parameters import FITS_EXTENSIONS, hdu_parameter, refuse_component

__all__ = ["FitsHeaderFormatter"]


class FitsHeaderFormatter:
    """`imaging.fits.metadata.Metadata`: the header of a FITS file, whatever else is in it."""

    extensions = FITS_EXTENSIONS
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
            ``hdu`` (number or EXTNAME); see `imaging.fits.header.read_metadata`.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        """
        refuse_component(component, self.components)
        return read_metadata(path, hdu_parameter(parameters))

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
