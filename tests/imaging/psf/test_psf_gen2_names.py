"""Gen2 spellings give what the names of this package give, also when those are overridden."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging.geometry.points import Point2D
from imaging.image.image import Image
from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.gen2_names import DoubleGaussianNames, KernelNames, PsfNames, SingleGaussianNames
from imaging.psf.kernel import KernelPsf
from imaging.psf.persisted import read_psf

if TYPE_CHECKING:
    from pathlib import Path

SAME = {
    (SingleGaussianPsf, PsfNames): {
        "computeImage": "compute_image",
        "computeKernelImage": "compute_kernel_image",
        "getLocalKernel": "compute_kernel_image",
        "computeBBox": "compute_bbox",
        "computeShape": "compute_shape",
        "computeApertureFlux": "compute_aperture_flux",
        "computePeak": "compute_peak",
        "getAveragePosition": "average_position",
        "getDimensions": "dimensions",
        "getWidth": "width",
        "getHeight": "height",
        "writeFits": "write_fits",
    },
    (SingleGaussianPsf, SingleGaussianNames): {"getSigma": "sigma"},
    (DoubleGaussianPsf, DoubleGaussianNames): {
        "getSigma1": "sigma1",
        "getSigma2": "sigma2",
        "getB": "b",
    },
    (KernelPsf, KernelNames): {"getKernel": "kernel"},
}
TRIPLES = [(kind, old, new) for (kind, _), names in SAME.items() for old, new in names.items()]
METHODS = [triple for triple in TRIPLES if callable(getattr(triple[0], triple[2]))]


@pytest.mark.parametrize(("kind", "mixin"), list(SAME))
def test_every_gen2_name_is_in_the_table_of_this_test(kind: type, mixin: type) -> None:
    names = {name for name in vars(mixin) if not name.startswith("_")}
    assert names == set(SAME[kind, mixin])
    assert issubclass(kind, mixin)


@pytest.mark.parametrize(("kind", "old", "new"), TRIPLES)
def test_gen2_name_follows_an_override(kind: type, old: str, new: str) -> None:
    seen: list[tuple[object, ...]] = []

    def method(_: object, *args: object) -> None:
        seen.append(args)

    is_property = isinstance(inspect.getattr_static(kind, new), property)
    instance = type("Overridden", (kind,), {new: property(method) if is_property else method})
    takes = len(inspect.signature(getattr(kind, old)).parameters) - 1
    getattr(instance.__new__(instance), old)(*("X",) * takes)
    assert seen == [("X",) * takes]


@pytest.mark.parametrize(("kind", "old", "new"), METHODS)
def test_gen2_method_has_the_parameters_of_the_other(kind: type, old: str, new: str) -> None:
    ours, theirs = (inspect.signature(getattr(kind, name)).parameters for name in (new, old))
    assert [(name, p.default) for name, p in theirs.items()] == [
        (name, p.default) for name, p in ours.items()
    ]


def test_gen2_names_give_the_same_values(tmp_path: Path) -> None:
    pixels = SingleGaussianPsf(11, 13, 1.5).compute_kernel_image()
    psfs = [
        SingleGaussianPsf(11, 13, 1.5),
        DoubleGaussianPsf(11, 13, 1.5, 3.0, 0.1),
        KernelPsf(Image(pixels.array), Point2D(3, 4)),
    ]
    place = Point2D(10.3, 20.7)
    for psf in psfs:
        assert psf.computeImage(place) == psf.compute_image(place)
        assert psf.computeKernelImage() == psf.getLocalKernel(place) == psf.compute_kernel_image()
        assert psf.computeShape() == psf.compute_shape()
        assert psf.computeApertureFlux(2.0) == psf.compute_aperture_flux(2.0)
        assert psf.computePeak() == psf.compute_peak()
        assert psf.computeBBox() == psf.compute_bbox()
        assert psf.getAveragePosition() == psf.average_position
        assert (psf.getWidth(), psf.getHeight()) == tuple(psf.getDimensions()) == (11, 13)
        psf.writeFits(str(tmp_path / "psf.fits"))
        assert read_psf(str(tmp_path / "psf.fits")) == psf
    single, double, kernel = psfs
    assert single.getSigma() == 1.5
    assert (double.getSigma1(), double.getSigma2(), double.getB()) == (1.5, 3.0, 0.1)
    np.testing.assert_array_equal(kernel.getKernel().array, pixels.array)
