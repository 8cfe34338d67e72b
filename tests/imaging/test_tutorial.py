"""The cells of the tutorial that handle images, boxes and catalogs only, with its own names.

What the tasks between them would make (a detrended exposure, sources with
footprints, deblended children, measurements) is made here by hand.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.tutorial import TUTORIAL, code_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not TUTORIAL.exists(), reason="the tutorial is not here")

WIDTH, HEIGHT = 600, 4176  # as high as a CCD: the tutorial takes 400 pixels off at both ends
BLEND = [(290.0, 2085.0, 4000.0), (298.0, 2087.0, 2500.0)]  # x, y, flux of two neighbours
ALONE = (330.0, 2100.0, 1500.0)
SIGMA = 2.0
SKY, NOISE = 200.0, 5.0


class Notebook:
    """Runs cells in one namespace."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self.cells = code_cells(TUTORIAL)

    def cell(self, start: str) -> str:
        """Return the first cell that begins with a text; there must be one."""
        return next(cell for cell in self.cells if cell.startswith(start))

    def run(self, start: str) -> None:
        self.execute(self.cell(start))

    def execute(self, code: str) -> None:
        exec(compile(code.replace("%matplotlib inline", ""), "<cell>", "exec"), self.names)

    def __getitem__(self, name: str) -> object:
        return self.names[name]


def light(xs: np.ndarray, ys: np.ndarray, star: tuple[float, float, float]) -> np.ndarray:
    x, y, flux = star
    radius2 = (xs - x) ** 2 + (ys - y) ** 2
    return flux * np.exp(-radius2 / (2 * SIGMA**2)) / (2 * np.pi * SIGMA**2)


def make_exposure() -> object:
    from imaging import Box, Exposure, Extent2I, Point2I

    exposure = Exposure(Box(Point2I(0, 0), Extent2I(WIDTH, HEIGHT)), dtype=np.float32)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    rng = np.random.default_rng(903334)
    pixels = rng.normal(SKY, NOISE, (HEIGHT, WIDTH))
    for star in (*BLEND, ALONE):
        pixels += light(xs, ys, star)
    exposure.image.array[:] = pixels
    exposure.variance.array[:] = NOISE**2
    return exposure


def add_fields(schema: object) -> None:
    """What the constructors of the tutorial's tasks would add."""
    from imaging import Schema

    assert isinstance(schema, Schema)
    schema.add_field("deblend_nChild", type="I", doc="number of children")
    schema.add_field("base_SdssCentroid_x", type="D", doc="centroid", units="pixel")
    schema.add_field("base_SdssCentroid_y", type="D", doc="centroid", units="pixel")
    schema.add_field("base_SdssCentroid_flag", type="Flag", doc="centroid failed")
    for moment in ("xx", "yy", "xy"):
        schema.add_field(f"base_SdssShape_{moment}", type="D", doc="moment", units="pixel^2")
    schema.add_field("base_PsfFlux_instFlux", type="D", doc="PSF flux", units="count")
    schema.add_field("base_PsfFlux_instFluxErr", type="D", doc="its error", units="count")
    schema.add_field("base_PsfFlux_flag", type="Flag", doc="PSF flux failed")
    schema.define_centroid("base_SdssCentroid")
    schema.define_shape("base_SdssShape")
    schema.define_psf_flux("base_PsfFlux")


