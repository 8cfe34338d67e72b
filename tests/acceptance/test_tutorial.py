"""The tutorial of the LSST stack, cell after cell, in a real IPython kernel.

The cells are those of the text, but for `SUBSTITUTIONS`; one line stands
before them, ``import butler.gen2``. Its raws are simulated, of full size.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError
from support.notebook import running_notebook
from support.tutorial import CELLS, TUTORIAL, digest, named_cells

from testdata.simulator import write_tutorial_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.notebook import CellResult, Notebook

    from imaging import Box, Exposure, SourceCatalog
    from testdata.simulator import TutorialData

pytestmark = pytest.mark.skipif(not TUTORIAL.exists(), reason="the tutorial is not here")

ADDED_LINE = "import butler.gen2"
PLACE = "CI_HSC_DIR=/mnt/lsst/datasets/ci_hsc/"
ANGLE = "axes.getTheta() * 180.0 / np.pi,"
SUBSTITUTIONS = {PLACE: "CI_HSC_DIR={ci_hsc}", ANGLE: f"angle={ANGLE}"}
"""Text of the tutorial, and what is executed for it. The angle is keyword-only since
matplotlib 3.6."""

BEFORE_DEBLENDING = ("table", "detect")
BEFORE_MEASUREMENT = ("table", "detect", "catalog", "deblend")
"""What the tutorial's two exercises in the text ask for."""
FIGURES = (
    "show raw sky",
    "show sky",
    "show cosmic rays",
    "show detections",
    "show blend",
    "show ellipses",
)


class Tutorial:
    """The cells, executed by their names."""

    def __init__(self, notebook: Notebook, ci_hsc: Path) -> None:
        self.notebook = notebook
        self.cells = named_cells(TUTORIAL)
        self.ci_hsc = ci_hsc
        self.results: dict[str, CellResult] = {}

    def execute(self, name: str) -> CellResult:
        code = self.cells[name]
        assert digest(code) == CELLS[name]
        for text, other in SUBSTITUTIONS.items():
            code = code.replace(text, other.format(ci_hsc=self.ci_hsc))
        self.results[name] = self.notebook.run(code)
        return self.results[name]

    def execute_all(self, names: Sequence[str]) -> None:
        """Execute cells in their order, and before two of them what the exercises ask for."""
        again = {"catalog": BEFORE_DEBLENDING, "measure": BEFORE_MEASUREMENT}
        for name in names:
            for earlier in again.get(name, ()):
                self.execute(earlier)
            self.execute(name)


@dataclass(frozen=True)
class Outcome:
    """What is there after the last cell."""

    figures: dict[str, list[bytes]]
    errors: str
    """What cells have written to stderr."""
    n_wrong_pixels: int
    """Pixels that are marked as detected and in no footprint, or the other way round."""
    blends: list[dict[str, float]]
    """Those in the middle of the image."""
    sources: dict[str, list[float]]


def count_wrong_pixels(exposure: Exposure, catalog: SourceCatalog) -> int:
    import numpy as np

    covered = np.zeros(exposure.mask.array.shape, bool)
    for record in catalog:
        for span in record.getFootprint().getSpans():
            covered[span.getY(), span.getX0() : span.getX1() + 1] = True
    marked = (exposure.mask.array & exposure.mask.getPlaneBitMask("DETECTED")) != 0
    return int((marked != covered).sum())


def describe_blends(
    exposure: Exposure, catalog: SourceCatalog, bbox: Box
) -> list[dict[str, float]]:
    import numpy as np
    from lsst.afw.image import Image

    found = []
    for parent in catalog:
        box = parent.getFootprint().getBBox()
        if parent.get("deblend_nChild") == 0 or not bbox.contains(box):
            continue
        whole, inside = np.zeros((2, box.getHeight(), box.getWidth()))
        children = catalog.getChildren(parent.getId())
        for child in children:
            image = Image(box, dtype=np.float32)
            child.getFootprint().insert(image)
            whole += image.array
        for span in parent.getFootprint().getSpans():
            row = inside[span.getY() - box.getMinY()]
            row[span.getX0() - box.getMinX() : span.getX1() - box.getMinX() + 1] = 1
        pixels = Image(exposure.image, bbox=box, deep=True, dtype=np.float32).array * inside
        found.append(
            {
                "children": len(children),
                "flux": float(pixels.sum()),
                "flux_of_children": float(whole.sum()),
                "largest_difference": float(np.abs(whole - pixels).max()),
            }
        )
    return found


