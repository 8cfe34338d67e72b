"""The tutorial's notebook runs in an empty folder, and is kept as it ran."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from support.notebook import running_notebook
from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from support.notebook import CellResult

PATH = REPOSITORY / "examples" / "tutorial.ipynb"
NOTEBOOK = nbformat.read(PATH, as_version=4)  # type: ignore[no-untyped-call]
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[CellResult]:
    with running_notebook(tmp_path_factory.mktemp("notebook")) as notebook:
        return [notebook.run(cell.source) for cell in CODE]


def kinds(outputs: list[NotebookNode]) -> list[str]:
    """Say what a cell shows: a text, a value or a figure."""
    return sorted(
        {"figure" if "image/jpeg" in one.get("data", {}) else one.output_type for one in outputs}
    )


def test_cells_show_what_is_kept_and_warn_of_nothing(results: list[CellResult]) -> None:
    assert [kinds(result.outputs) for result in results] == [kinds(cell.outputs) for cell in CODE]
    assert "".join(result.stream("stderr") for result in results) == ""


def test_the_numbers_of_the_text_are_those_of_a_run(results: list[CellResult]) -> None:
    # Counts of sources depend on the last bits of the noise; one of a hundred may change
    pairs = [
        (re.findall(r"\d+(?:\.\d+)?", result.stream("stdout")), text(cell.outputs))
        for result, cell in zip(results, CODE, strict=True)
    ]
    for found, kept in pairs:
        numbers = re.findall(r"\d+(?:\.\d+)?", kept)
        assert [float(one) for one in found] == pytest.approx(
            [float(one) for one in numbers], rel=0.01
        )


def text(outputs: list[NotebookNode]) -> str:
    return "".join(one.text for one in outputs if one.get("name") == "stdout")


def test_figures_are_there_and_small() -> None:
    figures = [one for cell in CODE for one in cell.outputs if "image/jpeg" in one.get("data", {})]
    assert len(figures) == 6
    assert PATH.stat().st_size < 100_000  # what a clone and a review can bear


def test_the_notebook_is_valid_and_was_executed_in_order() -> None:
    nbformat.validate(NOTEBOOK)
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))


def test_no_cell_has_a_name_in_camel_case_of_its_own() -> None:
    from support.house_rules import camel_case_names

    for cell in CODE:
        if not cell.source.startswith("%%"):
            python = re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE)
            ast.parse(python)
            fields = [line for line in camel_case_names(python) if not line.endswith(": doWrite")]
            assert fields == []


def test_the_answers_that_the_notebook_names_are_there() -> None:
    prose = "".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")
    named = re.findall(r"\]\((\w+\.py)\)", prose)
    assert len(named) == 5
    assert all((PATH.parent / name).is_file() for name in named)
