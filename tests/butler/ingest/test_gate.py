from __future__ import annotations

import gzip
import os
import pickle
import random
import socket
import tracemalloc
import warnings
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from support.mutants import make_seeds, mutate

from butler.errors import IngestError
from butler.ingest.gate import ScannedFile, scan, verify_gzip
from tests.butler.ingest.bad_files import (
    BLOCK_SIZE,
    EXTENSION,
    IMAGE,
    PIXELS,
    Case,
    build_fits,
    build_header,
    make_battery,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.ingest.cards import CardValue

DATA = Path(__file__).parents[4] / "shared" / "data"
N_MUTANTS = 300


def examine(path: Path) -> ScannedFile:
    """What ingest does with each file before it asks for a card."""
    scanned = scan(str(path))
    if scanned.is_gzip:
        verify_gzip(str(path))
    return scanned


def write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


@pytest.fixture(scope="module")
def battery(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    return make_battery(tmp_path_factory.mktemp("battery"))


def judge(case: Case) -> tuple[str, str]:
    try:
        scanned = examine(case.path)
    except IngestError as error:
        return "rejected", str(error)
    return "accepted with warning" if scanned.warnings else "accepted", "; ".join(scanned.warnings)


def test_every_file_of_the_battery_is_judged_as_expected(battery: dict[str, Case]) -> None:
    verdicts = {name: judge(case) for name, case in battery.items()}
    wrong = {
        name: verdict
        for name, verdict in verdicts.items()
        if verdict[0] != battery[name].outcome or battery[name].reason not in verdict[1]
    }
    assert wrong == {}
    assert len(verdicts) >= 50


def test_reasons_are_short_and_printable(battery: dict[str, Case]) -> None:
    reasons = [judge(case)[1] for case in battery.values()]
    assert all(len(reason) < 200 and reason.isprintable() for reason in reasons)


def test_hostile_object_rejects_only_those_who_ask_for_it(battery: dict[str, Case]) -> None:
    seen = {}
    expected = {}
    for name, case in battery.items():
        if case.outcome == "rejected":
            continue
        header = examine(case.path).hdus[0].header
        assert header["NAXIS1"] == 100
        if case.outcome_when_needed == "rejected":
            with pytest.raises(IngestError, match=r"^card OBJECT cannot be read, "):
                header["OBJECT"]
        else:
            seen[name], expected[name] = header["OBJECT"], case.object_name
    assert seen == expected
    assert {"first", "M31", "../../../../etc/cron.d/x"} <= set(seen.values())


def test_battery_carries_the_cards_of_a_camera(tmp_path: Path) -> None:
    def cards(number: int) -> list[bytes]:
        return [b"OBJECT  = 'mine'", b"VISIT   = %d" % number]

    cases = make_battery(tmp_path, cards)
    accepted = [case for case in cases.values() if case.outcome != "rejected"]
    headers = [scan(str(case.path)).hdus[0].header for case in accepted]
    assert len({header["VISIT"] for header in headers}) == len(accepted)
    assert all(case.reason in judge(case)[1] for case in cases.values())


def test_descriptors_are_closed_whatever_happens(battery: dict[str, Case]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for case in battery.values():
        judge(case)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_scan_records_size_time_and_inode_of_the_file_behind_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target.fits"
    target.write_bytes(build_fits(IMAGE))
    link = tmp_path / "link.fits"
    link.symlink_to(target)
    scanned, status = scan(str(link)), target.stat()
    assert (scanned.size, scanned.mtime_ns, scanned.inode) == (
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
    )
    assert scanned.path == str(link)


def test_hdus_tell_where_their_data_are(tmp_path: Path) -> None:
    extension = (
        b"XTENSION= 'IMAGE   '",
        b"BITPIX  = -32",
        b"NAXIS   = 3",
        b"NAXIS1  = 5",
        b"NAXIS2  = 4",
        b"NAXIS3  = 2",
        b"EXTNAME = 'CUBE    '",
    )
    path = write(tmp_path / "a.fits", build_fits(IMAGE) + build_fits(extension, b"x" * 160))
    primary, cube = scan(path).hdus
    assert (primary.kind, primary.name, primary.shape) == ("PRIMARY", "", (100, 100))
    assert (primary.data_offset, primary.data_size) == (BLOCK_SIZE, 20_000)
    assert (cube.index, cube.kind, cube.name, cube.shape) == (1, "IMAGE", "CUBE", (2, 4, 5))
    with Path(path).open("rb") as file:
        file.seek(cube.data_offset)
        assert file.read(cube.data_size) == b"x" * 160


def test_compressed_image_is_told_from_a_table(tmp_path: Path) -> None:
    image = fits.CompImageHDU(np.arange(600, dtype="i4").reshape(20, 30), name="SCI")
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(5))])
    path = tmp_path / "a.fits.fz"
    fits.HDUList([fits.PrimaryHDU(), image, table]).writeto(path)
    hdus = scan(str(path)).hdus
    assert [(hdu.kind, hdu.shape) for hdu in hdus] == [
        ("PRIMARY", ()),
        ("COMPRESSED_IMAGE", (20, 30)),
        ("BINTABLE", (5, 4)),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("ZTILE1  = 0", "ZTILE1 is 0"),
        ("ZNAXIS1 = -64", "ZNAXIS1 is -64"),
        ("ZNAXIS  = 1000", "ZNAXIS is 1000"),
        ("ZBITPIX = 17", "ZBITPIX"),
        ("TFIELDS = 'x'", "TFIELDS is 'x'"),
        ("THEAP   = -1", "THEAP is -1"),
        ("NAXIS   = 1", "NAXIS = 1"),
        ("XTENSION= 5", "XTENSION"),
    ],
)
def test_table_that_ends_the_process_of_a_reader_is_rejected(
    tmp_path: Path, bad: str, reason: str
) -> None:
    good = (
        b"XTENSION= 'BINTABLE'",
        b"BITPIX  = 8",
        b"NAXIS   = 2",
        b"NAXIS1  = 0",
        b"NAXIS2  = 0",
        b"TFIELDS = 0",
        b"ZIMAGE  = T",
        b"ZBITPIX = 16",
        b"ZNAXIS  = 1",
        b"ZNAXIS1 = 10",
        b"ZTILE1  = 5",
        b"THEAP   = 0",
    )
    path = write(tmp_path / "a.fits", build_fits(IMAGE) + build_fits(good, b""))
    assert scan(path).hdus[1].shape == (10,)
    cards = [bad.encode() if card.startswith(bad[:8].encode()) else card for card in good]
    path = write(tmp_path / "a.fits", build_fits(IMAGE) + build_fits(cards, b""))
    with pytest.raises(IngestError, match=f"HDU 1: .*{reason}"):
        scan(path)


