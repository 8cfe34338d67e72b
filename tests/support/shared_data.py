"""Real data beside the checkout, where it is present."""

from __future__ import annotations

from pathlib import Path

__all__ = ["REPOSITORY", "find_shared_data"]

REPOSITORY = Path(__file__).resolve().parents[2]


def find_shared_data() -> Path | None:
    """The folder of real data, or None if this machine has none."""
    folder = REPOSITORY.parent / "shared" / "data"
    return folder if folder.is_dir() else None
