"""``lsst.pex.exceptions``: each name stands for what is raised here where the stack raises it."""

from __future__ import annotations

import builtins

from imaging.errors import ImagingError

__all__ = [
    "DomainError",
    "Exception",
    "InvalidParameterError",
    "IoError",
    "LengthError",
    "LogicError",
    "NotFoundError",
    "OutOfRangeError",
    "RangeError",
    "RuntimeError",
    "TypeError",
]

Exception = ImagingError  # noqa: A001 - names of Gen2, these and the next two
RuntimeError = ImagingError  # noqa: A001
TypeError = builtins.TypeError  # noqa: A001
LogicError = ImagingError
IoError = OSError
NotFoundError = OutOfRangeError = LookupError
DomainError = InvalidParameterError = LengthError = RangeError = ValueError
