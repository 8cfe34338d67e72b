"""Reference catalogs of a million rows: making them, and the stars around a place.

``python -m benchmarks.reference_catalogs`` prints the table of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.table import Table

__all__ = ["main"]

SIDE_DEG = 10.0
RADIUS_DEG = 0.5
REPETITIONS = 20
FORMS = {"fits": "fits", "csv": "ascii.fast_csv", "parquet": "parquet"}


def make_stars(count: int) -> Table:
    """Stars of a square of ten degrees across right ascension 0, as Gaia's archive gives them."""
    from astropy.table import Table

    rng = np.random.default_rng(1)
    half = np.radians(SIDE_DEG / 2)
    table = Table(
        {
            "source_id": rng.permutation(count) + 10**17,
            "ra": rng.uniform(-SIDE_DEG / 2, SIDE_DEG / 2, count) % 360,
            "dec": np.degrees(np.arcsin(rng.uniform(np.sin(-half), np.sin(half), count))),
            "ref_epoch": np.full(count, 2016.0),
        }
    )
    for name in ("ra_error", "dec_error", "pmra_error", "pmdec_error", "parallax_error"):
        table[name] = rng.uniform(0.01, 1, count).astype(np.float32)
    for name in ("pmra", "pmdec", "parallax"):
        table[name] = rng.normal(0, 5, count)
    for band in ("g", "bp", "rp"):
        table[f"phot_{band}_mean_flux"] = rng.exponential(1e3, count)
        table[f"phot_{band}_mean_flux_error"] = rng.uniform(1, 10, count)
    return table


def places() -> list[tuple[float, float]]:
    """Where stars are asked for."""
    rng = np.random.default_rng(2)
    edge = SIDE_DEG / 2 - 2 * RADIUS_DEG
    return [tuple(pair) for pair in rng.uniform(-edge, edge, (REPETITIONS, 2)).tolist()]


def ingest(path: str, root: str) -> dict[str, float]:
    """Make a catalog of one file."""
    from butler.refcats.ingest import ingest_refcat
    from butler.repository.create import create_repository
    from butler.repository.native import NativeRepository
    from imaging.reference.column_map import ColumnMap
    from imaging.reference.reference_input import ReferenceInput

    create_repository(root, "hsc")
    begin, cpu = time.perf_counter(), time.process_time()
    source = ReferenceInput([path], ColumnMap())
    report = ingest_refcat(NativeRepository(root), "stars", source)
    return {
        "wall_s": time.perf_counter() - begin,
        "cpu_s": time.process_time() - cpu,
        "rows": report.rows,
        "pieces": report.pieces,
    }


def load(root: str, epoch: str) -> dict[str, float]:
    """Ask for circles in the catalog of a repository."""
    from butler import Butler

    catalog = Butler(root).refcat("stars")
    when = epoch or None
    return timed(
        lambda place: np.asarray(catalog.load_circle(place, RADIUS_DEG, epoch=when)["id"])  # type: ignore[index]
    )


def brute_force(path: str) -> dict[str, float]:
    """Let astropy compare every star of the table with the place."""
    from astropy.coordinates import SkyCoord
    from astropy.table import Table

    begin = time.perf_counter()
    table = Table.read(path)
    stars = SkyCoord(table["ra"], table["dec"], unit="deg")
    ready = time.perf_counter() - begin

    def near(place: tuple[float, float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        apart = stars.separation(SkyCoord(*place, unit="deg"))
        return np.asarray(table[apart.deg <= RADIUS_DEG]["source_id"])

    return {**timed(near), "ready_s": ready}


def timed(
    near: Callable[[tuple[float, float]], np.ndarray[tuple[int], np.dtype[np.int64]]],
) -> dict[str, float]:
    """Return times of all questions, and a sum over the answers."""
    walls, found = [], []
    cpu = time.process_time()
    for place in places():
        begin = time.perf_counter()
        ids = near(place)
        walls.append(time.perf_counter() - begin)
        found.append(ids)
    return {
        "first_s": walls[0],
        "median_s": statistics.median(walls),
        "cpu_s": (time.process_time() - cpu) / len(walls),
        "stars": float(sum(map(len, found))),
        "sum": float(sum(int(np.sum(ids - 10**17)) for ids in found)),
    }


def in_process(name: str, *words: str) -> dict[str, float]:
    """Do one of the above in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reference_catalogs", name, *words],
        check=True,
        capture_output=True,
        text=True,
    )
    return {key: float(value) for key, value in json.loads(done.stdout.splitlines()[-1]).items()}


def compare(counts: list[int], folder: Path) -> list[str]:
    """Return the lines of the table."""
    rows = ["| case | rows | wall | CPU | peak memory |", "| --- | --- | --- | --- | --- |"]
    for count in counts:
        table = make_stars(count)
        for form, how in FORMS.items():
            path = folder / f"stars-{count}.{form}"
            table.write(path, format=how, overwrite=True)
            root = str(folder / f"{form}-{count}")
            cost = in_process("ingest", str(path), root)
            rows.append(
                f"| ingest {form}, {path.stat().st_size / 1e6:.0f} MB | {count:,} | "
                f"{cost['wall_s']:.1f} s | {cost['cpu_s']:.1f} s | {cost['peak_mb']:.0f} MB |"
            )
    count = counts[-1]
    whole, made = str(folder / f"stars-{count}.fits"), str(folder / f"fits-{count}")
    ours, moved = in_process("load", made, ""), in_process("load", made, "J2026.0")
    theirs = in_process("brute_force", whole)
    same = "the same stars" if ours["sum"] == theirs["sum"] else "OTHER STARS"
    for title, cost in (
        ("`load_circle`, 0.5 deg", ours),
        ("`load_circle`, 0.5 deg, ten years later", moved),
        (f"astropy, all rows in memory, {same}", theirs),
    ):
        rows.append(
            f"| {title} | {count:,} | {cost['median_s'] * 1e3:.0f} ms (first "
            f"{cost['first_s'] * 1e3:.0f} ms) | {cost['cpu_s'] * 1e3:.0f} ms | "
            f"{cost['peak_mb']:.0f} MB |"
        )
    rows.append(f"\nastropy needs {theirs['ready_s']:.1f} s to read its table first.")
    return rows


def main() -> None:
    """Compare, or do one thing and print what it cost."""
    works = {"ingest": ingest, "load": load, "brute_force": brute_force}
    if sys.argv[1:2] and sys.argv[1] in works:
        cost = works[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]  # of several shapes
        status = Path("/proc/self/status").read_text()  # what a parent had does not count here
        peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        print(json.dumps({**cost, "peak_mb": peak}))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 1_000_000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(compare(arguments.rows, Path(folder))))


if __name__ == "__main__":
    main()