def test_random_groups_count_their_parameters(tmp_path: Path) -> None:
    cards = (*IMAGE[:3], b"NAXIS1  = 0", b"NAXIS2  = 7", b"GROUPS  = T", b"PCOUNT  = 3")
    path = write(tmp_path / "a.fits", build_fits([*cards, b"GCOUNT  = 5"], bytes(100)))
    assert scan(path).hdus[0].data_size == 2 * 5 * (3 + 7)


def test_later_duplicate_cannot_change_the_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fits", build_fits([*IMAGE, b"NAXIS1  = 1"]))
    assert scan(path).hdus[0].data_size == len(PIXELS)


def test_header_of_many_blocks_is_read_to_its_end(tmp_path: Path) -> None:
    cards = [*IMAGE, *(b"K%-7d= %d" % (i, i) for i in range(71_000)), b"LAST    = 'here'"]
    path = write(tmp_path / "a.fits", build_fits(cards))
    assert scan(path).hdus[0].header["LAST"] == "here"
    packed = write(tmp_path / "a.fits.gz", gzip.compress(build_fits(cards), 1))
    assert scan(packed).hdus[0].header["LAST"] == "here"


def test_end_within_a_card_does_not_end_the_header(tmp_path: Path) -> None:
    tricky = (b"A       = 'END     ' / END     ", b"HISTORY END     ", b"ENDING  = 1")
    path = write(tmp_path / "a.fits", build_fits([*IMAGE, *tricky, b"B       = 2"]))
    assert scan(path).hdus[0].header["B"] == 2


