"""Write a file that somebody asked for: whole or not at all, and over none unasked."""

from __future__ import annotations

import os
from contextlib import suppress
from uuid import uuid4

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

    temporary = os.path.join(os.path.dirname(path), f".butler-{uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        if overwrite:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise DatasetExistsError(_present(path)) from error
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _present(path: str) -> str:
    return f"There is a file at {path} already. To replace it: --overwrite"
