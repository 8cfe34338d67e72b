"""FITS files that are damaged in ways that files are damaged in, or that enemies think of."""

from __future__ import annotations

import gzip
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    import random

__all__ = ["VALUES", "make_seeds", "mutate"]


def make_seeds() -> list[bytes]:
    """Whole files: an image, several HDUs, compressed images and a table, gzip files."""
    image = np.arange(3072, dtype="i4").reshape(64, 48)
    plain = fits.PrimaryHDU(image)
    plain.header.update({"VISIT": 903334, "OBJECT": "it's", "HIERARCH ESO DET ID": "abc"})
    plain.header["LONGSTR"] = "x" * 200
    many = [fits.ImageHDU(image.astype("i2"), name=f"CCD{i}") for i in range(4)]
    packed = [fits.CompImageHDU(image, compression_type=f) for f in ("RICE_1", "GZIP_2")]
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(50))])
    seeds = []
    for hdus in ([plain], [fits.PrimaryHDU(), *many], [fits.PrimaryHDU(), *packed, table]):
        stream = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fits.HDUList(hdus).writeto(stream)
        seeds.append(stream.getvalue())
    return [*seeds, gzip.compress(seeds[0], mtime=0), gzip.compress(seeds[1], mtime=0)]


VALUES = (
    *(b"-1", b"0", b"999", b"2147483647", b"9223372036854775807", b"99999999999999999999"),
    *(b"NaN", b"1E400", b"T", b"'A'", b"''", b"-64", b"7", b"\xff\xfe", b"1.5", b""),
)


def mutate(seed: bytes, rng: random.Random) -> bytes:
    """A copy with one to six faults."""
    content = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(content))
        card = at - at % 80
        kind = rng.randrange(7)
        if kind == 0:
            content[at] = rng.randrange(256)
        elif kind == 1 and at > 0:
            del content[at:]
        elif kind == 2:
            del content[at : at + min(rng.randrange(3000), len(content) - 1)]
        elif kind == 3:
            content[at:at] = rng.randbytes(rng.randrange(200))
        elif kind == 4:
            other = rng.randrange(min(50, len(content) // 80 + 1)) * 80
            content[card : card + 80] = content[other : other + 80]
        else:
            early = rng.randrange(min(50, len(content) // 80 + 1)) * 80
            content[early + 8 : early + 80] = b"= " + rng.choice(VALUES).rjust(20).ljust(70)
    return bytes(content)