def test_max_hdus_is_the_number_that_passes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fits", build_fits(IMAGE) + build_fits(EXTENSION, b"") * 2)
    assert len(scan(path, max_hdus=3).hdus) == 3
    with pytest.raises(IngestError, match="more than 2 HDUs"):
        scan(path, max_hdus=2)


def test_headers_of_one_file_are_bounded_together(tmp_path: Path) -> None:
    extension = build_header([*EXTENSION, *[b""] * 71_000])
    path = tmp_path / "a.fits"
    with path.open("wb") as file:
        file.write(build_fits(IMAGE))
        for _ in range(12):
            file.write(extension)
    with pytest.raises(IngestError, match="headers are larger than"):
        scan(str(path))


def test_socket_device_and_impossible_names_are_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name has to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.fits")
        with pytest.raises(IngestError, match="socket"):
            scan("socket.fits")
    with pytest.raises(IngestError, match="device"):
        scan("/dev/null")
    with pytest.raises(IngestError, match="not a file name"):
        scan("a\0b.fits")
    with pytest.raises(IngestError, match="cannot be opened"):
        scan("x" * 300)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_file_that_gives_an_input_error_is_rejected() -> None:
    with pytest.raises(IngestError, match="cannot be read"):
        scan("/proc/self/mem")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(build_fits(IMAGE))
    path.chmod(0)
    with pytest.raises(IngestError, match="cannot be opened"):
        scan(str(path))


def test_gzip_is_known_by_its_content_and_verified_to_its_full_size(tmp_path: Path) -> None:
    content = build_fits(IMAGE)
    path = write(tmp_path / "named_plainly.fits", gzip.compress(content))
    scanned = scan(path)
    assert scanned.is_gzip
    assert scanned.size < len(content)
    assert verify_gzip(path) == len(content)


def test_plain_file_is_not_verified_as_gzip(tmp_path: Path) -> None:
    path = write(tmp_path / "named_wrongly.fits.gz", build_fits(IMAGE))
    assert not scan(path).is_gzip
    with pytest.raises(IngestError, match="not a gzip file"):
        verify_gzip(path)


def test_gzip_gives_its_first_hdu_or_all_of_them(tmp_path: Path) -> None:
    content = build_fits(IMAGE) + build_fits(EXTENSION, b"") * 2
    path = write(tmp_path / "a.fits.gz", gzip.compress(content))
    assert len(scan(path).hdus) == 1
    every = scan(path, all_hdus=True)
    assert [hdu.index for hdu in every.hdus] == [0, 1, 2]
    plain = scan(write(tmp_path / "a.fits", content))
    assert every.hdus == plain.hdus


def test_gzip_beyond_the_limit_is_left_unchecked_with_a_warning(tmp_path: Path) -> None:
    content = build_fits(IMAGE) + build_fits(EXTENSION, b"") * 20
    path = write(tmp_path / "a.fits.gz", gzip.compress(content))
    scanned = scan(path, all_hdus=True, max_streamed_bytes=60_000)
    assert 3 < len(scanned.hdus) < 10
    last = scanned.hdus[-1].index
    assert f"beyond the header of HDU {last}" in scanned.warnings[0]
    with pytest.raises(IngestError, match="more than 1000 bytes"):
        scan(path, max_streamed_bytes=1000)


def test_zeros_and_garbage_behind_a_gzip_stream_are_ignored_as_gzip_does(tmp_path: Path) -> None:
    content = build_fits(IMAGE)
    for tail in (bytes(100_000), b"garbage", bytes(70_000) + gzip.compress(b"")):
        path = write(tmp_path / "a.fits.gz", gzip.compress(content) + tail)
        assert verify_gzip(path) == len(content)


