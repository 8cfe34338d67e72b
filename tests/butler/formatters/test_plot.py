"""Figures are written and never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.errors import FormatterError
from butler.formatters.plot import PlotFormatter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("extension", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_a_figure_is_written_by_its_extension(
    extension: str, begins: bytes, tmp_path: Path
) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    figure = figures.Figure()
    figure.subplots().plot([1, 2])
    path = tmp_path / f"plot.{extension}"
    PlotFormatter().write(figure, str(path), dpi=50)
    assert path.read_bytes().startswith(begins)


def test_a_figure_is_not_read_back(tmp_path: Path) -> None:
    with pytest.raises(FormatterError, match="look at the file"):
        PlotFormatter().read(str(tmp_path / "plot.png"))


def test_what_is_no_figure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatterError, match="figure is wanted, not int"):
        PlotFormatter().write(1, str(tmp_path / "plot.png"))