def list_sources(catalog: SourceCatalog) -> dict[str, list[float]]:
    names = {
        "x": "base_SdssCentroid_x",
        "y": "base_SdssCentroid_y",
        "children": "deblend_nChild",
    }
    return {name: catalog[field].tolist() for name, field in names.items()}


def observe(tutorial: Tutorial) -> Outcome:
    results, ask = tutorial.results, tutorial.notebook.ask
    blends = ask(describe_blends, "exposure", "catalog", "bbox")
    return Outcome(
        figures={name: results[name].figures for name in FIGURES},
        errors="".join(result.stream("stderr") for result in results.values()),
        n_wrong_pixels=cast("int", ask(count_wrong_pixels, "exposure", "catalog")),
        blends=cast("list[dict[str, float]]", blends),
        sources=cast("dict[str, list[float]]", ask(list_sources, "catalog")),
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TutorialData:
    return write_tutorial_data(tmp_path_factory.mktemp("ci_hsc"), {903334: [16]})


@pytest.fixture(scope="module")
def tutorial(
    data: TutorialData, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tutorial, dict[str, Outcome]]]:
    """The notebook, and what it shows with the terrible background, then without that cell."""
    with running_notebook(tmp_path_factory.mktemp("notebook")) as notebook:
        notebook.run(ADDED_LINE)
        tutorial = Tutorial(notebook, data.root)
        names = list(CELLS)
        tutorial.execute_all(names)
        outcomes = {"terrible": observe(tutorial)}
        once_more = names[names.index("read") :]  # which is what the text says to begin again with
        once_more.remove("terrible background")
        tutorial.execute_all(once_more)
        outcomes["usual"] = observe(tutorial)
        yield tutorial, outcomes


@pytest.fixture(params=["terrible", "usual"])
def outcome(
    request: pytest.FixtureRequest, tutorial: tuple[Tutorial, dict[str, Outcome]]
) -> Outcome:
    return tutorial[1][request.param]


def test_the_cells_are_those_of_the_text() -> None:
    cells = named_cells(TUTORIAL)
    assert {name: digest(code) for name, code in cells.items()} == CELLS
    text = TUTORIAL.read_text()
    assert len(cells) == text.count("In [None]:")
    assert all(code in text for code in cells.values())


@pytest.mark.parametrize("replaced", SUBSTITUTIONS)
def test_what_is_replaced_is_there_once(replaced: str) -> None:
    assert len(SUBSTITUTIONS) == 2
    assert sum(code.count(replaced) for code in named_cells(TUTORIAL).values()) == 1


def test_cells_warn_of_nothing(outcome: Outcome) -> None:
    assert outcome.errors == "1 files: 1 ingested\n"  # the first cell says what it has done


def test_detected_pixels_are_those_of_the_footprints(outcome: Outcome) -> None:
    assert outcome.n_wrong_pixels == 0


def test_blends_in_the_middle_are_taken_apart(outcome: Outcome) -> None:
    assert len(outcome.blends) >= 3  # ten blends of bright sources lie there
    for blend in outcome.blends:
        assert blend["children"] >= 2
        # The children share each pixel; float32 knows the brightest ones to 0.01
        assert blend["largest_difference"] < 0.05
        assert blend["flux_of_children"] == pytest.approx(blend["flux"], rel=1e-4)