def detect(table: object, exposure: object) -> SimpleNamespace:
    """Make a parent of two children, and a source alone."""
    from imaging import Exposure, Footprint, HeavyFootprint, SourceCatalog, SpanSet

    assert isinstance(exposure, Exposure)
    catalog = SourceCatalog(table)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    for sources in (BLEND, [ALONE]):
        brightest = max(sources, key=lambda star: star[2])
        parent = catalog.add_new()
        parent.set("id", len(catalog))
        above = sum(light(xs, ys, star) for star in sources) > 3 * NOISE
        footprint = Footprint(SpanSet.from_array(above))
        for star in sources:
            footprint.add_peak(star[0], star[1], exposure.image.array[int(star[1]), int(star[0])])
        footprint.sort_peaks()
        footprint.spans.set_mask(exposure.mask, exposure.mask.get_bit_mask("DETECTED"))
        parent.footprint = footprint
        measure(parent, brightest)
        parent.set("deblend_nChild", len(sources) if len(sources) > 1 else 0)
    for star in BLEND:
        child = catalog.add_new()
        child.set("id", len(catalog))
        child.set("parent", 1)
        share = exposure.masked_image.copy()
        share.image.array[:] = light(xs, ys, star)
        parent_footprint = catalog[0].footprint
        child.footprint = HeavyFootprint(Footprint(parent_footprint.spans), share)
        measure(child, star)
    return SimpleNamespace(sources=catalog)


def measure(record: object, star: tuple[float, float, float]) -> None:
    from imaging import SourceRecord

    assert isinstance(record, SourceRecord)
    record.set("base_SdssCentroid_x", star[0])
    record.set("base_SdssCentroid_y", star[1])
    record.set("base_SdssShape_xx", SIGMA**2)
    record.set("base_SdssShape_yy", 2.25 * SIGMA**2)
    record.set("base_SdssShape_xy", 0.0)
    record.set("base_PsfFlux_instFlux", star[2])


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    import butler.gen2  # noqa: F401 - the one line that is added

    with mpl.rc_context():
        notebook = Notebook()
        notebook.names["exposure"] = make_exposure()
        notebook.run("from lsst.afw.geom import Box2D")
        notebook.run("bbox = exposure.getBBox()")
        notebook.run("import numpy as np")
        notebook.run("def display(")
        yield notebook
        plt.close("all")


def shown() -> list[np.ndarray]:
    """Return what the current axes show."""
    import matplotlib.pyplot as plt

    return [np.asarray(image.get_array()) for image in plt.gca().get_images()]


def test_boxes_and_views_of_an_exposure(notebook: Notebook) -> None:
    box, sub, exposure = notebook["bbox"], notebook["sub"], notebook["exposure"]
    assert (box.getMinX(), box.getMaxX()) == (200, 399)
    assert (box.getMinY(), box.getMaxY()) == (1392 + 400, 2783 - 400)
    assert np.shares_memory(sub.image.array, exposure.image.array)
    assert sub.getBBox() == box
    exposure.image.array[1792, 200] = -7
    assert sub.image.array[0, 0] == -7


def test_an_image_is_displayed_in_parent_coordinates(notebook: Notebook) -> None:
    import matplotlib.pyplot as plt

    notebook.run("display(sub.image, vmin=175")
    (image,) = plt.gca().get_images()
    assert tuple(image.get_extent()) == (199.5, 399.5, 1791.5, 2383.5)
    assert np.array_equal(shown()[0], notebook["sub"].image.array)


def test_a_psf_is_attached_and_a_plane_added_later_is_in_the_view(notebook: Notebook) -> None:
    notebook.run("from lsst.meas.algorithms import SingleGaussianPsf")
    notebook.run("FWHM_TO_SIGMA")
    psf = notebook["exposure"].getPsf()
    assert psf.computeShape().getIxx() == pytest.approx(1.7694**2, rel=0.01)
    notebook["exposure"].mask.addMaskPlane("INJECTED")
    notebook["exposure"].mask.array[1792, 200] |= notebook["sub"].mask.getPlaneBitMask("INJECTED")
    notebook["exposure"].mask.array[1793, 200] |= notebook["sub"].mask.getPlaneBitMask("CR")
    notebook.run('display(sub.image, mask=sub.mask, colors={"CR": "red"}')
    overlay = shown()[1]
    assert np.argwhere(overlay.any(axis=2)).tolist() == [[1, 0]]


