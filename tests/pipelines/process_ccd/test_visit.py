"""A visit with a corrupt raw, a worker that is killed, and Ctrl-C: resumed, and whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from support.commands import run_command
from support.repositories import files_below
from support.shared_data import REPOSITORY
from support.tier import sized

from butler import Butler
from testdata.geometry import Geometry
from testdata.layout import write_tutorial_data
from testdata.sky import SkyModel

COUNT: Final = sized(pr=6, nightly=112)
KILLED, CORRUPT, INTERRUPTING = 1, 2, 3 * COUNT // 4
OUTPUTS: Final = ("icSrc", "src", "calexp", "calexpBackground")
TASK: Final = "tests.pipelines.process_ccd.doomed_ccd:DoomedCcdTask"
# A sixteenth of a CCD; so many stars that each has enough for a PSF, a WCS and a zero point
GEOMETRY: Final = Geometry(amp_width=128, amp_height=1044)
SKY: Final = SkyModel(
    geometry=GEOMETRY, star_density=240_000, galaxy_density=300_000, clusters_per_ccd=0
)

# A test that a shell has started in the background would ignore Ctrl-C
CODE: Final = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from cli.main import main; main()"
)


def make_visit(folder: Path) -> Path:
    """A repository with a visit, one of whose raws is cut off after it was ingested."""
    visits = {903334: list(range(COUNT))}
    data = write_tutorial_data(folder / "ci_hsc", visits, geometry=GEOMETRY, sky=SKY)
    root = folder / "DATA"
    run_command("create", root, "--camera", "hsc")
    run_command("ingest", root, *data.raws.values(), "--mode", "link")
    (root / "CALIB").symlink_to(data.calib_dir)
    (root / "ref_cats").mkdir()
    (root / "ref_cats" / data.reference_dir.name).symlink_to(data.reference_dir)
    raw = data.raws[903334, CORRUPT]
    with open(raw, "r+b") as file:
        file.truncate(os.path.getsize(raw) // 2)
    return root


def start(root: Path, fate: Path) -> subprocess.Popen[str]:
    words = ["run", TASK, str(root), "--rerun", "all", "--id", "-j", "2", "--format", "json"]
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *words],
        env={**os.environ, "FATE": str(fate), "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/tests"},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(output: Path) -> list[int]:
    """The CCDs that have all outputs; no other has any, and no file is left over."""
    with Butler(output) as butler:
        there = {name: butler.query_metadata(name, "ccd") for name in OUTPUTS}
    assert all(sorted(ccds) == sorted(there["src"]) for ccds in there.values()), there
    files = files_below(output)
    for mark in ("/SRC-", "/ICSRC-", "/CORR-", "/BKGD-"):
        assert sum(mark in one for one in files) == len(there["src"])
    assert [one for one in files if ".tmp-" in one] == []
    run_command("doctor", output)
    return sorted(there["src"])


def test_visit_is_whole_after_a_corrupt_raw_a_killed_worker_and_an_interruption(
    tmp_path: Path,
) -> None:
    root, fate = make_visit(tmp_path), tmp_path / "fate"
    fate.mkdir()
    (fate / f"kill-{KILLED}").touch()
    os.mkfifo(fate / f"interrupt-{INTERRUPTING}")
    first = start(root, fate)
    assert (fate / f"interrupt-{INTERRUPTING}").read_text() == "now"  # waits until it is there
    first.send_signal(signal.SIGINT)
    said = first.communicate()[1]
    assert first.returncode == 130, said
    output = root / "rerun" / "all"
    before = finished(output)
    assert (fate / f"killed-{KILLED}").exists()
    assert CORRUPT not in before
    assert len(before) < COUNT - 1

    second = start(root, fate)
    shown, said = second.communicate()
    assert second.returncode == 1, said
    (report,) = json.loads(shown)
    good = [ccd for ccd in range(COUNT) if ccd != CORRUPT]
    assert finished(output) == good  # the one whose worker died was tried once more
    assert report["done"] == len(good) - len(before)  # each was done once
    assert [one["ccd"] for one in report["failures"]] == [CORRUPT]
    (failure,) = report["failures"]
    assert "the file is not complete" in failure["error"]
    assert "Traceback" in Path(failure["log"]).read_text(encoding="utf-8")
    sys.stdout.write(f"{len(before)} before the interruption, {report['done']} after it\n")
