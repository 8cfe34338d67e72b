"""Loading what is known of the stars of an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.commands import run_command

from butler import Butler
from imaging import Box, Exposure, Point2D, VisitInfo, make_cd_matrix, make_tan_wcs
from imaging.exposure.filter_label import FilterLabel
from pipelines.errors import ConfigError
from pipelines.reference_objects.load import LoadReferenceObjectsTask
from testdata.geometry import SMALL
from testdata.refcat import REFERENCE_NAME, write_reference_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def butler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Butler]:
    root = tmp_path_factory.mktemp("stars") / "DATA"
    run_command("create", root, "--camera", "hsc")
    folder: Path = root / "ref_cats" / REFERENCE_NAME
    write_reference_catalog(folder, {903334: [16]}, geometry=SMALL)
    with Butler(root) as made:
        yield made


def exposure_at(butler: Butler, filter_name: str) -> Exposure:
    """An exposure around the first star of the catalog."""
    everything = butler.refcat(REFERENCE_NAME).load_box((0, -90), (360, 90))
    ra, dec = np.degrees(everything["coord_ra"][0]), np.degrees(everything["coord_dec"][0])
    exposure = Exposure(Box.from_shape((200, 100)))
    exposure.wcs = make_tan_wcs((ra, dec), Point2D(50, 100), make_cd_matrix(0.168))
    exposure.filter = FilterLabel(physical=filter_name)
    return exposure


def load(butler: Butler, filter_name: str, **fields: object) -> int:
    config = LoadReferenceObjectsTask.ConfigClass(ref_dataset_name=REFERENCE_NAME, **fields)
    task = LoadReferenceObjectsTask(config=config, butler=butler)
    stars = task.run(exposure_at(butler, filter_name))
    assert len(stars.ids) == len(stars.ra) == len(stars.dec) == len(stars.flux)
    assert (stars.flux > 0).all()
    return len(stars.ids)


def test_margin_is_loaded_too(butler: Butler) -> None:
    assert load(butler, "r", pixelMargin=150) > load(butler, "r", pixelMargin=0) >= 1


def test_catalog_is_opened_once_and_warns_once(
    butler: Butler, caplog: pytest.LogCaptureFixture
) -> None:
    exposure = exposure_at(butler, "r")
    exposure.visit_info = VisitInfo(date_avg_ns=1_383_386_400_000_000_000)
    config = LoadReferenceObjectsTask.ConfigClass(ref_dataset_name=REFERENCE_NAME)
    task = LoadReferenceObjectsTask(config=config, butler=butler)
    first, second = task.run(exposure), task.run(exposure)
    np.testing.assert_array_equal(first.ids, second.ids)
    assert first.name == REFERENCE_NAME
    assert len(first.catalog) == len(first.ids)
    warnings = [one for one in caplog.messages if "no proper motions" in one]
    assert len(warnings) == 1


def test_filter_of_the_camera_may_stand_for_one_of_the_catalog(butler: Butler) -> None:
    with pytest.raises(ConfigError, match=r"has no fluxes in .*Clear.*; it has .*filterMap"):
        load(butler, "Clear")
    assert load(butler, "Clear", filterMap={"Clear": "r"}) >= 1
    assert load(butler, "Clear", anyFilterMapsToThis="i") >= 1


def test_without_a_butler_there_is_an_error_that_says_so() -> None:
    with pytest.raises(ConfigError, match="no Butler to load 'cal_ref_cat' from"):
        LoadReferenceObjectsTask().run(Exposure(Box.from_shape((2, 2))))