@pytest.fixture
def measured(notebook: Notebook) -> Notebook:
    """The notebook after detection, deblending and measurement."""
    notebook.execute(notebook.cell("from lsst.meas.algorithms import SourceDet").split("\n")[1])
    notebook.run("schema = SourceTable.makeMinimalSchema()")
    add_fields(notebook["schema"])
    notebook.run("# A SourceTable is really")
    notebook.names["detectResult"] = detect(notebook["table"], notebook["exposure"])
    notebook.run('display(sub.image, mask=sub.mask, colors={"DETECTED": "blue"}')
    notebook.run("catalog = detectResult.sources")
    return notebook


def test_children_are_drawn_from_their_heavy_footprints(measured: Notebook) -> None:
    for start in (
        "# Find some blended sources",
        "from lsst.afw.image import Image",
        "blendParentImage = Image(",
        "blendChildImages = []",
        "nSubPlots = ",
    ):
        measured.run(start)
    assert [record.getId() for record in measured["blendParents"]] == [1]
    parent, children = measured["blendParentImage"], measured["blendChildImages"]
    assert parent.dtype == np.float32
    assert not np.shares_memory(parent.array, measured["exposure"].image.array)
    assert len(children) == 2
    assert all(child.getBBox() == parent.getBBox() for child in children)
    peaks = [np.unravel_index(child.array.argmax(), child.array.shape) for child in children]
    begin = parent.getXY0()
    assert [(x + begin.x, y + begin.y) for y, x in peaks] == [(290, 2085), (298, 2087)]
    residual = parent.array - sum(child.array for child in children) - SKY
    inside = children[0].array > 0
    assert residual[inside].std() == pytest.approx(NOISE, rel=0.2)  # some 200 pixels of pure noise


def test_sources_are_drawn_as_ellipses(measured: Notebook) -> None:
    import matplotlib.pyplot as plt

    measured.run("from lsst.afw.geom.ellipses import Axes")
    cell = measured.cell(
        'display(sub.image, mask=sub.mask, colors={"DETECTED": "blue"}, vmin=-0.5, '
        "vmax=100, cmap=matplotlib.cm.gray)\n\nfor record"
    )
    positional = "axes.getTheta() * 180.0 / np.pi,"
    assert cell.count(positional) == 1
    measured.execute(cell.replace(positional, f"angle={positional}"))  # keyword-only since 3.6
    ellipses = plt.gca().patches
    assert [patch.get_center() for patch in ellipses] == [(330, 2100), (290, 2085), (298, 2087)]
    # a = 1.5 sigma lies along y; a factor of 2 makes radii into what matplotlib wants
    assert ellipses[0].get_width() == pytest.approx(2 * 1.5 * SIGMA)
    assert ellipses[0].get_height() == pytest.approx(2 * SIGMA)
    assert abs(ellipses[0].get_angle()) == pytest.approx(90)


def test_catalogs_give_columns_keys_extracts_and_tables(
    measured: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    for start in (
        "print(catalog.getSchema())",
        "catalog = catalog.copy(deep=True)",
        "psfFlux = catalog[",
        "key = catalog.getSchema()",
        "catalog[0].extract(",
        "table = catalog.asAstropy()",
    ):
        measured.run(start)
    printed = capsys.readouterr().out
    assert printed.startswith("Schema(\n")
    assert "'slot_Centroid'->'base_SdssCentroid'" in printed
    assert measured["psfFlux"].tolist() == [4000, 1500, 4000, 2500]
    assert [record.getId() for record in measured["deblended"]] == [2, 3, 4]
    extracted = measured["catalog"][0].extract("base_PsfFlux_*")
    assert extracted["base_PsfFlux_instFlux"] == 4000
    assert extracted["base_PsfFlux_flag"] is False
    assert measured["table"]["parent"].tolist() == [0, 0, 1, 1]
    assert str(measured["table"]["coord_ra"].unit) == "rad"
