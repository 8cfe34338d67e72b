"""The file of an offer: whether it is what was recorded, and what it is."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from butler.ingest.candidate import Candidate
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from butler.ingest.link import Mode
    from butler.moving.offer import Offer

__all__ = ["CHANGED", "candidate_of"]

CHANGED = "it is not what it was: its sha256 differs from the recorded one"
"""What is said of a file whose content is not the recorded one."""


def candidate_of(offer: Offer, mode: Mode) -> Candidate | str:
    """Return the file of an offer, or why there is none that can be taken.

    Parameters
    ----------
    offer
        What is offered.
    mode
        How it will be taken: a copy is hashed on its way, and not before.
    """
    if offer.problem:
        return offer.problem
    try:
        status = os.stat(offer.path)
        problem = _why_not(offer, status, mode)
    except (FileNotFoundError, NotADirectoryError):
        problem = f"{offer.path} is missing"
    except OSError as error:
        problem = f"{offer.path} cannot be read: {error.strerror}"
    if problem:
        return problem
    facts = (status.st_size, status.st_mtime_ns, status.st_ino)
    return Candidate(offer.path, *facts, offer.data_id)


def _why_not(offer: Offer, status: os.stat_result, mode: Mode) -> str:
    """Return why a file is not what was registered, as far as that is seen cheaply."""
    if not stat.S_ISREG(status.st_mode):
        return f"{offer.path} is no file"
    if offer.size is not None and status.st_size != offer.size:
        return (
            f"{offer.path} has {status.st_size} bytes, and {offer.size} are recorded: "
            f"it has changed since"
        )
    is_touched = offer.mtime_ns != status.st_mtime_ns and offer.sha256 is not None
    if is_touched and mode != "copy" and digest_file(offer.path) != offer.sha256:
        return CHANGED
    return ""
