"""Formatters: the shape that a butler expects."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import ImagingError, ParameterTypeError, ParameterValueError
from imaging.formatters.header import FitsHeaderFormatter
from imaging.formatters.image import ImageFormatter
from imaging.formatters.table import TableFormatter

if TYPE_CHECKING:
    from pathlib import Path

FORMATTERS = [ImageFormatter, FitsHeaderFormatter, TableFormatter]


def test_image_whole_in_part_and_by_component(tmp_path: Path) -> None:
    formatter, path = ImageFormatter(), str(tmp_path / "a.fits")
    image = Image(np.arange(60, dtype=np.uint16).reshape(6, 10), (5, 5), Metadata({"A": 1}))
    formatter.write(image, path, compression="rice")
    box = Box(Point2I(6, 7), Extent2I(3, 2))
    assert formatter.read(path) == image
    assert formatter.read(path, bbox=box) == image[box]
    assert formatter.read(path, bbox="6:9,7:9", origin="parent") == image[box]
    assert formatter.read(path, bbox="1:4,2:4", origin="local", hdu=1) == image[box]
    assert formatter.read(path, "bbox") == image.bbox
    metadata = formatter.read(path, "metadata")
    assert isinstance(metadata, Metadata)
    assert metadata["A"] == 1


def test_header_of_any_fits_file(tmp_path: Path) -> None:
    formatter, path = FitsHeaderFormatter(), str(tmp_path / "a.fits")
    formatter.write(Metadata({"A": 1}), path)
    assert formatter.read(path)["A"] == 1
    ImageFormatter().write(Image(np.zeros((2, 2)), metadata=Metadata({"A": 2})), path)
    assert formatter.read(path, hdu=0)["A"] == 2


def test_table_whole_in_part_and_by_component(tmp_path: Path) -> None:
    formatter, path = TableFormatter(), str(tmp_path / "a.fits")
    formatter.write(Table({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0]}), path)
    table = formatter.read(path, columns=["b"])
    assert isinstance(table, Table)
    assert table.colnames == ["b"]
    assert formatter.read(path, "len") == 3
    schema, metadata = formatter.read(path, "schema"), formatter.read(path, "metadata", hdu=1)
    assert isinstance(schema, Table)
    assert schema.colnames == ["a", "b"]
    assert isinstance(metadata, Metadata)
    assert metadata["TTYPE1"] == "a"


@pytest.mark.parametrize("kind", FORMATTERS)
def test_object_of_another_type_is_refused(kind: type, tmp_path: Path) -> None:
    with pytest.raises(ParameterTypeError, match=r"not.* object"):
        kind().write(object(), str(tmp_path / "a.fits"))
    assert issubclass(ParameterTypeError, TypeError)
    assert issubclass(ParameterTypeError, ImagingError)


@pytest.mark.parametrize("kind", FORMATTERS)
def test_unknown_component_is_refused(kind: type) -> None:
    with pytest.raises(ParameterValueError, match="no component 'psf'"):
        kind().read("a.fits", "psf")


def test_parameter_of_another_type_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    ImageFormatter().write(Image(np.zeros((2, 2))), path)
    with pytest.raises(ParameterTypeError, match="bbox=5"):
        ImageFormatter().read(path, bbox=5)
    with pytest.raises(ParameterTypeError, match=r"hdu=1\.5"):
        ImageFormatter().read(path, hdu=1.5)
    with pytest.raises(ParameterValueError, match="'parent' or 'local'"):
        ImageFormatter().read(path, bbox="0:1,0:1", origin="world")


def test_import_of_the_formatters_brings_no_heavy_library() -> None:
    modules = "imaging.formatters.image, imaging.formatters.table"
    code = f"import sys, {modules}; print({{'astropy', 'fitsio', 'pandas'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
