"""Counts made proportional to light."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.detector.amplifier import Amplifier, Linearity
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from pipelines.errors import CalibrationError
from pipelines.isr.linearity import linearize


def amplifier(kind: str, *coefficients: float, threshold: float = 0.0) -> Amplifier:
    return Amplifier(
        name="A",
        bbox=Box(Point2I(10, 20), Extent2I(6, 4)),
        linearity=Linearity(kind, coefficients, threshold),
    )


def make_image() -> Image:
    counts = np.full((8, 10), 1000, np.float32)
    counts[3] = 100
    return Image(counts, (8, 18))


def test_squares_are_added_in_the_section_of_the_amplifier() -> None:
    image = make_image()
    assert linearize(image, amplifier("Squared", 1e-6, 99.0)) == 0
    assert image.array[2, 2] == pytest.approx(1001)
    assert image.array[0, 0] == 1000
    assert image.array[2, 8] == 1000


def test_a_polynomial_begins_above_its_threshold() -> None:
    image = make_image()
    linearize(image, amplifier("Polynomial", 1e-6, 1e-9, threshold=500))
    assert image.array[2, 2] == pytest.approx(1002)
    assert image.array[3, 2] == 100


@pytest.mark.parametrize("kind", ["None", "Squared"])
def test_without_coefficients_nothing_changes(kind: str) -> None:
    image = make_image()
    linearize(image, amplifier(kind))
    assert image == make_image()


def test_a_look_up_table_has_a_row_for_the_amplifier() -> None:
    table = np.zeros((3, 1200))
    table[1, 1050], table[1, 150] = 7.0, -2.0
    image = make_image()
    assert linearize(image, amplifier("LookupTable", 1, 50), table) == 0
    assert image.array[2, 2] == 1007
    assert image.array[3, 2] == 98
    assert image.array[0, 0] == 1000


def test_pixels_beyond_a_look_up_table_get_its_end_and_are_counted() -> None:
    table = np.zeros((1, 500))
    table[0, -1] = 3.0
    image = make_image()
    assert linearize(image, amplifier("LookupTable", 0), table) == 18
    assert image.array[2, 2] == 1003
    assert image.array[3, 2] == 100


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, r"none was given.*doLinearize = False"),
        (np.zeros((2, 10)), r"is row 2 .* has the shape \(2, 10\)"),
        (np.zeros(10), r"has the shape \(10,\)"),
    ],
)
def test_a_table_without_the_row_is_refused(table: np.ndarray | None, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        linearize(make_image(), amplifier("LookupTable", 2, 0), table)
