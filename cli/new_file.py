"""Write a file that somebody asked for: whole or not at all, and over none unasked."""

from __future__ import annotations

import os

__all__ = ["refuse_present", "write_new_file"]


def refuse_present(path: str, *, overwrite: bool) -> None:
    """Refuse a path where something is already, before work is done in vain.

    Raises
    ------
    DatasetExistsError
        If there is a file, and it may not be replaced.
    """
    if not overwrite and os.path.lexists(path):
        from butler.errors import DatasetExistsError

        raise DatasetExistsError(_present(path))


def write_new_file(path: str, content: bytes, *, overwrite: bool) -> None:
    """Write a file.

    Parameters
    ----------
    path
        Where to.
    content
        What.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    DatasetExistsError
        If there is one, and it may not.
    StorageError
        If it cannot be written.
    """
    from butler.errors import DatasetExistsError, StorageError
    from imaging.errors import DataFileError, ImagingError
    from imaging.fits.new_file import open_new_file

    try:
        with open_new_file(path, DataFileError, may_gzip=False, may_replace=overwrite) as file:
            file.write(content)
    except ImagingError as error:
        if isinstance(error.__cause__, FileExistsError):
            raise DatasetExistsError(_present(path)) from error
        raise StorageError(str(error).rstrip(".")) from error


def _present(path: str) -> str:
    return f"There is a file at {path} already. To replace it: --overwrite"