def test_gzip_members_may_have_zeros_between_them(tmp_path: Path) -> None:
    content = build_fits(IMAGE)
    for n_zeros in (1, 2, 200_000):
        packed = gzip.compress(content[:5000]) + bytes(n_zeros) + gzip.compress(content[5000:])
        assert verify_gzip(write(tmp_path / "a.fits.gz", packed)) == len(content)


def test_gzip_cut_at_any_place_is_rejected(tmp_path: Path) -> None:
    packed = gzip.compress(build_fits([*IMAGE, b"OBJECT  = 'M31'"]))
    assert len(packed) < 1000
    for size in range(2, len(packed)):
        with pytest.raises(IngestError):
            examine(Path(write(tmp_path / "a.fits.gz", packed[:size])))


def test_plain_file_cut_at_any_block_is_rejected(tmp_path: Path) -> None:
    content = build_fits(IMAGE)
    for size in range(0, BLOCK_SIZE + len(PIXELS), 500):
        with pytest.raises(IngestError):
            scan(write(tmp_path / "a.fits", content[:size]))


def test_bomb_takes_no_memory(battery: dict[str, Case]) -> None:
    tracemalloc.start()
    try:
        assert judge(battery["bomb.fits.gz"])[0] == "rejected"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Two chunks of 256 KiB, and what zlib holds; the bomb has 320 MiB.
    assert peak < 2 << 20


def test_scanned_file_is_immutable_and_travels_between_processes(tmp_path: Path) -> None:
    scanned = scan(write(tmp_path / "a.fits", build_fits([*IMAGE, b"OBJECT  = '\xff'"])))
    assert pickle.loads(pickle.dumps(scanned)) == scanned
    with pytest.raises(FrozenInstanceError):
        scanned.size = 0  # type: ignore[misc]


def test_mutants_raise_nothing_but_ingest_errors_and_stay_small(tmp_path: Path) -> None:
    rng = random.Random(20131102)
    seeds = make_seeds()
    n_accepted = 0
    tracemalloc.start()
    try:
        for number in range(N_MUTANTS):
            path = tmp_path / f"{number}.fits"
            path.write_bytes(mutate(seeds[number % len(seeds)], rng))
            try:
                scanned = examine(path)
            except IngestError:
                continue
            n_accepted += 1
            for hdu in scan(str(path), all_hdus=True).hdus:
                hdu.header.to_dict()
            sizes = [hdu.data_offset + hdu.data_size for hdu in scanned.hdus if hdu.data_size]
            assert scanned.is_gzip or max(sizes, default=0) <= scanned.size
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Seeds and headers are some 100 kB; a size believed unchecked would be MB to GB.
    assert peak < 8 << 20
    assert 0 < n_accepted < N_MUTANTS


def test_real_files_pass_without_warning_and_read_as_astropy_reads_them() -> None:
    if not DATA.is_dir():
        pytest.skip("no real data beside this checkout")
    paths = sorted([*(DATA / "hsc_pixels").glob("*.fits"), *(DATA / "raw_small").glob("*.fits")])
    assert paths
    for path in paths:
        scanned = scan(str(path))
        assert scanned.warnings == ()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(path, disable_image_compression=True) as hdus:
                theirs = [(hdu.fileinfo()["datLoc"], list(hdu.header.cards)) for hdu in hdus]
                expected = [(offset, to_dict(cards)) for offset, cards in theirs]
        assert [(hdu.data_offset, hdu.header.to_dict()) for hdu in scanned.hdus] == expected


def to_dict(cards: Sequence[fits.Card]) -> dict[str, CardValue]:
    """The first value of each keyword as astropy reads it."""
    values: dict[str, CardValue] = {}
    for card in cards:
        has_value = card.image[8:10] == "= " or card.image.startswith("HIERARCH ")
        if has_value and card.keyword not in {"COMMENT", "HISTORY", ""}:
            value = None if isinstance(card.value, fits.card.Undefined) else card.value
            values.setdefault(card.keyword.upper(), value)
    return values
