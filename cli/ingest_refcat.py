"""``butler ingest-refcat``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.arguments import format_option, repository_argument
from cli.command import verb
from cli.output import write_fields
from cli.progress import progress
from cli.reporting import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from butler.refcats.ingest import CatalogReport
    from imaging.reference.reference_input import ReferenceInput

__all__ = ["WORDS", "ingest_refcat"]

WORDS: Mapping[str, str] = {
    "id": "Integers that identify the objects; without, rows are numbered.",
    "ra": "Right ascension.",
    "dec": "Declination.",
    "ra_err": "Error of the right ascension, on the sky.",
    "dec_err": "Error of the declination.",
    "epoch": "When objects are where they are: a column, or the epoch itself (J2016.0).",
    "pm_ra": "Proper motion in right ascension, on the sky.",
    "pm_dec": "Proper motion in declination.",
    "pm_ra_err": "Error of the proper motion in right ascension.",
    "pm_dec_err": "Error of the proper motion in declination.",
    "parallax": "Parallax.",
    "parallax_err": "Error of the parallax.",
}
"""What columns can be, beside brightnesses."""

_COLUMN = "COLUMN[UNIT]"
_FILTER = "COLUMN[UNIT]=FILTER"


def _column_options(function: Callable[..., object]) -> Callable[..., object]:
    """Add an option for everything that a column can be."""
    several = {
        "fluxes": ("--flux", "Flux of a filter."),
        "flux_errors": ("--flux-err", "Its error."),
        "magnitudes": ("--mag", "AB magnitude of a filter."),
        "magnitude_errors": ("--mag-err", "Its error."),
    }
    for name, (option, text) in reversed(tuple(several.items())):
        function = click.option(option, name, multiple=True, metavar=_FILTER, help=text)(function)
    for word, text in reversed(tuple(WORDS.items())):
        option = f"--{word.replace('_', '-')}"
        function = click.option(option, word, metavar=_COLUMN, help=text)(function)
    return function


@verb
@repository_argument
@click.argument("name", metavar="NAME")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILES...")
@_column_options
@click.option("--keep", multiple=True, metavar="COLUMN", help="Take over a column as it is.")
@click.option("--missing", type=float, metavar="NUMBER", help="Stands for no value, such as -999.")
@click.option("--config", type=click.Path(), metavar="FILE", help="YAML that says all of this.")
@click.option("--depth", type=int, default=7, show_default=True, help="Of the mesh of pieces.")
@click.option("-n", "--dry-run", is_flag=True, help="Read everything and write nothing.")
@format_option
def ingest_refcat(
    repo: str,
    name: str,
    files: tuple[str, ...],
    form: str,
    depth: int,
    config: str | None,
    *,
    dry_run: bool,
    **columns: object,
) -> int:
    """Make the reference catalog NAME of REPO from tables: FITS, CSV, ECSV, Parquet.

    Options say which column is what, and in which unit if the file does not.
    Columns of Gaia and Pan-STARRS are known. Doing it again does nothing.

    butler ingest-refcat DATA sdss stars.fits --mag r=r --mag-err r_err=r
    """
    from butler.ingest.destination import repository_for_ingest
    from butler.refcats import ingest

    source = _source(files, config, columns)
    repository = repository_for_ingest(repo)
    try:
        with progress("Reading rows") as advance:
            report = ingest.ingest_refcat(
                repository, name, source, depth=depth, dry_run=dry_run, on_rows=advance
            )
    finally:
        repository.close()
    _write(report, form)
    return report.exit_code


def _source(
    files: tuple[str, ...], config: str | None, columns: Mapping[str, object]
) -> ReferenceInput:
    """Return the tables as rows; what cannot be understood is an error of usage."""
    from butler.errors import IngestError
    from imaging.errors import DataFileError, ImagingError
    from imaging.reference.column_map import ColumnMap
    from imaging.reference.reference_input import ReferenceInput

    roles = {word: str(columns[word]) for word in WORDS if columns[word] is not None}
    others = {word: value for word, value in columns.items() if word not in WORDS}
    try:
        given = ColumnMap.from_options(roles, **others)  # type: ignore[arg-type]  # as declared above
        if config is not None:
            given = given.over(ColumnMap.from_mapping(_read_yaml(config), config))
        return ReferenceInput(files, given)
    except DataFileError as error:
        raise IngestError(str(error)) from error
    except ImagingError as error:
        raise click.UsageError(str(error)) from error


def _read_yaml(path: str) -> object:
    from butler.errors import FormatterError
    from butler.safe_yaml import load_yaml

    try:
        with open(path, encoding="utf-8") as file:
            return load_yaml(file.read(), path)
    except (OSError, UnicodeDecodeError, FormatterError) as error:
        raise click.UsageError(f"--config {path}: {error}") from error


def _write(report: CatalogReport, form: str) -> None:
    fields: dict[str, object] = {
        "name": report.name,
        "outcome": report.outcome,
        "rows": report.rows,
        "left_out": report.left_out,
        "pieces": report.pieces,
        "depth": report.depth,
    }
    for text in report.notes:
        note(text)
    if form == "table":
        write_fields(fields, form)
    else:
        write_fields({**fields, "notes": list(report.notes), "dry_run": report.is_dry_run}, form)
    if report.left_out:
        note(f"{report.left_out} rows have no position and were left out.")
    if report.is_dry_run:
        note("Dry run: nothing was done.")
