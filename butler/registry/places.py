"""What kind of file system a path lies on."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["file_system_type", "is_network_path"]

_NETWORK_TYPES = frozenset(
    {"9p", "acfs", "afs", "beegfs", "ceph", "cifs", "fhgfs", "fuse", "glusterfs", "gpfs"}
    | {"lustre", "ncpfs", "nfs", "nfs4", "orangefs", "panfs", "pvfs2", "smb3", "smbfs"}
    | {"virtiofs", "wekafs"}
)
_MOUNTS = Path("/proc/self/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def file_system_type(path: str, mounts: str | None = None) -> str:
    """Return the type of the file system that a path lies on, as ``ext4``.

    Parameters
    ----------
    path
        It need not exist.
    mounts
        Text in the form of ``/proc/mounts``; this machine's if None.

    Returns
    -------
    str
        Empty where the operating system has no table of mounts to look at.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""
    place = os.path.realpath(path) + "/"
    longest, kind = -1, ""
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:  # noqa: PLR2004 - device, folder, type
            continue
        folder = _OCTAL.sub(lambda match: chr(int(match[1], 8)), words[1]).rstrip("/") + "/"
        if place.startswith(folder) and len(folder) >= longest:
            longest, kind = len(folder), words[2]
    return kind


def is_network_path(path: str, mounts: str | None = None) -> bool:
    """Return whether a path lies on a file system that other computers may write too.

    Parameters
    ----------
    path, mounts
        As for `file_system_type`.

    Returns
    -------
    bool
        True for NFS, SMB, Lustre, FUSE and their kind. False where the
        operating system has no table of mounts to look at.
    """
    kind = file_system_type(path, mounts)
    return kind in _NETWORK_TYPES or kind.startswith("fuse.")
