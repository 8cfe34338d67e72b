"""Small FITS files with the headers of calibrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.butler.ingest.bad_files import IMAGE, PIXELS, build_fits

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RED", "write_calibration", "write_flats"]

RED = ("2013-06-17", "2013-11-03", "2014-11-12")


def write_calibration(
    path: Path,
    kind: str = "flat",
    date: str = "2013-11-03",
    *,
    ccd: int = 16,
    filter: str = "HSC-R",  # noqa: A002 - the key
    content: int = 0,
    cards: tuple[str, ...] = (),
) -> Path:
    """Write one calibration of HSC; ``content`` changes its pixels, not its size."""
    identity = f"CALIB_ID= 'filter={filter} ccd={ccd} calibDate={date}'"
    header = [f"OBSTYPE = '{kind}'", identity, f"DET-ID  = {ccd}", *cards]
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = bytes([content]) + PIXELS[1:]
    path.write_bytes(build_fits([*IMAGE, *(card.encode() for card in header)], pixels))
    return path


def write_flats(directory: Path, *dates: str, ccd: int = 16) -> list[Path]:
    """Write a flat of HSC-R for each date."""
    return [
        write_calibration(directory / f"flat-{date}-{ccd}.fits", date=date, ccd=ccd)
        for date in dates
    ]
