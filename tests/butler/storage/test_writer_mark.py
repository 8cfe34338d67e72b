from __future__ import annotations

import os
import subprocess
import sys
import time

from butler.storage.writer_mark import WriterMark, is_temporary_name, process_is_dead

DAY_S = 24 * 3600.0


def dead_process() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_mark_is_read_back_from_the_temporary_name() -> None:
    name = WriterMark.mine().temporary_name(".fits.gz")
    assert is_temporary_name(name)
    assert WriterMark.of(name) == WriterMark.mine()
    assert WriterMark.of("calexp-0903334-016.fits") is None


def test_this_process_is_alive() -> None:
    assert not WriterMark.mine().is_dead(time.time())


def test_process_that_has_ended_is_dead() -> None:
    assert WriterMark(WriterMark.mine().host, dead_process()).is_dead(time.time())


def test_killed_process_that_nobody_has_waited_for_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_is_dead(WriterMark.mine().host, process.pid)
    finally:
        process.communicate()


def test_number_that_belongs_to_a_much_younger_process_is_dead() -> None:
    mine = WriterMark.mine()
    assert mine.is_dead(time.time() - 400 * DAY_S)


def test_process_of_another_host_is_dead_after_a_day() -> None:
    other = WriterMark("elsewhere", 1)
    assert not other.is_dead(time.time() - DAY_S / 2)
    assert other.is_dead(time.time() - 2 * DAY_S)
    assert other.is_dead(time.time() - 20, longest_s=10)
