from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.commands import run_command

from cli.main import butler
from cli.verbs import VERBS

SCRIPTS = Path(sys.executable).parent
HEAVY = ("numpy", "sqlalchemy", "astropy", "yaml", "rich", "fitsio", "alembic")


def run_script(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / "butler"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from cli.main import butler\n"
        "try:\n    butler(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [m for m in {HEAVY} if m in sys.modules])\n"
        "print('VERBS', [m for m in sys.modules if m.startswith('cli.')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
    assert "cli.ingest" not in done.stdout.partition("VERBS")[2]


def test_help_lists_every_verb() -> None:
    done = run_script("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in VERBS)


def test_help_of_a_verb_keeps_the_lines_of_its_examples() -> None:
    lines = run_command("ls", "--help").stdout.splitlines()
    assert "  butler ls DATA" in lines
    assert "  butler ls DATA raw --id visit=903334^903336 ccd=0..8:2" in lines


def test_version_is_told() -> None:
    from butler.version import __version__

    assert __version__ in run_command("--version").stdout


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["ingst", "DATA"], "Did you mean 'ingest'?"),
        (["rmrepo", "DATA"], "'rm-repo'"),
        (["ls", "DATA", "--wehre", "x"], "--where"),
    ],
)
def test_misspelt_word_gets_a_suggestion(words: list[str], suggestion: str) -> None:
    assert suggestion in run_command(*words, code=2).stderr


def test_misspelt_camera_gets_a_suggestion(tmp_path: Path) -> None:
    output = run_command("create", tmp_path / "new", "--camera", "hcs", code=2)
    assert "Did you mean 'hsc'?" in output.stderr
    assert not (tmp_path / "new").exists()


def test_misspelt_dataset_type_and_key_get_suggestions(data: Path) -> None:
    assert "'calexp'" in run_command("ls", data, "calexpp", code=2).stderr
    assert "'visit'" in run_command("ls", data, "raw", "--id", "vsit=1", code=2).stderr


def test_missing_repository_is_not_found(tmp_path: Path) -> None:
    output = run_command("ls", tmp_path / "nowhere", code=3)
    assert "butler create" in output.stderr
    assert output.stdout == ""


def test_error_shows_its_traceback_only_when_asked(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert "Traceback" not in run_command("ls", nowhere, code=3).stderr
    assert "Traceback" in run_command("ls", nowhere, "-v", code=3).stderr
    assert "Traceback" in run_command("-v", "ls", nowhere, code=3).stderr


def test_closed_pipe_ends_silently(data: Path) -> None:
    command = (
        f"'{SCRIPTS}/butler' ls '{data}' raw --format jsonl | head -n 1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    first, status = done.stdout.splitlines()
    assert first.startswith("{")
    assert status == "0"
    assert done.stderr == ""


def test_output_that_nobody_reads_ends_silently(data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(SCRIPTS / "butler"), "ls", str(data), "raw"]
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            command, stdout=nobody, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")


def wait_for_lock(process: subprocess.Popen[str]) -> None:
    """Wait until a process waits for a lock that another holds."""
    waiting = re.compile(rf"-> FLOCK .* {process.pid} ")
    while not waiting.search(Path("/proc/locks").read_text()):
        assert process.poll() is None
        time.sleep(0.05)


def test_interrupt_ends_with_130_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    root, waiting = tmp_path / "DATA", tmp_path / "waiting.py"
    run_command("create", root, "--camera", "hsc")
    # Opening a lock that another process holds is what the command waits for.
    code = (
        "import fcntl, sys, time\n"
        "file = open(sys.argv[1], 'a')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    waiting.write_text('{"a": 1}')
    lock = root / ".butler" / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        command = [str(SCRIPTS / "butler"), "put", str(root), "isr_config", str(waiting)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as butler_process:
            wait_for_lock(butler_process)
            butler_process.send_signal(signal.SIGINT)
            _, messages = butler_process.communicate(timeout=30)
            code_of_exit = butler_process.returncode
        holder.kill()
    assert code_of_exit == 130
    assert "Traceback" not in messages
    assert run_command("ls", root, "--format", "json").rows == []
    assert [path for path in root.rglob("*") if path.name.startswith(".tmp")] == []


def test_group_and_entry_point_are_the_same_command() -> None:
    assert butler.name == "butler"
    assert run_script("cameras", "--format", "jsonl").stdout.startswith('{"name": "hsc"')


def test_store_that_cannot_be_reached_is_a_storage_error() -> None:
    assert "cannot be reached" in run_command("ls", "nosuch://store/DATA", code=5).stderr
