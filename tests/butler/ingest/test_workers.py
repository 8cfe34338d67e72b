from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from butler.ingest.candidate import Candidate, Rejection, choose_header, read_candidate
from butler.ingest.gate import scan
from butler.ingest.workers import ReadLimits, iter_candidates
from mappers.hsc import HscMapper
from tests.butler.ingest.bad_files import IMAGE, build_fits
from tests.butler.ingest.hsc_raws import hsc_cards, write_raw
from tests.butler.ingest.lethal_camera import LethalMapper

if TYPE_CHECKING:
    from pathlib import Path

CUT = 200  # leaves the header without its END


def read_all(
    paths: list[Path], *, processes: int = 2, limits: ReadLimits | None = None
) -> list[Candidate | Rejection]:
    names = [str(path) for path in paths]
    return list(iter_candidates(names, LethalMapper(), processes, limits or ReadLimits()))


def reasons(results: list[Candidate | Rejection]) -> list[str]:
    return [one.reason if isinstance(one, Rejection) else "" for one in results]


def test_a_candidate_has_the_columns_of_the_registry_and_the_facts_of_the_file(
    tmp_path: Path,
) -> None:
    path = write_raw(tmp_path / "raw.fits")
    candidate = read_candidate(str(path), HscMapper())
    assert isinstance(candidate, Candidate)
    assert candidate.observation["visit"] == 903334
    assert candidate.observation["ccd"] == 16
    status = path.stat()
    facts = (candidate.size, candidate.mtime_ns, candidate.inode)
    assert facts == (status.st_size, status.st_mtime_ns, status.st_ino)


def test_other_processes_read_what_this_one_reads_and_in_order(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{ccd}.fits", ccd=ccd) for ccd in range(100)]
    paths[50].write_bytes(b"no FITS")
    assert read_all(paths, processes=2) == read_all(paths, processes=1)


def test_a_file_that_kills_its_process_is_rejected_alone(tmp_path: Path) -> None:
    paths = [write_raw(tmp_path / f"{ccd}.fits", ccd=ccd) for ccd in range(80)]
    write_raw(paths[7], ccd=7, field="KILL")
    write_raw(paths[70], ccd=70, field="KILL")
    found = reasons(read_all(paths))
    assert {n: reason for n, reason in enumerate(found) if reason} == dict.fromkeys(
        (7, 70), "reading it killed the process that read it"
    )


def test_a_file_that_takes_too_long_is_rejected(tmp_path: Path) -> None:
    slow = write_raw(tmp_path / "slow.fits", ccd=1, field="SLOW")
    good = write_raw(tmp_path / "good.fits", ccd=2)
    limits = ReadLimits(wall_s=0.3)
    assert reasons(read_all([slow, good], limits=limits)) == ["reading it takes too long", ""]


def test_a_file_that_takes_all_memory_is_rejected(tmp_path: Path) -> None:
    greedy = write_raw(tmp_path / "greedy.fits", ccd=1, field="MEMORY")
    good = write_raw(tmp_path / "good.fits", ccd=2)
    found = reasons(read_all([greedy, good]))
    assert found == ["reading it takes more memory than there is", ""]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fault_of_the_camera_is_a_reason_and_no_traceback(tmp_path: Path, processes: int) -> None:
    faulty = write_raw(tmp_path / "faulty.fits", ccd=1, field="FAULT")
    good = write_raw(tmp_path / "good.fits", ccd=2)
    found = reasons(read_all([faulty, good], processes=processes))
    assert found == ["reading it failed (ZeroDivisionError: a fault of the camera)", ""]


def test_a_damaged_gzip_file_with_a_perfect_header_is_rejected(tmp_path: Path) -> None:
    whole = gzip.compress(write_raw(tmp_path / "raw.fits").read_bytes())
    path = tmp_path / "raw.fits.gz"
    path.write_bytes(whole[:-CUT])
    assert "breaks off" in reasons(read_all([path], processes=1))[0]
    path.write_bytes(whole)
    assert reasons(read_all([path], processes=1)) == [""]


def test_the_header_of_a_compressed_image_is_in_front_of_that_of_the_primary(
    tmp_path: Path,
) -> None:
    primary = build_fits(
        (b"SIMPLE  = T", b"BITPIX  = 8", b"NAXIS   = 0", b"OBJECT  = 'primary'", b"NIGHT   = 7"),
        b"",
    )
    table = build_fits(
        (
            b"XTENSION= 'BINTABLE'",
            *(b"BITPIX  = 8", b"NAXIS   = 2", b"NAXIS1  = 8", b"NAXIS2  = 0"),
            *(b"PCOUNT  = 0", b"GCOUNT  = 1", b"TFIELDS = 1", b"ZIMAGE  = T"),
            *(b"ZBITPIX = 16", b"ZNAXIS  = 2", b"ZNAXIS1 = 100", b"ZNAXIS2 = 100"),
            *hsc_cards(),
        ),
        b"",
    )
    path = tmp_path / "raw.fits.fz"
    path.write_bytes(primary + table)
    header = choose_header(scan(str(path)))
    assert (header["OBJECT"], header["NIGHT"]) == ("STRIPE82L", 7)
    candidate = read_candidate(str(path), HscMapper())
    assert isinstance(candidate, Candidate)
    assert candidate.observation["visit"] == 903334


def test_the_primary_header_alone_counts_where_it_has_an_image(tmp_path: Path) -> None:
    path = tmp_path / "raw.fits"
    path.write_bytes(build_fits([*IMAGE, *hsc_cards()]))
    assert choose_header(scan(str(path)))["NAXIS1"] == 100


def test_a_script_without_a_guard_ingests_once(tmp_path: Path) -> None:
    write_raw(tmp_path / "raw.fits")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from butler.ingest.workers import iter_candidates\n"
        "from mappers.hsc import HscMapper\n"
        "print('begins', flush=True)\n"
        "print(len(list(iter_candidates([sys.argv[1]], HscMapper(), 2))))\n"
    )
    command = [sys.executable, str(script), str(tmp_path / "raw.fits")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["begins", "1"], done.stderr


def test_interrupt_is_for_the_parent_to_answer(tmp_path: Path) -> None:
    """Another process is needed: this one's fork server may run already."""
    code = (
        "import signal\n"
        "from butler.ingest.workers import ReadLimits, _pool\n"
        "if __name__ == '__main__':\n"
        "    with _pool(1, ReadLimits()) as pool:\n"
        "        blocked = pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, []).result()\n"
        "    print(signal.SIGINT in blocked)\n"
        "    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
    )
    script = tmp_path / "ask.py"
    script.write_text(code)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_no_process_outlives_one_that_is_killed(tmp_path: Path) -> None:
    """Whoever reads what it prints waits for the end of all that hold the pipe."""
    code = (
        "import os, signal\n"
        "from butler.ingest.workers import ReadLimits, _pool\n"
        "if __name__ == '__main__':\n"
        "    pool = _pool(2, ReadLimits())\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "die.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout) > 0
