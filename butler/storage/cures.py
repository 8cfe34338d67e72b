"""What somebody can do when the file system refuses."""

from __future__ import annotations

import errno
from typing import Final

__all__ = ["cure_of"]

_CURES: Final = {
    errno.ENOSPC: "The disk is full: free some space and try again.",
    errno.EDQUOT: "The quota is used up: free some space and try again.",
    errno.EACCES: "Ask its owner for permission, or work in a rerun of your own.",
    errno.EPERM: "Ask its owner for permission, or work in a rerun of your own.",
    errno.EROFS: "The file system is read-only: work in a rerun elsewhere.",
    errno.EMFILE: "Too many files are open in this process: close some, or raise ulimit -n.",
    errno.ENFILE: "Too many files are open on this computer: close some.",
    errno.ENAMETOOLONG: "The name is too long for this file system.",
    errno.EIO: "Check the disk or the network mount, then try again.",
}


def cure_of(error: OSError) -> str:
    """Return what to do about an error, in a sentence; empty where nothing is known.

    Parameters
    ----------
    error
        With the number that the system gave.
    """
    return _CURES.get(error.errno or 0, "")
