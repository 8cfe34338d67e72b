"""``butler show``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cli.arguments import (
    data_ids_of,
    dataset_type_argument,
    id_option,
    repository_argument,
    user_calib_option,
    user_calibs_of,
)
from cli.command import verb
from cli.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler import Butler, DataId
    from cli.picture import PictureWish

__all__ = ["show"]

_VIEWERS = ("ds9", "ginga", "firefly")
_PICTURE_OPTIONS = ("bbox", "planes", "size", "limits")


@verb
@repository_argument
@dataset_type_argument()
@id_option
@user_calib_option
@click.option("--png", type=click.Path(dir_okay=False), metavar="PATH", help="Make a picture.")
@click.option("--overwrite", is_flag=True, help="With --png: replace a file that is there.")
@click.option("--viewer", type=click.Choice(_VIEWERS), help="Send it to a viewer that runs.")
@click.option("--bbox", metavar="X0:X1,Y0:Y1", help="Show this part, in parent coordinates.")
@click.option("--planes", metavar="NAMES", help="Colour mask planes: CR,SAT or all.")
@click.option("--size", type=click.IntRange(1, 20_000), help="Longer side in pixels (1024).")
@click.option("--limits", metavar="RULE", help="zscale (the default), minmax, or LOW,HIGH.")
def show(
    repo: str,
    dataset_type: str,
    ids: tuple[str, ...],
    user_calibs: tuple[str, ...],
    png: str | None,
    viewer: str | None,
    *,
    overwrite: bool,
    **options: str | int | None,
) -> None:
    """Show the TYPE of a data ID: as text, as a picture, or in a viewer.

    Of an exposure the text says what is known about it, of a catalog it has
    the first and last records. A component such as calexp.psf is shown alone.

    butler show DATA raw --id visit=903334 ccd=16
    butler show DATA calexp --id visit=903334 ccd=16 --png out.png --planes CR,SAT
    """
    data_ids = data_ids_of(ids)
    if len(data_ids) != 1:
        raise click.UsageError(f"One dataset is shown at a time, and --id names {len(data_ids)}.")
    wish = _wish(png, viewer, options)
    if overwrite and png is None:
        raise click.UsageError("--overwrite belongs to --png.")
    from butler import Butler

    files = user_calibs_of(user_calibs)
    with _usage_errors(), Butler(repo, user_calibs=files) as butler:
        if png is not None:
            _save(butler, dataset_type, data_ids[0], wish, png, overwrite=overwrite)
        elif viewer is not None:
            _send(butler, dataset_type, data_ids[0], wish, viewer)
        else:
            from cli.description import write_description

            write_description(butler, dataset_type, data_ids[0])


def _wish(png: str | None, viewer: str | None, options: dict[str, str | int | None]) -> PictureWish:
    """Return what the options about pictures say."""
    from cli.picture import PictureWish

    given = [f"--{name}" for name in _PICTURE_OPTIONS if options[name] is not None]
    if png is not None and not png.lower().endswith(".png"):
        raise click.UsageError(f"--png {png}: the name of a PNG file ends in .png.")
    if png is not None and viewer is not None:
        raise click.UsageError("Either --png or --viewer, not both.")
    if given and png is None and viewer is None:
        raise click.UsageError(f"{', '.join(given)}: this is about pictures, which --png makes.")
    if viewer is not None and options["size"] is not None:
        raise click.UsageError("--size belongs to --png: a viewer gets all pixels.")
    box = None
    if options["bbox"] is not None:
        from imaging import Box, ImagingError

        try:
            box = Box.from_string(str(options["bbox"]))
        except ImagingError as error:
            raise click.UsageError(f"--bbox: {error}") from error
    planes = tuple(name for name in str(options["planes"] or "").split(",") if name)
    return PictureWish(box, planes, int(options["size"] or 1024), _limits(options["limits"]))


def _limits(text: str | int | None) -> str | tuple[float, float]:
    words = str(text or "zscale").split(",")
    if len(words) == 1 and words[0] in {"zscale", "minmax"}:
        return words[0]
    try:
        low, high = map(float, words)
    except ValueError:
        raise click.UsageError(
            f"--limits {text}: give zscale, minmax, or two numbers such as 100,500."
        ) from None
    return low, high


def _save(
    butler: Butler,
    dataset_type: str,
    data_id: DataId,
    wish: PictureWish,
    path: str,
    *,
    overwrite: bool,
) -> None:
    from cli.new_file import refuse_present, write_new_file
    from cli.picture import draw_png

    refuse_present(path, overwrite=overwrite)
    write_new_file(path, draw_png(butler, dataset_type, data_id, wish), overwrite=overwrite)
    click.echo(safe_text(path))


def _send(
    butler: Butler, dataset_type: str, data_id: DataId, wish: PictureWish, viewer: str
) -> None:
    from imaging import Exposure, Image, Mask, MaskedImage, display

    parameters = {} if wish.bbox is None else {"bbox": wish.bbox}
    found = butler.get(dataset_type, data_id, **parameters)
    if not isinstance(found, Exposure | Image | Mask | MaskedImage):
        raise click.UsageError(f"{dataset_type} is no image, but a {type(found).__name__}.")
    planes = "all" if wish.planes == ("all",) else wish.planes or None
    title = f"{dataset_type} {data_id}"
    display(found, planes=planes, limits=wish.limits, title=title, viewer=viewer)


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn what cannot be drawn as it was asked for into an error of usage."""
    try:
        yield
    except (ImportError, LookupError, ValueError) as error:
        from imaging import ImagingError

        if not isinstance(error, ImagingError):
            raise
        raise click.UsageError(str(error)) from error
