"""What a worker of Dask that belongs to a run does first; Dask imports this by its name."""

from __future__ import annotations

import signal

__all__ = ["dask_setup"]


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to the driver, which ends the workers."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
