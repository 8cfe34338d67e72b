"""A battery of files that a careless reader trips over, with good ones among them.

Used for the gate alone and for ingest as a whole: the cards of any camera can
be put into every file, and the hostile value goes into the ``OBJECT`` card.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Case", "Outcome", "build_fits", "build_header", "make_battery"]

Outcome: TypeAlias = Literal["accepted", "accepted with warning", "rejected"]
Cards: TypeAlias = Sequence[bytes]

BLOCK_SIZE = 2880
WARNING: Outcome = "accepted with warning"
IMAGE = (b"SIMPLE  = T", b"BITPIX  = 16", b"NAXIS   = 2", b"NAXIS1  = 100", b"NAXIS2  = 100")
EXTENSION = (
    b"XTENSION= 'IMAGE   '",
    b"BITPIX  = 8",
    b"NAXIS   = 0",
    b"PCOUNT  = 0",
    b"GCOUNT  = 1",
)
PIXELS = bytes(range(200)) * 100


@dataclass(frozen=True)
class Case:
    """One file and what must become of it.

    ``outcome`` is that of the gate, the check of gzip streams included, and of
    ingest as long as the data ID does not need ``OBJECT``;
    ``outcome_when_needed`` that of asking for ``OBJECT`` too. ``reason`` is a
    fragment of the rejection or warning.
    """

    path: Path
    outcome: Outcome
    reason: str
    outcome_when_needed: Outcome
    object_name: str | None


def build_header(cards: Cards) -> bytes:
    text = b"".join(card.ljust(80) for card in (*cards, b"END"))
    return text + b" " * (-len(text) % BLOCK_SIZE)


def build_fits(cards: Cards, pixels: bytes = PIXELS) -> bytes:
    return build_header(cards) + pixels + bytes(-len(pixels) % BLOCK_SIZE)


def _build_bomb(start: bytes) -> bytes:
    """Twenty members of 16 MiB each behind a good file, in 340 kB."""
    member = gzip.compress(bytes(1 << 24), 9, mtime=0)
    return gzip.compress(start, mtime=0) + member * 20


def _with_object(cards: Cards, *hostile: bytes) -> list[bytes]:
    return [*(card for card in cards if card[:8].upper() != b"OBJECT  "), *hostile]


class _Battery:
    def __init__(self, directory: Path, cards: Cards | Callable[[int], Cards]) -> None:
        self.directory = directory
        self.cases: dict[str, Case] = {}
        self._cards = cards

    def cards(self) -> Cards:
        """The cards of the next file, for which ``len(self.cases)`` is the number."""
        return self._cards(len(self.cases)) if callable(self._cards) else self._cards

    def add(
        self,
        name: str,
        content: bytes | None,
        outcome: Outcome = "accepted",
        reason: str = "",
        *,
        outcome_when_needed: Outcome | None = None,
        object_name: str | None = None,
    ) -> Path:
        path = self.directory / name
        if content is not None:
            path.write_bytes(content)
        needed = outcome_when_needed or outcome
        self.cases[name] = Case(path, outcome, reason, needed, object_name)
        return path

    def add_image(self, name: str, *hostile: bytes, object_name: str | None = None) -> None:
        """A good image whose ``OBJECT`` is hostile: bad only for those who need it."""
        content = build_fits([*IMAGE, *_with_object(self.cards(), *hostile)])
        needed: Outcome = "accepted" if object_name is not None else "rejected"
        self.add(name, content, outcome_when_needed=needed, object_name=object_name)

    def add_structure(self, name: str, reason: str, *structure: bytes) -> None:
        self.add(name, build_fits([*structure, *self.cards()]), "rejected", reason)

    def good(self) -> bytes:
        return build_fits([*IMAGE, *_with_object(self.cards(), b"OBJECT  = 'M31     '")])


def make_battery(directory: Path, cards: Cards | Callable[[int], Cards] = ()) -> dict[str, Case]:
    """Write every file of the battery.

    ``cards`` go into every header that can hold them; a function of a running
    number gives each file a data ID of its own.
    """
    directory.mkdir(parents=True, exist_ok=True)
    battery = _Battery(directory, cards)
    _add_good(battery)
    _add_no_fits(battery)
    _add_incomplete(battery)
    _add_gzip(battery)
    _add_bad_structure(battery)
    _add_hostile_values(battery)
    return battery.cases


def _add_good(battery: _Battery) -> None:
    names = ("good.fits", "x[ext.fits", "!name.fits", "naïve 漢字 'q\".fits")
    for name in names:
        battery.add(name, battery.good(), object_name="M31")
    battery.add("good.fits.gz", gzip.compress(battery.good(), mtime=0), object_name="M31")
    two = gzip.compress(battery.good()[:5000]) + gzip.compress(battery.good()[5000:])
    battery.add("two_members.fits.gz", two, object_name="M31")
    battery.add("two_hdus.fits", battery.good() + build_fits(EXTENSION, b""), object_name="M31")


def _add_no_fits(battery: _Battery) -> None:
    battery.add("empty.fits", b"", "rejected", "empty")
    battery.add("text.fits", b"hello, not FITS\n" * 400, "rejected", "SIMPLE")
    battery.add("picture.fits", b"\x89PNG\r\n\x1a\n" + PIXELS, "rejected", "PNG")
    battery.add("good.fits.bz2", bz2.compress(battery.good()), "rejected", "bzip2")
    battery.add("good.fits.xz", lzma.compress(battery.good()), "rejected", "xz")
    battery.add("text.fits.gz", gzip.compress(b"hello" * 4000), "rejected", "SIMPLE")
    battery.add("directory.fits", None, "rejected", "directory").mkdir()
    battery.add("dangling.fits", None, "rejected", "not there").symlink_to("nowhere")
    battery.add("loop.fits", None, "rejected", "back to itself").symlink_to("loop.fits")
    os.mkfifo(battery.add("fifo.fits", None, "rejected", "FIFO"))
    battery.add("absent.fits", None, "rejected", "no such file")


def _add_incomplete(battery: _Battery) -> None:
    good = battery.good()
    header_size = len(good) - 7 * BLOCK_SIZE  # 20,000 bytes of pixels fill seven blocks
    battery.add("truncated_header.fits", good[:300], "rejected", "END")
    no_end = b"".join(card.ljust(80) for card in IMAGE).ljust(20 * BLOCK_SIZE)
    battery.add("no_end.fits", no_end, "rejected", "END")
    battery.add("no_data.fits", good[:header_size], "rejected", "all 20000 bytes")
    truncated = good[: header_size + 5000]
    battery.add("truncated_data.fits", truncated, "rejected", "15000 of 20000 bytes")
    unpadded = battery.good()[: header_size + len(PIXELS)]
    battery.add("unpadded.fits", unpadded, WARNING, "not filled up", object_name="M31")
    junk = battery.good() + b"junk" * 5000
    battery.add("trailing_junk.fits", junk, WARNING, "20000 bytes after", object_name="M31")
    extension = battery.good() + build_header(EXTENSION)
    battery.add("cut_extension.fits", extension[: 200 - BLOCK_SIZE], "rejected", "HDU 1: truncated")
    unpadded = battery.good() + build_header(EXTENSION).rstrip(b" ").ljust(500)
    battery.add("unpadded_header.fits", unpadded, WARNING, "not filled up", object_name="M31")


def _add_gzip(battery: _Battery) -> None:
    good = battery.good()
    packed = gzip.compress(good, mtime=0)
    battery.add("truncated.fits.gz", packed[:-30], "rejected", "breaks off")
    bad_crc = packed[:-8] + bytes(4) + packed[-4:]
    battery.add("bad_crc.fits.gz", bad_crc, "rejected", "damaged gzip")
    battery.add("bad_length.fits.gz", packed[:-1] + b"\x07", "rejected", "damaged gzip")
    battery.add("garbage.fits.gz", packed[:20] + b"\xff" * 500, "rejected", "damaged gzip")
    short = gzip.compress(good[:-BLOCK_SIZE])
    battery.add("short_data.fits.gz", short, "rejected", "bytes of data are missing")
    battery.add("bomb.fits.gz", _build_bomb(good), "rejected", "more than its header says")
    huge = (*IMAGE[:3], b"NAXIS1  = 65536", b"NAXIS2  = 98304")
    promise = gzip.compress(build_header([*huge, *battery.cards()]))
    battery.add("promise.fits.gz", promise, "rejected", "cannot be in a gzip file")
    empty_members = gzip.compress(b"", mtime=0) * 3000
    battery.add("empty_members.fits.gz", empty_members, "rejected", "without content")


def _add_bad_structure(battery: _Battery) -> None:
    long = b"".join(b"K%-7d= %70d" % (i, i) for i in range(200_000))
    long_header = build_header(IMAGE)[: 80 * len(IMAGE)] + long + b"END".ljust(80)
    battery.add("long_header.fits", long_header, "rejected", "longer than 2000 blocks")
    packed = zlib.compressobj(level=1, wbits=31)
    long_gz = packed.compress(long_header) + packed.flush()
    battery.add("long_header.fits.gz", long_gz, "rejected", "longer than 2000 blocks")
    many_axes = [b"NAXIS   = 999", *(b"NAXIS%-3d= 1" % i for i in range(1, 1000))]
    battery.add_structure("naxis_999.fits", "NAXIS is 999", *IMAGE[:2], *many_axes)
    battery.add_structure("bad_bitpix.fits", "BITPIX is 17", IMAGE[0], b"BITPIX  = 17", *IMAGE[2:])
    battery.add_structure("negative.fits", "NAXIS1 is -5", *IMAGE[:3], b"NAXIS1  = -5", IMAGE[4])
    battery.add_structure("no_bitpix.fits", "BITPIX", IMAGE[0], *IMAGE[2:])
    battery.add_structure("logical_axis.fits", "NAXIS1", *IMAGE[:3], b"NAXIS1  = T", IMAGE[4])
    large = (b"NAXIS1  = 2147483647", b"NAXIS2  = 2147483647")
    battery.add_structure("huge.fits", "any file can hold", *IMAGE[:3], *large)
    large = (b"NAXIS1  = 1000000", b"NAXIS2  = 1000000")
    battery.add_structure("large.fits", "bytes of data are missing", *IMAGE[:3], *large)
    extensions = build_fits(EXTENSION, b"") * 2100
    battery.add("many_hdus.fits", battery.good() + extensions, "rejected", "more than 2000 HDUs")
    table = (b"XTENSION= 'BINTABLE'", b"BITPIX  = 8", b"NAXIS   = 2", *large)
    fields = build_fits((*table[:3], b"NAXIS1  = 0", b"NAXIS2  = 0", b"TFIELDS = 2147483647"), b"")
    battery.add("many_fields.fits", battery.good() + fields, "rejected", "HDU 1: TFIELDS")


def _add_hostile_values(battery: _Battery) -> None:
    battery.add_image("nan.fits", b"OBJECT  = NaN")
    battery.add_image("infinite.fits", b"OBJECT  = 1E999")
    battery.add_image("unterminated.fits", b"OBJECT  = 'no end")
    battery.add_image("latin1.fits", b"OBJECT  = '\xff\xfe'")
    battery.add_image("utf8.fits", "OBJECT  = 'é漢'".encode())
    battery.add_image("nul.fits", b"OBJECT  = 'a\x00b'")
    battery.add_image("escape.fits", b"OBJECT  = 'a\x1b[31mred'")
    battery.add_image("newline.fits", b"OBJECT  = 'a\nb'")
    battery.add_image("complex.fits", b"OBJECT  = (1.0, 2.0)")
    battery.add_image("lower_case.fits", b"object  = 'M31'", object_name="M31")
    twice = (b"OBJECT  = 'first'", b"OBJECT  = 'second'")
    battery.add_image("twice.fits", *twice, object_name="first")
    markup = "<script>alert(1)</script>"
    battery.add_image("markup.fits", f"OBJECT  = '{markup}'".encode(), object_name=markup)
    outside = "../../../../etc/cron.d/x"
    battery.add_image("traversal.fits", f"OBJECT  = '{outside}'".encode(), object_name=outside)
