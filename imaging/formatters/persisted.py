"""PSFs, maps to the sky, calibrations and detectors in files of their own, for a data butler."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from imaging.errors import ParameterTypeError
from imaging.formatters.parameters import FITS_EXTENSIONS, hdu_parameter, refuse_component

if TYPE_CHECKING:
    from collections.abc import Callable

    from imaging.fits.rows import Rows

__all__ = ["DetectorFormatter", "PhotoCalibFormatter", "PsfFormatter", "WcsFormatter"]


class _Persistable(Protocol):
    def to_rows(self) -> Rows: ...


class _PersistedFormatter(ABC):
    """One object of a certain kind as a binary table; each subclass says which."""

    extensions = FITS_EXTENSIONS
    components: frozenset[str] = frozenset()
    read_parameters = frozenset({"hdu"})
    write_parameters: frozenset[str] = frozenset()
    extension_name: str
    """EXTNAME of the table."""

    @abstractmethod
    def _kind(self) -> tuple[type[_Persistable], Callable[[Rows, str], _Persistable]]:
        """Return the class, and what makes an object of it of a table and its path."""

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Return the object.

        Parameters
        ----------
        path
            The file.
        component
            There is none.
        parameters
            ``hdu`` (number or EXTNAME), by default the first table.

        Raises
        ------
        FitsFileError
            If the file cannot be read, or holds something else.
        """
        from imaging.fits.rows import read_rows_of

        refuse_component(component, self.components)
        _, from_rows = self._kind()
        return from_rows(read_rows_of(path, hdu_parameter(parameters)), path)

    def write(self, obj: object, path: str, **parameters: object) -> None:  # noqa: ARG002 - the shape of a formatter
        """Write the object.

        Parameters
        ----------
        obj
            What it is.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is something else.
        """
        from imaging.fits.metadata import Metadata
        from imaging.fits.writer import RowsPart, write_parts

        kind, _ = self._kind()
        if not isinstance(obj, kind):
            message = f"A {kind.__name__} is needed, not {type(obj).__name__}."
            raise ParameterTypeError(message)
        write_parts(path, Metadata(), [RowsPart(obj.to_rows(), self.extension_name)])


class PsfFormatter(_PersistedFormatter):
    """`imaging.psf.psf.Psf` of every kind."""

    extension_name = "PSF"

    def _kind(self) -> tuple[type[_Persistable], Callable[[Rows, str], _Persistable]]:
        from imaging.psf.persisted import psf_from_rows
        from imaging.psf.psf import Psf

        return Psf, psf_from_rows


class WcsFormatter(_PersistedFormatter):
    """`imaging.wcs.projection.SkyProjection`: a map between pixels and sky, of every kind."""

    extension_name = "WCS"

    def _kind(self) -> tuple[type[_Persistable], Callable[[Rows, str], _Persistable]]:
        from imaging.wcs.persisted import wcs_from_rows
        from imaging.wcs.projection import SkyProjection

        return SkyProjection, wcs_from_rows


class PhotoCalibFormatter(_PersistedFormatter):
    """`imaging.exposure.photo_calib.PhotoCalib`."""

    extension_name = "PHOTOCALIB"

    def _kind(self) -> tuple[type[_Persistable], Callable[[Rows, str], _Persistable]]:
        from imaging.exposure.photo_calib import PhotoCalib

        return PhotoCalib, PhotoCalib.from_rows


class DetectorFormatter(_PersistedFormatter):
    """`imaging.detector.detector.Detector`."""

    extension_name = "DETECTOR"

    def _kind(self) -> tuple[type[_Persistable], Callable[[Rows, str], _Persistable]]:
        from imaging.detector.detector import Detector, detector_from_rows

        return Detector, detector_from_rows