def test_stars_lie_where_they_are(outcome: Outcome, data: TutorialData) -> None:
    from astropy.io import fits

    truth = fits.getdata(data.truths[903334, 16], "SOURCES")
    is_clear = truth["is_star"] & (truth["nearest_pix"] > 25)
    is_clear &= (truth["flux_adu"] > 3000) & (truth["flux_adu"] < 100_000)  # S/N 70, not saturated
    for axis, size in ("x", 2048), ("y", 4176):
        is_clear &= (truth[axis] > 40) & (truth[axis] < size - 40)
    stars = truth[is_clear]
    assert len(stars) > 50
    single = np.array(outcome.sources["children"]) == 0
    x, y = (np.array(outcome.sources[axis])[single] for axis in "xy")
    distances = np.hypot(x[:, None] - stars["x"], y[:, None] - stars["y"]).min(axis=0)
    # At S/N 70 the centroid of a star of 1.8 pixels has an error of 0.03 pixels
    assert np.median(distances) < 0.03
    assert np.mean(distances < 0.2) > 0.97  # cosmic rays and defects lie on the others


def test_figures_show_something(outcome: Outcome, tmp_path: Path) -> None:
    from PIL import Image

    for name, figures in outcome.figures.items():
        (figure,) = figures
        path = tmp_path / f"{name}.png"
        path.write_bytes(figure)
        with Image.open(path) as picture:
            assert min(picture.size) > 500
            greys = np.bincount(np.asarray(picture.convert("L")).ravel(), minlength=256)
        # Axes alone are white and black, with a hundred pixels of each grey at the edges
        assert np.count_nonzero(greys > 200) > 20


COLOURS = {
    "show cosmic rays": lambda red, green, blue: (red > 150) & (green < 60) & (blue < 60),
    "show detections": lambda red, green, blue: (blue > 90) & (red < 60) & (green < 60),
    "show ellipses": lambda red, green, blue: (green > 80) & (red < 60) & (blue < green),
}


@pytest.mark.parametrize("name", COLOURS)
def test_masks_and_ellipses_are_seen_in_their_colours(name: str, outcome: Outcome) -> None:
    from PIL import Image

    (figure,) = outcome.figures[name]
    with Image.open(io.BytesIO(figure)) as picture:
        red, green, blue = np.asarray(picture.convert("RGB")).astype(int).transpose(2, 0, 1)
    # Ten cosmic rays of some pixels, fifty sources of some hundred, as many rings
    assert COLOURS[name](red, green, blue).sum() > 50


FROM_DETECTION = ("schema", "detection task", "table", "detect", "deblending task")
FROM_MEASUREMENT = (*FROM_DETECTION, *BEFORE_DEBLENDING, "catalog", "deblend", "measurement task")


def without(names: Sequence[str], left_out: str | None) -> list[str]:
    return [name for name in names if name != left_out]


@pytest.mark.parametrize("left_out", [None, *BEFORE_DEBLENDING])
def test_deblending_needs_the_cells_of_the_exercise(
    left_out: str | None, tutorial: tuple[Tutorial, dict[str, Outcome]]
) -> None:
    check_is_needed(
        tutorial[0],
        [*FROM_DETECTION, *without(BEFORE_DEBLENDING, left_out), "catalog", "deblend"],
        left_out,
    )


@pytest.mark.parametrize("left_out", [None, "table", "detect", "catalog"])
def test_measurement_needs_the_cells_of_the_exercise(
    left_out: str | None, tutorial: tuple[Tutorial, dict[str, Outcome]]
) -> None:
    check_is_needed(
        tutorial[0],
        [*FROM_MEASUREMENT, *without(BEFORE_MEASUREMENT, left_out), "measure"],
        left_out,
    )


def check_is_needed(tutorial: Tutorial, names: Sequence[str], left_out: str | None) -> None:
    for name in names[:-1]:
        tutorial.execute(name)
    if left_out is None:
        tutorial.execute(names[-1])
        return
    with pytest.raises(CellExecutionError, match=r"has no field|made before") as caught:
        tutorial.execute(names[-1])
    assert "deblend_" in str(caught.value) or "base_" in str(caught.value)
