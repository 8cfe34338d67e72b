"""Everything that the tutorial starts from, in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from testdata.calibs import write_calibs
from testdata.effects import Effects
from testdata.focalplane import chip_place
from testdata.geometry import FULL, Geometry
from testdata.observation import CI_HSC_VISITS, observe
from testdata.randomness import DEFAULT_SEED
from testdata.raw import write_raw
from testdata.refcat import REFERENCE_NAME, write_reference_catalog
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["TutorialData", "write_tutorial_data"]

_ALL_ON: Final = Effects()


@dataclass(frozen=True, slots=True)
class TutorialData:
    """Where everything lies."""

    root: Path
    """What the tutorial calls ``CI_HSC_DIR``."""
    raw_dir: Path
    raws: dict[tuple[int, int], Path]
    """(visit, ccd) to raw file."""
    truths: dict[tuple[int, int], Path]
    """(visit, ccd) to truth file."""
    calib_dir: Path
    reference_dir: Path


def write_tutorial_data(
    root: Path | str,
    visits: Mapping[int, Sequence[int]] | None = None,
    *,
    geometry: Geometry = FULL,
    effects: Effects = _ALL_ON,
    sky: SkyModel | None = None,
    seed: int = DEFAULT_SEED,
) -> TutorialData:
    """Write ``raw/``, ``truth/``, ``CALIB/`` and ``ps1_pv3_3pi_20170110/``.

    Parameters
    ----------
    root
        Made if absent.
    visits
        Visit to ccds; by default the 33 raws of ci_hsc.
    geometry, effects, sky, seed
        As for :func:`testdata.raw.simulate_raw`.

    Returns
    -------
    TutorialData
        The paths.

    Raises
    ------
    CcdNumberError, VisitError
        If the camera cannot take one of the exposures; nothing is written then.
    """
    chosen = CI_HSC_VISITS if visits is None else visits
    used, all_ccds = _check(chosen, geometry, seed)
    base = Path(root)
    model = sky or SkyModel.for_geometry(geometry, seed)
    raws: dict[tuple[int, int], Path] = {}
    truths: dict[tuple[int, int], Path] = {}
    # By CCD, so that each detector is made once.
    for ccd, visit in sorted((ccd, visit) for visit, ccds in chosen.items() for ccd in ccds):
        path = write_raw(
            base / "raw",
            visit,
            ccd,
            geometry=geometry,
            effects=effects,
            sky=model,
            seed=seed,
            truth_dir=base / "truth",
        )
        raws[visit, ccd] = path
        truths[visit, ccd] = base / "truth" / f"{path.stem}-truth.fits"
    write_calibs(
        base / "CALIB",
        all_ccds,
        geometry=geometry,
        filters=sorted(used | {"HSC-R", "HSC-I"}),
        seed=seed,
    )
    reference_dir = base / REFERENCE_NAME
    write_reference_catalog(reference_dir, chosen, geometry=geometry, sky=model, seed=seed)
    return TutorialData(base, base / "raw", raws, truths, base / "CALIB", reference_dir)


def _check(
    visits: Mapping[int, Sequence[int]], geometry: Geometry, seed: int
) -> tuple[set[str], list[int]]:
    """Return all filters and CCDs; refuse a bad visit or CCD before anything is written."""
    filters = {observe(visit, geometry=geometry, seed=seed).filter_name for visit in visits}
    ccds = sorted({ccd for chosen in visits.values() for ccd in chosen})
    for ccd in ccds:
        chip_place(ccd, geometry)
    return filters, ccds
